"""What explanations of people and of groups have in common."""

from collections.abc import Iterable

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    UpdateGroup,
    UpdateUser,
    edits,
    name_of,
)
from sso_sync.core.explanations import Effect, InAws, Origin, Path
from sso_sync.core.keeping import UNREAD
from sso_sync.core.ledger import Origin as Managed
from sso_sync.core.model import User
from sso_sync.core.paths import Way
from sso_sync.core.situation import Situation, Subject
from sso_sync.core.standing import GONE, NOT_NAMED

UNKNOWN = "unknown to the directory"


def origin(named: Subject, situation: Situation) -> Origin:
    """Say what the directory's side has to say."""
    desired, provenance = situation.desired, situation.provenance
    known, chosen_by = (
        (provenance.people, provenance.chosen_people)
        if named.kind == "user"
        else (provenance.groups, provenance.chosen_groups)
    )
    aside = situation.set_aside(named)
    left_out = desired.left_out.get(named.source_id, "")
    if desired.synced_by_aws and named.source_id and named.source_id not in situation.wanted(named.kind):
        left_out = NOT_NAMED
    if named.source_id in situation.unread(named.kind):
        left_out = UNREAD
    return Origin(
        source_id=named.source_id,
        listed=named.source_id in {*situation.wanted(named.kind), *known} or bool(aside or left_out),
        chosen_by=chosen_by.get(named.source_id),
        left_out=left_out,
        set_aside=aside,
    )


def in_aws(named: Subject, situation: Situation) -> InAws | None:
    """Say which object there is in Identity Center, and how it is managed."""
    record = situation.existing(named.kind).get(named.aws_id)
    if record is None:
        return None
    name = record.user_name if isinstance(record, User) else record.display_name
    active = record.active if isinstance(record, User) else True
    return InAws(record.id, name, active, _managed(named, name, situation))


def is_managed(named: Subject, situation: Situation) -> bool:
    """Tell whether the ledger has the object, or will have it after the next run."""
    entries = situation.ledger.entries(named.kind).values()
    known = any(entry.aws_id == named.aws_id for entry in entries)
    return known or any(isinstance(change, Adopt) for change in situation.own_changes(named))


def _managed(named: Subject, name: str, situation: Situation) -> str:
    entries = situation.ledger.entries(named.kind).values()
    entry = next((entry for entry in entries if entry.aws_id == named.aws_id), None)
    if situation.protects(name):
        return "protected by the config, so left as it is"
    if entry:
        how = "created by sso-sync" if entry.origin is Managed.CREATED else "taken over by sso-sync"
        left = f", leaving since {entry.left:%Y-%m-%d}" if entry.left else ""
        return f"{how}{' and switched off by it' if entry.off else ''}{left}"
    if is_managed(named, situation):
        return "taken over by sso-sync with the next run"
    other = situation.ledger.others.get(named.aws_id)
    return f"managed by the deployment '{other}'" if other else "not managed by sso-sync"


def notes(named: Subject, situation: Situation) -> tuple[str, ...]:
    """Pick the plan's warnings that speak of the object."""
    record = situation.existing(named.kind).get(named.aws_id) or situation.wanted(named.kind).get(named.source_id)
    if record is None:
        return ()
    called = f"{named.kind} '{record.user_name if isinstance(record, User) else record.display_name}'"
    return tuple(warning for warning in situation.plan.warnings if called in warning)


def effects(changes: Iterable[Change]) -> tuple[Effect, ...]:
    """Put changes of an object into words."""
    return tuple(Effect(name_of(change), _what(change), change.reason) for change in changes)


def _what(change: Change) -> str:
    match change:
        case Adopt():
            return "is managed from now on"
        case CreateUser() | CreateGroup():
            return "is created"
        case DeleteUser() | DeleteGroup():
            return "is deleted"
        case UpdateUser() | UpdateGroup():
            return ", ".join(f"{e.attribute}: {_value(e.before)} → {_value(e.after)}" for e in edits(change))
        case _:
            return name_of(change).replace("_", " ")


def _value(value: str | bool) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower()


def deletion(changes: Iterable[Change]) -> Change | None:
    """Return the change that deletes the object, if one does."""
    return next((change for change in changes if isinstance(change, DeleteUser | DeleteGroup)), None)


def paths(ways: Iterable[Way], situation: Situation) -> tuple[Path, ...]:
    """Name the groups of ways; a selected group is called as in Identity Center."""
    return tuple(Path(tuple(group_name(g, situation) for g in way.groups), way.everybody) for way in ways)


def group_name(group_id: str, situation: Situation) -> str:
    """Return what a group of the directory is called."""
    group = situation.desired.groups.get(group_id)
    return group.display_name if group else situation.provenance.group_name(group_id)


def why_absent(told: Origin) -> str:
    """Say why a record of the directory is not in AWS; empty if nothing speaks against it."""
    if told.set_aside:
        return f"set aside: {told.set_aside}"
    if told.left_out or told.listed:
        return told.left_out
    return GONE if told.source_id else UNKNOWN
