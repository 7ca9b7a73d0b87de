"""Messages for the Teams webhook of the sandbox, and what it says to them."""

from typing import Any

import requests

from tests.support.live import LiveSandbox

Json = dict[str, Any]
TITLE = {"type": "TextBlock", "text": "Done"}
MENTION = {"type": "mention", "text": "<at>Ann</at>", "mentioned": {"id": "ann@example.com", "name": "Ann"}}


def card(*body: object, **more: object) -> Json:
    return {"type": "AdaptiveCard", "version": "1.5", "body": list(body)} | more


def message(*cards: object) -> Json:
    kind = "application/vnd.microsoft.card.adaptive"
    attachments = [{"contentType": kind, "contentUrl": None, "content": content} for content in cards]
    return {"type": "message", "attachments": attachments}


def post(sandbox: LiveSandbox, body: object, url: str = "", **options: Any) -> requests.Response:
    return requests.post(url or sandbox.sandbox.teams_webhook, json=body, timeout=10, **options)


def kept(sandbox: LiveSandbox) -> list[Json]:
    found: list[Json] = requests.get(f"{sandbox.url}/teams/cards", timeout=10).json()
    return found


def assert_refused(answer: requests.Response, status: int, code: str, words: str) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert words in error["message"]
