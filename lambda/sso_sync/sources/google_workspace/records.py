"""From Google's users and groups to the model's, and to what filters look at."""

import json
from functools import cache
from types import UnionType
from typing import Any, TypeGuard

from googleapiclient.discovery_cache import get_static_doc

from sso_sync.core.errors import SourceError
from sso_sync.core.model import Group, User
from sso_sync.core.records import printable, well_formed
from sso_sync.core.selection import CUSTOM_PREFIX, Fields
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.sources.google_workspace.caller import Row
from sso_sync.sources.mapping import PeopleMapping, object_of, text_of

BASE_FIELDS = frozenset({"id", "primaryEmail", "name", "suspended", "archived", "orgUnitPath"})


class UserMapping:
    """Turns Google's users into users, as the config maps them."""

    def __init__(self, settings: GoogleWorkspaceSettings) -> None:
        self._people = PeopleMapping(settings)

    @property
    def fields(self) -> frozenset[str]:
        """Name the fields of Google's user that are needed."""
        return BASE_FIELDS | (self._people.fields & _user_properties())

    @property
    def needs_custom_schemas(self) -> bool:
        """Tell whether an expression looks into custom schemas."""
        return "customSchemas" in self.fields

    def user(self, row: Row) -> User:
        """Map one user."""
        name, email = object_of(row.get("name")), text_of(row.get("primaryEmail"))
        return self._people.user(
            row,
            required_id(row, "user"),
            given=name.get("givenName"),
            family=name.get("familyName"),
            shown=text_of(name.get("displayName")) or name.get("fullName"),
            email=email,
            otherwise=email,
            active=not (row.get("suspended") or row.get("archived")),
        )


def to_group(row: Row, named_by: str) -> Group:
    """Map one group; `named_by` says which field is its display name."""
    group_id = required_id(row, "group")
    name = printable(text_of(row.get(named_by))) or text_of(row.get("email"))
    return Group(id=group_id, external_id=group_id, display_name=name, description=text_of(row.get("description")))


def required_id(row: Row, what: str) -> str:
    """Return a row's id; a row without one makes the whole listing untrustworthy."""
    row_id = row.get("id")
    if not is_id(row_id):
        raise SourceError(f"Google sent a {what} without an id, so its answer is not complete; nothing was changed.")
    return row_id


def is_id(value: object) -> TypeGuard[str]:
    """Tell an id from anything else."""
    return isinstance(value, str) and bool(value) and well_formed(value) == value


def why_unreadable(row: Row) -> str | None:
    """Say why nothing can be concluded from a user, or None: what decides about people has to be what it should be.

    Whatever is of another type was damaged on its way: it must neither select anybody nor leave anybody out.
    """
    checks: tuple[tuple[str, type | UnionType, bool], ...] = (
        ("primaryEmail", str, True),
        ("suspended", bool, False),
        ("archived", bool, False),
        ("orgUnitPath", str, False),
        ("customSchemas", dict, False),
        ("name", dict, False),
    )
    for field, wanted, always in checks:
        if (always or field in row) and not isinstance(row.get(field), wanted):
            return f"Google sent it with a '{field}' that cannot be"
    if any(not isinstance(part, str) for part in row.get("name", {}).values()):
        return "Google sent it with a 'name' that cannot be"
    if any(not isinstance(values, dict) for values in row.get("customSchemas", {}).values()):
        return "Google sent it with 'customSchemas' that cannot be"
    return None


def check_group(row: Row) -> None:
    """Raise SourceError for a group of which filters could not tell whether it is wanted."""
    if not isinstance(row.get("email"), str) or not isinstance(row.get("name"), str):
        raise SourceError(
            f"Google sent the group {row.get('id')} without an address or a name that is text, so its answer "
            "is not complete; nothing was changed."
        )


def group_fields(row: Row) -> Fields:
    """Offer a group to filters."""
    return {"name": [text_of(row.get("name"))], "email": [text_of(row.get("email"))]}


def user_fields(row: Row) -> Fields:
    """Offer a user to filters: name (full name), email, org_unit and custom schema fields."""
    name = object_of(row.get("name"))
    full = (
        text_of(name.get("fullName")) or f"{text_of(name.get('givenName'))} {text_of(name.get('familyName'))}".strip()
    )
    offered: dict[str, list[str]] = {
        "name": [full],
        "email": [text_of(row.get("primaryEmail"))],
        "org_unit": [text_of(row.get("orgUnitPath"))],
    }
    for schema, values in object_of(row.get("customSchemas")).items():
        for field, value in object_of(values).items():
            offered[f"{CUSTOM_PREFIX}{schema}.{field}"] = _custom_values(value)
    return offered


def _custom_values(value: Any) -> list[str]:
    """Return all values of a custom field; a multi-valued one is a list of objects with a value."""
    values = value if isinstance(value, list) else [value]
    return [text_of(item.get("value") if isinstance(item, dict) else item) for item in values]


@cache
def _user_properties() -> frozenset[str]:
    """Return the fields of Google's user, from the library's own document."""
    document = json.loads(get_static_doc("admin", "directory_v1") or "{}")
    return frozenset(document["schemas"]["User"]["properties"])
