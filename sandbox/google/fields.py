"""Partial responses: the `fields` parameter, checked against the API's own schemas.

The syntax (`a,b/c,d(e,f),*`) and the 400 for a selection that is not valid are those of Google's
performance tips ("Partial response").
"""

from typing import Any

from sandbox.google.discovery import discovery_document
from sandbox.google.errors import wrong_parameter
from sandbox.refusal import Refusal

Json = dict[str, Any]
Mask = dict[str, Any]  # field → mask of what is below it; empty: everything below
ANY: Json = {"type": "any"}
DEEPEST = 50  # levels of a mask; our choice: no resource has half as many


def parse(text: str, schema: str) -> Mask:
    """Read a mask such as ``nextPageToken,users(id,name/givenName)``; raises a refusal."""
    mask, rest = _parse_list(text)
    if rest:
        raise invalid(text)
    _check(mask, {"$ref": schema})
    return mask


def _parse_list(text: str, depth: int = 0) -> tuple[Mask, str]:
    mask: Mask = {}
    while True:
        name, below, text = _parse_item(text, depth)
        mask = _merged(mask, {name: below})
        if text[:1] != ",":
            return mask, text
        text = text[1:]


def _parse_item(text: str, depth: int) -> tuple[str, Mask, str]:
    end = next((i for i, char in enumerate(text) if char in ",()/"), len(text))
    name, text = text[:end].strip(), text[end:]
    if not name or depth > DEEPEST:
        raise invalid(text)
    if text[:1] == "/":
        inner, below, text = _parse_item(text[1:], depth + 1)
        return name, {inner: below}, text
    if text[:1] != "(":
        return name, {}, text
    below, text = _parse_list(text[1:], depth + 1)
    if text[:1] != ")":
        raise invalid(text)
    return name, below, text[1:]


def _merged(one: Mask, other: Mask) -> Mask:
    """Join two masks; who names a field once as a whole and once in part gets the whole."""
    both = one | other
    for name in one.keys() & other.keys():
        both[name] = _merged(one[name], other[name]) if one[name] and other[name] else {}
    return both


def invalid(selection: str) -> Refusal:
    return wrong_parameter("fields", f"Invalid field selection {selection}")


def _check(mask: Mask, schema: Json) -> None:
    """Refuse names that a schema does not know, at any depth."""
    known = _properties(schema)
    for name, below in mask.items():
        if known is None or name == "*":
            continue
        if name not in known and "*" not in known:
            raise invalid(name)
        inner = known.get(name) or known["*"]
        if below and _properties(inner) == {}:
            raise invalid(f"{name}/{next(iter(below))}")
        _check(below, inner)


def _properties(schema: Json) -> Json | None:
    """Return what is below a schema: empty for a plain value, None for anything at all."""
    if "$ref" in schema:
        return _properties(discovery_document()["schemas"][schema["$ref"]])
    if schema.get("type") == "any":
        return None
    if schema.get("type") == "array":
        return _properties(schema["items"])
    if "additionalProperties" in schema:
        return {"*": schema["additionalProperties"]}
    return dict(schema.get("properties", {}))


def cut(value: Any, mask: Mask) -> Any:
    """Keep what the mask names."""
    if not mask:
        return value
    if isinstance(value, list):
        return [cut(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: cut(inner, mask[name] if name in mask else mask["*"])
        for name, inner in value.items()
        if name in mask or "*" in mask
    }
