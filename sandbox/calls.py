"""One path that every call of every stand-in takes: counted, delayed, faulted, rated, then answered."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.faults import Fault, Faults
from sandbox.quotas import Quotas
from sandbox.refusal import Refusal

Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer before it is put on the wire; a body of None is no body."""

    status: int
    body: Json | None
    headers: dict[str, str] = field(default_factory=dict)


ErrorRenderer = Callable[[Refusal], Reply]


class Dropped(Exception):  # what the client sees, not an error here
    """The connection is to be closed without an answer."""


class Truncated(Exception):
    """The answer is to be cut in half."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class Switchboard:
    """Counts calls and lets faults and quotas act on them."""

    def __init__(self, quotas: Quotas, faults: Faults, latency: float) -> None:
        self.quotas, self.faults, self._latency = quotas, faults, latency
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    async def call(
        self,
        system: str,
        operation: str,
        render: ErrorRenderer,
        answer: Callable[[], Reply],
        *,
        counted_as: str = "",
    ) -> Reply:
        """Answer one call of one operation."""
        self.counts[counted_as or system][operation] += 1
        if self._latency:
            await asyncio.sleep(self._latency)
        fault = self.faults.strike(system, operation)
        try:
            if fault:
                await self._before(fault)
            self.quotas.take(system, operation)
            reply = answer()
        except Refusal as refusal:
            return render(refusal)
        return self._after(fault, reply) if fault else reply

    async def _before(self, fault: Fault) -> None:
        match fault.kind:
            case "slow":
                await asyncio.sleep(fault.seconds)
            case "drop":
                raise Dropped
            case "drop_after" | "truncate" | "empty_page":
                pass
            case kind:
                raise Refusal(kind, f"A fault of kind {kind} was asked for.")

    @staticmethod
    def _after(fault: Fault, reply: Reply) -> Reply:
        match fault.kind:
            case "drop_after":
                raise Dropped
            case "truncate":
                raise Truncated(reply)
            case "empty_page":
                kept = {k: v for k, v in (reply.body or {}).items() if not isinstance(v, list)}
                lists: Json = {k: [] for k, v in (reply.body or {}).items() if isinstance(v, list)}
                return Reply(reply.status, kept | lists, reply.headers)
            case _:
                return reply

    def counts_as_json(self) -> Json:
        """Show the counts: system → operation → calls."""
        return {system: dict(sorted(counter.items())) for system, counter in sorted(self.counts.items())}


async def send(request: web.Request, reply_of: Callable[[], Any], content_type: str) -> web.StreamResponse:
    """Put an answer on the wire, or do to the connection what a fault wants."""
    try:
        reply: Reply = await reply_of()
    except Dropped:
        assert request.transport
        request.transport.abort()
        return web.Response()
    except Truncated as cut:
        body = json.dumps(cut.reply.body).encode()
        headers = {"Content-Type": content_type, **cut.reply.headers}
        return web.Response(status=cut.reply.status, body=body[: len(body) // 2], headers=headers)
    if reply.body is None:
        return web.Response(status=reply.status, headers=reply.headers)
    text = json.dumps(reply.body, ensure_ascii=False).encode()
    return web.Response(status=reply.status, body=text, headers={"Content-Type": content_type, **reply.headers})
