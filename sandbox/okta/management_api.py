"""The management API: users, groups and members of groups, to be read."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.clock import Clock
from sandbox.okta import parameters
from sandbox.okta.errors import render_error
from sandbox.okta.limits import Limits
from sandbox.okta.organisation import Organisation
from sandbox.okta.paging import OktaPages, links
from sandbox.okta.resources import without
from sandbox.okta.tokens import ServiceApp
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
PREFIX, TOKEN_PATH = "/okta", "/oauth2/v1/token"  # paths of addresses
ROUTES = {
    "listUsers": re.compile(r"/api/v1/users"),
    "listGroups": re.compile(r"/api/v1/groups"),
    "listGroupUsers": re.compile(r"/api/v1/groups/(?P<key>[^/]+)/users"),
}
ROWS = {"listUsers": "users", "listGroups": "groups", "listGroupUsers": "members"}
SCOPES = {"listUsers": "okta.users.read", "listGroups": "okta.groups.read", "listGroupUsers": "okta.groups.read"}
OMITTABLE = {"omitCredentials", "omitCredentialsLinks", "omitTransitioningToStatus"}


class Okta:
    """The organisation of one company: its management API, and the token endpoint of its service app."""

    def __init__(
        self,
        directory: Callable[[], Json],
        base_url: str,
        switchboard: Switchboard,
        switches: Switches,
        clock: Clock,
    ) -> None:
        self.url = f"{base_url}{PREFIX}"
        self.api_token = f"00{secrets.token_urlsafe(30)}"
        self.app = ServiceApp(f"{self.url}{TOKEN_PATH}", switchboard, switches, clock)
        self._directory, self._shown = directory, Organisation(directory(), self.url)
        self._switchboard, self._switches = switchboard, switches
        self._pages, self._limits = OktaPages(switches), Limits(switchboard.quotas, switches, clock)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.post(f"{PREFIX}{TOKEN_PATH}", self.app.handle),
            web.route("*", f"{PREFIX}/api/v1/{{path:.*}}", self.handle),
        ]

    @property
    def organisation(self) -> Organisation:
        """Return the organisation as its administrator sees it."""
        if self._shown.data is not self._directory():
            self._shown = Organisation(self._directory(), self.url)
        limit = self._switches.okta_admin_groups
        return self._shown.limited_to(limit) if limit else self._shown

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        operation, key = _operation(f"/api/v1/{request.match_info['path']}")
        if not operation:
            about = "the sandbox has users, groups and the users of a group"
            return await send(
                request, render_error(Refusal("not_found", "", about=about), self.url), "application/json"
            )
        refused: list[Refusal] = []

        def render(refusal: Refusal) -> Reply:
            refused.append(refusal)
            return render_error(refusal, self.url)

        self._limits.under_way += 1
        try:
            reply = await self._switchboard.call(
                "okta", operation, render, lambda: self._answer(request, operation, key)
            )
        finally:
            self._limits.under_way -= 1
        told = self._limits.headers(operation, refused[0] if refused else None)
        headers = {**told, "X-Okta-Request-Id": secrets.token_hex(12), **reply.headers}
        return await send(
            request, _as_list(replace(reply, headers=headers), operation, str(request.url)), "application/json"
        )

    def _answer(self, request: web.Request, operation: str, key: str) -> Reply:
        """Answer with the rows and the address of the next page by names, which faults can take out."""
        self._limits.check_concurrency()
        if request.method != "GET":
            raise Refusal(
                "method_not_allowed", f"{request.method} is not allowed: the sandbox stands in for reads only."
            )
        address = f"{self.url}{request.path.removeprefix(PREFIX)}"
        self._check_sign_in(request, address, SCOPES[operation])
        query = parameters.read(operation, request.query_string)
        rows = self._rows(operation, key, parameters.wanted(operation, query))
        omitted = _omitted(request.headers.get("Content-Type", ""))
        page, following = self._pages.cut(rows, parameters.limit_of(operation, query), query, address)
        return Reply(200, {ROWS[operation]: [without(row, omitted) for row in page], "next": following})

    def _check_sign_in(self, request: web.Request, address: str, scope: str) -> None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme == "SSWS":
            if not secrets.compare_digest(text.encode(), self.api_token.encode()):
                raise Refusal("unauthorized", "Invalid token provided")
        elif scheme.casefold() in {"bearer", "dpop"}:
            self.app.check(request.headers, request.method, address, scope)
        else:
            raise Refusal("unauthorized", "Invalid session", code="E0000005")

    def _rows(self, operation: str, key: str, wanted: str | None) -> list[Json]:
        organisation = self.organisation
        if operation == "listGroups":
            return [row for row in organisation.groups.values() if wanted in {None, row["type"]}]
        if operation == "listUsers":  # without a filter, all but the deactivated
            return [
                row
                for row in organisation.users.values()
                if (row["status"] == wanted if wanted else row["status"] != "DEPROVISIONED")
            ]
        members = organisation.members(key)
        if members is None:
            raise Refusal("not_found", "Not found", about=f"{key} (UserGroup)")
        shown = self._switches.okta_deactivated_members
        return [row for row in members if shown or row["status"] != "DEPROVISIONED"]


def _operation(path: str) -> tuple[str, str]:
    """Find the operation of a path, and the group in it; nothing if there is none."""
    for operation, pattern in ROUTES.items():
        match = pattern.fullmatch(path)
        if match:
            return operation, match.groupdict().get("key", "")
    return "", ""


def _omitted(content_type: str) -> set[str]:
    """Read what the okta-response parameter wants left out; what it does not know, Okta passes over."""
    found = re.search(r'okta-response="?([\w,]+)', content_type)
    return OMITTABLE.intersection(found[1].split(",")) if found else set()


def _as_list(reply: Reply, operation: str, here: str) -> Reply:
    """Put an answer in its form on the wire: the rows alone, and where they go on in a header."""
    if reply.status != 200 or reply.raw is not None or reply.body is None:
        return reply
    rows, following = reply.body.get(ROWS[operation]), str(reply.body.get("next", ""))
    raw = b"{}" if rows is None else json.dumps(rows, ensure_ascii=False).encode()
    return replace(reply, raw=raw, headers={**reply.headers, "Link": links(here, following)})
