"""From Okta's users and groups to the model's, and to what filters look at."""

from typing import Any, TypeGuard

from sso_sync.core.errors import SourceError
from sso_sync.core.model import Group, User
from sso_sync.core.records import printable
from sso_sync.core.selection import Fields, Filter, Selection, Verdict
from sso_sync.settings import OktaSettings
from sso_sync.sources.mapping import PeopleMapping, object_of, text_of

Row = dict[str, Any]
# "User lifecycle" of Okta's reference. Who was not activated yet, or has to set a new password, cannot sign in to
# Okta, and so not to AWS, until they have; what they may do there waits for them. Okta sweeps neither expired
# passwords nor locks, so that these say nothing of whether somebody is still with the company.
WITH_ACCESS = frozenset({"STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "PASSWORD_EXPIRED", "LOCKED_OUT"})
WITHOUT_ACCESS = {"SUSPENDED": "suspended in Okta", "DEPROVISIONED": "deactivated in Okta"}
BUILT_IN = "BUILT_IN"
UNLESS_NAMED = Filter("built-in groups, unless named in full", ())


class UserMapping:
    """Turns Okta's users into users, as the config maps them."""

    def __init__(self, settings: OktaSettings) -> None:
        self._people = PeopleMapping(settings)

    def user(self, row: Row) -> User:
        """Map one user."""
        profile = object_of(row.get("profile"))
        return self._people.user(
            row,
            required_id(row, "user"),
            given=profile.get("firstName"),
            family=profile.get("lastName"),
            shown=profile.get("displayName"),
            email=text_of(profile.get("email")),
            otherwise=text_of(profile.get("login")),
            active=text_of(row.get("status")) not in WITHOUT_ACCESS,
        )


def to_group(row: Row) -> Group:
    """Map one group."""
    group_id, profile = required_id(row, "group"), object_of(row.get("profile"))
    name, description = text_of(profile.get("name")), text_of(profile.get("description"))
    return Group(id=group_id, external_id=group_id, display_name=printable(name), description=description)


def required_id(row: Row, what: str) -> str:
    """Return a row's id, to the letter; a row without one makes the whole listing untrustworthy."""
    row_id = row.get("id")
    if not _is_id(row_id):
        raise SourceError(f"Okta sent a {what} without an id, so its answer is not complete; nothing was changed.")
    return row_id


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.isascii() and value.isalnum()


def why_unreadable(row: Row) -> str:
    """Say why nothing can be concluded from a user, or nothing: a status that is not known must not be guessed at."""
    status, profile = text_of(row.get("status")), row.get("profile")
    if status not in WITH_ACCESS and status not in WITHOUT_ACCESS:
        return f"Okta sent it with a status that is not known ({status[:40] or 'none'})"
    if not isinstance(profile, dict):
        return "Okta sent it without a profile"
    for field in ("login", "email"):
        if not isinstance(profile.get(field), str):
            return f"Okta sent it with a '{field}' that cannot be"
    return ""


def check_group(row: Row) -> None:
    """Raise SourceError for a group of which filters could not tell whether it is wanted."""
    if not isinstance(object_of(row.get("profile")).get("name"), str) or not isinstance(row.get("type"), str):
        raise SourceError(
            f"Okta sent the group {row.get('id')} without a name or a type, so its answer is not complete; nothing "
            "was changed."
        )


def group_fields(row: Row) -> Fields:
    """Offer a group to filters."""
    return {"name": [text_of(object_of(row.get("profile")).get("name"))]}


def user_fields(row: Row) -> Fields:
    """Offer a user to filters: name (first and last), email, login."""
    profile = object_of(row.get("profile"))
    names = (text_of(profile.get("firstName")), text_of(profile.get("lastName")))
    return {
        "name": [" ".join(names).strip()],
        "email": [text_of(profile.get("email"))],
        "login": [text_of(profile.get("login"))],
    }


def decide(groups: Selection, row: Row) -> Verdict:
    """Tell whether a group is wanted; a wildcard never means a built-in one, such as Everyone."""
    fields = group_fields(row)
    verdict = groups.decide(fields)
    if verdict.selected and row.get("type") == BUILT_IN and not any(_names(f, fields) for f in groups.include):
        return Verdict(selected=False, by=UNLESS_NAMED)
    return verdict


def _names(one: Filter, fields: Fields) -> bool:
    return one.matches(fields) and any(pattern.exact or not {"*", "?"} & {*pattern.value} for pattern in one.patterns)
