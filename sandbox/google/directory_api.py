"""The Directory API: users, groups, members and domains, alone and in batches."""

import email.message
import email.parser
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aiohttp import web

from sandbox.calls import Reply, Switchboard, drop, drop_in_the_middle, encoded, send
from sandbox.clock import Clock
from sandbox.directory import Company
from sandbox.google.fields import cut, parse
from sandbox.google.paging import GooglePages
from sandbox.google.token import ROOT, TokenEndpoint
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
CONTENT_TYPE = "application/json; charset=UTF-8"
MAX_PARTS = 1000
USERS, GROUPS, MEMBERS, DOMAINS = (
    ROOT + name for name in ("user.readonly", "group.readonly", "group.member.readonly", "domain.readonly")
)
# Status and reason of errors: the Directory API's "Resolve errors" page.
ERRORS = {
    "bad_request": (400, "invalid"),
    "unauthorized": (401, "authError"),
    "forbidden": (403, "insufficientPermissions"),
    "throttle": (403, "userRateLimitExceeded"),
    "not_found": (404, "notFound"),
    "conflict": (409, "conflict"),
    "error": (500, "backendError"),
    "unavailable": (503, "backendError"),
}


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
        self._company, self._tokens, self._switchboard, self._switches = company, tokens, switchboard, switches
        self._pages = GooglePages(switches, clock)
        root = r"/google/admin/directory/v1"
        self._routes: list[tuple[re.Pattern[str], str, str, Callable[..., Json]]] = [
            (re.compile(rf"{root}/users"), "users.list", USERS, self._list_users),
            (re.compile(rf"{root}/users/(?P<key>[^/]+)"), "users.get", USERS, self._get_user),
            (re.compile(rf"{root}/groups"), "groups.list", GROUPS, self._list_groups),
            (re.compile(rf"{root}/groups/(?P<key>[^/]+)"), "groups.get", GROUPS, self._get_group),
            (
                re.compile(rf"{root}/groups/(?P<key>[^/]+)/members"),
                "members.list",
                MEMBERS,
                self._list_members,
            ),
            (
                re.compile(rf"{root}/customer/(?P<key>[^/]+)/domains"),
                "domains.list",
                DOMAINS,
                self._list_domains,
            ),
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request outside a batch."""
        authorization = request.headers.get("Authorization", "")
        return await send(request, self._call(request.method, request.path_qs, authorization), CONTENT_TYPE)

    async def handle_batch(self, request: web.Request) -> web.StreamResponse:
        """Answer a batch: a multipart request of up to 1,000 HTTP requests."""
        body = await request.read()
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        parts = [
            part
            for part in email.parser.BytesParser().parsebytes(head + body).walk()
            if part.get_content_type() == "application/http"
        ]

        def accept() -> Reply:
            if len(parts) > MAX_PARTS:
                raise Refusal("bad_request", f"The batch request has more than {MAX_PARTS} calls.")
            return Reply(200, {})

        accepted = await self._switchboard.call("google", "batch", self._render_error, accept, rated=self._batch_rated)
        if accepted.status != 200:
            return await send(request, _done(accepted), CONTENT_TYPE)
        authorization = request.headers.get("Authorization", "")
        replies = [await self._part(part, authorization) for part in parts]
        if "drop" in {accepted.damage, *(reply.damage for reply in replies)}:
            return drop(request)
        boundary = f"batch_{secrets.token_hex(8)}"
        answers = [_as_part(part, reply) for part, reply in zip(parts, replies, strict=True)]
        text = "".join(f"--{boundary}\r\n{answer}\r\n" for answer in answers) + f"--{boundary}--\r\n"
        headers = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
        if "drop_mid_body" in {accepted.damage, *(reply.damage for reply in replies)}:
            return await drop_in_the_middle(request, 200, headers, text.encode())
        if accepted.damage in {"html_page", "wrong_json"}:
            return await send(request, _done(accepted), CONTENT_TYPE)
        if accepted.damage == "truncate":
            text = text[: len(text) // 2]
        return web.Response(body=text.encode(), headers=headers)

    @property
    def _batch_rated(self) -> bool:
        return self._switches.google_batch_counts_once

    async def _part(self, part: email.message.Message, authorization: str) -> Reply:
        lines = str(part.get_payload()).lstrip().split("\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = email.parser.Parser().parsestr("\n".join(lines[1:]))
        inner = headers.get("Authorization") or authorization
        return await self._call(method, target.strip(), inner, in_batch=True)

    async def _call(self, method: str, target: str, authorization: str, *, in_batch: bool = False) -> Reply:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        for pattern, operation, scope, answer in self._routes:
            match = pattern.fullmatch(parts.path)
            if match and method == "GET":
                key = unquote(match.groupdict().get("key", ""))

                def make(scope: str = scope, answer: Callable[..., Json] = answer, key: str = key) -> Reply:
                    self._tokens.check(authorization, scope)
                    return Reply(200, answer(key, query))

                return await self._switchboard.call(
                    "google",
                    operation,
                    self._render_error,
                    make,
                    counted_as="google_in_batch" if in_batch else "",
                    rated=not (in_batch and self._batch_rated),
                )
        return self._render_error(Refusal("not_found", "Not Found"))

    def _render_error(self, refusal: Refusal) -> Reply:
        """Write an error as Google's APIs do."""
        status, reason = ERRORS[refusal.kind]
        if refusal.kind == "throttle":
            reason = self._switches.google_throttle
            status = 429 if reason == "rateLimitExceeded" else 403
        reason = refusal.details.get("reason", reason)
        details = {"domain": "usageLimits" if refusal.kind == "throttle" else "global", "reason": reason}
        error = {"code": status, "message": refusal.message, "errors": [{**details, "message": refusal.message}]}
        return Reply(status, {"error": error})

    def _list_users(self, _key: str, query: Mapping[str, str]) -> Json:
        _check_customer(query)
        users = [_shown_user(user, query) for user in self._company().google_users()]
        found, rest = self._pages.cut(users, query, default=100, maximum=500)
        return _masked({"kind": "admin#directory#users", "users": found, **rest}, query, "Users")

    def _get_user(self, key: str, query: Mapping[str, str]) -> Json:
        for user in self._company().google_users():
            if key in {user["id"], user["primaryEmail"]}:
                return _masked(_shown_user(user, query), query, "User")
        raise Refusal("not_found", "Resource Not Found: userKey")

    def _list_groups(self, _key: str, query: Mapping[str, str]) -> Json:
        _check_customer(query)
        found, rest = self._pages.cut(self._company().google_groups(), query, default=200, maximum=200)
        return _masked({"kind": "admin#directory#groups", "groups": found, **rest}, query, "Groups")

    def _get_group(self, key: str, query: Mapping[str, str]) -> Json:
        for group in self._company().google_groups():
            if key in {group["id"], group["email"]}:
                return _masked(group, query, "Group")
        raise Refusal("not_found", "Resource Not Found: groupKey")

    def _list_members(self, key: str, query: Mapping[str, str]) -> Json:
        derived = query.get("includeDerivedMembership") == "true"
        members = self._company().google_members(key, derived=derived)
        if members is None:
            raise Refusal("not_found", "Resource Not Found: groupKey")
        if query.get("roles"):
            members = [member for member in members if member["role"] in query["roles"].split(",")]
        found, rest = self._pages.cut(members, query, default=200, maximum=200)
        return _masked({"kind": "admin#directory#members", "members": found, **rest}, query, "Members")

    def _list_domains(self, _key: str, query: Mapping[str, str]) -> Json:
        domains = [
            {"domainName": name, "isPrimary": number == 0, "verified": True}
            for number, name in enumerate(self._company().domains)
        ]
        return _masked({"kind": "admin#directory#domains", "domains": domains}, query, "Domains2")


def _check_customer(query: Mapping[str, str]) -> None:
    if not query.get("customer") and not query.get("domain"):
        raise Refusal("bad_request", "Bad Request: customer or domain is required")


def _shown_user(user: Json, query: Mapping[str, str]) -> Json:
    projection = query.get("projection", "basic")
    if projection == "full" or "customSchemas" not in user:
        return user
    wanted = set(query.get("customFieldMask", "").split(",")) if projection == "custom" else set()
    schemas = {name: values for name, values in user["customSchemas"].items() if name in wanted}
    return {k: v for k, v in user.items() if k != "customSchemas"} | ({"customSchemas": schemas} if schemas else {})


def _masked(answer: Json, query: Mapping[str, str], schema: str) -> Json:
    """Cut an answer to the `fields` asked for; empty lists are left out, as Google does."""
    full = {name: value for name, value in answer.items() if value != []}
    return cut(full, parse(query["fields"]), schema) if query.get("fields") else full


async def _done(reply: Reply) -> Reply:
    return reply


def _as_part(part: email.message.Message, reply: Reply) -> str:
    content_id = f"<response-{str(part['Content-ID']).strip('<>')}>"
    reason = "OK" if reply.status == 200 else "Error"
    return (
        f"Content-Type: application/http\r\nContent-ID: {content_id}\r\n\r\n"
        f"HTTP/1.1 {reply.status} {reason}\r\nContent-Type: {CONTENT_TYPE}\r\n\r\n{encoded(reply).decode()}"
    )
