"""From Graph's users and groups to the model's, and to what filters look at."""

import re
from collections.abc import Mapping
from types import NoneType
from typing import TypeGuard

from sso_sync.core.errors import SourceError
from sso_sync.core.model import Group, User
from sso_sync.core.records import printable
from sso_sync.core.selection import Fields
from sso_sync.settings import EntraIdSettings
from sso_sync.settings.directories.entra_id import GUID
from sso_sync.sources.entra_id.answers import AGAIN
from sso_sync.sources.entra_id.graph import Row
from sso_sync.sources.mapping import PeopleMapping, text_of

BASE_FIELDS = frozenset(
    {"id", "userPrincipalName", "mail", "givenName", "surname", "displayName", "accountEnabled", "userType"}
)
# Properties of a user that a listing can select (Graph's reference of the user resource); a field that it does not
# know would fail the listing.
LISTED_FIELDS = BASE_FIELDS | {
    "businessPhones", "city", "companyName", "country", "createdDateTime", "creationType", "department",
    "employeeHireDate", "employeeId", "employeeOrgData", "employeeType", "externalUserState", "faxNumber",
    "identities", "imAddresses", "jobTitle", "mailNickname", "mobilePhone", "officeLocation",
    "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesExtensionAttributes",
    "onPremisesImmutableId", "onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesSyncEnabled",
    "onPremisesUserPrincipalName", "otherMails", "postalCode", "preferredLanguage", "proxyAddresses", "state",
    "streetAddress", "usageLocation",
}  # fmt: skip
DIRECTORY_EXTENSION = r"extension_[0-9a-f]{32}_\w+"
GROUP_FIELDS = ("id", "displayName", "description", "mail", "visibility")
HIDDEN = "HiddenMembership"
ASSIGNED = "assigned"  # the field of groups that tells who is assigned to the application


class UserMapping:
    """Turns Graph's users into users, as the config maps them."""

    def __init__(self, settings: EntraIdSettings) -> None:
        self._settings = settings
        self._people = PeopleMapping(settings)

    @property
    def fields(self) -> frozenset[str]:
        """Name the fields of Graph's user that are needed."""
        wanted = self._people.fields
        own = {name for name in wanted if re.fullmatch(DIRECTORY_EXTENSION, name)}
        return BASE_FIELDS | (wanted & LISTED_FIELDS) | own

    def user(self, row: Row) -> User:
        """Map one user; a missing mail address is replaced by the user principal name."""
        email = text_of(row.get("mail")) or text_of(row.get("userPrincipalName"))
        return self._people.user(
            row,
            required_id(row, "user"),
            given=row.get("givenName"),
            family=row.get("surname"),
            shown=row.get("displayName"),
            email=email,
            otherwise=email,
            active=row.get("accountEnabled") is True,
        )

    def why_left_out(self, row: Row) -> str:
        """Say why somebody is not wanted whatever the filters say, or nothing.

        Old users may have no type; they are members ("userType" in Graph's reference).
        """
        if row.get("userType") == "Guest" and not self._settings.include_guests:
            return "a guest from another company"
        if not row.get("accountEnabled") and not self._settings.include_inactive:
            return "disabled in Microsoft Entra ID"
        return ""


def to_group(row: Row) -> Group:
    """Map one group."""
    group_id = required_id(row, "group")
    name = printable(text_of(row.get("displayName"))) or text_of(row.get("mail"))
    return Group(id=group_id, external_id=group_id, display_name=name, description=text_of(row.get("description")))


def required_id(row: Mapping[str, object], what: str, field: str = "id") -> str:
    """Return a row's id; a row without one makes the whole listing untrustworthy."""
    row_id = row.get(field)
    if not _is_id(row_id):
        raise SourceError(
            f"Microsoft Graph sent a {what} without an id, so its answer is not complete; nothing was changed."
        )
    return row_id


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and re.fullmatch(GUID, value) is not None


def lacks_properties(row: Row) -> bool:
    """Tell whether Graph keeps properties back: every user has these, and null stands for a missing permission."""
    return row.get("userPrincipalName") is None or row.get("accountEnabled") is None


def why_unreadable(row: Row) -> str:
    """Say why nothing can be concluded from a user, or nothing: what decides about people has to be what it should."""
    if not isinstance(row.get("userPrincipalName"), str):
        return "Microsoft Graph sent it with a 'userPrincipalName' that cannot be"
    if not isinstance(row.get("accountEnabled"), bool):
        return "Microsoft Graph sent it with an 'accountEnabled' that cannot be"
    for field in ("mail", "givenName", "surname", "displayName", "userType"):
        if not isinstance(row.get(field), str | NoneType):
            return f"Microsoft Graph sent it with a '{field}' that cannot be"
    return ""


def check_group(row: Row) -> None:
    """Raise SourceError for a group of which filters could not tell whether it is wanted, or of which who is in it."""
    named = isinstance(row.get("displayName"), str)
    if not named or not all(isinstance(row.get(field), str | NoneType) for field in ("mail", "visibility")):
        raise SourceError(
            f"Microsoft Graph sent the group {row.get('id')} without a name, or with an address or a visibility that "
            f"cannot be, so its answer is not complete; {AGAIN}."
        )


def group_fields(row: Row, assigned: bool) -> Fields:
    """Offer a group to filters."""
    fields: dict[str, list[str]] = {"name": [text_of(row.get("displayName"))], "email": [text_of(row.get("mail"))]}
    return fields | {ASSIGNED: ["yes"]} if assigned else fields


def user_fields(row: Row) -> Fields:
    """Offer a user to filters: name, email, user_principal_name."""
    principal = text_of(row.get("userPrincipalName"))
    return {
        "name": [text_of(row.get("displayName"))],
        "email": [text_of(row.get("mail")) or principal],
        "user_principal_name": [principal],
    }
