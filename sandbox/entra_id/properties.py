"""Properties of users and groups, from the Graph reference of both: what may be selected and what is shown.

The directory file's `entra` objects are held to them, too.
"""

from typing import Any

Json = dict[str, Any]
TEXT, FLAG, TEXTS, OBJECT = (str, type(None)), (bool, type(None)), (list,), (dict, type(None))
# Property → types of its value; a listing can select each of them.
USER: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(
        (
            "ageGroup", "city", "companyName", "country", "createdDateTime", "creationType", "department",
            "displayName", "employeeHireDate", "employeeId", "employeeType", "externalUserState", "faxNumber",
            "givenName", "jobTitle",
            "mail", "mailNickname", "mobilePhone", "officeLocation", "onPremisesDistinguishedName",
            "onPremisesDomainName", "onPremisesImmutableId", "onPremisesSamAccountName", "onPremisesSecurityIdentifier",
            "onPremisesUserPrincipalName", "postalCode", "preferredLanguage", "state", "streetAddress", "surname",
            "usageLocation", "userPrincipalName", "userType",
        ),
        TEXT,
    ),
    **dict.fromkeys(("accountEnabled", "onPremisesSyncEnabled"), FLAG),
    **dict.fromkeys(("businessPhones", "identities", "imAddresses", "otherMails", "proxyAddresses"), TEXTS),
    **dict.fromkeys(("employeeOrgData", "onPremisesExtensionAttributes"), OBJECT),
}  # fmt: skip
USER_DEFAULT = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName", "id",
)  # fmt: skip
# What User.ReadBasic.All shows ("User permissions" of the permissions reference).
USER_BASIC = frozenset({"displayName", "givenName", "id", "mail", "surname", "userPrincipalName"})
GROUP: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(
        ("createdDateTime", "description", "displayName", "mail", "mailNickname", "membershipRule", "visibility"), TEXT
    ),
    **dict.fromkeys(("isAssignableToRole", "mailEnabled", "securityEnabled"), FLAG),
    "groupTypes": TEXTS,
}
GROUP_DEFAULT = (*GROUP, "id")
OTHER_KINDS = ("device", "servicePrincipal", "orgContact")  # beside users and groups, what can be in a group
VISIBILITIES = ("Public", "Private", "HiddenMembership", None)
USER_TYPES = ("Member", "Guest", None)


def check_user(extras: Json, what: str) -> None:
    """Hold the `entra` object of a user to Graph's reference; raises ValueError with a sentence."""
    _check(extras, USER, what)
    if extras.get("userType", "Member") not in USER_TYPES:
        raise ValueError(f"{what}: entra.userType is neither Member nor Guest")


def check_group(extras: Json, what: str) -> None:
    """Hold the `entra` object of a group to Graph's reference, and `members` of other kinds to their form."""
    members = extras.get("members", [])
    _check({name: value for name, value in extras.items() if name != "members"}, GROUP, what)
    if extras.get("visibility") not in VISIBILITIES:
        raise ValueError(f"{what}: entra.visibility is none of Public, Private, HiddenMembership")
    good = isinstance(members, list) and all(
        isinstance(member, dict) and member.get("type") in OTHER_KINDS and isinstance(member.get("id"), str)
        for member in members
    )
    if not good:
        raise ValueError(f"{what}: entra.members are objects with an id and a type: {', '.join(OTHER_KINDS)}")


def _check(extras: Json, known: dict[str, tuple[type, ...]], what: str) -> None:
    for name, value in extras.items():
        if name not in known:
            raise ValueError(f"{what}: Entra has no property {name}")
        if not isinstance(value, known[name]):
            raise ValueError(f"{what}: entra.{name} cannot be {value!r}")  # noqa: TRY004 # it is a mistake in a file
