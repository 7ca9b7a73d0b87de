"""Answers of the SCIM endpoint against the models of RFC 7643 and RFC 7644 that scim2-models has."""

import re
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    BaseModel,
    Context,
    EnterpriseUser,
    Error,
    Group,
    ListResponse,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    User,
)

from sandbox.calls import Reply

Json = dict[str, Any]
FullUser = User[EnterpriseUser]
SCHEMA_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
# Operation → status, model and what kind of answer it is to the models.
ANSWERS: dict[str, tuple[int, type[BaseModel], Context]] = {
    "CreateUser": (201, FullUser, Context.RESOURCE_CREATION_RESPONSE),
    "CreateGroup": (201, Group, Context.RESOURCE_CREATION_RESPONSE),
    "GetUser": (200, FullUser, Context.RESOURCE_QUERY_RESPONSE),
    "GetGroup": (200, Group, Context.RESOURCE_QUERY_RESPONSE),
    "PutUser": (200, FullUser, Context.RESOURCE_REPLACEMENT_RESPONSE),
    "PatchUser": (200, FullUser, Context.RESOURCE_PATCH_RESPONSE),
    "ListUsers": (200, ListResponse[FullUser], Context.RESOURCE_QUERY_RESPONSE),
    "ListGroups": (200, ListResponse[Group], Context.RESOURCE_QUERY_RESPONSE),
    "ServiceProviderConfig": (200, ServiceProviderConfig, Context.RESOURCE_QUERY_RESPONSE),
    "ListResourceTypes": (200, ListResponse[ResourceType], Context.RESOURCE_QUERY_RESPONSE),
    "ListSchemas": (200, ListResponse[Schema], Context.RESOURCE_QUERY_RESPONSE),
    "GetSchema": (200, Schema, Context.RESOURCE_QUERY_RESPONSE),
}
WITHOUT_BODY = {"PatchGroup", "DeleteUser", "DeleteGroup"}
# What every such answer in AWS's guide has; the models ask for less.
USER_MEMBERS = {"id", "meta", "schemas", "userName", "name", "displayName", "active"}
GROUP_MEMBERS = {"id", "meta", "schemas", "displayName"}
LISTING = {"schemas", "itemsPerPage", "Resources"}
MEMBERS = {
    **dict.fromkeys(("CreateUser", "GetUser", "PutUser", "PatchUser"), USER_MEMBERS),
    **dict.fromkeys(("CreateGroup", "GetGroup"), GROUP_MEMBERS),
    **dict.fromkeys(("ListUsers", "ListGroups"), LISTING),
    **dict.fromkeys(("ListResourceTypes", "ListSchemas"), LISTING | {"totalResults", "startIndex"}),
    "GetSchema": {"id", "name", "description", "attributes"},
}
ROWS = {"ListUsers": USER_MEMBERS, "ListGroups": GROUP_MEMBERS | {"members"}}
KINDS = {
    **dict.fromkeys(("CreateUser", "GetUser", "PutUser", "PatchUser", "ListUsers"), "User"),
    **dict.fromkeys(("CreateGroup", "GetGroup", "ListGroups"), "Group"),
    "ListResourceTypes": "ResourceType",
}
META = {"resourceType", "created", "lastModified"}
STATUSES = {400, 401, 403, 404, 409, 429, 500, 503}  # 503 is the sandbox's own fault, the others are in the guide
# No page of the guide shows an error. Users of AWS do: mitodl/keycloak-scim#73, slashdevops/idp-scim-sync#57.
AWS_ERROR = {"schema", "exceptionRequestId", "timeStamp"}
TIME_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")

# A URI and an address to the models, any text to the Identity Store API (SensitiveStringType): what a
# client wrote comes back.
AS_WRITTEN = {"profileUrl", "emails.value"}


