"""Cards of every kind as Microsoft's own renderer shows them in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from sso_sync.reporters.teams import make_card
from sso_sync.reporters.teams.backlog import Backlog
from tests.e2e.test_teams_inbox import open_inbox
from tests.support.cards import HEALED, KINDS, LATE, LINKS, content, raw_texts, seen
from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.teams import post

Json = dict[str, Any]


def words_of(text: str) -> str:
    return " ".join(text.replace("\u2068", "").replace("\u2069", "").split())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cards_of_every_kind_show_every_text(browser: Browser, live: Callable[[Any], LiveSandbox], scheme: str) -> None:
    sandbox = live(company([], []))
    messages = {
        kind: make_card(ended, links=LINKS, healed=HEALED.get(kind, ()), untold=LATE.get(kind, Backlog()))
        for kind, ended in KINDS.items()
    }
    for message in messages.values():
        assert post(sandbox, message).status_code == 202
    page, problems = open_inbox(browser, sandbox, scheme)
    cards = page.locator(".card")
    expect(cards).to_have_count(len(KINDS))
    for place, (kind, message) in enumerate(reversed(messages.items())):  # the newest is on top
        card = cards.nth(place)
        expect(card.locator("pre")).to_have_count(0)
        for name in ("This run", "Who is in what"):
            expect(card.get_by_role("link", name=name)).to_be_visible()
        while (more := card.get_by_role("button", name="Show")).count():
            more.first.click()
        shown = words_of(card.inner_text())
        for text in raw_texts(content(message)["body"]):
            assert text.startswith("Show ") or words_of(seen(text)) in shown, kind
        assert card.get_by_role("link").count() == len(LINKS), "no link but our own"
    assert problems == []


def test_what_is_hidden_at_first_is_shown_on_request(browser: Browser, live: Callable[[Any], LiveSandbox]) -> None:
    sandbox = live(company([], []))
    assert post(sandbox, make_card(KINDS["first run"])).status_code == 202
    page, problems = open_inbox(browser, sandbox)
    hidden = page.locator(".ac-textBlock", has_text="Group team-049 is new")
    expect(hidden).to_be_hidden()
    page.get_by_role("button", name="Show 42 more").nth(1).click()
    expect(hidden).to_be_visible()
    expect(page.get_by_role("button", name="Show 42 more")).to_have_count(1)
    assert problems == []
