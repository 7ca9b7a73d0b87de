"""The Directory API: users, groups, members and domains, alone and in batches."""

import email.message
import email.parser
import json
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aiohttp import web

from sandbox.calls import Dropped, Reply, Switchboard, Truncated, send
from sandbox.directory import Company
from sandbox.google.fields import cut, parse
from sandbox.google.token import ROOT, TokenEndpoint
from sandbox.identity_center.paging import decode, encode
from sandbox.refusal import Refusal

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
    "error": (500, "backendError"),
    "unavailable": (503, "backendError"),
}


class DirectoryApi:
    """Serves the directory of one company."""

    def __init__(self, company: Callable[[], Company], tokens: TokenEndpoint, switchboard: Switchboard) -> None:
        self._company, self._tokens, self._switchboard = company, tokens, switchboard
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
        return await send(
            request,
            lambda: self._call(request.method, request.path_qs, authorization, counted_as=""),
            CONTENT_TYPE,
        )

    async def handle_batch(self, request: web.Request) -> web.StreamResponse:
        """Answer a batch: a multipart request of up to 1,000 HTTP requests."""
        body = await request.read()
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        parts = [
            part
            for part in email.parser.BytesParser().parsebytes(head + body).walk()
            if part.get_content_type() == "application/http"
        ]
        authorization = request.headers.get("Authorization", "")

        async def accept() -> Reply:
            def answer() -> Reply:
                if len(parts) > MAX_PARTS:
                    raise Refusal("bad_request", f"The batch request has more than {MAX_PARTS} calls.")
                return Reply(200, {})

            return await self._switchboard.call("google", "batch", render_error, answer)

        try:
            accepted = await accept()
            if accepted.status != 200:
                return web.json_response(accepted.body, status=accepted.status)
            answers = [await self._part(part, authorization) for part in parts]
        except Dropped:
            assert request.transport
            request.transport.abort()
            return web.Response()
        except Truncated:
            answers = []
        boundary = f"batch_{secrets.token_hex(8)}"
        text = "".join(f"--{boundary}\r\n{answer}\r\n" for answer in answers) + f"--{boundary}--\r\n"
        return web.Response(body=text.encode(), headers={"Content-Type": f"multipart/mixed; boundary={boundary}"})

    async def _part(self, part: email.message.Message, authorization: str) -> str:
        lines = str(part.get_payload()).lstrip().split("\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = email.parser.Parser().parsestr("\n".join(lines[1:]))
        inner = headers.get("Authorization") or authorization
        try:
            reply = await self._call(method, target.strip(), inner, counted_as="google_in_batch")
            body = json.dumps(reply.body, ensure_ascii=False)
        except Truncated as cut_short:
            reply = cut_short.reply
            body = json.dumps(reply.body, ensure_ascii=False)
            body = body[: len(body) // 2]
        content_id = f"<response-{str(part['Content-ID']).strip('<>')}>"
        reason = "OK" if reply.status == 200 else "Error"
        return (
            f"Content-Type: application/http\r\nContent-ID: {content_id}\r\n\r\n"
            f"HTTP/1.1 {reply.status} {reason}\r\nContent-Type: {CONTENT_TYPE}\r\n\r\n{body}"
        )

    async def _call(self, method: str, target: str, authorization: str, *, counted_as: str) -> Reply:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        for pattern, operation, scope, answer in self._routes:
            match = pattern.fullmatch(parts.path)
            if match and method == "GET":
                key = unquote(match.groupdict().get("key", ""))

                def make(scope: str = scope, answer: Callable[..., Json] = answer, key: str = key) -> Reply:
                    self._tokens.check(authorization, scope)
                    return Reply(200, answer(key, query))

                return await self._switchboard.call("google", operation, render_error, make, counted_as=counted_as)
        return render_error(Refusal("not_found", "Not Found"))

    def _list_users(self, _key: str, query: Mapping[str, str]) -> Json:
        _check_customer(query)
        users = [_shown_user(user, query) for user in self._company().google_users()]
        found, rest = _page(users, query, default=100, maximum=500)
        return _masked({"kind": "admin#directory#users", "users": found, **rest}, query, "Users")

    def _get_user(self, key: str, query: Mapping[str, str]) -> Json:
        for user in self._company().google_users():
            if key in {user["id"], user["primaryEmail"]}:
                return _masked(_shown_user(user, query), query, "User")
        raise Refusal("not_found", "Resource Not Found: userKey")

    def _list_groups(self, _key: str, query: Mapping[str, str]) -> Json:
        _check_customer(query)
        found, rest = _page(self._company().google_groups(), query, default=200, maximum=200)
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
        found, rest = _page(members, query, default=200, maximum=200)
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


def _page(rows: list[Json], query: Mapping[str, str], *, default: int, maximum: int) -> tuple[list[Json], Json]:
    size = int(query.get("maxResults", default))
    if not 1 <= size <= maximum:
        raise Refusal("bad_request", f"Invalid value for maxResults: 1 to {maximum} is expected")
    try:
        start = decode(query["pageToken"]) if query.get("pageToken") else 0
    except Refusal as exc:
        raise Refusal("bad_request", "Invalid Input: pageToken") from exc
    end = start + size
    return rows[start:end], {"nextPageToken": encode(end)} if end < len(rows) else {}


def _masked(answer: Json, query: Mapping[str, str], schema: str) -> Json:
    """Cut an answer to the `fields` asked for; empty lists are left out, as Google does."""
    full = {name: value for name, value in answer.items() if value != []}
    return cut(full, parse(query["fields"]), schema) if query.get("fields") else full


def render_error(refusal: Refusal) -> Reply:
    """Write an error as Google's APIs do."""
    status, reason = ERRORS[refusal.kind]
    reason = refusal.details.get("reason", reason)
    details = {"domain": "usageLimits" if refusal.kind == "throttle" else "global", "reason": reason}
    error = {"code": status, "message": refusal.message, "errors": [{**details, "message": refusal.message}]}
    return Reply(status, {"error": error})
