"""Safety limits: what one run may take away, give or rename before a person has to look."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Annotated

from msgspec import Meta, Struct, field

from sso_sync.core.change_keys import in_short, key_of
from sso_sync.core.changes import (
    Change,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    UpdateGroup,
    UpdateUser,
    edits,
    subject,
    switches_off,
    switches_on,
)
from sso_sync.core.errors import LimitExceeded
from sso_sync.core.ledger import Entry, Ledger
from sso_sync.core.model import KINDS, Directory, Kind
from sso_sync.core.plan import Plan
from sso_sync.core.wording import counted

MOST_LOST = 5  # objects that may be gone from Identity Center, whoever took them, before its answer is doubted
AtLeastNothing = Annotated[int, Meta(ge=0)]
Percentage = Annotated[int, Meta(ge=0, le=100_000)]


class Limit(Struct, frozen=True, kw_only=True):
    """The most of one kind: `percent` of what is there, which counts only above `above`, and `count` at all times."""

    percent: Annotated[Percentage | None, Meta(description="The most in percent of what is there; null for any")] = None
    above: Annotated[AtLeastNothing, Meta(description="So many are an ordinary day, whatever the percentage")] = 5
    count: Annotated[AtLeastNothing | None, Meta(description="The most at all; null for any")] = None

    def why_exceeded(self, number: int, base: int) -> str:
        """Say what is the most, if `number` of `base` is more than that."""
        if self.count is not None and number > self.count:
            return str(self.count)
        if self.percent is not None and number > self.above and number * 100 > base * self.percent:
            return f"{self.percent} % of {base}"
        return ""


def _percent(percent: int, above: int = 5) -> Callable[[], Limit]:
    return lambda: Limit(percent=percent, above=above)


class Limits(Struct, frozen=True, kw_only=True):
    """What one run may do without approval. Gains do not count in the first load."""

    users_leaving: Annotated[Limit, Meta(description="Users deleted or switched off, of the managed ones")] = field(
        default_factory=_percent(20)
    )
    groups_deleted: Annotated[Limit, Meta(description="Groups deleted, of the managed ones")] = field(
        default_factory=_percent(20)
    )
    memberships_removed: Annotated[
        Limit, Meta(description="Memberships removed, with those of deleted groups, of the managed groups' ones")
    ] = field(default_factory=_percent(30))
    members_removed_of_a_group: Annotated[Limit, Meta(description="Members that one group loses")] = field(
        default_factory=_percent(50)
    )
    members_added_to_a_group: Annotated[
        Limit, Meta(description="Members that a group gains, of those it had; one that was never complete may gain any")
    ] = field(default_factory=_percent(100, 20))
    users_created: Annotated[Limit, Meta(description="Users created or switched on, of the managed ones")] = field(
        default_factory=_percent(50, 20)
    )
    users_renamed: Annotated[Limit, Meta(description="User names or addresses changed, of the managed users")] = field(
        default_factory=_percent(20)
    )
    groups_renamed: Annotated[Limit, Meta(description="Group names changed, of the managed groups")] = field(
        default_factory=_percent(20)
    )
    attributes_cleared: Annotated[
        Limit, Meta(description="Users that lose the value of one attribute, of the managed ones")
    ] = field(default_factory=_percent(20))
    emptied_group: Annotated[
        int, Meta(ge=1, description="A group of so many members or more that comes back empty is refused")
    ] = 5


class Breach(Struct, frozen=True):
    """One limit that a plan breaks: a sentence, and the changes that do so, each by its key in a line."""

    sentence: str
    lines: Mapping[str, str]

    @classmethod
    def of(cls, sentence: str, changes: Iterable[Change]) -> "Breach":
        """Make a breach of changes."""
        return cls(sentence, {key_of(change): in_short(change) for change in changes})

    @property
    def changes(self) -> frozenset[str]:
        """Return the keys of the changes."""
        return frozenset(self.lines)


def check_sides(desired: Directory, actual: Directory, ledger: Ledger) -> None:
    """Raise LimitExceeded if a side cannot be believed; nobody can approve that."""
    empty = [
        what
        for what, wanted, managed in (
            ("user", desired.users or _kept("user", desired), _present(ledger.users, actual.users)),
            ("group", desired.groups or _kept("group", desired), _present(ledger.groups, actual.groups)),
        )
        if not wanted and (managed or not (desired.users or desired.groups or desired.kept))
    ]
    if empty:
        raise LimitExceeded(
            f"The directory or its filters gave no {' and no '.join(empty)} at all, so nothing was written; "
            "check the filters in the config and the source, then run again. What is meant to be empty has to be "
            "deleted in Identity Center by hand."
        )
    for what, known, found in (
        ("users", ledger.expected("user"), actual.users.keys()),
        ("groups", ledger.expected("group"), actual.groups.keys()),
    ):
        present = len(known & found)
        lost = len(known) - present
        if lost > MOST_LOST and lost > present:
            raise LimitExceeded(
                f"Identity Center lists {present} of the {len(known)} {what} that the ledger knows, so its "
                "answer is not trusted and nothing was written; if they were removed on purpose, move the ledger away "
                "and run again."
            )


def _kept(kind: Kind, desired: Directory) -> bool:
    return any(record.kind == kind for record in desired.kept)


def _present(entries: Mapping[str, Entry], existing: Collection[str]) -> bool:
    return any(entry.aws_id in existing for entry in entries.values())


def breaches(plan: Plan, actual: Directory, ledger: Ledger, limits: Limits) -> list[Breach]:
    """List the limits that a plan breaks.

    Percentages are of what the ledger manages, so that foreign objects in the store hide nothing; of what came from
    each of several sources, too, so that a large one does not hide what a small one loses.
    """
    return list(_Check(plan, actual, ledger, limits).breaches())


class _Managed(Struct, frozen=True):
    """What the ledger manages and the store has, by AWS id: all of it, or what came from one of several sources."""

    users: set[str]
    groups: set[str]
    source: str = ""

    @classmethod
    def of(cls, ledger: Ledger, actual: Directory, source: str = "") -> "_Managed":
        """Collect it."""

        def ids(kind: Kind) -> set[str]:
            return {entry.aws_id for entry in ledger.entries(kind).values() if not source or source in entry.sources}

        return cls(ids("user") & actual.users.keys(), ids("group") & actual.groups.keys(), source)

    def counted(self, number: int, what: str) -> str:
        """Say how many, and of which source."""
        return counted(number, what) + (f" of {self.source}" if self.source else "")

    def own(self, changes: Iterable[Change]) -> list[Change]:
        """Find the changes of its objects; those of objects that nobody manages count with the whole."""
        mine = self.users | self.groups
        return [change for change in changes if not self.source or subject(change)[1].id in mine]


class _Check:
    """One plan, counted."""

    def __init__(self, plan: Plan, actual: Directory, ledger: Ledger, limits: Limits) -> None:
        self._plan, self._actual, self._limits = plan, actual, limits
        self._all = _Managed.of(ledger, actual)
        sources = {source for kind in KINDS for entry in ledger.entries(kind).values() for source in entry.sources}
        self._of_each = [_Managed.of(ledger, actual, source) for source in sorted(sources)] if len(sources) > 1 else []
        self._filled = {entry.aws_id for entry in ledger.groups.values() if entry.synced}
        self._left = {entry.aws_id for entry in ledger.users.values() if entry.left and entry.off}
        self._is_first = ledger.is_first

    def breaches(self) -> Iterator[Breach]:
        users, groups = len(self._all.users), len(self._all.groups)
        for limit in (self._users_leaving, self._groups_deleted, self._memberships_removed):
            overall = list(limit(self._all))
            yield from overall
            for one in () if overall else self._of_each:  # a small directory is not to vanish beside a large one
                yield from limit(one)
        yield from self._of_each_group()
        updates = self._of(UpdateUser, UpdateGroup)
        yield from self._overall("users_renamed", "rename", "user", _edited(updates, "user_name", "email"), users)
        of_groups = [change for change in _edited(updates, "display_name") if isinstance(change, UpdateGroup)]
        yield from self._overall("groups_renamed", "rename", "group", of_groups, groups)
        for attribute, cleared in sorted(_cleared(updates).items()):
            yield from self._overall("attributes_cleared", f"clear {attribute} of", "user", cleared, users)
        if not self._is_first:
            coming = [change for change in self._plan.changes if isinstance(change, CreateUser) or switches_on(change)]
            yield from self._overall("users_created", "create or switch on", "user", coming, users)

    def _of(self, *kinds: type[Change]) -> list[Change]:
        return [change for change in self._plan.changes if isinstance(change, kinds)]

    def _leaving(self) -> Iterator[Change]:
        """Yield what ends somebody's access; whom we switched off for leaving has left then."""
        for change in self._plan.changes:
            deletes = isinstance(change, DeleteUser) and change.user.id not in self._left
            if deletes or switches_off(change):
                yield change

    def _users_leaving(self, of: _Managed) -> Iterator[Breach]:
        changes, base = of.own(self._leaving()), len(of.users)
        doing = f"delete or switch off {of.counted(len(changes), 'user')}"
        yield from self._breach("users_leaving", doing, changes, len(changes), base)

    def _groups_deleted(self, of: _Managed) -> Iterator[Breach]:
        changes, base = of.own(self._of(DeleteGroup)), len(of.groups)
        yield from self._breach(
            "groups_deleted", f"delete {of.counted(len(changes), 'group')}", changes, len(changes), base
        )

    def _memberships_removed(self, of: _Managed) -> Iterator[Breach]:
        base = sum(len(self._actual.members[group_id]) for group_id in of.groups)
        removed = of.own(self._of(DeleteMembership, DeleteGroup))
        number = sum(change.members if isinstance(change, DeleteGroup) else 1 for change in removed)
        yield from self._breach(
            "memberships_removed", f"remove {of.counted(number, 'membership')}", removed, number, base
        )

    def _of_each_group(self) -> Iterator[Breach]:
        lost, gained = _by_group(self._of(DeleteMembership)), _by_group(self._of(CreateMembership))
        for group_id, changes in sorted(lost.items()):
            name, base = self._actual.groups[group_id].display_name, len(self._actual.members[group_id])
            if base == len(changes) >= self._limits.emptied_group and not gained.get(group_id):
                sentence = f"the group '{name}' came back empty, and has {base} members (limits.emptied_group)"
                yield Breach.of(sentence, changes)
            else:
                doing = f"take {counted(len(changes), 'member')} out of '{name}'"
                yield from self._breach("members_removed_of_a_group", doing, changes, len(changes), base)
        for group_id in sorted(gained.keys() & self._filled & self._all.groups):
            changes, base = gained[group_id], len(self._actual.members[group_id])
            doing = f"put {counted(len(changes), 'member')} into '{self._actual.groups[group_id].display_name}'"
            yield from self._breach("members_added_to_a_group", doing, changes, len(changes), base)

    def _overall(self, name: str, doing: str, what: str, changes: Iterable[Change], base: int) -> Iterator[Breach]:
        found = list(changes)
        yield from self._breach(name, f"{doing} {counted(len(found), what)}", found, len(found), base)

    def _breach(self, name: str, doing: str, changes: Iterable[Change], number: int, base: int) -> Iterator[Breach]:
        limit: Limit = getattr(self._limits, name)
        most = limit.why_exceeded(number, base)
        if most:
            yield Breach.of(f"it would {doing} (limits.{name}: {most})", changes)


def _by_group(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Sort memberships by the AWS id of their group; groups that are yet to be created have none."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if isinstance(change, CreateMembership | DeleteMembership) and change.group.id:
            found[change.group.id].append(change)
    return found


def _edited(updates: Iterable[Change], *attributes: str) -> list[Change]:
    """Find the updates that change one of the attributes for good."""
    return [
        change
        for change in updates
        if isinstance(change, UpdateUser | UpdateGroup)
        and not change.aside
        and any(edit.attribute in attributes for edit in edits(change))
    ]


def _cleared(updates: Iterable[Change]) -> dict[str, list[Change]]:
    """Find the users who lose the value of an attribute, by attribute."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for change in updates:
        if isinstance(change, UpdateUser):
            for edit in edits(change):
                if edit.before and edit.after == "":
                    found[edit.attribute].append(change)
    return found
