"""LDAPS in front of a domain controller: the limits that Windows has and Samba has not, faults, and counts."""

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from sandbox.active_directory.ber import extent, octets
from sandbox.active_directory.messages import (
    BIND,
    BIND_ANSWER,
    DONE,
    ENTRY,
    MAX_PAGE_SIZE,
    MAX_VALUES,
    REFERENCE,
    SEARCH,
    UNBIND,
    Message,
    answer,
    capped,
    reference,
    without,
)
from sandbox.clock import Clock
from sandbox.faults import Fault, Faults

SYSTEM = "active_directory"
SIZE_LIMIT_EXCEEDED = 4
# What a fault of a refusal says: result code and words, for searches and for binds (their sub codes are Windows').
REFUSALS: dict[str, tuple[tuple[int, str], tuple[int, str]]] = {
    "throttle": ((51, "0000200E: busy"), (51, "0000200E: busy")),
    "unavailable": ((52, "0000200F: unavailable"), (52, "0000200F: unavailable")),
    "error": ((80, "00000054: internal error"), (80, "00000054: internal error")),
    "bad_request": ((2, "00000057: protocol error"), (2, "00000057: protocol error")),
    "unauthorized": ((1, "000004DC: a successful bind must be completed"), (49, "80090308: LdapErr, data 52e, v4f7c")),
    "forbidden": ((50, "00002098: insufficient access rights"), (49, "80090308: LdapErr, data 533, v4f7c")),
    "not_found": ((32, "0000208D: NameErr"), (49, "80090308: LdapErr, data 525, v4f7c")),
    "conflict": ((53, "0000054F: unwilling to perform"), (53, "0000054F: unwilling to perform")),
}
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html><html></html>"


class _Dropped(Exception):  # what the client sees, not an error here
    """The connection is to be closed as it is."""


class LdapProxy:
    """Stands before one domain controller while the context lasts; `url` is where.

    `bind_refusal` answers every bind with these words and result code 49. `references` are sent among the rows of
    every search below a base, as Windows does for domains that hang below it. `hold_back` are attributes that no
    entry shows. `page_size` and `max_values` are Windows' limits, which a test can make smaller.
    """

    def __init__(
        self, upstream: str, authority: str, certificate: tuple[Path, Path], *, host: str = "127.0.0.1"
    ) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "", parts.port or 636)
        self._to_controller = ssl.create_default_context(cadata=authority)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(*certificate)
        self._host, self.url = host, ""
        self.faults, self.counts = Faults(Clock().now), Counter[str]()
        self.bind_refusal = ""
        self.references: list[str] = []
        self.hold_back: list[str] = []
        self.page_size, self.max_values = MAX_PAGE_SIZE, MAX_VALUES
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"ldaps://{self._host}:{port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)

    async def _close(self) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        upstream: asyncio.StreamWriter | None = None
        try:
            from_controller, upstream = await asyncio.open_connection(*self._upstream, ssl=self._to_controller)
            while True:
                await self._serve(Message.read(await _frame(reader)), from_controller, upstream, writer)
        except (_Dropped, asyncio.IncompleteReadError, OSError):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()  # the proxy closes
        finally:
            if upstream:
                upstream.transport.abort()
            self._connections.discard(task)

    async def _serve(
        self,
        asked: Message,
        from_controller: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
        client: asyncio.StreamWriter,
    ) -> None:
        """Answer one request; clients send the next one when they have the answer."""
        operation = asked.operation()
        if asked.tag == UNBIND:
            raise _Dropped
        self.counts[operation] += 1
        fault = self.faults.strike(SYSTEM, operation)
        answers = await self._refused(asked, fault)
        if answers is None:
            upstream.write(self._within_limits(asked).frame())
            answers = [message async for message in _answers(from_controller)]
            answers = self._limited(asked, answers)
        if fault and fault.kind == "hang_after":
            await self.faults.pause(fault)
        await _send(client, _damaged(answers, fault), fault)

    async def _refused(self, asked: Message, fault: Fault | None) -> list[Message] | None:
        kind = BIND_ANSWER if asked.tag == BIND else DONE
        if asked.tag == BIND and self.bind_refusal:
            return [answer(asked.id, kind, 49, self.bind_refusal)]
        if fault is None:
            return None
        if fault.kind in {"slow", "hang"}:
            await self.faults.pause(fault)
        if fault.kind in {"drop", "hang"}:
            raise _Dropped
        if fault.kind in REFUSALS:
            return [answer(asked.id, kind, *REFUSALS[fault.kind][asked.tag == BIND])]
        return None

    def _limited(self, asked: Message, answers: list[Message]) -> list[Message]:
        """Cut an answer to what Windows would send of it."""
        if asked.tag != SEARCH:
            return answers
        rows = [capped(message, self.max_values) for message in answers if message.tag == ENTRY]
        for attribute in self.hold_back:
            rows = [without(row, attribute) for row in rows]
        done = answers[-1]
        if asked.page() is None and len(rows) > self.page_size:
            rows, done = rows[: self.page_size], answer(asked.id, DONE, SIZE_LIMIT_EXCEEDED, "")
        elsewhere = [message for message in answers if message.tag == REFERENCE]
        if asked.operation().startswith("list"):
            elsewhere += [reference(asked.id, url) for url in self.references]
        return [*rows, *elsewhere, done]

    def _within_limits(self, asked: Message) -> Message:
        """Ask for pages no larger than Windows makes them."""
        page = asked.page() if asked.tag == SEARCH else None
        return asked.with_page(self.page_size, page[1]) if page and page[0] > self.page_size else asked


async def _frame(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(2)
    if head[1] >= 0x80:
        head += await reader.readexactly(head[1] & 0x7F)
    start, end = extent(head)
    return head + await reader.readexactly(end - start)


async def _answers(reader: asyncio.StreamReader) -> AsyncIterator[Message]:
    while True:
        message = Message.read(await _frame(reader))
        yield message
        if message.tag not in {ENTRY, REFERENCE}:
            return


def _damaged(answers: list[Message], fault: Fault | None) -> list[Message]:
    """Take out of the rows of an answer what a fault wants to be missing."""
    rows, done = answers[:-1], answers[-1]
    match fault.kind if fault else "":
        case "empty_page":
            return [done]
        case "short_page" | "truncate":
            return [*rows[: len(rows) // 2], done]
        case "last_page" if done.page():
            return [*rows, done.with_page(0, b"")]
        case "missing_field":
            assert fault
            return [*(without(row, fault.field) if row.tag == ENTRY else row for row in rows), done]
        case _:
            return answers


async def _send(client: asyncio.StreamWriter, answers: list[Message], fault: Fault | None) -> None:
    kind = fault.kind if fault else ""
    sent = b"".join(message.frame() for message in answers)
    if kind in {"drop_after", "hang_after"}:
        raise _Dropped
    if kind == "html_page":
        sent = HTML
    if kind == "wrong_json":  # an answer of a kind that was not asked for: an extended one
        sent = Message(answers[-1].id, 0x78, answers[-1].body + octets("")).frame()
    if kind == "drop_mid_body":
        sent = sent[: len(sent) // 2]
    client.write(sent)
    await client.drain()
    if kind in {"drop_mid_body", "html_page"}:
        client.close()
        await client.wait_closed()
        raise _Dropped
