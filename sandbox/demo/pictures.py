"""Pictures of what the story leaves: the site, the cards in Teams, a plan on a terminal."""

import io
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1100, 900
PLAN_WIDTH = 100  # characters
# The group with the most people, of those that come by more than one way.
LARGEST = """() => JSON.parse(document.getElementById("facts").textContent).groups
    .toSorted((a, b) => b.ways.length - a.ways.length || b.members.length - a.members.length)[0].id"""
TERMINAL = """<style>body {{ margin: 0; padding: 1rem 1.25rem; background: {background}; }}
pre {{ margin: 0; font: 13px/1.45 monospace; color: {foreground}; }}</style>
<pre><span style="opacity: .7">$ sso-sync plan</span>\n\n{code}</pre>"""


def take_pictures(site: Path, inbox: str, plan: str, folder: Path) -> None:
    """Photograph a site in a file, the inbox at an address, and a plan; raises RuntimeError without a Chromium."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        raise RuntimeError("pictures need a Chromium on the PATH")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        overview = _view(browser, site.absolute().as_uri())
        overview.screenshot(path=folder / "site.png")
        overview.goto(f"{overview.url.partition('#')[0]}#/groups/{overview.evaluate(LARGEST)}")
        overview.screenshot(path=folder / "group.png")
        cards = _view(browser, inbox)
        cards.locator(".post .card").first.wait_for()
        cards.screenshot(path=folder / "cards.png")
        terminal = browser.new_page(viewport={"width": 860, "height": 100})
        terminal.set_content(_as_html(plan))
        terminal.screenshot(path=folder / "plan.png", full_page=True)
        browser.close()


def _view(browser: Browser, address: str) -> Page:
    view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    view.goto(address)
    return view


def _as_html(plan: str) -> str:
    """Show what a terminal showed."""
    console = Console(record=True, width=PLAN_WIDTH, file=io.StringIO(), color_system="truecolor", highlight=False)
    console.print(Text.from_ansi(plan))
    return console.export_html(theme=MONOKAI, inline_styles=True, code_format=TERMINAL)
