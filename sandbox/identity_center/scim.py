"""AWS's SCIM endpoint: users and groups over the same store, within what AWS accepts of SCIM 2.0.

Source of every rule: "IAM Identity Center SCIM Implementation Developer Guide", page by operation.
"""

import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.identity_center.paging import Pages
from sandbox.identity_center.record_rules import invalid
from sandbox.identity_center.scim_listing import listing, whole
from sandbox.identity_center.scim_patch import patch_group, patch_user
from sandbox.identity_center.scim_records import group_attributes, shown_group, shown_user, user_attributes
from sandbox.identity_center.scim_schemas import SCHEMAS, SERVICE_PROVIDER_CONFIG, resource_types
from sandbox.identity_center.store import Store
from sandbox.json_body import parse
from sandbox.quotas import Bucket
from sandbox.refusal import Refusal

Json = dict[str, Any]
CONTENT_TYPE = "application/json"  # of every answer in the guide
ACCEPTED = {"application/scim+json", CONTENT_TYPE}
CALLER = "SCIM"
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
UNSUPPORTED = "Unsupported"
STATUS = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "quota": 400,
    "throttle": 429,
    "error": 500,
    "unavailable": 503,
}
OPERATIONS = {
    ("GET", "Users", False): "ListUsers",
    ("GET", "Users", True): "GetUser",
    ("POST", "Users", False): "CreateUser",
    ("PUT", "Users", True): "PutUser",
    ("PATCH", "Users", True): "PatchUser",
    ("DELETE", "Users", True): "DeleteUser",
    ("GET", "Groups", False): "ListGroups",
    ("GET", "Groups", True): "GetGroup",
    ("POST", "Groups", False): "CreateGroup",
    ("PATCH", "Groups", True): "PatchGroup",
    ("DELETE", "Groups", True): "DeleteGroup",
    ("GET", "ServiceProviderConfig", False): "ServiceProviderConfig",
    ("GET", "ResourceTypes", False): "ListResourceTypes",
    ("GET", "Schemas", False): "ListSchemas",
    ("GET", "Schemas", True): "GetSchema",
}
# "Limitations from SCIM specification" names the last four; anything else is no endpoint at all.
ENDPOINTS = {resource for _, resource, _ in OPERATIONS} | {"Me", "Bulk", "Search", ".search"}
UNPARSABLE = "Request is unparsable, syntactically incorrect, or violates schema."
DUPLICATE = "Refused to create a new, duplicate resource."  # as users of AWS report it
BOOKKEEPING = {"UserId", "UserArn", "IdentityStoreId", "Revision", "CreatedAt", "CreatedBy", "ExternalIds"}


