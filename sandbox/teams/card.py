"""Which elements an Adaptive Card 1.5 may hold, where, and what each needs."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.refusal import Refusal

Json = dict[str, Any]
Kinds = frozenset[str]

INPUTS = frozenset(f"Input.{name}" for name in ("ChoiceSet", "Date", "Number", "Text", "Time", "Toggle"))
ELEMENTS = INPUTS | {
    *("ActionSet", "ColumnSet", "Container", "FactSet", "Image", "ImageSet"),
    *("Media", "RichTextBlock", "Table", "TextBlock"),
}
SELECTABLE = frozenset(f"Action.{name}" for name in ("Execute", "OpenUrl", "Submit", "ToggleVisibility"))
ACTIONS = SELECTABLE | {"Action.ShowCard"}
CARD = frozenset({"AdaptiveCard"})

LISTS: dict[str, dict[str, Kinds]] = {
    "AdaptiveCard": {"body": ELEMENTS, "actions": ACTIONS},
    "ActionSet": {"actions": ACTIONS},
    "Column": {"items": ELEMENTS},
    "ColumnSet": {"columns": frozenset({"Column"})},
    "Container": {"items": ELEMENTS},
    "ImageSet": {"images": frozenset({"Image"})},
    "RichTextBlock": {"inlines": frozenset({"TextRun"})},
    "Table": {"rows": frozenset({"TableRow"})},
    "TableCell": {"items": ELEMENTS},
    "TableRow": {"cells": frozenset({"TableCell"})},
}
SINGLE: dict[str, Kinds] = {"selectAction": SELECTABLE, "inlineAction": SELECTABLE, "card": CARD}
NEEDED: dict[str, dict[str, type]] = {
    "Action.OpenUrl": {"url": str},
    "Action.ShowCard": {"card": dict},
    "Action.ToggleVisibility": {"targetElements": list},
    "ActionSet": {"actions": list},
    "AdaptiveCard": {"body": list},
    "Container": {"items": list},
    "FactSet": {"facts": list},
    "Image": {"url": str},
    "ImageSet": {"images": list},
    "Media": {"sources": list},
    "RichTextBlock": {"inlines": list},
    "TableCell": {"items": list},
    "TextBlock": {"text": str},
    "TextRun": {"text": str},
    **{name: {"id": str} for name in INPUTS},
}
WORDS: dict[type, str] = {str: "a string that is not empty", list: "a list", dict: "an object"}


def check_card(card: object, path: str) -> None:
    """Raise a refusal that names the place unless this is a card that Teams shows."""
    _check(card, path, CARD)
    assert isinstance(card, dict)
    if "version" not in card:
        raise wrong(path, "needs version")


def wrong(path: str, problem: str) -> Refusal:
    """Return the refusal of a body whose shape is wrong in one place."""
    return Refusal("bad_request", f"{path} {problem}", code="TriggerInputSchemaMismatch")


def _check(item: object, path: str, allowed: Kinds) -> None:
    if not isinstance(item, dict):
        raise wrong(path, "must be an object")
    kind = item.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        raise wrong(f"{path}.type", f"is {kind!r}, which Adaptive Cards 1.5 does not know in this place")
    for name, needed in NEEDED.get(kind, {}).items():
        if not isinstance(item.get(name), needed) or item[name] == "":
            raise wrong(path, f"of type {kind} needs {name}, {WORDS[needed]}")
    _check_own_rules(kind, item, path)
    for name, kinds in LISTS.get(kind, {}).items():
        _check_list(item.get(name, []), f"{path}.{name}", kinds)
    for name, kinds in SINGLE.items():
        if name in item:
            _check(item[name], f"{path}.{name}", kinds)
    if item.get("fallback", "drop") != "drop":
        _check(item["fallback"], f"{path}.fallback", allowed)


def _check_list(items: object, path: str, kinds: Kinds) -> None:
    if not isinstance(items, list):
        raise wrong(path, "must be a list")
    for number, item in enumerate(items):
        if not (isinstance(item, str) and "TextRun" in kinds):  # inlines may be bare text
            _check(item, f"{path}[{number}]", kinds)


def _check_own_rules(kind: str, item: Json, path: str) -> None:
    match kind:
        case "AdaptiveCard" if "version" in item:
            version = item["version"]
            if not isinstance(version, str) or not re.fullmatch(r"1\.[0-5]", version):
                raise wrong(f"{path}.version", f"is {version!r}; Teams shows 1.0 to 1.5")
        case "Action.OpenUrl" if not _is_web_address(item["url"]):
            raise wrong(f"{path}.url", "must be an http or https URL")
        case "FactSet":
            _check_facts(item["facts"], f"{path}.facts")


def _check_facts(facts: list[object], path: str) -> None:
    if not facts:
        raise wrong(path, "must not be empty")
    for number, fact in enumerate(facts):
        for name in ("title", "value"):
            if not isinstance(fact, dict) or not isinstance(fact.get(name), str):
                raise wrong(f"{path}[{number}]", f"needs {name}, a string")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
