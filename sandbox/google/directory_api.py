"""The Directory API: people, groups, domains, roles and schemas, alone and in batches."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.clock import Clock
from sandbox.company import Company
from sandbox.google.batch import CONTENT_TYPE, Batches
from sandbox.google.discovery import method as described
from sandbox.google.discovery import routes
from sandbox.google.errors import render_error
from sandbox.google.listings import Listings
from sandbox.google.paging import GooglePages
from sandbox.google.project import api_off
from sandbox.google.token import TokenEndpoint
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
PREFIX = "/google"


class DirectoryApi:
    """Serves the directory of one company."""

    def __init__(
        self,
        company: Callable[[], Company],
        tokens: TokenEndpoint,
        switchboard: Switchboard,
        switches: Switches,
        clock: Clock,
    ) -> None:
        self._tokens, self._switchboard, self._switches = tokens, switchboard, switches
        self._listings = Listings(company, tokens.admin, GooglePages(switches, clock), switches)
        self._batches = Batches(self._call_in_batch, self._render_error, switchboard, switches)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request outside a batch."""
        authorization = request.headers.get("Authorization", "")
        reply = await self._call(request.method, request.path_qs, authorization)
        return await send(request, reply, CONTENT_TYPE)

    async def handle_batch(self, request: web.Request) -> web.StreamResponse:
        """Answer a batch of HTTP requests."""
        return await self._batches.handle(request)

    async def _call_in_batch(self, method: str, target: str, authorization: str) -> Reply:
        return await self._call(method, target, authorization, in_batch=True)

    async def _call(self, method: str, target: str, authorization: str, *, in_batch: bool = False) -> Reply:
        url = urlsplit(target)
        operation, key = _operation(url.path)
        if not operation:
            message = "Not Found: the sandbox has people, groups, domains, roles and schemas of the Directory API"
            return self._render_error(Refusal("not_found", message))
        if method != "GET":
            # Google would refuse a write for want of its scope, where there is such a write. Our choice: the
            # sandbox has reads only, so it says so.
            message = f"{method} is not allowed: the sandbox stands in for reads only"
            return self._render_error(Refusal("method_not_allowed", message))

        def make() -> Reply:
            self._tokens.check(authorization, described(operation)["scopes"])
            if not self._switches.google_admin_sdk:
                message = api_off("Admin SDK API", "admin.googleapis.com")
                raise Refusal("forbidden", message, reason="accessNotConfigured")
            return Reply(200, self._listings.answer(operation, key, url.query))

        return await self._switchboard.call(
            "google",
            operation,
            self._render_error,
            make,
            counted_as="google_in_batch" if in_batch else "",
            rated=not (in_batch and self._switches.google_batch_counts_once),
        )

    def _render_error(self, refusal: Refusal) -> Reply:
        return render_error(refusal, self._switches.google_throttle)


def _operation(path: str) -> tuple[str, str]:
    """Find the operation of a path, and the key in it; nothing if there is none."""
    for pattern, operation in routes():
        match = pattern.fullmatch(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else None
        if match:
            return operation, unquote(match.groupdict().get("key", ""))
    return "", ""
