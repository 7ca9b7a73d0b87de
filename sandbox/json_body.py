"""JSON as it arrives: read strictly, whatever somebody sent."""

from typing import Any

import msgspec


def parse(body: bytes) -> Any:
    """Read JSON; raises ValueError for what is none: NaN, halves of characters and bottomless nesting, too."""
    try:
        return msgspec.json.decode(body)
    except RecursionError as exc:
        raise ValueError("JSON is nested too deeply") from exc
