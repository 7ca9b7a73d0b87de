"""Why a person is in AWS or not, and in which groups."""

from collections.abc import Iterator, Mapping

from sso_sync.core.changes import Change, CreateMembership, CreateUser, DeleteGroup, DeleteMembership, switches_off
from sso_sync.core.explained import (
    deletion,
    effects,
    group_name,
    in_aws,
    is_managed,
    notes,
    origin,
    paths,
    why_absent,
)
from sso_sync.core.explanations import Beside, InAws, InGroup, Origin, PersonExplained, State
from sso_sync.core.keeping import UNREAD
from sso_sync.core.paths import Way, ways_in
from sso_sync.core.provenance import Named
from sso_sync.core.situation import Links, Situation, Subject
from sso_sync.core.wording import counted


def explain_person(person: Subject, situation: Situation, groups: Links) -> PersonExplained:
    """Tell all about a person."""
    told, aws = origin(person, situation), in_aws(person, situation)
    changes = list(situation.own_changes(person))
    ways = ways_in(situation.provenance, person.source_id) if person.source_id else {}
    rows = tuple(sorted(_Groups(person, situation, groups, told, ways).rows(), key=lambda row: row.group.casefold()))
    called = _called(person, situation)
    return PersonExplained(
        name=called.name,
        email=called.email,
        verdict=_verdict(told, aws, changes, _count(rows, situation), managed=is_managed(person, situation)),
        directory=told,
        aws=aws,
        groups=rows,
        beside=tuple(_beside(ways, situation)),
        next_run=effects(changes),
        notes=notes(person, situation),
        by_aws=situation.desired.synced_by_aws,
    )


def _called(person: Subject, situation: Situation) -> Named:
    record = situation.desired.users.get(person.source_id) or situation.actual.users.get(person.aws_id)
    known = situation.provenance.people.get(person.source_id)
    if known or record is None:
        return known or Named(next((a.name for a in situation.plan.set_aside if a.source_id == person.source_id), ""))
    return Named(record.display_name, record.email or record.user_name)


def _count(rows: tuple[InGroup, ...], situation: Situation) -> str:
    if situation.desired.synced_by_aws:
        return "groups that AWS syncs, too"
    return counted(sum(row.state in {"stays", "joins"} for row in rows), "group")


def _verdict(told: Origin, aws: InAws | None, changes: list[Change], count: str, *, managed: bool) -> str:
    absent = why_absent(told)
    gone, off = deletion(changes), next(filter(None, map(_switched_off, changes)), "")
    if aws is None and any(isinstance(change, CreateUser) for change in changes):
        return f"comes to AWS with the next run, into {count}"
    if aws is None:
        return f"is not in AWS: {absent}" if absent else "is not in AWS"
    if gone:
        return f"leaves AWS with the next run: {gone.reason}"
    if off:
        return f"is switched off with the next run: {off}"
    if not managed:
        return f"is in AWS, in {count}, but not managed by sso-sync" + (f": {absent}" if absent else "")
    if not aws.active and absent:
        return f"is switched off in AWS: {absent}"
    state = "is in AWS" if aws.active else "is in AWS, but switched off"
    return f"{state}, in {count}" + (f", although {absent}" if absent else "")


def _switched_off(change: Change) -> str:
    return change.reason if switches_off(change) else ""


def _beside(ways: Mapping[str, tuple[Way, ...]], situation: Situation) -> Iterator[Beside]:
    for group_id in sorted(ways, key=lambda group_id: (group_name(group_id, situation).casefold(), group_id)):
        if not _is_selected(group_id, situation):
            why = situation.desired.left_out.get(group_id, "not selected")
            yield Beside(group_name(group_id, situation), why, paths(ways[group_id], situation))


def _is_selected(group_id: str, situation: Situation) -> bool:
    return group_id in situation.desired.groups or group_id in situation.provenance.chosen_groups


class _Groups:
    """Works out in which groups somebody is today, in which after the next run, and why."""

    def __init__(
        self, person: Subject, situation: Situation, groups: Links, told: Origin, ways: Mapping[str, tuple[Way, ...]]
    ) -> None:
        self._person, self._situation, self._links, self._told, self._ways = person, situation, groups, told, ways
        self._going = deletion(situation.own_changes(person))
        self._changes = [c for c in situation.memberships() if person.is_at(c.user)]
        self._wanted = {g for g, ids in situation.desired.members.items() if person.source_id in ids}
        self._wanted |= {g for g in ways if _is_selected(g, situation)}

    def rows(self) -> Iterator[InGroup]:
        """Yield the groups that the person is in today, then those that they are to be in."""
        today = [
            self._links.name("group", aws_id=group_id)
            for group_id, ids in self._situation.actual.members.items()
            if self._person.aws_id in ids
        ]
        for group in today:
            lost = self._lost(group)
            yield self._row(group, "leaves" if lost else "stays", lost or self._why_stays(group))
        for source_id in self._wanted - {group.source_id for group in today}:
            group = self._links.name("group", source_id=source_id)
            given = (c for c in self._changes if isinstance(c, CreateMembership) and group.is_at(c.group))
            joins = next((change.reason for change in given), "")
            yield self._row(group, "joins" if joins else "kept out", joins or self._why_kept_out(group))

    def _row(self, group: Subject, state: State, why: str) -> InGroup:
        existing = self._situation.actual.groups.get(group.aws_id)
        known = group.source_id in self._situation.desired.groups or existing is None
        return InGroup(
            group=group_name(group.source_id, self._situation) if known or existing is None else existing.display_name,
            state=state,
            why=why,
            chosen_by=self._situation.provenance.chosen_groups.get(group.source_id),
            paths=paths(self._ways.get(group.source_id, ()), self._situation),
            source_id=group.source_id,
            aws_id=group.aws_id,
        )

    def _lost(self, group: Subject) -> str:
        for change in self._changes:
            if isinstance(change, DeleteMembership) and group.is_at(change.group):
                return change.reason
        ends = (c for c in self._situation.own_changes(group) if isinstance(c, DeleteGroup))
        why = next((f"the group is deleted: {change.reason}" for change in ends), "")
        return why or (self._going.reason if self._going else "")

    def _why_stays(self, group: Subject) -> str:
        if group.source_id in self._situation.desired.members and group.source_id in self._wanted:
            return ""
        if not is_managed(group, self._situation):
            return "sso-sync does not manage this group"
        if group.source_id in self._situation.unread("group"):
            return UNREAD
        return "not a member in the directory, but nothing takes them out"

    def _why_kept_out(self, group: Subject) -> str:
        aside = self._situation.set_aside(group)
        return why_absent(self._told) or (f"the group is set aside: {aside}" if aside else "")
