"""SCIM resources to and from the store's records, refusing what AWS does not support."""

from datetime import UTC, datetime
from typing import Any

from sandbox.identity_center.record_rules import invalid
from sandbox.identity_center.shapes import fits
from sandbox.identity_center.user_attributes import ENTERPRISE, ENTERPRISE_TEXTS, ITEMS, NAME_PARTS, SIMPLE
from sandbox.switches import Switches

Json = dict[str, Any]
USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_SCHEMA = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MAX_MEMBERS = 100
VALUED = {"emails", "roles"}  # open: our choice; RFC 7643 requires no value
EXTENSION = ENTERPRISE_TEXTS | {"manager"}
READ_ONLY = {"id", "meta", "schemas"}


def user_attributes(body: Json, switches: Switches) -> tuple[Json, str, bool]:
    """Read a user for CreateUser or PutUser; returns attributes, externalId and active."""
    known = {*SIMPLE, *ITEMS, *READ_ONLY, "name", "externalId", "active", ENTERPRISE_SCHEMA}
    _check_schemas(body, {USER_SCHEMA, ENTERPRISE_SCHEMA})
    for name in body:
        if name not in known:
            raise invalid(f"{name}: this attribute is not supported")
    attributes: Json = {theirs: simple(ours, body[ours], switches) for ours, theirs in SIMPLE.items() if ours in body}
    attributes["Name"] = name_of(body.get("name", {}))
    for name, (stored, _) in ITEMS.items():
        if name in body:
            attributes[stored] = items(name, body[name])
    if ENTERPRISE_SCHEMA in body:
        attributes["Extensions"] = {ENTERPRISE: extension(body[ENTERPRISE_SCHEMA])}
    active = body.get("active", True)
    if not isinstance(active, bool):
        raise invalid("active: a boolean is expected")
    return attributes, _external_id(body), active


def group_attributes(body: Json) -> tuple[Json, str, list[str]]:
    """Read a group for CreateGroup; returns attributes, externalId and ids of members."""
    _check_schemas(body, {GROUP_SCHEMA})
    for name in body:
        if name not in {"displayName", "externalId", "members", *READ_ONLY}:
            raise invalid(f"{name}: this attribute is not supported")
    members = member_ids(body.get("members", []))
    if len(members) > MAX_MEMBERS:
        raise invalid(f"members: at most {MAX_MEMBERS} members are allowed in a single request")
    name = group_name(body["displayName"]) if "displayName" in body else ""
    return {"DisplayName": name}, _external_id(body), members


def _check_schemas(body: Json, known: set[str]) -> None:
    """Accept the schemas of a resource, or none: the guide's own examples of CreateUser and CreateGroup have none."""
    schemas = body.get("schemas", [])
    if not isinstance(schemas, list) or not all(isinstance(schema, str) and schema in known for schema in schemas):
        raise invalid(f"schemas: {' and '.join(sorted(known))} is expected")


def text(path: str, value: Any, shape: str = "SensitiveStringType") -> str:
    """Accept text as the Identity Store API has it: the length and the characters of a shape."""
    if not isinstance(value, str) or not fits(shape, value):
        raise invalid(f"{path}: Member must satisfy the length and the characters of {shape}")
    return value


def simple(name: str, value: Any, switches: Switches) -> str:
    """Read an attribute that is just text.

    The guide allows spaces in a user name for PutUser and not for CreateUser, and the Identity Store API
    does not; which holds is open.
    """
    if name == "userName":
        spaced = switches.scim_user_name_spaces and isinstance(value, str) and len(value) <= 128
        text(name, value.replace(" ", "").replace("\N{NO-BREAK SPACE}", "") if spaced else value, "UserName")
        return str(value)
    return text(name, value)


def group_name(value: Any) -> str:
    """Read the displayName of a group."""
    return text("displayName", value, "GroupDisplayName")


def external_id(value: Any) -> str:
    """Read an externalId."""
    return text("externalId", value, "ExternalIdIdentifier")


def _external_id(body: Json) -> str:
    return external_id(body["externalId"]) if "externalId" in body else ""


def name_of(value: Any) -> Json:
    """Read a name."""
    if not isinstance(value, dict) or set(value) - set(NAME_PARTS):
        raise invalid("name: an object of formatted, familyName, givenName … is expected")
    return {upper(name): text(f"name.{name}", part) for name, part in value.items()}


