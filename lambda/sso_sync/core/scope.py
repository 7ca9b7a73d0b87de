"""Plans narrowed to one group, or to what this deployment has created."""

import difflib

import msgspec
from msgspec import Struct

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Ref,
    UpdateGroup,
    UpdateUser,
    subject,
)
from sso_sync.core.errors import SettingsError
from sso_sync.core.ledger import Ledger, Origin
from sso_sync.core.model import Directory
from sso_sync.core.plan import Plan, Prerequisites


class Scope(Struct, frozen=True, kw_only=True):
    """How much of a plan is wanted: one group only, nothing taken away, or (by default) everything.

    With `created`, only what this deployment has created is touched.
    """

    group: str = ""
    additive: bool = False
    created: bool = False

    @property
    def partly(self) -> bool:
        """Tell whether somebody asked for a part only, so that nothing is known of the rest."""
        return bool(self.group) or self.additive


def narrow(plan: Plan, scope: Scope, desired: Directory, actual: Directory, ledger: Ledger) -> Plan:
    """Keep of a plan what is wanted; raises SettingsError if the group is not known."""
    if scope.group:
        plan = only_group(plan, desired, actual, scope.group)
    return only_created(plan, ledger) if scope.created else plan


def only_group(plan: Plan, desired: Directory, actual: Directory, name: str) -> Plan:
    """Keep the changes of one group, of its memberships, and of the people it is to have.

    The group is meant by its name in the directory, else by its name in Identity Center, and then
    followed by id: names may be changing hands in this very plan. A narrowed plan deletes no user.
    Raises SettingsError if no group has the name.
    """
    source_ids = {group.id for group in desired.groups.values() if group.display_name == name}
    aws_ids = {group.id for group in actual.groups.values() if group.display_name == name}
    if not source_ids and not aws_ids:
        raise SettingsError("The command line", [_unknown(desired, actual, name)])
    groups = _Meant(source_ids, set() if source_ids else aws_ids)
    people = _Meant({user_id for group_id in source_ids for user_id in desired.members[group_id]}, set())
    kept = {id(change): change for change in plan.changes if _concerns(change, groups, people)}
    _add_needed(kept, plan)
    chosen = [change for change in plan.changes if id(change) in kept]
    return Plan.of(plan.store_id, chosen, set_aside=plan.set_aside, warnings=plan.warnings)


class _Meant:
    """Source ids and AWS ids of the objects that are meant."""

    def __init__(self, source_ids: set[str], aws_ids: set[str]) -> None:
        self._source_ids, self._aws_ids = source_ids, aws_ids

    def has(self, ref: Ref) -> bool:
        return ref.source_id in self._source_ids or (bool(ref.id) and ref.id in self._aws_ids)


def _concerns(change: Change, groups: _Meant, people: _Meant) -> bool:
    kind, ref = subject(change)
    if kind == "user":
        return isinstance(change, Adopt | CreateUser | UpdateUser) and people.has(ref)
    return groups.has(ref)


def _add_needed(kept: dict[int, Change], plan: Plan) -> None:
    """Add what the kept changes need; whoever is renamed aside for them gets its own final name too."""
    prerequisites = Prerequisites(plan.changes)
    final = {
        change.after.id: change
        for change in plan.changes
        if isinstance(change, UpdateUser | UpdateGroup) and not change.aside
    }
    waiting = list(kept.values())
    while waiting:
        change = waiting.pop()
        needed: list[Change] = prerequisites.of(change)
        if isinstance(change, UpdateUser | UpdateGroup) and change.aside and change.after.id in final:
            needed.append(final[change.after.id])
        for new in needed:
            if id(new) not in kept:
                kept[id(new)] = new
                waiting.append(new)


def _unknown(desired: Directory, actual: Directory, name: str) -> str:
    known = {group.display_name for side in (desired, actual) for group in side.groups.values()}
    close = difflib.get_close_matches(name, sorted(known), 1)
    hint = f"did you mean '{close[0]}'?" if close else "see the groups with 'sso-sync plan'."
    return f"--group: there is no selected group '{name}'; {hint}"


def only_created(plan: Plan, ledger: Ledger) -> Plan:
    """Keep what takes back what the ledger calls created; who was only adopted keeps every membership."""
    adopted = {
        entry.aws_id
        for entries in (ledger.users, ledger.groups)
        for entry in entries.values()
        if entry.origin is Origin.ADOPTED
    }
    changes = [change for change in plan.changes if not _takes_from(change, adopted)]
    return msgspec.structs.replace(plan, changes=tuple(changes))


def _takes_from(change: Change, aws_ids: set[str]) -> bool:
    if isinstance(change, DeleteMembership):
        return change.user.id in aws_ids
    return isinstance(change, DeleteUser | DeleteGroup | UpdateUser) and subject(change)[1].id in aws_ids
