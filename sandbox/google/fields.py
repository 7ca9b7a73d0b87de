"""Partial responses: the `fields` parameter, checked against the API's own schemas."""

import json
from functools import cache
from typing import Any

from googleapiclient.discovery_cache import get_static_doc

from sandbox.refusal import Refusal

Json = dict[str, Any]
Mask = dict[str, Any]  # field → mask of what is below it; empty: everything below


@cache
def discovery_document() -> Json:
    """Return the Directory API's discovery document, as google-api-python-client ships it."""
    document: Json = json.loads(get_static_doc("admin", "directory_v1") or "{}")
    return document


def parse(text: str) -> Mask:
    """Read a mask such as ``nextPageToken,users(id,name/givenName)``."""
    mask, rest = _parse_list(text)
    if rest:
        raise invalid(text)
    return mask


def _parse_list(text: str) -> tuple[Mask, str]:
    mask: Mask = {}
    while True:
        end = next((i for i, char in enumerate(text) if char in ",()/"), len(text))
        name, text = text[:end].strip(), text[end:]
        if not name:
            raise invalid(text)
        below: Mask = {}
        if text[:1] == "(":
            below, text = _parse_list(text[1:])
            if text[:1] != ")":
                raise invalid(text)
            text = text[1:]
        elif text[:1] == "/":
            end = next((i for i, char in enumerate(text) if char in ",)"), len(text))
            below, text = parse(text[1:end]), text[end:]
        mask[name] = below
        if text[:1] != ",":
            return mask, text
        text = text[1:]


def invalid(selection: str) -> Refusal:
    return Refusal("bad_request", f"Invalid field selection {selection}", reason="invalidParameter")


def cut(value: Any, mask: Mask, schema: str) -> Any:
    """Keep what the mask names; a name that the schema does not know is refused."""
    properties: Json | None = discovery_document()["schemas"][schema].get("properties") if schema else None
    for name in mask:
        if name != "*" and properties is not None and name not in properties:
            raise invalid(name)
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [cut(item, mask, schema) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: cut(value[name], below, _schema_of((properties or {}).get(name, {})))
        for name, below in mask.items()
        if name in value
    }


def _schema_of(prop: Json) -> str:
    return str(prop.get("$ref") or prop.get("items", {}).get("$ref") or "")
