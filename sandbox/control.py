"""The sandbox's own API: counts of calls, the directory, faults."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.calls import Switchboard
from sandbox.directory import check
from sandbox.identity_center.store import Store


class Control:
    """Reads and changes what the stand-ins do."""

    def __init__(
        self,
        switchboard: Switchboard,
        replace_directory: Callable[[Any], None],
        directory: Callable[[], Any],
        store: Store,
    ) -> None:
        self._switchboard, self._replace, self._directory = switchboard, replace_directory, directory
        self._store = store

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.get("/calls", self._calls),
            web.delete("/calls", self._forget_calls),
            web.get("/directory", self._show_directory),
            web.put("/directory", self._put_directory),
            web.get("/identity-center", self._show_identity_center),
            web.get("/faults", self._faults),
            web.post("/faults", self._add_fault),
            web.delete("/faults", self._clear_faults),
        ]

    async def _calls(self, _request: web.Request) -> web.Response:
        return web.json_response(self._switchboard.counts_as_json())

    async def _forget_calls(self, _request: web.Request) -> web.Response:
        self._switchboard.counts.clear()
        return web.Response(status=204)

    async def _show_directory(self, _request: web.Request) -> web.Response:
        return web.json_response(self._directory())

    async def _put_directory(self, request: web.Request) -> web.Response:
        try:
            self._replace(check(json.loads(await request.read())))
        except ValueError as exc:
            return web.json_response({"error": str(exc)}, status=400)
        return web.Response(status=204)

    async def _show_identity_center(self, _request: web.Request) -> web.Response:
        store = self._store
        members = {
            group["DisplayName"]: sorted(
                store.users[m["MemberId"]["UserId"]]["UserName"] for m in store.memberships_of(group["GroupId"])
            )
            for group in store.groups.values()
        }
        users = sorted(user["UserName"] for user in store.users.values())
        return web.json_response({"users": users, "groups": members})

    async def _faults(self, _request: web.Request) -> web.Response:
        return web.json_response(self._switchboard.faults.as_json())

    async def _add_fault(self, request: web.Request) -> web.Response:
        try:
            wanted = json.loads(await request.read())
            for fault in wanted if isinstance(wanted, list) else [wanted]:
                self._switchboard.faults.add(fault)
        except (ValueError, TypeError, AttributeError) as exc:
            return web.json_response({"error": str(exc)}, status=400)
        return web.Response(status=201)

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self._switchboard.faults.clear()
        return web.Response(status=204)
