"""Why a group is in AWS or not, and who is in it by which way."""

from collections.abc import Iterator

from sso_sync.core.changes import Change, CreateGroup, CreateMembership
from sso_sync.core.explained import deletion, effects, group_name, in_aws, is_managed, notes, origin, paths, why_absent
from sso_sync.core.explanations import Effect, GroupExplained, InAws, Missing, Origin
from sso_sync.core.nesting import flatten
from sso_sync.core.paths import ways_between, ways_of_members
from sso_sync.core.provenance import Named
from sso_sync.core.situation import Situation, Subject
from sso_sync.core.wording import counted


def explain_group(group: Subject, situation: Situation) -> GroupExplained:
    """Tell all about a group."""
    told, aws = origin(group, situation), in_aws(group, situation)
    members = situation.desired.members.get(group.source_id, frozenset())
    if told.left_out or group.source_id not in situation.desired.members:
        members = frozenset(_listed(group.source_id, situation)) & situation.desired.users.keys()
    ways = ways_of_members(situation.provenance, group.source_id, members).values()
    changes = list(situation.own_changes(group))
    called = _called(group, situation)
    holds = "" if situation.desired.synced_by_aws else f", with {counted(len(members), 'member')}"
    above, below = ways_between(situation.provenance, group.source_id)
    return GroupExplained(
        name=called.name,
        email=called.email,
        verdict=_verdict(told, aws, changes, holds, managed=is_managed(group, situation)),
        directory=told,
        aws=aws,
        members=len(members),
        nested=sum(len(way.groups) > 1 and not way.everybody for way in ways),
        everybody=sum(way.everybody for way in ways),
        below=paths(below, situation),
        above=paths((way for way in above if way.groups[0] in situation.desired.groups), situation),
        missing=tuple(sorted(_missing(group, situation), key=lambda missing: missing.name.casefold())),
        next_run=(*effects(changes), *_memberships(group, situation)),
        notes=notes(group, situation),
        by_aws=situation.desired.synced_by_aws,
    )


def _called(group: Subject, situation: Situation) -> Named:
    existing = situation.actual.groups.get(group.aws_id)
    known = situation.provenance.groups.get(group.source_id)
    if group.source_id in situation.desired.groups or existing is None:
        return Named(group_name(group.source_id, situation), known.email if known else "")
    return Named(known.name if known else existing.display_name, known.email if known else "")


def _verdict(told: Origin, aws: InAws | None, changes: list[Change], holds: str, *, managed: bool) -> str:
    absent, gone = why_absent(told), deletion(changes)
    if aws is None and any(isinstance(change, CreateGroup) for change in changes):
        return f"comes to AWS with the next run{holds}"
    if aws is None:
        return f"is not in AWS: {absent}" if absent else "is not in AWS"
    if gone:
        return f"leaves AWS with the next run: {gone.reason}"
    if not managed:
        return "is in AWS, but not managed by sso-sync" + (f": {absent}" if absent else "")
    return f"is in AWS, although {absent}" if absent else f"is in AWS{holds}"


def _listed(group_id: str, situation: Situation) -> set[str]:
    """Collect everybody whom the source lists in a group and below it, wanted or not."""
    provenance = situation.provenance
    found = flatten(group_id, provenance.direct, provenance.below)
    reached = {group_id} | {way.groups[-1] for way in ways_between(provenance, group_id)[1]}
    if reached & provenance.everybody:
        found |= situation.desired.users.keys() | (provenance.people.keys() - provenance.outside)
    return found


def _missing(group: Subject, situation: Situation) -> Iterator[Missing]:
    aside = {a.source_id: a.reason for a in situation.plan.set_aside if a.kind == "user"}
    for person_id in _listed(group.source_id, situation):
        why = f"set aside: {aside[person_id]}" if person_id in aside else situation.desired.left_out.get(person_id, "")
        if why:
            known = situation.provenance.people.get(person_id)
            record = situation.desired.users.get(person_id)
            name = known.email or known.name if known else record.email if record else person_id
            yield Missing(name or person_id, why)


def _memberships(group: Subject, situation: Situation) -> Iterator[Effect]:
    for change in situation.memberships():
        if group.is_at(change.group):
            joins = isinstance(change, CreateMembership)
            what = f"{change.user.name} {'joins' if joins else 'leaves'}"
            yield Effect("create_membership" if joins else "delete_membership", what, change.reason)
