"""The stand-in of a Workflows webhook over real HTTP: what it takes, and what it refuses with which words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.quotas import Quotas
from sandbox.teams import inbox
from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.teams import MENTION, TITLE, assert_refused, card, kept, message, post

Json = dict[str, Any]


@pytest.fixture
def sandbox(live: Callable[[Any], LiveSandbox]) -> LiveSandbox:
    return live(company([], []))


NESTED = card(
    {"type": "Container", "items": [TITLE], "selectAction": {"type": "Action.OpenUrl", "url": "https://example.com"}},
    {"type": "ColumnSet", "columns": [{"type": "Column", "items": [TITLE]}]},
    {"type": "FactSet", "facts": [{"title": "Users", "value": "3"}]},
    {"type": "RichTextBlock", "inlines": ["plain ", {"type": "TextRun", "text": "run"}]},
    {"type": "Table", "columns": [{"width": 1}], "rows": [{"type": "TableRow", "cells": []}]},
    {"type": "ImageSet", "images": [{"type": "Image", "url": "https://example.com/a.png", "fallback": "drop"}]},
    actions=[{"type": "Action.ShowCard", "card": {"type": "AdaptiveCard", "body": [TITLE]}}],
    msteams={"width": "Full", "entities": [MENTION]},
)


def test_a_good_card_is_accepted_with_an_empty_answer_kept_and_listed(sandbox: LiveSandbox) -> None:
    answer = post(sandbox, message(NESTED))
    assert (answer.status_code, answer.content) == (202, b"")
    (only,) = kept(sandbox)
    assert only["card"] == NESTED
    assert only["at"].endswith("+00:00")
    assert sandbox.calls() == {"teams": {"post_card": 1}}


def test_cards_are_listed_newest_last_and_can_be_forgotten(sandbox: LiveSandbox) -> None:
    first, second, third = (card({"type": "TextBlock", "text": text}) for text in ("1", "2", "3"))
    assert post(sandbox, message(first)).status_code == 202
    assert post(sandbox, message(second, third)).status_code == 202
    assert [found["card"] for found in kept(sandbox)] == [first, second, third]
    assert requests.delete(f"{sandbox.url}/teams/cards", timeout=10).status_code == 204
    assert kept(sandbox) == []


@pytest.fixture
def clock(sandbox: LiveSandbox) -> list[float]:
    now = [0.0]
    sandbox.sandbox.switchboard.quotas = Quotas(1, lambda: now[0])
    return now


def test_the_fifth_message_within_a_second_is_throttled(sandbox: LiveSandbox, clock: list[float]) -> None:
    good = message(card(TITLE))
    assert [post(sandbox, good).status_code for _ in range(4)] == [202] * 4
    fifth = post(sandbox, good)
    assert_refused(fifth, 429, "TooManyRequests", "Rate exceeded")
    assert fifth.headers["Retry-After"] == "1"
    assert len(kept(sandbox)) == 4
    clock[0] += 1
    assert post(sandbox, good).status_code == 202


@pytest.mark.parametrize(
    ("old", "new", "status", "code"),
    [
        ("sig=", "sig=x", 401, "AuthorizationFailed"),
        ("sig=", "sig=%C3%A9", 401, "AuthorizationFailed"),
        ("&sig=", "&other=", 401, "DirectApiAuthorizationRequired"),
        ("sp=%2Ftriggers", "sp=%2Fother", 401, "AuthorizationFailed"),
        ("api-version=", "version=", 400, "MissingApiVersionParameter"),
        ("/workflows/", "/workflows/0", 404, "WorkflowNotFound"),
    ],
)
def test_only_the_whole_url_opens_it(sandbox: LiveSandbox, old: str, new: str, status: int, code: str) -> None:
    url = sandbox.sandbox.teams_webhook
    assert url.count(old) == 1
    assert_refused(post(sandbox, message(card(TITLE)), url.replace(old, new)), status, code, "")
    assert kept(sandbox) == []


def test_a_second_credential_beside_the_signature_is_refused(sandbox: LiveSandbox) -> None:
    answer = post(sandbox, message(card(TITLE)), headers={"Authorization": "Bearer x"})
    assert_refused(answer, 401, "DirectApiRequestHasMoreThanOneAuthorization", "both")


def test_a_message_may_have_28_kilobytes_and_no_byte_more(sandbox: LiveSandbox) -> None:
    room = 28 * 1024 - len(json.dumps(message(card({"type": "TextBlock", "text": ""}))))
    full = message(card({"type": "TextBlock", "text": "x" * room}))
    assert post(sandbox, full).status_code == 202
    full["attachments"][0]["content"]["body"][0]["text"] += "x"
    assert_refused(post(sandbox, full), 413, "RequestEntityTooLarge", "28673 bytes")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"type": NaN}', b"[" * 20_000], ids=repr)
def test_a_body_that_is_not_json_is_refused(sandbox: LiveSandbox, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(sandbox.sandbox.teams_webhook, data=body, headers=headers, timeout=10)
    assert_refused(answer, 400, "InvalidRequestContent", "not valid JSON")


def test_a_body_without_the_content_type_of_json_is_refused(sandbox: LiveSandbox) -> None:
    answer = requests.post(sandbox.sandbox.teams_webhook, data=json.dumps(message(card(TITLE))), timeout=10)
    assert_refused(answer, 400, "InvalidRequestContent", "content type")


@pytest.mark.parametrize(
    ("kind", "status"),
    [("throttle", 429), ("error", 500), ("unavailable", 503), ("forbidden", 403), ("not_found", 404)],
)
def test_faults_act_on_it_like_on_any_other_system(sandbox: LiveSandbox, kind: str, status: int) -> None:
    sandbox.fail("teams", "post_card", kind)
    assert post(sandbox, message(card(TITLE))).status_code == status
    assert post(sandbox, message(card(TITLE))).status_code == 202
    assert len(kept(sandbox)) == 1


@pytest.mark.parametrize(("kind", "cards"), [("drop", 0), ("drop_after", 1)])
def test_a_dropped_connection_leaves_the_card_taken_or_not(sandbox: LiveSandbox, kind: str, cards: int) -> None:
    sandbox.fail("teams", "post_card", kind)
    with pytest.raises(requests.ConnectionError):
        post(sandbox, message(card(TITLE)))
    assert len(kept(sandbox)) == cards


def test_the_page_holds_no_text_of_a_card_and_runs_only_scripts_of_its_own(sandbox: LiveSandbox) -> None:
    hostile = "</pre><script>alert(1)</script>"
    assert post(sandbox, message(card({"type": "TextBlock", "text": hostile}))).status_code == 202
    page = requests.get(f"{sandbox.url}/teams", timeout=10)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "alert(1)" not in page.text
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    listed = requests.get(f"{sandbox.url}/teams/cards", timeout=10)
    assert listed.headers["Content-Type"].startswith("application/json")
    assert listed.headers["X-Content-Type-Options"] == "nosniff"
    assert listed.json()[0]["card"]["body"][0]["text"] == hostile


def test_the_page_is_there_without_node_modules_and_the_renderer_is_not(
    live: Callable[[Any], LiveSandbox], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(inbox, "NODE_MODULES", tmp_path)
    sandbox = live(company([], []))
    paths = ("", "/inbox.js", "/inbox.css", "/host_config.js", "/adaptivecards.js", "/markdown-it.js")
    statuses = [requests.get(f"{sandbox.url}/teams{path}", timeout=10).status_code for path in paths]
    assert statuses == [200, 200, 200, 200, 404, 404]
