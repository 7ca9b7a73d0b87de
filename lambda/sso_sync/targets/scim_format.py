"""Users, groups and patches as SCIM 2.0 (RFC 7643, RFC 7644) within what AWS accepts of it."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sso_sync.core.changes import UpdateGroup, UpdateUser, edits
from sso_sync.core.model import Group, User
from sso_sync.targets.attributes import (
    ADDRESS,
    ENTERPRISE,
    NAMES,
    SIMPLE,
    addresses,
    emails,
    enterprise,
    phone_numbers,
    simple,
)

USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_SCHEMA = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PATHS = NAMES | {"external_id": "externalId", "active": "active"}
Json = dict[str, Any]


def user(user: User) -> Json:
    """Write a user for CreateUser."""
    body: Json = {
        "schemas": [USER_SCHEMA],
        "externalId": user.external_id,
        "userName": user.user_name,
        "name": {"givenName": user.given_name, "familyName": user.family_name},
        "displayName": user.display_name,
        "emails": emails(user),
        "active": user.active,
    } | simple(user)
    if phones := phone_numbers(user):
        body["phoneNumbers"] = phones
    if whole := addresses(user):
        body["addresses"] = whole
    if extension := enterprise(user):
        body["schemas"].append(ENTERPRISE_SCHEMA)
        body[ENTERPRISE_SCHEMA] = extension
    return body


def user_patch(change: UpdateUser) -> Json:
    """Write an update for PatchUser: one operation for each attribute, each with its path.

    AWS lets a path be left out only where a single attribute changes.
    """
    changed = {edit.attribute for edit in edits(change)}
    after = change.after
    values: Json = {path: getattr(after, ours) for ours, path in PATHS.items() if ours in changed}
    values |= {path: after.attributes.get(ours) for ours, path in SIMPLE.items() if ours in changed}
    if "email" in changed:
        values["emails"] = emails(after)
    if "phone_number" in changed:
        values["phoneNumbers"] = phone_numbers(after)
    if changed & ADDRESS.keys():
        values["addresses"] = addresses(after)
    extension = enterprise(after)
    for ours, theirs in ENTERPRISE.items():
        if ours in changed:
            values[f"{ENTERPRISE_SCHEMA}:{theirs}"] = extension.get(theirs)
    return _patch(
        {"op": "replace", "path": path, "value": value} if value or value is False else {"op": "remove", "path": path}
        for path, value in values.items()
    )


def group(group: Group, member_ids: Sequence[str]) -> Json:
    """Write a group with its first members for CreateGroup."""
    body: Json = {
        "schemas": [GROUP_SCHEMA],
        "externalId": group.external_id,
        "displayName": group.display_name,
    }
    if member_ids:
        body["members"] = [{"value": member_id} for member_id in member_ids]
    return body


def group_patch(change: UpdateGroup) -> Json:
    """Write an update for PatchGroup."""
    paths = {"display_name": "displayName", "external_id": "externalId"}
    return _patch(
        {"op": "replace", "path": paths[edit.attribute], "value": edit.after}
        for edit in edits(change)
        if edit.attribute in paths
    )


def member_patch(operation: str, user_ids: Collection[str]) -> Json:
    """Write the adding or removing of members for PatchGroup."""
    value = [{"value": user_id} for user_id in user_ids]
    return _patch([{"op": operation, "path": "members", "value": value}])


def _patch(operations: Any) -> Json:
    return {"schemas": [PATCH_SCHEMA], "Operations": list(operations)}


def is_error(body: str) -> bool:
    """Tell whether a SCIM service speaks here, and not some other web server (RFC 7644, 3.12)."""
    try:
        parsed = json.loads(body)
    except (RecursionError, ValueError):
        return False
    schemas = parsed.get("schemas") if isinstance(parsed, dict) else None
    return isinstance(schemas, list) and ERROR_SCHEMA in schemas


def error_text(body: str) -> str:
    """Pick the words out of a SCIM error (RFC 7644, 3.12), or the start of whatever came."""
    try:
        parsed = json.loads(body)
    except (RecursionError, ValueError):
        return " ".join(body.split())[:200]
    detail = parsed.get("detail") or parsed.get("message") if isinstance(parsed, dict) else None
    return str(detail or "without a reason")[:400].rstrip(".")
