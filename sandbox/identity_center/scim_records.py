"""SCIM resources to and from the store's records, refusing what AWS does not support."""

from datetime import UTC, datetime
from typing import Any

from sandbox.identity_center.shapes import fits
from sandbox.identity_center.store import invalid

Json = dict[str, Any]
USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_SCHEMA = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ENTERPRISE = "aws:identitystore:enterprise"
MAX_MEMBERS = 100

# SCIM name → the store's name.
SIMPLE = {
    "userName": "UserName",
    "displayName": "DisplayName",
    "nickName": "NickName",
    "profileUrl": "ProfileUrl",
    "title": "Title",
    "userType": "UserType",
    "preferredLanguage": "PreferredLanguage",
    "locale": "Locale",
    "timezone": "Timezone",
}
NAME = ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")
ITEMS = {
    "emails": ("Emails", {"value", "type", "primary"}),
    "phoneNumbers": ("PhoneNumbers", {"value", "type", "primary"}),
    "addresses": (
        "Addresses",
        {"formatted", "streetAddress", "locality", "region", "postalCode", "country", "type", "primary"},
    ),
    "roles": ("Roles", {"value", "type", "primary"}),
}
EXTENSION = {"employeeNumber", "costCenter", "organization", "division", "department", "manager"}
READ_ONLY = {"id", "meta", "schemas"}


def user_attributes(body: Json) -> tuple[Json, str, bool]:
    """Read a user for CreateUser or PutUser; returns attributes, externalId and active."""
    known = {*SIMPLE, *ITEMS, *READ_ONLY, "name", "externalId", "active", ENTERPRISE_SCHEMA}
    if USER_SCHEMA not in body.get("schemas", []):
        raise invalid("schemas: the User schema is required")
    for name in body:
        if name not in known:
            raise invalid(f"{name}: this attribute is not supported")
    attributes: Json = {theirs: text(ours, body[ours]) for ours, theirs in SIMPLE.items() if ours in body}
    attributes["Name"] = name_of(body.get("name", {}))
    for name, (stored, _) in ITEMS.items():
        if name in body:
            attributes[stored] = items(name, body[name])
    if ENTERPRISE_SCHEMA in body:
        attributes["Extensions"] = {ENTERPRISE: extension(body[ENTERPRISE_SCHEMA])}
    active = body.get("active", True)
    if not isinstance(active, bool):
        raise invalid("active: a boolean is expected")
    return attributes, external_id(body.get("externalId", "")), active


def group_attributes(body: Json) -> tuple[Json, str, list[str]]:
    """Read a group for CreateGroup; returns attributes, externalId and ids of members."""
    if GROUP_SCHEMA not in body.get("schemas", []):
        raise invalid("schemas: the Group schema is required")
    for name in body:
        if name not in {"displayName", "externalId", "members", *READ_ONLY}:
            raise invalid(f"{name}: this attribute is not supported")
    members = member_ids(body.get("members", []))
    if len(members) > MAX_MEMBERS:
        raise invalid(f"members: at most {MAX_MEMBERS} members are allowed in a single request")
    name = text("displayName", body["displayName"]) if "displayName" in body else ""
    return {"DisplayName": name}, external_id(body.get("externalId", "")), members


def text(path: str, value: Any) -> str:
    """Accept text as the Identity Store API has it: 1 to 1,024 characters, a user name 128 without spaces.

    SCIM's own pages allow spaces in a user name; which of the two holds is open, so the narrower is kept.
    """
    shape = "UserName" if path == "userName" else "SensitiveStringType"
    if not isinstance(value, str) or not fits(shape, value):
        raise invalid(f"{path}: Member must satisfy the length and the characters of {shape}")
    return value


def external_id(value: Any) -> str:
    if value and (not isinstance(value, str) or len(value) > 256):
        raise invalid("externalId: text of at most 256 characters is expected")
    return str(value)


def name_of(value: Any) -> Json:
    """Read a name."""
    if not isinstance(value, dict) or set(value) - set(NAME):
        raise invalid("name: an object of formatted, familyName, givenName … is expected")
    return {name[0].upper() + name[1:]: text(f"name.{name}", part) for name, part in value.items()}


def items(name: str, value: Any) -> list[Json]:
    """Read a multi-valued attribute, of which AWS takes one value."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid(f"{name}: a list of objects is expected")
    if len(value) != 1:
        raise invalid(f"{name}: List attribute {name} must have exactly 1 value")
    for item in value:
        for part, content in item.items():
            if part not in ITEMS[name][1]:
                raise invalid(f"{name}.{part}: this attribute is not supported")
            if part != "primary":
                text(f"{name}.{part}", content)
        if name == "emails" and item.get("primary") is not True:
            raise invalid("emails: the value must be primary")
    return [{part[0].upper() + part[1:]: content for part, content in item.items()} for item in value]


def extension(value: Any) -> Json:
    """Read the enterprise extension."""
    if not isinstance(value, dict) or set(value) - EXTENSION:
        raise invalid(f"{ENTERPRISE_SCHEMA}: an object of {', '.join(sorted(EXTENSION))} is expected")
    for name, part in value.items():
        if name == "manager":
            manager(part)
        else:
            text(name, part)
    return value


def manager(value: Any) -> Json:
    """Read a manager, who has no displayName here."""
    if not isinstance(value, dict) or set(value) - {"value", "$ref"}:
        raise invalid("manager: an object of value and $ref is expected")
    return value


def member_ids(value: Any) -> list[str]:
    """Read members: a list of objects with a value."""
    if not isinstance(value, list):
        raise invalid("members: a list is expected")
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("value"), str):
            raise invalid("members: every member needs a value")
    return [item["value"] for item in value]


def shown_user(user: Json) -> Json:
    """Show a user as SCIM."""
    shown: Json = {"schemas": [USER_SCHEMA], "id": user["UserId"], "meta": _meta(user, "User")}
    if user.get("ExternalIds"):
        shown["externalId"] = user["ExternalIds"][0]["Id"]
    shown |= {ours: user[theirs] for ours, theirs in SIMPLE.items() if theirs in user}
    shown["name"] = _lower(user.get("Name", {}))
    shown["active"] = user["UserStatus"] == "ENABLED"
    for ours, (theirs, _) in ITEMS.items():
        if user.get(theirs):
            shown[ours] = [_lower(item) for item in user[theirs]]
    if enterprise := user.get("Extensions", {}).get(ENTERPRISE):
        shown["schemas"] = [USER_SCHEMA, ENTERPRISE_SCHEMA]
        shown[ENTERPRISE_SCHEMA] = enterprise
    return shown


def shown_group(group: Json) -> Json:
    """Show a group as SCIM: members are never returned."""
    shown: Json = {
        "schemas": [GROUP_SCHEMA],
        "id": group["GroupId"],
        "displayName": group["DisplayName"],
        "members": [],
        "meta": _meta(group, "Group"),
    }
    if group.get("ExternalIds"):
        shown["externalId"] = group["ExternalIds"][0]["Id"]
    return shown


def _meta(record: Json, kind: str) -> Json:
    created, updated = (
        datetime.fromtimestamp(record[key], UTC).isoformat().replace("+00:00", "Z")
        for key in ("CreatedAt", "UpdatedAt")
    )
    return {"resourceType": kind, "created": created, "lastModified": updated}


def _lower(values: Json) -> Json:
    return {name[0].lower() + name[1:]: value for name, value in values.items()}
