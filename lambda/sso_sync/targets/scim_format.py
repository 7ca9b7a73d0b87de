"""Users, groups and patches as SCIM 2.0 (RFC 7643, RFC 7644) within what AWS accepts of it."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sso_sync.core.changes import UpdateGroup, UpdateUser, edits
from sso_sync.core.model import ADDRESS_ATTRIBUTES, ENTERPRISE_ATTRIBUTES, Group, User

USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_SCHEMA = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
TYPE = "work"  # what kind of e-mail, phone and address is written; one of each is allowed

SIMPLE = {
    "title": "title",
    "nick_name": "nickName",
    "profile_url": "profileUrl",
    "user_type": "userType",
    "preferred_language": "preferredLanguage",
    "locale": "locale",
    "timezone": "timezone",
}
ADDRESS = dict(
    zip(
        ADDRESS_ATTRIBUTES,
        ("formatted", "streetAddress", "locality", "region", "postalCode", "country"),
        strict=True,
    )
)
ENTERPRISE = dict(
    zip(
        ENTERPRISE_ATTRIBUTES,
        ("employeeNumber", "costCenter", "organization", "division", "department", "manager"),
        strict=True,
    )
)
CORE_PATHS = {
    "external_id": "externalId",
    "user_name": "userName",
    "given_name": "name.givenName",
    "family_name": "name.familyName",
    "display_name": "displayName",
    "active": "active",
}
Json = dict[str, Any]


def user(user: User) -> Json:
    """Write a user for CreateUser."""
    given = user.attributes
    body: Json = {
        "schemas": [USER_SCHEMA],
        "externalId": user.external_id,
        "userName": user.user_name,
        "name": {"givenName": user.given_name, "familyName": user.family_name},
        "displayName": user.display_name,
        "emails": _emails(user),
        "active": user.active,
    }
    body |= {theirs: given[ours] for ours, theirs in SIMPLE.items() if given.get(ours)}
    if phones := _phones(user):
        body["phoneNumbers"] = phones
    if addresses := _addresses(user):
        body["addresses"] = addresses
    if enterprise := {t: _enterprise(o, given[o]) for o, t in ENTERPRISE.items() if given.get(o)}:
        body["schemas"].append(ENTERPRISE_SCHEMA)
        body[ENTERPRISE_SCHEMA] = enterprise
    return body


def _emails(user: User) -> list[Json]:
    return [{"value": user.email, "type": TYPE, "primary": True}]


def _phones(user: User) -> list[Json]:
    number = user.attributes.get("phone_number")
    return [{"value": number, "type": TYPE, "primary": True}] if number else []


def _addresses(user: User) -> list[Json]:
    parts = {theirs: user.attributes[ours] for ours, theirs in ADDRESS.items() if user.attributes.get(ours)}
    return [parts | {"type": TYPE, "primary": True}] if parts else []


def _enterprise(name: str, value: str) -> Any:
    return {"value": value} if name == "manager" else value


def user_patch(change: UpdateUser) -> Json:
    """Write an update for PatchUser: one operation for each attribute, each with its path.

    AWS lets a path be left out only where a single attribute changes.
    """
    changed = {edit.attribute for edit in edits(change)}
    after = change.after
    values: Json = {path: getattr(after, ours) for ours, path in CORE_PATHS.items() if ours in changed}
    values |= {path: after.attributes.get(ours) for ours, path in SIMPLE.items() if ours in changed}
    if "email" in changed:
        values["emails"] = _emails(after)
    if "phone_number" in changed:
        values["phoneNumbers"] = _phones(after)
    if changed & ADDRESS.keys():
        values["addresses"] = _addresses(after)
    for ours, theirs in ENTERPRISE.items():
        if ours in changed:
            value = after.attributes.get(ours)
            values[f"{ENTERPRISE_SCHEMA}:{theirs}"] = _enterprise(ours, value) if value else None
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


def error_text(body: str) -> str:
    """Pick the words out of a SCIM error (RFC 7644, 3.12), or the start of whatever came."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return " ".join(body.split())[:200]
    detail = parsed.get("detail") or parsed.get("message") if isinstance(parsed, dict) else None
    return str(detail or "without a reason")[:400].rstrip(".")
