"""Users and groups in the words of the Identity Store API (API_User, API_Group, API_AttributeOperation)."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from mypy_boto3_identitystore.type_defs import GroupTypeDef, UserTypeDef

EXTENSION = "aws:identitystore:enterprise"
Json = dict[str, Any]


def text(value: object) -> str:
    """Return a text as it is.

    Raises TypeError for anything else, which botocore hands on, and UnicodeEncodeError for halves of characters.
    """
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]!r} is not text")
    value.encode()
    return value


def moment(value: object) -> datetime | None:
    """Return a time that AWS gives or leaves out; raises TypeError for anything else."""
    if value is not None and not isinstance(value, datetime):
        raise TypeError("a time is not one")
    return value


def is_unknown_kind(member: Any) -> bool:
    """Tell whether a member is of a kind that this botocore does not know, such as a group in a group."""
    return "SDK_UNKNOWN_MEMBER" in member


def _id(value: object) -> str:
    if not text(value):
        raise ValueError("an id is empty")
    return text(value)


def _is_enabled(raw: "UserTypeDef") -> bool:
    status = raw.get("UserStatus", "ENABLED")
    if status not in ("ENABLED", "DISABLED"):
        raise ValueError(f"there is no status {str(status)[:40]!r}")
    return status == "ENABLED"


def parse_user(raw: "UserTypeDef") -> User:
    """Read a user as ListUsers returns it; what may be missing is empty. Raises what `http.boto.MISSHAPEN` lists."""
    name = raw.get("Name", {})
    values: dict[str, str] = _texts(raw, SIMPLE)
    values["phone_number"] = next((phone.get("Value", "") for phone in raw.get("PhoneNumbers", ())), "")
    values |= _texts(next(iter(raw.get("Addresses", ())), {}), ADDRESS)
    extension = raw.get("Extensions", {}).get(EXTENSION, {})
    if isinstance(extension, dict):
        values |= {ours: _extension_value(extension.get(theirs)) for ours, theirs in ENTERPRISE.items()}
    return User(
        id=_id(raw["UserId"]),
        external_id=text(next((external["Id"] for external in raw.get("ExternalIds", ())), "")),
        user_name=text(raw["UserName"]),
        given_name=text(name.get("GivenName", "")),
        family_name=text(name.get("FamilyName", "")),
        display_name=text(raw.get("DisplayName", "")),
        email=text(_primary_email(raw)),
        active=_is_enabled(raw),
        attributes={name: text(value) for name, value in values.items() if value},
    )


def _texts(raw: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    return {ours: raw.get(_pascal(theirs), "") for ours, theirs in names.items()}


def _primary_email(raw: "UserTypeDef") -> str:
    found = sorted(raw.get("Emails", ()), key=lambda email: not email.get("Primary", False))
    return found[0].get("Value", "") if found else ""


def _extension_value(value: Any) -> str:
    return str(value.get("value", "")) if isinstance(value, dict) else str(value or "")


def parse_group(raw: "GroupTypeDef") -> Group:
    """Read a group as ListGroups returns it."""
    return Group(
        id=_id(raw["GroupId"]),
        external_id=text(next((external["Id"] for external in raw.get("ExternalIds", ())), "")),
        display_name=text(raw["DisplayName"]),
        description=text(raw.get("Description", "")),
    )


def user_parameters(user: User) -> Json:
    """Write a user as the parameters of CreateUser; empty values are invalid, so what is empty is absent."""
    attributes = simple(user) | {"phoneNumbers": phone_numbers(user), "addresses": addresses(user)}
    parameters: Json = {
        "UserName": user.user_name,
        "Name": {"GivenName": user.given_name, "FamilyName": user.family_name},
        "DisplayName": user.display_name,
        "Emails": _pascal_keys(emails(user)),
    } | _pascal_keys({name: value for name, value in attributes.items() if value})
    if extension := enterprise(user):
        parameters["Extensions"] = {EXTENSION: extension}
    return parameters


def _pascal_keys(value: Any) -> Any:
    if isinstance(value, list):
        return [_pascal_keys(item) for item in value]
    return {_pascal(key): _pascal_keys(item) for key, item in value.items()} if isinstance(value, dict) else value


def _pascal(name: str) -> str:
    return name[0].upper() + name[1:]


def user_operations(change: UpdateUser) -> list[Json]:
    """Write an update as attribute operations; lists are replaced whole, null clears."""
    changed = {edit.attribute for edit in edits(change)}
    after = change.after
    paths: Json = {path: getattr(after, ours) for ours, path in NAMES.items() if ours in changed}
    paths |= {path: after.attributes.get(ours) for ours, path in SIMPLE.items() if ours in changed}
    if "email" in changed:
        paths["emails"] = emails(after)
    if "phone_number" in changed:
        paths["phoneNumbers"] = phone_numbers(after) or None
    if changed & ADDRESS.keys():
        paths["addresses"] = addresses(after) or None
    if changed & ENTERPRISE.keys():
        paths[EXTENSION] = enterprise(after) or None
    return [{"AttributePath": path, "AttributeValue": value} for path, value in paths.items()]


def group_operations(change: UpdateGroup) -> list[Json]:
    """Write an update as attribute operations."""
    paths = {"display_name": "displayName", "description": "description"}
    return [
        {"AttributePath": paths[edit.attribute], "AttributeValue": edit.after or None}
        for edit in edits(change)
        if edit.attribute in paths
    ]
