"""Pictures of what the story leaves: the page of all groups, and the cards in Teams."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1100, 900


def take_pictures(page: Path, inbox: str, folder: Path) -> None:
    """Photograph a page in a file and the inbox at an address; raises RuntimeError without a Chromium."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        raise RuntimeError("pictures need a Chromium on the PATH")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, address in (("page", page.absolute().as_uri()), ("cards", inbox)):
            view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            view.goto(address)
            view.wait_for_timeout(1500)  # until the cards are drawn
            view.screenshot(path=str(folder / f"{name}.png"))
        browser.close()
