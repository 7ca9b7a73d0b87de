"""One path that every call of every stand-in takes: counted, delayed, faulted, rated, then answered."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from sandbox.faults import REFUSED, Fault, Faults, cut
from sandbox.quotas import Quotas
from sandbox.refusal import Refusal

Json = dict[str, Any]
HTML = b"<!DOCTYPE html><html><body><h1>Welcome to the guest network</h1></body></html>"


@dataclass(frozen=True)
class Reply:
    """An answer before it is put on the wire.

    A body of None is no body, `damage` a kind of fault; `raw` is sent as it is, in place of the body.
    """

    status: int
    body: Json | None
    headers: dict[str, str] = field(default_factory=dict)
    damage: str = ""
    raw: bytes | None = None


class _Lost(Exception):  # what the client sees, not an error here
    """The call never got here."""


ErrorRenderer = Callable[[Refusal], Reply]
Witness = Callable[[str, str, Reply], None]
Spoiler = Callable[[str, str, Reply], Reply]


class Switchboard:
    """Counts calls and lets faults and quotas act on them.

    Each witness sees every sound answer; then each spoiler may put another in its place.
    """

    def __init__(self, quotas: Quotas, faults: Faults, latency: float) -> None:
        self.quotas, self.faults, self._latency = quotas, faults, latency
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.witnesses: list[Witness] = []
        self.spoilers: list[Spoiler] = []
        self._being_changed: Counter[str] = Counter()

    async def call(
        self,
        system: str,
        operation: str,
        render: ErrorRenderer,
        answer: Callable[[], Reply],
        *,
        counted_as: str = "",
        changes: Collection[str] = (),
        rated: bool = True,
    ) -> Reply:
        """Answer one call of one operation.

        `changes` names what nobody else may change meanwhile; a call that is not `rated` is under no quota.
        """
        self.counts[counted_as or system][operation] += 1
        fault = self.faults.strike(system, operation)
        overlapping = any(self._being_changed[name] for name in changes)
        self._being_changed.update(changes)
        try:
            await self._before(fault)
            if rated:
                self.quotas.take(system, operation)
            if overlapping:
                raise Refusal("conflict", "Another request is changing this.")
            reply = answer()
        except _Lost:
            return Reply(0, None, damage="drop")
        except Refusal as refusal:
            reply = render(refusal)
        finally:
            self._being_changed -= Counter(changes)  # in place; whatever nobody changes is forgotten
        for witness in self.witnesses:
            witness(system, operation, reply)
        for spoiler in self.spoilers:
            reply = spoiler(system, operation, reply)
        return await self._damaged(fault, reply) if fault else reply

    async def _before(self, fault: Fault | None) -> None:
        if self._latency:
            await asyncio.sleep(self._latency)
        if fault is None:
            return
        if fault.kind in {"slow", "hang"}:
            await self.faults.pause(fault)
        if fault.kind in {"drop", "hang"}:
            raise _Lost
        if fault.kind in REFUSED:
            raise Refusal(fault.kind, f"A fault of kind {fault.kind} was asked for.")

    async def _damaged(self, fault: Fault, reply: Reply) -> Reply:
        match fault.kind:
            case "hang_after":
                await self.faults.pause(fault)
                return replace(reply, damage="drop")
            case "drop_after":
                return replace(reply, damage="drop")
            case "html_page" | "wrong_json":
                return replace(reply, status=200, damage=fault.kind)
            case "drop_mid_body" | "truncate":
                return replace(reply, damage=fault.kind)
            case _:
                return replace(reply, body=cut(reply.body, fault)) if reply.body else reply

    def counts_as_json(self) -> Json:
        """Show the counts: system → operation → calls."""
        return {system: dict(sorted(counter.items())) for system, counter in sorted(self.counts.items())}


def encoded(reply: Reply) -> bytes:
    """Write the body of an answer, with the damage that a fault did to it."""
    if reply.damage == "html_page":
        return HTML
    if reply.damage == "wrong_json":
        return b'["this", "is", "another", "shape"]'
    body = b"" if reply.body is None else json.dumps(reply.body, ensure_ascii=False).encode()
    body = body if reply.raw is None else reply.raw
    return body[: len(body) // 2] if reply.damage == "truncate" else body


async def send(request: web.Request, reply: Reply, content_type: str) -> web.StreamResponse:
    """Put an answer on the wire, or do to the connection what a fault wants."""
    body = encoded(reply)
    if reply.damage == "drop" or (reply.damage == "drop_mid_body" and not body):
        return drop(request)
    kind = "text/html" if reply.damage == "html_page" else content_type
    headers = {"Content-Type": kind, **reply.headers} if body else reply.headers
    if reply.damage == "drop_mid_body":
        return await drop_in_the_middle(request, reply.status, headers, body)
    return web.Response(status=reply.status, body=body or None, headers=headers)


def drop(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport:  # otherwise the client has left already
        request.transport.abort()
    return web.Response()


async def drop_in_the_middle(
    request: web.Request, status: int, headers: dict[str, str], body: bytes
) -> web.StreamResponse:
    """Promise a whole answer, send half of it, and close the connection."""
    response = web.StreamResponse(status=status, headers=headers | {"Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    drop(request)
    return response
