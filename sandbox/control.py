"""The sandbox's own API: counts of calls, the directory, what arrived in AWS, faults, switches, time."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from sandbox.directory import check
from sandbox.identity_center.assignments import replace_assignments
from sandbox.json_body import parse

if TYPE_CHECKING:
    from sandbox.server import Sandbox

CENTURY = 100 * 365 * 24 * 3600.0  # seconds
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """Reads and changes what the stand-ins do."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.get("/calls", self._calls),
            web.delete("/calls", self._forget_calls),
            web.get("/directory", self._show_directory),
            web.put("/directory", self._taking_json(self._put_directory)),
            web.get("/identity-center", self._show_identity_center),
            web.delete("/identity-center", self._empty_identity_center),
            web.put("/identity-center/assignments", self._taking_json(self._put_assignments)),
            web.get("/faults", self._faults),
            web.post("/faults", self._taking_json(self._sandbox.switchboard.faults.add, status=201)),
            web.delete("/faults", self._clear_faults),
            web.get("/switches", self._switches),
            web.patch("/switches", self._taking_json(self._sandbox.switches.change)),
            web.post("/clock", self._taking_json(self._advance)),
            web.post("/okta/keys", self._taking_json(self._register_key, status=201)),
        ]

    @staticmethod
    def _taking_json(change: Callable[[Any], None], status: int = 204) -> Handler:
        """Make a handler that gives a change what was sent; what makes no sense is answered with a sentence."""

        async def handle(request: web.Request) -> web.Response:
            try:
                change(parse(await request.read()))
            except ValueError as exc:
                return web.json_response({"error": str(exc)}, status=400)
            return web.Response(status=status)

        return handle

    async def _calls(self, _request: web.Request) -> web.Response:
        return web.json_response(self._sandbox.switchboard.counts_as_json())

    async def _forget_calls(self, _request: web.Request) -> web.Response:
        self._sandbox.switchboard.counts.clear()
        return web.Response(status=204)

    async def _show_directory(self, _request: web.Request) -> web.Response:
        return web.json_response(self._sandbox.directory)

    def _put_directory(self, wanted: Any) -> None:
        self._sandbox.replace_directory(check(wanted))

    async def _show_identity_center(self, _request: web.Request) -> web.Response:
        store = self._sandbox.store
        members = {
            group["DisplayName"]: sorted(
                store.users[m["MemberId"]["UserId"]]["UserName"] for m in store.memberships_of(group["GroupId"])
            )
            for group in store.groups.values()
        }
        users = sorted(user["UserName"] for user in store.users.values() if user["UserStatus"] == "ENABLED")
        filters = self._sandbox.sync_profile.shown()
        return web.json_response({"users": users, "groups": members, "sync_filters": filters})

    async def _empty_identity_center(self, _request: web.Request) -> web.Response:
        self._sandbox.instances.empty()
        self._sandbox.sync_profile.empty()
        return web.Response(status=204)

    def _put_assignments(self, wanted: Any) -> None:
        replace_assignments(self._sandbox.store, self._sandbox.instances.organisation_arn, wanted)

    async def _faults(self, _request: web.Request) -> web.Response:
        return web.json_response(self._sandbox.switchboard.faults.as_json())

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self._sandbox.switchboard.faults.clear()
        return web.Response(status=204)

    async def _switches(self, _request: web.Request) -> web.Response:
        return web.json_response(msgspec.to_builtins(self._sandbox.switches))

    def _register_key(self, wanted: Any) -> None:
        if not isinstance(wanted, dict) or not all(isinstance(wanted.get(name), str) for name in ("kid", "kty", "n")):
            raise ValueError("a key is a public RSA key as a JWK, with a kid")
        self._sandbox.okta.app.register(wanted)

    def _advance(self, wanted: Any) -> None:
        seconds = wanted.get("advance") if isinstance(wanted, dict) else None
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= CENTURY:
            raise ValueError('the clock takes {"advance": seconds}, goes on by a century at most, and never goes back')
        self._sandbox.clock.advance(seconds)
