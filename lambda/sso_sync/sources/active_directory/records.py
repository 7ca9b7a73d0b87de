"""From Active Directory's objects to the model's, and to what filters look at."""

import re
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.model import Group
from sso_sync.core.records import printable
from sso_sync.core.selection import Fields
from sso_sync.settings import ActiveDirectorySettings
from sso_sync.sources.active_directory.entries import Entry
from sso_sync.sources.active_directory.names import ObjectName, guid_of, sibling_sid, sid_of, time_of, unit_of
from sso_sync.sources.listing import Person
from sso_sync.sources.mapping import PeopleMapping, Row

DISABLED = 0x2  # of userAccountControl: ADS_UF_ACCOUNTDISABLE
NORMAL_USER = "805306368"  # of sAMAccountType; computers, managed service accounts and trusts have others
IDENTIFYING = ("objectGUID", "objectSid", "sAMAccountName", "memberOf")
USER_ATTRIBUTES = (
    *IDENTIFYING,
    "cn",
    "displayName",
    "givenName",
    "sn",
    "mail",
    "userPrincipalName",
    "userAccountControl",
    "accountExpires",
    "primaryGroupID",
)
GROUP_ATTRIBUTES = (*IDENTIFYING, "cn", "mail", "description", "member")
# What Active Directory's schema lets have several values, of what people map: these are always lists.
MULTIVALUED = frozenset(
    name.casefold()
    for name in (
        "memberOf",
        "otherHomePhone",
        "otherIpPhone",
        "otherMailbox",
        "otherMobile",
        "otherPager",
        "otherTelephone",
        "proxyAddresses",
        "url",
    )
)
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Account(Struct, frozen=True):
    """A user account: who it would be, and what ties it to groups.

    `primary_group` is a SID; `groups` is what the account itself says that it is in. `hidden` names an
    attribute that decides about it and that the bind account may not see.
    """

    person: Person
    name: ObjectName
    primary_group: str
    groups: tuple[ObjectName, ...]
    hidden: str = ""


class UserMapping:
    """Turns user accounts into people, as the config maps them."""

    def __init__(self, settings: ActiveDirectorySettings, domain: str, now: datetime) -> None:
        self._settings, self._domain, self._now = settings, domain, now
        self._people = PeopleMapping(settings)
        # Named as the expressions name them: LDAP does not care for case, and JMESPath does.
        mapped = [name for name in sorted(self._people.fields) if _ATTRIBUTE.fullmatch(name)]
        self.attributes = list({name.casefold(): name for name in (*USER_ATTRIBUTES, *mapped)}.values())
        self._row_names = sorted({*USER_ATTRIBUTES, *mapped} - {"objectGUID", "objectSid"})

    def account(self, entry: Entry) -> Account:
        """Map one account; a missing name is replaced as Google's would be."""
        guid = required_guid(entry, "user")
        email = entry.text("mail") or _address(entry.text("userPrincipalName"))
        shown = entry.text("displayName") or " ".join(filter(None, (entry.text("givenName"), entry.text("sn"))))
        why, hidden = self._why_inactive(entry)
        user = self._people.user(
            self._row(entry),
            guid,
            given=entry.text("givenName"),
            family=entry.text("sn"),
            shown=shown or entry.text("cn"),
            email=email,
            otherwise=email,
            active=not why,
        )
        fields = {
            "name": [user.display_name],
            "email": [email] if email else [],
            "org_unit": [unit_of(entry.name.dn, self._domain)],
            "user_principal_name": entry.texts("userPrincipalName"),
        }
        left_out = "" if self._settings.include_inactive else why
        return Account(
            Person(user, fields, left_out),
            ObjectName(entry.name.dn, guid, object_sid(entry, "user")),
            self._primary_group(entry),
            tuple(entry.names("memberOf")),
            hidden,
        )

    def _row(self, entry: Entry) -> Row:
        row: Row = {"objectGUID": guid_of(entry.values["objectguid"][0])}
        for name in self._row_names:
            texts = entry.texts(name)
            if texts:
                row[name] = texts if len(texts) > 1 or name.casefold() in MULTIVALUED else texts[0]
        return row

    def _why_inactive(self, entry: Entry) -> tuple[str, str]:
        """Say why an account may not sign in, and which attribute that tells of it is hidden."""
        control, expires = entry.text("userAccountControl"), entry.text("accountExpires")
        hidden = "userAccountControl" if not control else "accountExpires" if not expires else ""
        if hidden:
            return f"its {hidden} cannot be read", hidden
        try:
            end = time_of(expires)
            disabled = bool(int(control) & DISABLED)
        except ValueError as exc:
            raise SourceError(
                f"Active Directory sent '{entry.name.dn}' with a userAccountControl or accountExpires that is no "
                "number, so its answer cannot be believed; nothing was changed."
            ) from exc
        if disabled:
            return "disabled in Active Directory", ""
        if end and end <= self._now:
            return f"expired in Active Directory on {end:%Y-%m-%d}", ""
        return "", ""

    @staticmethod
    def _primary_group(entry: Entry) -> str:
        """Return the SID of the group that every user is in without being one of its `member`."""
        relative_id = entry.text("primaryGroupID")
        if not relative_id:
            raise CredentialsError(
                f"The account may not see the primaryGroupID of '{entry.name.dn}', so nobody can tell all of its "
                "groups; grant it 'Read General Information' on user objects there. Nothing was changed."
            )
        return sibling_sid(object_sid(entry, "user"), relative_id)


def to_group(entry: Entry, named_by: str) -> Group:
    """Map one group; `named_by` is the attribute that is its display name."""
    guid = required_guid(entry, "group")
    return Group(
        id=guid,
        external_id=guid,
        display_name=printable(entry.text(named_by)),
        description=entry.text("description").strip(),
    )


def group_fields(entry: Entry, named_by: str) -> Fields:
    """Offer a group to filters; one without a name makes it impossible to tell whether it is wanted."""
    name = entry.text(named_by)
    if not name:
        raise CredentialsError(
            f"The account may not see the {named_by} of the group '{entry.name.dn}', so nobody can tell whether it is "
            f"wanted; grant it 'Read all properties' on groups there."
        )
    return {"name": [name], "email": entry.texts("mail")}


def required_guid(entry: Entry, what: str) -> str:
    """Return an object's id; an object without one makes the whole listing untrustworthy."""
    return _decoded(entry, "objectGUID", what, guid_of)


def object_sid(entry: Entry, what: str) -> str:
    """Return an object's SID, which tells members by primary group."""
    return _decoded(entry, "objectSid", what, sid_of)


def _decoded(entry: Entry, attribute: str, what: str, decode: Callable[[bytes], str]) -> str:
    values = entry.values.get(attribute.lower(), ())
    try:
        return decode(values[0])
    except (LookupError, ValueError) as exc:
        raise SourceError(
            f"Active Directory sent the {what} '{entry.name.dn}' without an {attribute} that can be read, so its "
            "answer is not complete; grant the account 'Read all properties' there."
        ) from exc


def _address(principal: str) -> str:
    return principal if _ADDRESS.fullmatch(principal) else ""