def items(name: str, value: Any) -> list[Json]:
    """Read a multi-valued attribute, of which AWS takes one value."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid(f"{name}: a list of objects is expected")
    if len(value) != 1:
        raise invalid(f"{name}: List attribute {name} must have exactly 1 value")
    if not value[0] or (name in VALUED and "value" not in value[0]):
        raise invalid(f"{name}: a value is required")
    for part, content in value[0].items():
        if part not in ITEMS[name][1]:
            raise invalid(f"{name}.{part}: this attribute is not supported")
        if part != "primary":
            text(f"{name}.{part}", content)
        elif not isinstance(content, bool):
            raise invalid(f"{name}.primary: a boolean is expected")
    if name == "emails" and value[0].get("primary") is not True:
        raise invalid("emails: the value must be primary")
    return [{upper(part): content for part, content in value[0].items()}]


def extension(value: Any) -> Json:
    """Read the enterprise extension."""
    if not isinstance(value, dict) or set(value) - EXTENSION:
        raise invalid(f"{ENTERPRISE_SCHEMA}: an object of {', '.join(sorted(EXTENSION))} is expected")
    return {name: manager(part) if name == "manager" else text(name, part) for name, part in value.items()}


def manager(value: Any) -> Json:
    """Read a manager, who has no displayName here."""
    if not isinstance(value, dict) or set(value) - {"value", "$ref"}:
        raise invalid("manager: an object of value and $ref is expected")
    return {part: text(f"manager.{part}", content) for part, content in value.items()}


def member_ids(value: Any) -> list[str]:
    """Read members: a list of objects with a value."""
    if not isinstance(value, list):
        raise invalid("members: a list is expected")
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("value"), str):
            raise invalid("members: every member needs a value")
        if item.get("type", "User") != "User" or not isinstance(item.get("$ref", ""), str):  # open: our choice
            raise invalid("members: the type User and a $ref of text are expected")
    return [item["value"] for item in value]


def shown_user(user: Json) -> Json:
    """Show a user as SCIM."""
    shown: Json = {"id": user["UserId"], "meta": _meta(user, "User"), "schemas": [USER_SCHEMA]}
    if user.get("ExternalIds"):
        shown["externalId"] = user["ExternalIds"][0]["Id"]
    shown |= {ours: user[theirs] for ours, theirs in SIMPLE.items() if theirs in user}
    shown["name"] = lower(user.get("Name", {}))
    shown["active"] = user["UserStatus"] == "ENABLED"
    for ours, (theirs, _) in ITEMS.items():
        if listed := [lower(item) for item in user.get(theirs, []) if lower(item)]:
            shown[ours] = listed
    if enterprise := _shown_extension(user):
        shown["schemas"] = [USER_SCHEMA, ENTERPRISE_SCHEMA]
        shown[ENTERPRISE_SCHEMA] = enterprise
    return shown


def _shown_extension(user: Json) -> Json:
    held = enterprise_of(user)
    shown = {name: held[name] for name in held if name in EXTENSION and held[name] and isinstance(held[name], str)}
    value = manager_of(user)  # the $ref of the request is in no answer (CreateUser, example)
    return shown | {"manager": {"value": value}} if value else shown


def enterprise_of(user: Json) -> Json:
    """Return the enterprise extension, which is only a "document" to the Identity Store API's model."""
    extension = user.get("Extensions", {}).get(ENTERPRISE)
    return extension if isinstance(extension, dict) else {}


def manager_of(user: Json) -> str | None:
    """Return who manages a user, whom the Identity Store API takes as text, too."""
    held = enterprise_of(user).get("manager")
    value = held.get("value") if isinstance(held, dict) else held
    return value if isinstance(value, str) else None


def shown_group(group: Json) -> Json:
    """Show a group as SCIM: without members, which only listings show, and only as none."""
    shown: Json = {"id": group["GroupId"], "meta": _meta(group, "Group"), "schemas": [GROUP_SCHEMA]}
    if group.get("ExternalIds"):
        shown["externalId"] = group["ExternalIds"][0]["Id"]
    return shown | {"displayName": group["DisplayName"]}


def _meta(record: Json, kind: str) -> Json:
    created, updated = (
        datetime.fromtimestamp(record[key], UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for key in ("CreatedAt", "UpdatedAt")
    )
    return {"resourceType": kind, "created": created, "lastModified": updated}


def lower(values: Json) -> Json:
    """Turn the store's names into SCIM's, without null, which the Identity Store API takes in the parts of a value."""
    return {name[0].lower() + name[1:]: value for name, value in values.items() if value is not None}


def upper(name: str) -> str:
    """Turn SCIM's name into the store's."""
    return name[0].upper() + name[1:]
