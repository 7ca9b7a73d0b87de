"""The REST API of configurable AD sync, which AWS does not document.

Paths, parameters and members are those of public code (globaldatanet/sso-setup-automation); actions and ARNs
are in the service authorization reference. Everything else is open, and said to be so in docs/fidelity.md.
"""

import re
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.identity_center.paging import Pages, invalid_token
from sandbox.identity_center.signature import signed_region
from sandbox.identity_sync.profile import PROFILE, SyncProfile, invalid, listed
from sandbox.json_body import parse
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
SERVICE, SYSTEM, CONTENT_TYPE = "identity-sync", "identity_sync", "application/json"
ERRORS = {
    "bad_request": (400, "ValidationException"),
    "quota": (402, "ServiceQuotaExceededException"),
    "unauthorized": (403, "UnrecognizedClientException"),
    "forbidden": (403, "AccessDeniedException"),
    "not_found": (404, "ResourceNotFoundException"),
    "conflict": (409, "ConflictException"),
    "throttle": (429, "ThrottlingException"),
    "error": (500, "InternalServerException"),
    "unavailable": (503, "ServiceUnavailableException"),
}
OPERATIONS = {
    ("POST", r"profiles"): "CreateSyncProfile",
    ("GET", r"profiles/([^/]+)"): "GetSyncProfile",
    ("GET", r"profiles/([^/]+)/filters"): "ListSyncFilters",
    ("POST", r"profiles/([^/]+)/filters"): "CreateSyncFilter",
    ("DELETE", r"profiles/([^/]+)/filters/([^/]+)"): "DeleteSyncFilter",
    ("POST", r"profiles/([^/]+)/targets"): "CreateSyncTarget",
    ("GET", r"profiles/([^/]+)/targets/([^/]+)"): "GetSyncTarget",
    ("POST", r"profiles/([^/]+)/startSync"): "StartSync",
}
PARAMETERS = {
    "ListSyncFilters": {"Augmentation", "FilterType", "MaxResults", "NextToken"},
    "CreateSyncFilter": {"Augmentation", "DryRun"},
}
MEMBERS = {
    "CreateSyncProfile": {"SyncProfileName", "SourceResourceArn"},
    "CreateSyncFilter": {"FilterType", "Effect", "Attributes"},
    "CreateSyncTarget": {"SyncTargetName", "TargetResourceArn"},
}
MOST, UNKNOWN = 100, "unknown"
STRANGE = "&+/ %é="  # with what nobody can send back without encoding it
TYPES, EFFECTS, FLAGS = {"GROUP", "USER"}, {"INCLUDE", "EXCLUDE"}, {"true", "false"}