class ScimApi:
    """Serves one store to whoever has the token."""

    def __init__(self, store: Store, token: str, switchboard: Switchboard, pages: Pages) -> None:
        self._store, self._token, self._switchboard, self._pages = store, token, switchboard, pages
        self._tenant = ""

    def routes(self, tenant: str) -> list[web.RouteDef]:
        """Return the routes to add to an application; any other tenant is refused by them."""
        self._tenant = tenant
        return [web.route("*", "/scim/{tenant}/scim/v2/{path:.*}", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        resource, _, object_id = request.match_info["path"].strip("/").partition("/")
        operation = OPERATIONS.get((request.method, resource, bool(object_id)), UNSUPPORTED)
        body = await request.read()

        def answer() -> Reply:
            self._authorize(request)
            if resource not in ENDPOINTS or "/" in object_id:
                raise Refusal("not_found", "Specified endpoint does not exist.")
            if operation == UNSUPPORTED:
                raise invalid(f"{request.method} /{resource}: this operation is unsupported.")
            if body and request.content_type not in ACCEPTED:
                raise invalid(f"Content-Type {request.content_type} is not supported")
            return self._answer(operation, object_id, body, request)

        changes = [object_id] if object_id and request.method != "GET" else []
        reply = await self._switchboard.call("scim", operation, self._render_error, answer, changes=changes)
        return await send(request, reply, CONTENT_TYPE)

    def _authorize(self, request: web.Request) -> None:
        if request.match_info["tenant"] != self._tenant:
            raise Refusal("unauthorized", "The tenant ID is incorrect.")
        given = request.headers.get("Authorization", "").encode()
        if not secrets.compare_digest(given, f"Bearer {self._token}".encode()):
            raise Refusal("unauthorized", "Authorization header is invalid or missing.")

    def _answer(self, operation: str, object_id: str, body: bytes, request: web.Request) -> Reply:
        store = self._store
        match operation:
            case "ListUsers" | "ListGroups":
                return Reply(200, listing(store, self._pages, operation.removeprefix("List"), _query(request)))
            case "GetUser":
                return Reply(200, shown_user(store.user(object_id)))
            case "GetGroup":
                return Reply(200, shown_group(store.group(object_id)))
            case "CreateUser":
                attributes, external_id, active = user_attributes(_json(body), store.switches)
                return Reply(201, shown_user(store.create_user(attributes, CALLER, external_id, active=active)))
            case "PutUser":
                return Reply(200, self._put_user(object_id, _json(body)))
            case "PatchUser":
                changed = patch_user(store, object_id, _json(body))
                return Reply(200, shown_user(store.update_user(object_id, changed, CALLER)))
            case "CreateGroup":
                return Reply(201, self._create_group(_json(body)))
            case "PatchGroup":
                self._patch_group(object_id, _json(body))
                return Reply(204, None)
            case "DeleteUser":
                store.delete_user(object_id)
                return Reply(204, None)
            case "DeleteGroup":
                store.delete_group(object_id)
                return Reply(204, None)
        return self._describe(operation, object_id, request)

    def _describe(self, operation: str, schema_id: str, request: web.Request) -> Reply:
        """Answer what the endpoint says about itself."""
        if operation == "ServiceProviderConfig":
            return Reply(200, SERVICE_PROVIDER_CONFIG)
        if operation == "ListResourceTypes":
            return Reply(200, whole(resource_types(f"{request.url.origin()}/scim/{self._tenant}/scim/v2")))
        if operation == "ListSchemas":
            return Reply(200, whole(SCHEMAS))
        found = [schema for schema in SCHEMAS if schema["id"] == schema_id]
        if not found:  # GetSchema has no 404 among its errors
            raise invalid(f"{schema_id}: there is no such schema")
        return Reply(200, found[0])

    def _render_error(self, refusal: Refusal) -> Reply:
        """Write an error (RFC 7644, 3.12) with the members that AWS adds.

        The guide shows no body; this is what users of AWS report, latest in mitodl/keycloak-scim#73 (2026).
        """
        status = STATUS[refusal.kind]
        now = datetime.now(UTC).replace(tzinfo=None)
        body = {
            "schema": [ERROR_SCHEMA],
            "schemas": [ERROR_SCHEMA],
            "detail": DUPLICATE if "Reason" in refusal.details else refusal.message,
            "status": str(status),
            "exceptionRequestId": str(uuid.uuid4()),
            "timeStamp": now.isoformat(" ", "milliseconds"),
        }
        told = refusal.kind == "throttle" and self._store.switches.scim_retry_after
        return Reply(status, body, {"Retry-After": str(refusal.details.get("retry_after", 1))} if told else {})

    def _put_user(self, user_id: str, body: Json) -> Json:
        attributes, external_id, active = user_attributes(body, self._store.switches)
        old = self._store.user(user_id)
        if body.get("id", user_id) != user_id:
            # Open, our choice: RFC 7644, 3.5.1 has 400 for what is immutable, and lets what is read-only be ignored.
            raise invalid("id: it is immutable")
        cleared = dict.fromkeys(old.keys() - BOOKKEEPING)
        status = {"UserStatus": "ENABLED" if active else "DISABLED"}
        external = {"ExternalIds": self._store.external_ids(external_id)}
        return shown_user(self._store.update_user(user_id, cleared | attributes | status | external, CALLER))

    def _create_group(self, body: Json) -> Json:
        attributes, external_id, members = group_attributes(body)
        for user_id in members:
            self._store.user(user_id)
        self._take_memberships(len(members))
        group = self._store.create_group(attributes, CALLER, external_id)
        for user_id in dict.fromkeys(members):
            self._store.add_membership(group["GroupId"], user_id, CALLER)
        return shown_group(group)

    def _patch_group(self, group_id: str, body: Json) -> None:
        """Apply all operations or none."""
        self._store.group(group_id)
        changed, moves = patch_group(self._store, body)
        for _, user_id in moves:
            self._store.user(user_id)
        self._take_memberships(len(moves))
        if changed:
            self._store.update_group(group_id, changed, CALLER)
        for op, user_id in moves:
            membership_id = self._store.by_pair.get((group_id, user_id))
            if op == "remove" and membership_id:
                self._store.remove_membership(membership_id)
            elif op == "add" and not membership_id:
                self._store.add_membership(group_id, user_id, CALLER)

    def _take_memberships(self, count: int) -> None:
        """Count members against their own limit ("Quotas and limits" of the user guide, which gives no number)."""
        rate = self._store.switches.scim_memberships_per_second
        if rate and count:
            self._switchboard.quotas.take_from(f"scim memberships {rate}", lambda: Bucket(rate), count)


def _query(request: web.Request) -> dict[str, str]:
    query = dict(request.query)
    if len(query) < len(request.query):  # open: our choice
        raise invalid("A query parameter is given twice.")
    return query


def _json(body: bytes) -> Json:
    try:
        parsed = parse(body)
    except ValueError as exc:
        raise invalid(UNPARSABLE) from exc
    if not isinstance(parsed, dict):
        raise invalid(UNPARSABLE)
    return parsed
