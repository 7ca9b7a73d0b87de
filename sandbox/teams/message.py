"""The body that a Workflows webhook takes: a message with Adaptive Cards attached."""

import json
from typing import Any

from sandbox.refusal import Refusal
from sandbox.teams.card import check_card, wrong

Json = dict[str, Any]
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
DEEPEST = 64  # levels of nesting; more than a reader of JSON takes without being told to


def cards_of(body: bytes) -> list[Json]:
    """Return the cards of a message; raises a refusal that names the first thing that is wrong."""
    message = _read(body)
    if not isinstance(message, dict) or message.get("type") != "message":
        raise wrong("type", "must be message")
    attachments = message.get("attachments")
    if not isinstance(attachments, list) or not attachments:
        raise wrong("attachments", "must be a list of one or more")
    return [_card(attachment, f"attachments[{number}]") for number, attachment in enumerate(attachments)]


def _read(body: bytes) -> object:
    try:
        message: object = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:
        problem = f"The request content is not valid JSON: {exc}"
        raise Refusal("bad_request", problem, code="InvalidRequestContent") from exc
    if _deeper_than(DEEPEST, message):
        raise wrong("The request content", f"is nested deeper than {DEEPEST} levels")
    return message


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _deeper_than(levels: int, value: object) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or _deeper_than(levels - 1, child) for child in inner)


def _card(attachment: object, path: str) -> Json:
    if not isinstance(attachment, dict) or attachment.get("contentType") != CONTENT_TYPE:
        raise wrong(f"{path}.contentType", f"must be {CONTENT_TYPE}")
    card: Json = attachment.get("content", {})
    check_card(card, f"{path}.content")
    if "msteams" in card:
        _check_extras(card["msteams"], f"{path}.content.msteams")
    return card


def _check_extras(extras: object, path: str) -> None:
    if not isinstance(extras, dict):
        raise wrong(path, "must be an object")
    if extras.get("width", "Full") != "Full":
        raise wrong(f"{path}.width", "must be Full or left out")
    entities = extras.get("entities", [])
    if not isinstance(entities, list):
        raise wrong(f"{path}.entities", "must be a list")
    for number, entity in enumerate(entities):
        _check_mention(entity, f"{path}.entities[{number}]")


def _check_mention(entity: object, path: str) -> None:
    if not isinstance(entity, dict) or entity.get("type") != "mention":
        raise wrong(f"{path}.type", "must be mention")
    text, mentioned = entity.get("text"), entity.get("mentioned")
    marked = isinstance(text, str) and text.startswith("<at>") and text.endswith("</at>")
    if not marked or text == "<at></at>":
        raise wrong(f"{path}.text", "must be <at>, a name and </at>")
    for name in ("id", "name"):
        value = mentioned.get(name) if isinstance(mentioned, dict) else None
        if not isinstance(value, str) or not value:
            raise wrong(f"{path}.mentioned", f"needs {name}, a string")
