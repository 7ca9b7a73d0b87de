"""Listings of users and groups: filters, counts and cursors (ListUsers, ListGroups of the guide)."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.identity_center.paging import Pages
from sandbox.identity_center.scim_records import ENTERPRISE, shown_group, shown_user
from sandbox.identity_center.store import Store, invalid

Json = dict[str, Any]
LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PAGE = 100
CURSOR = re.compile(r"[-a-zA-Z0-9+=/:_]*")
# ListGroups says `member` where it lists the combinations and `members` in its example.
FILTERS = {
    "Users": ({"userName"}, {"externalId"}, {"groups.value"}, {"id"}, {"id", "manager"}),
    "Groups": ({"displayName"}, {"externalId"}, {"members.value"}, {"id"}, {"id", "member"}, {"id", "members"}),
}
TERM = r'([\w.]+)\s+eq\s+"((?:[^"\\]|\\.)*)"'
FILTER = re.compile(rf"\s*{TERM}(?:\s+and\s+{TERM})?\s*", re.IGNORECASE)
Terms = list[tuple[str, str]]


def whole(resources: list[Json]) -> Json:
    """Write a listing that is not cut into pages."""
    shown = len(resources)
    totals = {"totalResults": shown, "itemsPerPage": shown, "startIndex": 1}
    return totals | {"schemas": [LIST_SCHEMA], "Resources": resources}


def listing(store: Store, pages: Pages, resource: str, query: dict[str, str]) -> Json:
    """List users or groups as a query wants them."""
    unsupported = query.keys() - {"filter", "count", "cursor"}
    if unsupported:
        raise invalid(f"{', '.join(sorted(unsupported))}: this query parameter is not supported")
    count = _count(query)
    records, show, fits = _kind(resource, store)
    found = store.listed(records.values())
    if "filter" in query:
        terms = filter_terms(resource, query["filter"])
        found = [record for record in found if all(fits(store, record, *term) for term in terms)]
    if "cursor" not in query:
        # totalResults counts what is shown: the guide's group of 110 members has a totalResults of 100.
        return whole([show(record) for record in found[:count]])
    if not CURSOR.fullmatch(query["cursor"]):
        raise invalid(f"cursor: Member must satisfy regular expression pattern: {CURSOR.pattern}")
    name = f"{resource} {query.get('filter', '')}"  # ListUsers, errors: the filter must not change between pages
    token = query["cursor"] + "=" * (-len(query["cursor"]) % 4)
    page, cursor = pages.cut(found, count, token, name, store.number_of)
    rest = {"nextCursor": cursor.rstrip("=")} if cursor else {}  # the guide's examples are base64 without padding
    return {
        "itemsPerPage": len(page),
        **rest,
        "schemas": [LIST_SCHEMA],
        "Resources": [show(record) for record in page],
    }


def _kind(
    resource: str, store: Store
) -> tuple[dict[str, Json], Callable[[Json], Json], Callable[[Store, Json, str, str], bool]]:
    if resource == "Users":
        return store.users, shown_user, _user_fits
    return store.groups, lambda group: shown_group(group) | {"members": []}, _group_fits


def _count(query: dict[str, str]) -> int:
    text = query.get("count", str(PAGE))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= PAGE:
        raise invalid(f"count: a number from 1 to {PAGE} is expected")
    return int(text)


def filter_terms(resource: str, text: str) -> Terms:
    """Read a filter as (attribute, value); refuses all but the combinations that the guide lists."""
    parsed = FILTER.fullmatch(text)
    if not parsed:
        raise invalid('filter: <filterAttribute> eq "<filterValue>" is expected, or two of them with and')
    groups = parsed.groups()
    terms = [(name, unquoted(value)) for name, value in zip(groups[::2], groups[1::2], strict=True) if name]
    names = {name for name, _ in terms}
    if len(names) < len(terms) or names not in FILTERS[resource]:
        raise invalid(f"filter: {' and '.join(name for name, _ in terms)} is not supported")
    return terms


def unquoted(text: str) -> str:
    """Undo the escapes in the text of a filter."""
    return re.sub(r"\\(.)", r"\1", text)


def _has_external_id(record: Json, value: str) -> bool:
    return any(external["Id"] == value for external in record.get("ExternalIds", []))


def _user_fits(store: Store, user: Json, attribute: str, value: str) -> bool:
    match attribute:
        case "userName":
            return bool(user["UserName"].casefold() == value.casefold())
        case "externalId":
            return _has_external_id(user, value)
        case "groups.value":
            return (value, user["UserId"]) in store.by_pair
        case "manager":
            extension = user.get("Extensions", {}).get(ENTERPRISE, {})
            return bool(extension.get("manager", {}).get("value") == value)
        case _:
            return bool(user["UserId"] == value)


def _group_fits(store: Store, group: Json, attribute: str, value: str) -> bool:
    match attribute:
        case "displayName":
            return bool(group["DisplayName"].casefold() == value.casefold())
        case "externalId":
            return _has_external_id(group, value)
        case "members.value" | "member" | "members":
            return (group["GroupId"], value) in store.by_pair
        case _:
            return bool(group["GroupId"] == value)
