"""The words that SCIM and the Identity Store API share for users.

SCIM resources (RFC 7643), SCIM paths and the attribute paths of UpdateUser all spell them in lower
camel case; only the parameters of CreateUser and what is read back are in Pascal case.
"""

from typing import Any

from sso_sync.core.model import ADDRESS_ATTRIBUTES, ENTERPRISE_ATTRIBUTES, User

Json = dict[str, Any]
TYPE = "work"  # what kind of e-mail, phone and address is written; one of each is allowed

NAMES = {
    "user_name": "userName",
    "given_name": "name.givenName",
    "family_name": "name.familyName",
    "display_name": "displayName",
}
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


def simple(user: User) -> Json:
    """Write the attributes that are plain text."""
    return {theirs: user.attributes[ours] for ours, theirs in SIMPLE.items() if user.attributes.get(ours)}


def emails(user: User) -> list[Json]:
    """Write the one e-mail address."""
    return [{"value": user.email, "type": TYPE, "primary": True}]


def phone_numbers(user: User) -> list[Json]:
    """Write the one phone number, if there is one."""
    number = user.attributes.get("phone_number")
    return [{"value": number, "type": TYPE, "primary": True}] if number else []


def addresses(user: User) -> list[Json]:
    """Write the one address, of the parts that there are."""
    parts = {theirs: user.attributes[ours] for ours, theirs in ADDRESS.items() if user.attributes.get(ours)}
    return [parts | {"type": TYPE, "primary": True}] if parts else []


def enterprise(user: User) -> Json:
    """Write the enterprise extension; a manager is an object with a value."""
    values: Json = {theirs: user.attributes[ours] for ours, theirs in ENTERPRISE.items() if user.attributes.get(ours)}
    if "manager" in values:
        values["manager"] = {"value": values["manager"]}
    return values
