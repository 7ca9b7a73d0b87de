"""Users and groups in the words of the Identity Store API (API_User, API_Group, API_AttributeOperation)."""

from typing import TYPE_CHECKING, Any

from sso_sync.core.changes import UpdateGroup, UpdateUser, edits
from sso_sync.core.model import ADDRESS_ATTRIBUTES, ENTERPRISE_ATTRIBUTES, Group, User

if TYPE_CHECKING:
    from mypy_boto3_identitystore.type_defs import GroupTypeDef, UserTypeDef

ENTERPRISE = "aws:identitystore:enterprise"
TYPE = "work"  # what kind of e-mail, phone and address is written; one of each is allowed

SIMPLE = {
    "title": "Title",
    "nick_name": "NickName",
    "profile_url": "ProfileUrl",
    "user_type": "UserType",
    "preferred_language": "PreferredLanguage",
    "locale": "Locale",
    "timezone": "Timezone",
}
ADDRESS = dict(
    zip(
        ADDRESS_ATTRIBUTES,
        ("Formatted", "StreetAddress", "Locality", "Region", "PostalCode", "Country"),
        strict=True,
    )
)
EXTENSION = dict(
    zip(
        ENTERPRISE_ATTRIBUTES,
        ("employeeNumber", "costCenter", "organization", "division", "department", "manager"),
        strict=True,
    )
)
CORE_PATHS = {
    "user_name": "userName",
    "given_name": "name.givenName",
    "family_name": "name.familyName",
    "display_name": "displayName",
}


def parse_user(raw: "UserTypeDef") -> User:
    """Read a user as ListUsers returns it; what is missing is empty."""
    name = raw.get("Name", {})
    values: dict[str, Any] = {ours: raw.get(theirs, "") for ours, theirs in SIMPLE.items()}
    values["phone_number"] = next((phone.get("Value", "") for phone in raw.get("PhoneNumbers", ())), "")
    address: dict[str, Any] = next((dict(found) for found in raw.get("Addresses", ())), {})
    values |= {ours: address.get(theirs, "") for ours, theirs in ADDRESS.items()}
    extension = raw.get("Extensions", {}).get(ENTERPRISE, {})
    if isinstance(extension, dict):
        values |= {ours: _extension_value(extension.get(theirs)) for ours, theirs in EXTENSION.items()}
    return User(
        id=raw["UserId"],
        external_id=next((external["Id"] for external in raw.get("ExternalIds", ())), ""),
        user_name=raw.get("UserName", ""),
        given_name=name.get("GivenName", ""),
        family_name=name.get("FamilyName", ""),
        display_name=raw.get("DisplayName", ""),
        email=_primary_email(raw),
        active=raw.get("UserStatus", "ENABLED") == "ENABLED",
        attributes={name: value for name, value in values.items() if value},
    )


def _primary_email(raw: "UserTypeDef") -> str:
    emails = sorted(raw.get("Emails", ()), key=lambda email: not email.get("Primary", False))
    return emails[0].get("Value", "") if emails else ""


def _extension_value(value: Any) -> str:
    """Return text; a manager is an object with a value."""
    return str(value.get("value", "")) if isinstance(value, dict) else str(value or "")


def parse_group(raw: "GroupTypeDef") -> Group:
    """Read a group as ListGroups returns it."""
    return Group(
        id=raw["GroupId"],
        external_id=next((external["Id"] for external in raw.get("ExternalIds", ())), ""),
        display_name=raw.get("DisplayName", ""),
        description=raw.get("Description", ""),
    )


def user_parameters(user: User) -> dict[str, Any]:
    """Write a user as the parameters of CreateUser; empty strings are invalid, so what is empty is absent."""
    given = user.attributes
    parameters: dict[str, Any] = {
        "UserName": user.user_name,
        "Name": {"GivenName": user.given_name, "FamilyName": user.family_name},
        "DisplayName": user.display_name,
        "Emails": [{"Value": user.email, "Type": TYPE, "Primary": True}],
    }
    parameters |= {theirs: given[ours] for ours, theirs in SIMPLE.items() if given.get(ours)}
    if given.get("phone_number"):
        parameters["PhoneNumbers"] = [{"Value": given["phone_number"], "Type": TYPE, "Primary": True}]
    if address := {theirs: given[ours] for ours, theirs in ADDRESS.items() if given.get(ours)}:
        parameters["Addresses"] = [address | {"Type": TYPE, "Primary": True}]
    if extension := _extension(user):
        parameters["Extensions"] = {ENTERPRISE: extension}
    return parameters


def _extension(user: User) -> dict[str, Any]:
    values: dict[str, Any] = {t: user.attributes[o] for o, t in EXTENSION.items() if user.attributes.get(o)}
    if "manager" in values:
        values["manager"] = {"value": values["manager"]}
    return values


def user_operations(change: UpdateUser) -> list[dict[str, Any]]:
    """Write an update as attribute operations; lists are replaced whole, null clears."""
    changed = {edit.attribute for edit in edits(change)}
    after = change.after
    whole = user_parameters(after)
    paths: dict[str, Any] = {path: getattr(after, ours) for ours, path in CORE_PATHS.items() if ours in changed}
    paths |= {
        theirs[0].lower() + theirs[1:]: after.attributes.get(ours) for ours, theirs in SIMPLE.items() if ours in changed
    }
    if "email" in changed:
        paths["emails"] = [_lower_keys(email) for email in whole["Emails"]]
    if "phone_number" in changed:
        paths["phoneNumbers"] = [_lower_keys(phone) for phone in whole.get("PhoneNumbers", ())] or None
    if changed & ADDRESS.keys():
        paths["addresses"] = [_lower_keys(address) for address in whole.get("Addresses", ())] or None
    if changed & EXTENSION.keys():
        paths[ENTERPRISE] = _extension(after) or None
    return [{"AttributePath": path, "AttributeValue": value} for path, value in paths.items()]


def _lower_keys(values: dict[str, Any]) -> dict[str, Any]:
    """Documents inside operations are spelled in lower camel case, unlike parameters."""
    return {key[0].lower() + key[1:]: value for key, value in values.items()}


def group_operations(change: UpdateGroup) -> list[dict[str, Any]]:
    """Write an update as attribute operations."""
    paths = {"display_name": "displayName", "description": "description"}
    return [
        {"AttributePath": paths[edit.attribute], "AttributeValue": edit.after or None}
        for edit in edits(change)
        if edit.attribute in paths
    ]
