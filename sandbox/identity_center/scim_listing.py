"""Listings of users and groups: filters, counts and cursors (ListUsers, ListGroups of the guide)."""

import re
from typing import Any

from sandbox.identity_center.paging import Pages
from sandbox.identity_center.record_rules import invalid
from sandbox.identity_center.scim_records import manager_of, shown_group, shown_user
from sandbox.identity_center.store import Store

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
    show = shown_user if resource == "Users" else _listed_group
    if "filter" in query:
        found = store.listed(_filtered(store, resource, filter_terms(resource, query["filter"])))
    else:
        found = store.listed((store.users if resource == "Users" else store.groups).values())
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


def _listed_group(group: Json) -> Json:
    return shown_group(group) | {"members": []}


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


def _filtered(store: Store, resource: str, terms: Terms) -> list[Json]:
    """Find what a filter means by the store's indexes: to look at everybody takes too long in a large company."""
    table = store.users if resource == "Users" else store.groups
    found = set.intersection(*(_holders(store, resource, *term) for term in terms if term[0] != "manager"))
    records = sorted((table[object_id] for object_id in found if object_id in table), key=store.number_of)
    return [user for user in records if all(manager_of(user) == value for name, value in terms if name == "manager")]


def _holders(store: Store, resource: str, attribute: str, value: str) -> set[str | None]:
    """Return the ids of whom one term of a filter finds; among them may be some of nobody."""
    match attribute:
        case "userName":
            return {store.holder("UserName", value)}
        case "displayName":
            return {store.holder("GroupDisplayName", value)}
        case "externalId":
            kind = "user" if resource == "Users" else "group"
            wanted = {"Issuer": store.switches.external_id_issuer, "Id": value}
            return {store.holder_of_external_id(kind, wanted)}
        case "groups.value":
            return {row["MemberId"]["UserId"] for row in _memberships(store, store.groups, value)}
        case "members.value" | "member" | "members":
            return {row["GroupId"] for row in _memberships(store, store.users, value)}
        case _:
            return {value}


def _memberships(store: Store, table: dict[str, Json], object_id: str) -> list[Json]:
    return store.memberships_of(object_id) if object_id in table else []
