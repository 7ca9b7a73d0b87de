"""Answers of the stand-ins with something wrong in them, put on the wire in place of the sound ones."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from msgspec import Struct

from sandbox.calls import Reply
from tests.support.hostile import Place, as_json, get, places, put, without
from tests.support.live import LiveSandbox

MISSING = "<missing>"


class Damage(Struct, frozen=True):
    """One change of the answers of an operation: `at` counts their places, `new` is put there.

    MISSING takes the place away, and bytes are sent in place of the whole answer.
    """

    operation: str
    at: int | Place
    new: Any
    system: str = ""
    status: int = 0


class Spoiler:
    """Does a damage to every answer that it means, and counts them."""

    def __init__(self) -> None:
        self.damage: Damage | None = None
        self.struck = 0
        self.seen: dict[str, Any] = {}  # the last sound answer of each operation

    def __call__(self, system: str, operation: str, reply: Reply) -> Reply:
        """Return the answer as it is to be sent."""
        damage = self.damage
        if reply.body is None and not (damage and isinstance(damage.new, bytes)):
            return reply
        self.seen.setdefault(f"{system} {operation}", reply.body)
        if damage is None or damage.operation not in {operation, "*"} or damage.system not in {system, ""}:
            return reply
        self.struck += 1
        status = damage.status or reply.status
        raw = damage.new if isinstance(damage.new, bytes) else as_json(self._spoiled(reply.body, damage))
        return replace(reply, status=status, raw=raw, headers={})

    @staticmethod
    def _spoiled(body: Any, damage: Damage) -> Any:
        where = list(places(body))
        place = where[damage.at % len(where)] if isinstance(damage.at, int) else damage.at
        if place not in where:
            return body
        if damage.new == MISSING:
            return without(body, place) if place else None
        return put(body, place, damage.new)


@contextmanager
def spoiling(sandbox: LiveSandbox) -> Iterator[Spoiler]:
    """Let answers of a sandbox be spoiled while the context lasts."""
    spoiler = Spoiler()
    sandbox.sandbox.switchboard.spoilers.append(spoiler)
    try:
        yield spoiler
    finally:
        sandbox.sandbox.switchboard.spoilers.remove(spoiler)


def sound(read: Callable[[], object], spoiler: Spoiler) -> dict[str, Any]:
    """Return a sound answer of every operation that reading asks for."""
    spoiler.damage = None
    spoiler.seen.clear()
    read()
    return {name: json.loads(json.dumps(body)) for name, body in spoiler.seen.items() if get(body, ()) is not None}
