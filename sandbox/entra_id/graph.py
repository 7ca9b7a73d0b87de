"""Microsoft Graph v1.0 of one tenant: reads of the directory, alone and in batches."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.entra_id.batch import CONTENT_TYPE, Batches
from sandbox.entra_id.company import EntraCompany
from sandbox.entra_id.errors import render_error
from sandbox.entra_id.login import Login
from sandbox.entra_id.operations import Call, Operations, read_target
from sandbox.entra_id.paging import GraphPages
from sandbox.entra_id.units import TOLD_FROM, TenSeconds, cost, units_of_tenant
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
SYSTEM, VERSION = "entra", "/v1.0"


class GraphApi:
    """Serves the directory of one company at `url`."""

    def __init__(
        self,
        url: str,
        prefix: str,
        company: Callable[[], EntraCompany],
        login: Login,
        switchboard: Switchboard,
        switches: Switches,
    ) -> None:
        self._prefix, self._company, self._login, self._switchboard = prefix, company, login, switchboard
        self._operations = Operations(company, login.app, f"{url}{VERSION}", GraphPages(f"{url}{VERSION}", switches))
        self._batches = Batches(self._call_in_batch, render_error, switchboard)
        self._units: TenSeconds | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        root = f"{self._prefix}{VERSION}"
        return [web.post(f"{root}/$batch", self._batch), web.route("*", f"{root}/{{path:.*}}", self._handle)]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        target = request.path_qs.removeprefix(f"{self._prefix}{VERSION}")
        reply = await self._call(request.method, target, request.headers.get("Authorization", ""))
        return await send(request, reply, CONTENT_TYPE)

    async def _batch(self, request: web.Request) -> web.StreamResponse:
        authorization = request.headers.get("Authorization", "")
        return await self._batches.handle(request, lambda: _ignore(self._login.roles_of(authorization)))

    async def _call_in_batch(self, method: str, target: str, authorization: str) -> Reply:
        return await self._call(method, target, authorization, counted_as="entra_in_batch")

    async def _call(self, method: str, target: str, authorization: str, *, counted_as: str = "") -> Reply:
        url = urlsplit(target)
        call = read_target(url.path, url.query)
        if call is None:
            message = f"Resource not found for the segment '{url.path.rpartition('/')[2]}'."
            return render_error(Refusal("bad_request", message, code="BadRequest"))
        if method != "GET":
            # Graph would refuse a write for want of its permission. Our choice: it has reads only.
            return render_error(Refusal("method_not_allowed", "The sandbox stands in for reads only."))

        def make() -> Reply:
            roles = self._login.roles_of(authorization)
            headers = self._pay(call)
            return Reply(200, self._operations.answer(call, roles), headers)

        return await self._switchboard.call(SYSTEM, call.operation, render_error, make, counted_as=counted_as)

    def _pay(self, call: Call) -> dict[str, str]:
        """Take what a call costs from the tenant's units, and tell of it; raises a refusal if they are used up."""
        quotas = self._switchboard.quotas
        units = self._units or TenSeconds(units_of_tenant(len(self._company().users)) * quotas.scale)
        self._units = units
        asked = dict(part.split("=", 1) for part in call.query.split("&") if "=" in part)
        top = asked.get("$top", "")
        price = cost(call.operation, selects="$select" in asked, top=int(top) if top.isdecimal() else None)
        quotas.take_from(SYSTEM, lambda: units, price)
        told = {"x-ms-resource-unit": str(price)}
        if units.used >= TOLD_FROM:
            told["x-ms-throttle-limit-percentage"] = f"{units.used:.1f}"
        return told


def _ignore(_roles: frozenset[str]) -> None:
    """Be content with a token, whatever it allows: each request of a batch is looked at by itself."""
