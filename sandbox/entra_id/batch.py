"""JSON batches: up to 20 requests in one ("Combine multiple HTTP requests using JSON batching").

Answers come in another order than the requests, as the documentation warns.
"""

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from sandbox.calls import Reply, Switchboard, drop, encoded, send
from sandbox.json_body import parse
from sandbox.refusal import Refusal

Json = dict[str, Any]
MOST = 20
CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
FIELDS = {"id", "method", "url", "headers", "body", "dependsOn"}
MakeCall = Callable[[str, str, str], Coroutine[Any, Any, Reply]]  # method, path and query, authorization


def read_requests(body: bytes) -> list[Json]:
    """Take a batch apart; raises a refusal of the whole."""
    try:
        whole = parse(body)
    except ValueError as exc:
        raise _bad("Unable to read JSON request payload.") from exc
    requests = whole.get("requests") if isinstance(whole, dict) else None
    if not isinstance(requests, list) or not requests or not all(isinstance(one, dict) for one in requests):
        raise _bad("Invalid batch payload format: 'requests' has to be a list of objects.")
    if len(requests) > MOST:
        raise _bad(f"Number of batch request steps exceeds the maximum value of {MOST}.")
    for one in requests:
        if not all(isinstance(one.get(name), str) and one[name] for name in ("id", "method", "url")):
            raise _bad("Invalid batch payload format: a request needs id, method and url.")
        if not one.keys() <= FIELDS:
            raise _bad(f"Invalid batch payload format: {', '.join(sorted(one.keys() - FIELDS))}.")
    if len({one["id"].casefold() for one in requests}) < len(requests):
        raise _bad("Duplicate request id found in the batch.")
    return requests


class Batches:
    """Answers batches by making the calls in them side by side, as they would be made alone."""

    def __init__(self, call: MakeCall, render: Callable[[Refusal], Reply], switchboard: Switchboard) -> None:
        self._call, self._render, self._switchboard = call, render, switchboard

    async def handle(self, request: web.Request, check: Callable[[], None]) -> web.StreamResponse:
        """Answer one batch; `check` raises a refusal for who may not ask at all."""
        body = await request.read()
        parts: list[Json] = []

        def accept() -> Reply:
            check()
            parts.extend(read_requests(body))
            return Reply(200, {})

        accepted = await self._switchboard.call("entra", "batch", self._render, accept)
        if accepted.status != 200 or accepted.damage in {"html_page", "wrong_json", "drop"}:
            return await send(request, accepted, CONTENT_TYPE)
        authorization = request.headers.get("Authorization", "")
        replies = await asyncio.gather(*(self._answer(part, authorization) for part in parts))
        if any(reply.damage in {"drop", "drop_mid_body"} for reply in replies):
            return drop(request)
        answered = [_as_part(part, reply) for part, reply in zip(parts, replies, strict=True)]
        whole = Reply(200, {"responses": answered[::-1]}, damage=accepted.damage)
        for spoiler in self._switchboard.spoilers:
            whole = spoiler("entra", "batch.answer", whole)
        return await send(request, whole, CONTENT_TYPE)

    async def _answer(self, part: Json, authorization: str) -> Reply:
        if "dependsOn" in part or "body" in part:
            return self._render(_bad("The sandbox does not stand in for dependsOn, and for bodies."))
        if "://" in part["url"].partition("?")[0]:
            return self._render(_bad("Invalid batch payload format: the url has to be relative."))
        return await self._call(part["method"], f"/{part['url'].lstrip('/')}", authorization)


def _as_part(part: Json, reply: Reply) -> Json:
    """Write one answer; a body that is no JSON is sent in base64."""
    raw = encoded(reply)
    try:
        body = json.loads(raw)
    except ValueError:
        body = base64.b64encode(raw).decode()
    kind = "text/html" if reply.damage == "html_page" else CONTENT_TYPE
    headers = {"Cache-Control": "no-cache", "Content-Type": kind, **reply.headers}
    return {"id": part["id"], "status": reply.status, "headers": headers, "body": body}


def _bad(message: str) -> Refusal:
    return Refusal("bad_request", message, code="BadRequest")