def problems(operation: str, reply: Reply) -> list[str]:
    """List what is wrong with an answer."""
    if reply.status >= 400:
        return _error_problems(reply)
    if operation in WITHOUT_BODY:
        return [] if (reply.status, reply.body) == (204, None) else [f"{reply.status} with a body, instead of 204"]
    if operation not in ANSWERS:
        return [f"{reply.status} is no answer to {operation}"]
    if not reply.body:
        return [f"{reply.status} without a body"]
    status, model, context = ANSWERS[operation]
    wrong = [] if reply.status == status else [f"{reply.status} instead of {status}"]
    wrong += _lacking(operation, reply.body) + _contradictions(operation, reply.body)
    return wrong + _against(model, _as_in_the_rfc(operation, reply.body), context)


def _error_problems(reply: Reply) -> list[str]:
    body = reply.body or {}
    wrong = [] if reply.status in STATUSES else [f"{reply.status} is no status of an error"]
    wrong += [f"{name} is missing" for name in {"schemas", "status", "detail", *AWS_ERROR} - body.keys()]
    if body.get("status") != str(reply.status):
        wrong.append(f"status {body.get('status')!r} in an answer of {reply.status}")
    if not TIME_STAMP.fullmatch(str(body.get("timeStamp"))):
        wrong.append(f"timeStamp {body.get('timeStamp')!r} is of another form")
    return wrong + _against(Error, {name: body[name] for name in body.keys() - AWS_ERROR}, Context.DEFAULT)


def _lacking(operation: str, body: Json) -> list[str]:
    missing = MEMBERS.get(operation, set()) - body.keys()
    rows = body["Resources"] if operation in ROWS and "Resources" in body else []
    for row in rows:
        missing |= ROWS[operation] - row.keys()
    for row in rows or ([body] if "meta" in MEMBERS.get(operation, set()) else []):
        missing |= META - row.get("meta", {}).keys()
    return [f"{name} is missing" for name in sorted(missing)]


def _contradictions(operation: str, body: Json) -> list[str]:
    """List what each member allows by itself and the others, or AWS's limits, do not."""
    listed = body.get("Resources")
    rows = [body] if listed is None else listed
    wrong = [text for row in rows if operation in KINDS for text in _contradictions_of(row, KINDS[operation])]
    if listed is not None and body.get("itemsPerPage") != len(listed):
        wrong.append(f"itemsPerPage {body.get('itemsPerPage')} of {len(listed)} Resources")
    return wrong


def _contradictions_of(row: Json, kind: str) -> list[str]:
    meta = row.get("meta", {})
    found = {
        f"meta.resourceType {meta.get('resourceType')} of a {kind}": meta.get("resourceType") != kind,
        # Both are of one form, so that they compare as text.
        "meta.lastModified is before meta.created": meta.get("lastModified", "") < meta.get("created", ""),
        "emails: more than one value": len(row.get("emails", [])) > 1,  # CreateUser, constraints
        "members are shown": bool(row.get("members")),  # ListGroups, GetGroup: never in an answer
    }
    return [text for text, so in found.items() if so]


def _as_in_the_rfc(operation: str, body: Json) -> Json:
    """Fill in what AWS leaves out although RFC 7643 and RFC 7644 ask for it."""
    if operation in {"ListUsers", "ListGroups"} and not {"totalResults", "startIndex"} & body.keys():
        # ListUsers, query parameters: with a cursor the totals are gone.
        return body | {"totalResults": body.get("itemsPerPage", 0)}
    if operation == "GetSchema":  # its example, and that of ListSchemas, have no schemas
        return body | {"schemas": [SCHEMA_SCHEMA]}
    if operation == "ListSchemas":
        return body | {"Resources": [row | {"schemas": [SCHEMA_SCHEMA]} for row in body.get("Resources", [])]}
    return body


def _against(model: type[BaseModel], body: Json, context: Context) -> list[str]:
    try:
        model.model_validate(body, scim_ctx=context)
    except ValidationError as exc:
        wrong = [error for error in exc.errors(include_input=False) if not _is_as_written(error["loc"], error["type"])]
        return [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in wrong]
    return []


def _is_as_written(where: tuple[int | str, ...], kind: str) -> bool:
    names = [name for name in where if isinstance(name, str) and name != "Resources"]
    return kind == "value_error" and ".".join(names) in AS_WRITTEN
