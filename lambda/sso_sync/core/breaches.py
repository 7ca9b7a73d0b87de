"""What breaks a limit: a plan, counted as a whole, for each source, and for each group."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct

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
from sso_sync.core.ledger import Ledger
from sso_sync.core.limits import Breach, Limit, Limits
from sso_sync.core.model import KINDS, Directory, Kind
from sso_sync.core.plan import Plan
from sso_sync.core.wording import counted


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
