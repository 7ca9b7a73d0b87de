"""Batches: one multipart request that holds up to 1,000 HTTP requests ("Send batch requests").

The page documents: multipart/mixed with parts of type application/http, paths without a host, headers
of the whole that hold for each part unless the part has its own, an optional Content-ID that comes back
with "response-" before it, and that each call counts against the quota.
"""

import asyncio
import email.message
import email.parser
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.calls import ErrorRenderer, Reply, Switchboard, drop, drop_in_the_middle, encoded, send
from sandbox.refusal import Refusal
from sandbox.switches import Switches

MAX_PARTS = 1000
CONTENT_TYPE = "application/json; charset=UTF-8"
Call = Callable[[str, str, str], Coroutine[Any, Any, Reply]]


@dataclass(frozen=True)
class Part:
    """One call of a batch; `problem` says why it cannot be made."""

    content_id: str
    method: str = ""
    target: str = ""
    authorization: str = ""
    problem: str = ""


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """Take a batch apart; raises a refusal of the whole, with reasons of the global domain."""
    whole = email.parser.BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    payload = whole.get_payload()
    if whole.get_content_type() != "multipart/mixed" or not isinstance(payload, list):
        message = "The batch request is not of the type multipart/mixed, or has no boundary."
        raise Refusal("bad_request", message, reason="badContent")
    messages = [message for message in payload if isinstance(message, email.message.Message)]
    if len(messages) > MAX_PARTS:
        raise Refusal("bad_request", f"The batch request has more than {MAX_PARTS} calls.", reason="tooManyParts")
    if any(message.get_content_type() != "application/http" for message in messages):
        message = "A part of the batch request is not of the type application/http."
        raise Refusal("bad_request", message, reason="badContent")
    return [_read_part(message) for message in messages]


def _read_part(message: email.message.Message) -> Part:
    content_id = str(message.get("Content-ID", ""))
    first, _, rest = str(message.get_payload()).lstrip().partition("\n")
    words = first.split()
    if len(words) not in {2, 3}:
        return Part(content_id, problem="A part of the batch request does not begin with a method and a path.")
    if not words[1].startswith("/"):
        return Part(content_id, problem="A part of the batch request has a full URL instead of a path.")
    if words[1].rstrip("/").endswith("/batch"):
        return Part(content_id, problem="A batch request cannot hold another one.")
    headers = email.parser.HeaderParser().parsestr(rest)
    return Part(content_id, words[0], words[1], str(headers.get("Authorization", "")))


def _bad(message: str) -> Refusal:
    return Refusal("bad_request", message, reason="badRequest")


class Batches:
    """Answers batches by making the calls in them side by side, as they would be made alone."""

    def __init__(self, call: Call, render: ErrorRenderer, switchboard: Switchboard, switches: Switches) -> None:
        self._call, self._render, self._switchboard, self._switches = call, render, switchboard, switches

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one batch."""
        body = await request.read()
        parts: list[Part] = []

        def accept() -> Reply:
            parts.extend(read_parts(request.headers.get("Content-Type", ""), body))
            return Reply(200, {})

        rated = self._switches.google_batch_counts_once
        accepted = await self._switchboard.call("google", "batch", self._render, accept, rated=rated)
        if accepted.status != 200 or accepted.damage in {"html_page", "wrong_json"}:
            return await send(request, accepted, CONTENT_TYPE)
        authorization = request.headers.get("Authorization", "")
        # They start in their order, so that faults and quotas strike the same part each time.
        replies = await asyncio.gather(*(self._answer(part, authorization) for part in parts))
        return await _put_together(request, accepted, list(zip(parts, replies, strict=True)))

    async def _answer(self, part: Part, authorization: str) -> Reply:
        if part.problem:
            return self._render(_bad(part.problem))
        return await self._call(part.method, part.target, part.authorization or authorization)


async def _put_together(
    request: web.Request, accepted: Reply, answered: list[tuple[Part, Reply]]
) -> web.StreamResponse:
    """Write all answers as one, with the damage that faults did to the whole or to any part."""
    damages = {accepted.damage, *(reply.damage for _, reply in answered)}
    if "drop" in damages:
        return drop(request)
    boundary = f"batch_{secrets.token_hex(8)}"
    edge = f"--{boundary}\r\n".encode()
    # In bytes: half of an answer may end in the middle of a character.
    body = b"".join(edge + _as_part(part, reply) + b"\r\n" for part, reply in answered) + f"--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
    if "drop_mid_body" in damages:
        return await drop_in_the_middle(request, 200, headers, body)
    if accepted.damage == "truncate":
        body = body[: len(body) // 2]
    return web.Response(body=body, headers=headers)


def _as_part(part: Part, reply: Reply) -> bytes:
    named = f"Content-ID: <response-{part.content_id.strip('<>')}>\r\n" if part.content_id else ""
    headers = "".join(
        f"{name}: {value}\r\n" for name, value in ({"Content-Type": CONTENT_TYPE} | reply.headers).items()
    )
    head = (
        f"Content-Type: application/http\r\n{named}\r\n"
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n{headers}\r\n"
    )
    return head.encode() + encoded(reply)
