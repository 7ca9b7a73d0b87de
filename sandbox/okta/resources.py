"""The company's records as Okta's resources: User and Group, with the fields of the examples in its reference."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
CREATED = "2020-01-01T00:00:00.000Z"
MISSING_NAME = "-"  # Okta demands a first and a last name (default attributes of its user profile)
STATUSES = (
    "STAGED",
    "PROVISIONED",
    "ACTIVE",
    "RECOVERY",
    "PASSWORD_EXPIRED",
    "LOCKED_OUT",
    "SUSPENDED",
    "DEPROVISIONED",
)
INACTIVE = {"STAGED", "DEPROVISIONED"}  # who was never activated, and who no longer is


def check_okta(more: Mapping[str, Any], what: str) -> None:
    """Check what a directory file says of a user for Okta alone; raises ValueError with a sentence."""
    if not more.keys() <= {"status", "profile"}:
        raise ValueError(f"{what}: okta has a status and a profile, and nothing else")
    if more.get("status", STATUSES[0]) not in STATUSES:
        raise ValueError(f"{what}: okta.status is none of {', '.join(STATUSES)}")
    if not isinstance(more.get("profile", {}), dict):
        raise ValueError(f"{what}: okta.profile is not an object")  # noqa: TRY004 # it is a mistake in a file


def user_resource(user: Mapping[str, Any], user_id: str, url: str) -> Json:
    """Show a user; what stands under "okta" in the directory is the status and more of the profile."""
    more = user.get("okta", {})
    status = more.get("status") or _status_of(user)
    profile = {
        "firstName": user.get("givenName", "").strip() or MISSING_NAME,
        "lastName": user.get("familyName", "").strip() or MISSING_NAME,
        "mobilePhone": None,
        "secondEmail": None,
        "login": user["email"],
        "email": user["email"],
    }
    return {
        "id": user_id,
        "status": status,
        "created": CREATED,
        "activated": None if status == "STAGED" else CREATED,
        "statusChanged": CREATED,
        "lastLogin": None,
        "lastUpdated": CREATED,
        "passwordChanged": None if status in INACTIVE else CREATED,
        "type": {"id": "oty1sandbox000000000"},
        "profile": profile | more.get("profile", {}),
        "credentials": {
            "provider": {"type": "OKTA", "name": "OKTA"},
            "emails": [{"value": user["email"], "status": "VERIFIED", "type": "PRIMARY"}],
        },
        "_links": {"self": {"href": f"{url}/api/v1/users/{user_id}"}},
    }


def _status_of(user: Mapping[str, Any]) -> str:
    if user.get("archived"):
        return "DEPROVISIONED"
    return "SUSPENDED" if user.get("suspended") else "ACTIVE"


def group_resource(group: Mapping[str, Any], group_id: str, kind: str, url: str) -> Json:
    """Show a group of a type."""
    return {
        "id": group_id,
        "created": CREATED,
        "lastUpdated": CREATED,
        "lastMembershipUpdated": CREATED,
        "objectClass": ["okta:user_group"],
        "type": kind,
        "profile": {"name": group["name"], "description": group.get("description") or None},
        "_links": {
            "users": {"href": f"{url}/api/v1/groups/{group_id}/users"},
            "apps": {"href": f"{url}/api/v1/groups/{group_id}/apps"},
        },
    }


def without(user: Json, omitted: set[str]) -> Json:
    """Leave out what the okta-response parameter of a Content-Type wants left out (List users of the reference)."""
    if "omitCredentials" in omitted:
        user = {name: value for name, value in user.items() if name != "credentials"}
    return user
