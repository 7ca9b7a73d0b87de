"""The Teams inbox in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, expect

from sandbox.teams import inbox
from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.teams import MENTION, card, message, post

Json = dict[str, Any]
expect.set_options(timeout=20_000)  # milliseconds, for a busy machine
HOSTILE = "<img src=x onerror=alert(1)>"
CARD = card(
    {"type": "TextBlock", "text": "All is **equal**", "size": "Large"},
    {"type": "TextBlock", "text": f"- one\n- {HOSTILE} by <at>Ann</at>", "wrap": True},
    {"type": "FactSet", "facts": [{"title": "Users", "value": "3 created"}]},
    actions=[{"type": "Action.OpenUrl", "title": "Open the run", "url": "https://example.com/"}],
    msteams={"entities": [MENTION]},
)


def open_inbox(browser: Browser, sandbox: LiveSandbox, scheme: Any = "light") -> tuple[Page, list[str]]:
    problems: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        problems.append(dialog.message)
        dialog.dismiss()

    def listen(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            problems.append(said.text)

    page = browser.new_page(color_scheme=scheme)
    page.on("console", listen)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", dismiss)
    page.goto(f"{sandbox.url}/teams")
    return page, problems


def send_card(sandbox: LiveSandbox, content: Json) -> None:
    assert post(sandbox, message(content)).status_code == 202


def titled(text: str) -> Json:
    return card({"type": "TextBlock", "text": text})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_card_appears_on_the_open_page_as_teams_would_show_it(
    browser: Browser, live: Callable[[Any], LiveSandbox], scheme: str
) -> None:
    sandbox = live(company([], []))
    page, problems = open_inbox(browser, sandbox, scheme)
    expect(page.get_by_text("No cards yet")).to_be_visible()
    send_card(sandbox, CARD)
    expect(page.get_by_text("All is equal")).to_be_visible()
    expect(page.get_by_text("No cards yet")).to_be_hidden()
    expect(page.locator("strong", has_text="equal")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=HOSTILE).last).to_be_visible()
    expect(page.locator(".mention")).to_have_text("Ann")
    expect(page.get_by_text("3 created")).to_be_visible()
    expect(page.get_by_role("link", name="Open the run")).to_be_visible()
    assert problems == []


def test_the_newest_card_is_on_top_and_forgotten_cards_go(browser: Browser, live: Callable[[Any], LiveSandbox]) -> None:
    sandbox = live(company([], []))
    send_card(sandbox, titled("first"))
    page, problems = open_inbox(browser, sandbox)
    expect(page.locator(".post .card")).to_contain_text(["first"])
    send_card(sandbox, titled("second"))
    expect(page.locator(".post .card")).to_contain_text(["second", "first"])
    requests.delete(f"{sandbox.url}/teams/cards", timeout=10)
    expect(page.locator(".post")).to_have_count(0)
    assert problems == []


def test_without_node_modules_the_page_says_so_and_shows_json(
    browser: Browser, live: Callable[[Any], LiveSandbox], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(inbox, "NODE_MODULES", tmp_path)
    sandbox = live(company([], []))
    send_card(sandbox, CARD)
    page, _ = open_inbox(browser, sandbox)
    expect(page.get_by_role("alert")).to_contain_text("node_modules is missing")
    expect(page.locator("pre")).to_contain_text(HOSTILE)