class IdentitySyncApi:
    """Serves the sync profile of one instance."""

    def __init__(self, profile: SyncProfile, switchboard: Switchboard, pages: Pages, switches: Switches) -> None:
        self._profile, self._switchboard, self._pages, self._switches = profile, switchboard, pages, switches

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        operation, names = _operation(request.method, request.match_info["path"])
        body = await request.read()

        def answer() -> Reply:
            region = signed_region(request, body, SERVICE)
            if operation == UNKNOWN:
                raise Refusal("not_found", "The sandbox does not stand in for this.", code="UnknownOperationException")
            query, members = _query(request, operation), _members(request, body, operation)
            return Reply(200, self._answer(operation, names, query | members, region))

        reply = await self._switchboard.call(SYSTEM, operation, _render_error, answer)
        return await send(request, reply, CONTENT_TYPE)

    def _answer(self, operation: str, names: tuple[str, ...], given: Json, region: str) -> Json:
        profile = self._profile
        if operation == "CreateSyncProfile":
            profile.create(given["SyncProfileName"], given["SourceResourceArn"], region)
            return self._shown()
        if names[0] != PROFILE or not profile.source or region != self._switches.region:
            raise Refusal("not_found", f"The sync profile {names[0]} was not found.")
        match operation:
            case "GetSyncProfile":
                return self._shown()
            case "ListSyncFilters":
                return self._list(given)
            case "CreateSyncFilter":
                made = listed(profile.create_filter(*_filter(given)), augmented=True)
                return made if self._switches.sync_filter_id_answered else {}
            case "DeleteSyncFilter":
                if profile.filters.pop(names[1], None) is None:
                    raise Refusal("not_found", f"The sync filter {names[1]} was not found.")
                return {}
            case "CreateSyncTarget":
                return profile.create_target(given["SyncTargetName"], given["TargetResourceArn"])
            case "GetSyncTarget":
                return self._target(names[1])
        if not profile.targets:
            raise invalid("The sync profile has no target.")
        profile.sync()
        return {}

    def _shown(self) -> Json:
        return {"SyncProfileName": PROFILE, "SourceResourceArn": self._profile.source}

    def _target(self, name: str) -> Json:
        if not self._switches.sync_target_shown:
            raise Refusal("not_found", "There is no such operation.", code="UnknownOperationException")
        if name not in self._profile.targets:
            raise Refusal("not_found", f"The sync target {name} was not found.")
        return self._profile.targets[name]

    def _list(self, query: Json) -> Json:
        kind, size = query.get("FilterType"), query.get("MaxResults", str(MOST))
        if kind not in TYPES or not re.fullmatch(r"[1-9]\d{0,2}", size) or int(size) > MOST:
            raise invalid("FilterType or MaxResults is not valid.")
        token = query.get("NextToken", "")
        if token and not token.startswith(STRANGE):
            raise invalid_token()
        rows = [row for row in self._profile.filters.values() if row["FilterType"] == kind]
        page, following = self._pages.cut(
            rows, int(size), token.removeprefix(STRANGE), f"ListSyncFilters {kind}", self._profile.number_of
        )
        shown = [listed(row, augmented=query.get("Augmentation") == "true") for row in page]
        return {"SyncFilters": shown} | ({"NextToken": f"{STRANGE}{following}"} if following else {})


def _operation(method: str, path: str) -> tuple[str, tuple[str, ...]]:
    """Tell the operation by method and path, and the names in the path."""
    for (of, pattern), operation in OPERATIONS.items():
        found = re.fullmatch(f"v0/{pattern}", path) if of == method else None
        if found:
            return operation, tuple(unquote(name) for name in found.groups())
    return UNKNOWN, ()


def _query(request: web.Request, operation: str) -> Json:
    query = dict(request.query)
    known = PARAMETERS.get(operation, set())
    if len(query) < len(request.query) or query.keys() - known:
        raise invalid("A query parameter is given twice, or not known.")
    if any(query.get(name, "false") not in FLAGS for name in ("Augmentation", "DryRun")):
        raise invalid("Augmentation and DryRun are true or false.")
    if query.get("DryRun") == "true":
        raise invalid("The sandbox does not stand in for DryRun.")
    return query


def _members(request: web.Request, body: bytes, operation: str) -> Json:
    """Read the body: exactly the members of the operation, each of them text."""
    wanted = MEMBERS.get(operation, set())
    if not body and not wanted:
        return {}
    try:
        members = parse(body) if request.content_type == CONTENT_TYPE else None
    except ValueError as exc:
        raise Refusal("bad_request", "The body is not JSON.", code="SerializationException") from exc
    if not isinstance(members, dict) or members.keys() != wanted:
        raise invalid(f"The body has to be JSON with {', '.join(sorted(wanted)) or 'nothing in it'}.")
    if not all(isinstance(value, str) and value for value in members.values()):
        raise invalid("Every member of the body is text.")
    return members


def _filter(given: Json) -> tuple[str, str, str, str]:
    """Return type, name, domain and effect of a filter that is to be created; names are written as plain text."""
    try:
        attributes = parse(given["Attributes"].encode())
        (name,), (domain,) = attributes.pop("samaccountname"), attributes.pop("associateddomain")
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise invalid("Attributes is JSON with one samaccountname and one associateddomain.") from exc
    if attributes or not isinstance(name, str) or not isinstance(domain, str) or not name or not domain:
        raise invalid("Attributes is JSON with one samaccountname and one associateddomain.")
    if given["FilterType"] not in TYPES or given["Effect"] not in EFFECTS:
        raise invalid("FilterType or Effect is not valid.")
    return given["FilterType"], name, domain, given["Effect"]


def _render_error(refusal: Refusal) -> Reply:
    status, code = ERRORS[refusal.kind]
    return Reply(status, {"message": refusal.message}, {"x-amzn-errortype": refusal.details.get("code", code)})
