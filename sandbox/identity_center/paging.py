"""Pages of a listing, by an opaque token."""

import base64
from collections.abc import Sequence
from typing import Any

from sandbox.identity_center.store import invalid

Json = dict[str, Any]


def page(items: Sequence[Json], parameters: Json) -> tuple[list[Json], Json]:
    """Cut the page that `parameters` (MaxResults, NextToken) ask for; returns it and the next token."""
    size = parameters.get("MaxResults", 100)
    start = decode(parameters["NextToken"]) if parameters.get("NextToken") else 0
    end = start + size
    return list(items[start:end]), {"NextToken": encode(end)} if end < len(items) else {}


def encode(position: int) -> str:
    """Hide a position in a token."""
    return base64.urlsafe_b64encode(f"sandbox:{position}".encode()).decode()


def decode(token: str) -> int:
    """Read a token; raises a refusal if it was not made here."""
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
        return int(text.removeprefix("sandbox:"))
    except ValueError as exc:
        raise invalid("NextToken is not valid") from exc
