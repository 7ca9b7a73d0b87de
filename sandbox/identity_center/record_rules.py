"""What a user or group must be, whichever way it came in.

Source: the Identity Store API reference (CreateUser, UpdateUser, CreateGroup), beyond what its shapes say.
"""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.identity_center.shapes import fits
from sandbox.identity_center.user_attributes import ENTERPRISE, ENTERPRISE_TEXTS
from sandbox.refusal import Refusal

Json = dict[str, Any]
RESERVED = {"administrator", "awsadministrators"}
LISTS = ("Emails", "PhoneNumbers", "Addresses", "Roles", "Photos")
ONE_VALUE = LISTS[:-1]
BIRTHDATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def check_user(user: Json) -> None:
    """Raise a refusal unless the user is complete and each of its values is allowed."""
    name = user.get("Name") or {}
    for present, what in (
        (user.get("UserName"), "userName"),
        (user.get("DisplayName"), "displayName"),
        (name.get("GivenName"), "name.givenName"),
        (name.get("FamilyName"), "name.familyName"),
    ):
        if not present:
            raise invalid(f"{what}: The attribute {what} is required")
    _check_reserved(user["UserName"])
    for attribute in ONE_VALUE:
        if len(user.get(attribute, [])) > 1:
            raise invalid(f"{attribute}: only one value is allowed")
    for attribute in LISTS:
        if not all(user.get(attribute, [])):
            raise invalid(f"{attribute}: a value with nothing in it is not allowed")  # open: our choice
    if "Birthdate" in user and not BIRTHDATE.fullmatch(user["Birthdate"]):
        raise invalid("birthdate: the form is YYYY-MM-DD")
    extensions = user.get("Extensions", {})
    check_extension_names(extensions)
    for extension in extensions.values():
        _check_enterprise(extension)


def check_group(group: Json) -> None:
    """Raise a refusal unless the group is complete and its name allowed."""
    if not group.get("DisplayName"):
        raise invalid("displayName: The attribute displayName is required")
    _check_reserved(group["DisplayName"])


def check_extension_names(names: Iterable[str]) -> None:
    """Raise a refusal for the name of an extension that there is not."""
    for name in names:
        if name != ENTERPRISE:
            raise invalid(f"{name} is not a supported extension; {ENTERPRISE} is the only one")


def invalid(message: str) -> Refusal:
    return Refusal("bad_request", message)


def _check_reserved(name: str) -> None:
    if name.casefold() in RESERVED:
        raise invalid(f"{name} is a reserved name")


def _check_enterprise(extension: Any) -> None:
    """Check the members of SCIM's enterprise extension (RFC 7643, 4.3), which this one is named after.

    The model only says "document". A manager is an object with a value, or text: which is open.
    """
    if not isinstance(extension, dict):
        raise invalid(f"{ENTERPRISE}: an object is expected")
    for name, value in extension.items():
        if name == "manager":
            texts = list(value.values()) if isinstance(value, dict) and value.keys() <= {"value", "$ref"} else [value]
        elif name in ENTERPRISE_TEXTS:
            texts = [value]
        else:
            raise invalid(f"{ENTERPRISE}.{name} is not a known member")
        if not texts or not all(isinstance(text, str) and fits("SensitiveStringType", text) for text in texts):
            raise invalid(f"{ENTERPRISE}.{name}: text of 1 to 1,024 characters is expected")
