"""A page in a browser, and all that it asks for and says."""

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
Scheme = Literal["light", "dark"]


class Reader:
    """Reads one file in a browser: `asked` are the addresses that the page asked for, `said` is what it said."""

    def __init__(self, browser: Browser, file: Path, *, width: int = 1280, scheme: Scheme = "light") -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page: Page = context.new_page()
        self.address, self.width = file.as_uri(), width
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", self._remember)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", self._dismiss)

    def open(self, view: str = "") -> Page:
        """Load the file anew, at one of its views."""
        self.page.goto("about:blank")
        self.asked.clear()
        self.page.goto(self.address + view)
        return self.page

    def turn_to(self, view: str) -> Page:
        """Go to another view of the file that is open."""
        self.page.evaluate("(view) => { location.hash = view; }", view)
        return self.page

    def faults(self) -> list[str]:
        """List what is wrong with the page as it is shown now."""
        found = [f"it says {said}" for said in self.said]
        found += [f"it asks for {asked}" for asked in self.asked if asked.partition("#")[0] != self.address]
        wide: int = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.width:
            found.append(f"it is {wide} wide on a screen of {self.width}")
        self.page.evaluate(AXE.read_text(encoding="utf-8"))  # an evaluation is the tool's, which no policy binds
        violations: list[dict[str, Any]] = self.page.evaluate("axe.run().then((result) => result.violations)")
        return found + [f"{fault['id']}: {[node['html'] for node in fault['nodes']]}" for fault in violations]

    def _remember(self, request: Request) -> None:
        self.asked.append(request.url)

    def _listen(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)

    def _dismiss(self, dialog: Dialog) -> None:
        self.said.append(dialog.message)
        dialog.dismiss()
