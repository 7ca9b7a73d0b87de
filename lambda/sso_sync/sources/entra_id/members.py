"""Walks groups down to their people, wave by wave; what is neither a person nor a group is counted."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from sso_sync.core.errors import SourceError
from sso_sync.http.calls import Calls
from sso_sync.sources.entra_id import tenant
from sso_sync.sources.entra_id.answers import AGAIN
from sso_sync.sources.entra_id.graph import Graph, Row, rows
from sso_sync.sources.entra_id.records import required_id
from sso_sync.sources.entra_id.wire import SYSTEM

TYPE = "#microsoft.graph."
# Kinds of members that are no people: they sign in nowhere, or not to IAM Identity Center.
NO_PEOPLE = {"device": "device", "servicePrincipal": "service principal", "orgContact": "contact"}


class Walk(Struct):
    """Direct members of every group that was visited, and how many members of other kinds were passed over."""

    users: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    groups: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    passed_over: Counter[str] = field(default_factory=Counter)


def walk(
    graph: Graph, start: Iterable[str], known: Mapping[str, Row], may_enter: Callable[[str], None], calls: Calls
) -> Walk:
    """Visit the groups of `start` and every group below them, each once; `known` are the listed groups.

    `may_enter` raises for a group whose members would not be shown. Raises SourceError.
    """
    result = Walk()
    wanted = {}

    def enter(group_id: str) -> None:
        if group_id not in wanted:
            may_enter(group_id)
            calls.expect(SYSTEM, "groups", 1)
            wanted[group_id] = tenant.members(group_id)

    for group_id in start:
        enter(group_id)
    for group_id, page, last in graph.read(wanted):
        below = _take(result, group_id, page)
        for sub_group in below:
            if sub_group not in known:
                raise SourceError(
                    f"Microsoft Graph lists the group {sub_group} as a member of group {group_id}, but has no such "
                    f"group, so the listing is not complete; {AGAIN}."
                )
            enter(sub_group)
        if last:
            calls.finish(SYSTEM, "groups")
    return result


def _take(result: Walk, group_id: str, page: Row) -> list[str]:
    """Note one page of members; return the groups on it. Every group that is read is in both maps."""
    users, groups = result.users[group_id], result.groups[group_id]
    below: list[str] = []
    for row in rows(page, "list the members of a group"):
        kind, member_id = row.get("@odata.type"), required_id(row, "member")
        if kind == f"{TYPE}user":
            users.add(member_id)
        elif kind == f"{TYPE}group":
            below.append(member_id)
        elif isinstance(kind, str) and kind.removeprefix(TYPE) in NO_PEOPLE:
            result.passed_over[NO_PEOPLE[kind.removeprefix(TYPE)]] += 1
        else:
            raise SourceError(
                f"Microsoft Graph sent a member of group {group_id} of an unknown kind ({str(kind)[:60]}), so the "
                f"membership is not complete; {AGAIN}."
            )
    groups.update(below)
    return below
