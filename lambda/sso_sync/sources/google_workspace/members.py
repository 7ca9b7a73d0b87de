"""Walks groups down to their people, wave by wave, and tells insiders from outsiders."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct, field

from sso_sync.core.errors import SourceError
from sso_sync.sources.google_workspace.api import DirectoryApi, MemberPage
from sso_sync.sources.google_workspace.caller import Row
from sso_sync.sources.google_workspace.records import is_id


class Stranger(Struct, frozen=True):
    """A member that no listing has: from outside, or newer than the listing."""

    id: str
    email: str
    has_status: bool
    group_id: str


class Walk(Struct):
    """Direct members of every group that was visited; `everyone` are groups that the whole company is in.

    `outsiders`, `foreign` and `unlisted` hold addresses by id: of members who Google says are from
    outside, of groups of other companies, and of groups that were entered although no listing has them.
    """

    users: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    groups: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    everyone: set[str] = field(default_factory=set)
    listed: Counter[str] = field(default_factory=Counter)  # rows of every group
    strangers: dict[str, Stranger] = field(default_factory=dict)
    outsiders: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    unlisted: dict[str, str] = field(default_factory=dict)

    def direct(self, group_id: str) -> tuple[set[str], set[str], bool]:
        """Return the people and the groups that a group lists, and whether it lists the whole company."""
        return self.users[group_id], self.groups[group_id], group_id in self.everyone


def walk(
    api: DirectoryApi,
    start: Mapping[str, int],
    known_users: Mapping[str, Row],
    known_groups: Mapping[str, Row],
    is_own: Callable[[str, bool], bool],
) -> Walk:
    """Visit the groups of `start` (id → how many members to expect) and every group below them.

    A group of another company, told by `is_own(address, has_status)`, is not entered. Every role
    (owner, manager, member) is a member. Raises SourceError.
    """
    result = Walk()
    visited = set(start)
    pages_seen: set[tuple[str, str]] = set()
    wave = [MemberPage(group_id, rows=rows) for group_id, rows in start.items()]
    while wave:
        following: list[MemberPage] = []
        for page, rows, token in api.members(wave):
            result.listed[page.group_id] += len(rows)
            if token:
                if (page.group_id, token) in pages_seen:
                    raise SourceError("Google sent the same page of members twice, so the listing is not complete.")
                pages_seen.add((page.group_id, token))
                following.append(MemberPage(page.group_id, token, page.rows))
            for group_id in _take(result, page.group_id, rows, known_users, known_groups, is_own):
                if group_id not in visited:
                    visited.add(group_id)
                    following.append(MemberPage(group_id, rows=expected_rows(known_groups.get(group_id, {}))))
        wave = following
    return result


def walk_twice(
    api: DirectoryApi,
    start: Collection[str],
    known_users: Mapping[str, Row],
    known_groups: Mapping[str, Row],
    is_own: Callable[[str, bool], bool],
) -> Walk:
    """Walk, and ask a second time for every group that lists fewer members than Google counts.

    Google's count is not always of this moment, so that a list is believed which comes back the same;
    not so an empty one. Raises SourceError.
    """

    def once(group_ids: Iterable[str]) -> Walk:
        rows = {group_id: expected_rows(known_groups[group_id]) for group_id in group_ids}
        return walk(api, rows, known_users, known_groups, is_own)

    found = once(start)
    counts = {group_id: counted_members(known_groups.get(group_id, {}), 0) for group_id in found.listed}
    short = sorted(group_id for group_id, count in counts.items() if found.listed[group_id] < count)
    again = once(short)
    for group_id in short:
        name = known_groups[group_id].get("name")
        if not found.listed[group_id]:
            raise SourceError(
                f"Google counts {counts[group_id]} in the group '{name}' and lists nobody, so the membership is not "
                "complete; nothing was changed, the next run tries again. If it stays so, exclude the group."
            )
        if found.direct(group_id) != again.direct(group_id):
            raise SourceError(
                f"Google gave two different lists of the members of the group '{name}', so the membership is not "
                "complete; nothing was changed, the next run tries again."
            )
    return found


def expected_rows(group: Row) -> int:
    """Return how many members a page of the group will hold, as far as Google told."""
    return min(200, counted_members(group, 200))


def counted_members(group: Row, otherwise: int) -> int:
    """Return how many direct members Google counts, or something else if it does not tell."""
    try:
        return int(group.get("directMembersCount", otherwise))
    except (ArithmeticError, TypeError, ValueError):
        return otherwise


def _take(
    result: Walk,
    group_id: str,
    rows: list[Row],
    known_users: Mapping[str, Row],
    known_groups: Mapping[str, Row],
    is_own: Callable[[str, bool], bool],
) -> set[str]:
    """Note one page of members; return the sub-groups on it."""
    below: set[str] = set()
    for row in rows:
        kind, member_id, email = row.get("type"), row.get("id"), row.get("email", "")
        if kind == "CUSTOMER":
            result.everyone.add(group_id)
        elif kind not in ("USER", "GROUP", "EXTERNAL") or not is_id(member_id) or not isinstance(email, str):
            raise SourceError(
                f"Google sent a member of group {group_id} without an id, with an address that is no "
                f"text, or of an unknown kind ({str(kind)[:40]}), so the membership is not complete."
            )
        elif kind == "GROUP":
            listed = member_id in known_groups
            if listed or is_own(email, "status" in row):
                below.add(member_id)
                result.unlisted |= {} if listed else {member_id: email}
            else:
                result.foreign[member_id] = email
        elif kind == "EXTERNAL" and member_id not in known_users:
            result.users[group_id].add(member_id)
            result.outsiders[member_id] = email  # whatever the address: Google itself says so
        else:
            result.users[group_id].add(member_id)
            if member_id not in known_users:
                result.strangers[member_id] = Stranger(member_id, email, "status" in row, group_id)
    result.groups[group_id] |= below
    return below
