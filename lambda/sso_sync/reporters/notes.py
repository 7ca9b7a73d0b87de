"""Notes as values: what is damaged is given up with a warning, because a note can be made anew."""

import logging
from typing import TypeVar

import msgspec

log = logging.getLogger(__name__)
DAMAGED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
Content = TypeVar("Content")


def decoded(stored: bytes | None, content: type[Content], what: str) -> Content | None:
    """Decode a note, None if there is none or it is damaged; `what` says for the log what it holds."""
    if stored is None:
        return None
    try:
        return msgspec.json.decode(stored, type=content)
    except DAMAGED:
        log.warning("%s is damaged, and begun anew", what)
        return None
