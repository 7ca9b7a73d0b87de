"""AWS's SCIM endpoint: users and groups over the same store, within what AWS accepts of SCIM 2.0.

Source of every rule: "IAM Identity Center SCIM Implementation Developer Guide", page by operation.
"""

import json
import re
import time
import uuid
from typing import Any

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.identity_center.paging import Pages
from sandbox.identity_center.scim_patch import patch_group, patch_user
from sandbox.identity_center.scim_records import (
    group_attributes,
    shown_group,
    shown_user,
    user_attributes,
)
from sandbox.identity_center.store import Store, invalid, not_found
from sandbox.refusal import Refusal

Json = dict[str, Any]
CONTENT_TYPE = "application/scim+json"
CALLER = "SCIM"
LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
PAGE = 100
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
}
FILTERS = {
    "Users": ({"userName"}, {"externalId"}, {"groups.value"}, {"id", "manager"}),
    "Groups": ({"displayName"}, {"externalId"}, {"members.value"}, {"id", "member"}),
}
COMPARISON = re.compile(r'\s*([\w.]+)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*', re.IGNORECASE)


class ScimApi:
    """Serves one store to whoever has the token."""

    def __init__(self, store: Store, token: str, switchboard: Switchboard, pages: Pages) -> None:
        self._store, self._token, self._switchboard, self._pages = store, token, switchboard, pages

    def routes(self, tenant: str) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        root = f"/scim/{tenant}/scim/v2"
        return [web.route("*", f"{root}/{{resource}}{rest}", self.handle) for rest in ("", "/{id}")]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request; the route gives `resource` and perhaps `id`."""
        resource, object_id = request.match_info["resource"], request.match_info.get("id", "")
        operation = OPERATIONS.get((request.method, resource, bool(object_id)), "unknown")
        body = await request.read()

        def answer() -> Reply:
            if request.headers.get("Authorization") != f"Bearer {self._token}":
                raise Refusal("unauthorized", "Invalid access token")
            if body and request.content_type not in {CONTENT_TYPE, "application/json"}:
                raise invalid(f"Content-Type {request.content_type} is not supported")
            return self._answer(operation, object_id, body, dict(request.query))

        changes = [object_id] if object_id and request.method != "GET" else []
        calling = self._switchboard.call("scim", operation, self._render_error, answer, changes=changes)
        return await send(request, calling, CONTENT_TYPE)

    def _answer(self, operation: str, object_id: str, body: bytes, query: dict[str, str]) -> Reply:
        store = self._store
        match operation:
            case "ListUsers":
                return Reply(200, self._list("Users", query))
            case "ListGroups":
                return Reply(200, self._list("Groups", query))
            case "GetUser":
                return Reply(200, shown_user(store.user(object_id)))
            case "GetGroup":
                return Reply(200, shown_group(store.group(object_id)))
            case "CreateUser":
                attributes, external_id, active = user_attributes(_json(body))
                return Reply(201, shown_user(store.create_user(attributes, CALLER, external_id, active=active)))
            case "PutUser":
                return Reply(200, self._put_user(object_id, _json(body)))
            case "PatchUser":
                changed = patch_user(store, object_id, _json(body))
                return Reply(200, shown_user(store.update_user(object_id, changed, CALLER)))
            case "DeleteUser":
                store.delete_user(object_id)
                return Reply(204, None)
            case "CreateGroup":
                return Reply(201, self._create_group(_json(body)))
            case "PatchGroup":
                self._patch_group(object_id, _json(body))
                return Reply(204, None)
            case "DeleteGroup":
                store.delete_group(object_id)
                return Reply(204, None)
            case "ServiceProviderConfig":
                return Reply(200, SERVICE_PROVIDER_CONFIG)
        raise not_found("RESOURCE", object_id)

    def _render_error(self, refusal: Refusal) -> Reply:
        """Write an error (RFC 7644, 3.12)."""
        status = STATUS[refusal.kind]
        body = {
            "schemas": [ERROR_SCHEMA],
            "status": str(status),
            "detail": refusal.message,
            "exceptionRequestId": str(uuid.uuid4()),
            "timeStamp": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
        }
        told = refusal.kind == "throttle" and self._store.switches.scim_retry_after
        return Reply(status, body, {"Retry-After": str(refusal.details.get("retry_after", 1))} if told else {})

    def _put_user(self, user_id: str, body: Json) -> Json:
        attributes, external_id, active = user_attributes(body)
        old = self._store.user(user_id)
        bookkeeping = {
            "UserId",
            "UserArn",
            "IdentityStoreId",
            "Revision",
            "CreatedAt",
            "CreatedBy",
            "ExternalIds",
        }
        cleared = dict.fromkeys(old.keys() - bookkeeping)
        status = {"UserStatus": "ENABLED" if active else "DISABLED"}
        external = {"ExternalIds": self._store.external_ids(external_id)}
        return shown_user(self._store.update_user(user_id, cleared | attributes | status | external, CALLER))

    def _create_group(self, body: Json) -> Json:
        attributes, external_id, members = group_attributes(body)
        for user_id in members:
            self._store.user(user_id)
        group = self._store.create_group(attributes, CALLER, external_id)
        for user_id in dict.fromkeys(members):
            self._store.create_membership(group["GroupId"], user_id, CALLER)
        return shown_group(group)

    def _patch_group(self, group_id: str, body: Json) -> None:
        """Apply all operations or none."""
        self._store.group(group_id)
        changed, added, removed = patch_group(self._store, body)
        for user_id in {*added, *removed}:
            self._store.user(user_id)
        if changed:
            self._store.update_group(group_id, changed, CALLER)
        for user_id in removed:
            membership_id = self._store.by_pair.get((group_id, user_id))
            if membership_id:
                self._store.delete_membership(membership_id)
        for user_id in added:
            if (group_id, user_id) not in self._store.by_pair:
                self._store.create_membership(group_id, user_id, CALLER)

    def _list(self, resource: str, query: dict[str, str]) -> Json:
        unsupported = query.keys() - {"filter", "count", "cursor"}
        if unsupported:
            raise invalid(f"{', '.join(sorted(unsupported))}: this query parameter is not supported")
        count = _count(query)
        table = self._store.users if resource == "Users" else self._store.groups
        show = shown_user if resource == "Users" else shown_group
        found = self._store.listed(table.values())
        if "filter" in query:
            terms = _filter_terms(resource, query["filter"])
            found = [record for record in found if all(self._fits(record, *term) for term in terms)]
        if "cursor" not in query:
            shown = [show(record) for record in found[:count]]
            totals = {"totalResults": len(found), "startIndex": 1, "itemsPerPage": len(shown)}
            return {"schemas": [LIST_SCHEMA], **totals, "Resources": shown}
        listing = f"{resource} {query.get('filter', '')}"
        page, cursor = self._pages.cut(found, count, query["cursor"], listing, self._store.number_of)
        rest = {"nextCursor": cursor} if cursor else {}
        shown = [show(record) for record in page]
        return {"schemas": [LIST_SCHEMA], "itemsPerPage": len(shown), **rest, "Resources": shown}

    def _fits(self, record: Json, attribute: str, value: str) -> bool:
        record_id = record.get("UserId") or record.get("GroupId", "")
        match attribute:
            case "userName":
                return bool(record["UserName"].casefold() == value.casefold())
            case "displayName":
                return bool(record["DisplayName"].casefold() == value.casefold())
            case "externalId":
                return any(external["Id"] == value for external in record.get("ExternalIds", []))
            case "id":
                return bool(record_id == value)
            case "groups.value":
                return (value, record_id) in self._store.by_pair
            case "members.value" | "member":
                return (record_id, value) in self._store.by_pair
            case _:
                extension = record.get("Extensions", {}).get("aws:identitystore:enterprise", {})
                return bool(extension.get("manager", {}).get("value") == value)


def _json(body: bytes) -> Json:
    try:
        parsed = json.loads(body)
    except ValueError as exc:
        raise invalid("Request is unparsable, syntactically incorrect, or violates schema.") from exc
    if not isinstance(parsed, dict):
        raise invalid("Request is unparsable, syntactically incorrect, or violates schema.")
    return parsed


def _count(query: dict[str, str]) -> int:
    text = query.get("count", str(PAGE))
    if not text.isdigit() or not 1 <= int(text) <= PAGE:
        raise invalid(f"count: a number from 1 to {PAGE} is expected")
    return int(text)


def _filter_terms(resource: str, text: str) -> list[tuple[str, str]]:
    terms = []
    for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE):
        comparison = COMPARISON.fullmatch(part)
        if not comparison:
            raise invalid("Filter is not supported: only eq and and are")
        terms.append((comparison[1], comparison[2].replace('\\"', '"').replace("\\\\", "\\")))
    names = {name for name, _ in terms}
    if not any(names <= allowed for allowed in FILTERS[resource]):
        raise invalid(f"Filtering on {', '.join(sorted(names))} is not supported")
    return terms


SERVICE_PROVIDER_CONFIG: Json = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "documentationUri": "https://docs.aws.amazon.com/singlesignon/latest/userguide/manage-your-identity-source-idp.html",
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "Authentication scheme using the OAuth Bearer Token Standard",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": True,
        }
    ],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 1, "maxPayloadSize": 1048576},
    "filter": {"supported": True, "maxResults": PAGE},
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
}
