"""A plan narrowed to one group."""

import difflib

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateUser,
    UpdateGroup,
    UpdateUser,
    subject,
)
from sso_sync.core.errors import SettingsError
from sso_sync.core.model import Directory
from sso_sync.core.plan import Plan, Prerequisites


def only_group(plan: Plan, desired: Directory, actual: Directory, name: str) -> Plan:
    """Keep the changes of one group, of its memberships, and of the people it is to have.

    A narrowed plan deletes no user. Raises SettingsError if no group has the name on either side.
    """
    known = {group.display_name for side in (desired, actual) for group in side.groups.values()}
    if name not in known:
        close = difflib.get_close_matches(name, sorted(known), 1)
        hint = f"did you mean '{close[0]}'?" if close else "see the groups with 'sso-sync plan'."
        raise SettingsError("The command line", [f"--group: there is no selected group '{name}'; {hint}"])
    people = {
        user_id
        for group_id, group in desired.groups.items()
        if group.display_name == name
        for user_id in desired.members[group_id]
    }
    kept = [change for change in plan.changes if _concerns(change, name, people)]
    prerequisites = Prerequisites(plan.changes)
    waiting = list(kept)
    while waiting:
        for needed in prerequisites.of(waiting.pop()):
            if needed not in kept:
                kept.append(needed)
                waiting.append(needed)
    return Plan.of(plan.store_id, kept, set_aside=plan.set_aside, warnings=plan.warnings)


def _concerns(change: Change, group_name: str, people: set[str]) -> bool:
    kind, ref = subject(change)
    if kind == "user":
        return isinstance(change, Adopt | CreateUser | UpdateUser) and ref.source_id in people
    if isinstance(change, UpdateGroup):
        return group_name in {change.before.display_name, change.after.display_name}
    return ref.name == group_name
