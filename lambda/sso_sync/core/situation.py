"""A plan with what it was made from, and which object of the store belongs to which record of the directory."""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from sso_sync.core.changes import Change, CreateMembership, DeleteMembership, Ref, subject
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Directory, Group, Kind, User, fold
from sso_sync.core.plan import Plan
from sso_sync.core.provenance import Provenance


class Subject(Struct, frozen=True):
    """Somebody or something that is known on one side or on both, by its ids; an id is empty where it is not there."""

    kind: Kind
    source_id: str
    aws_id: str

    def is_at(self, ref: Ref) -> bool:
        """Tell whether a change points at this."""
        return bool(self.source_id and ref.source_id == self.source_id) or bool(self.aws_id and ref.id == self.aws_id)


class Situation(Struct, frozen=True, kw_only=True):
    """Everything an explanation is made from; `protects` tells of a name whether it is never taken over."""

    desired: Directory
    actual: Directory
    ledger: Ledger
    plan: Plan
    protects: Callable[[str], bool]

    @property
    def provenance(self) -> Provenance:
        """Return where the directory comes from, empty for a source that does not say."""
        return self.desired.provenance or Provenance(groups={})

    def existing(self, kind: Kind) -> Mapping[str, User | Group]:
        """Return the objects of the store by AWS id."""
        return self.actual.users if kind == "user" else self.actual.groups

    def wanted(self, kind: Kind) -> Mapping[str, User | Group]:
        """Return the records of the directory by source id."""
        return self.desired.users if kind == "user" else self.desired.groups

    def set_aside(self, named: Subject) -> str:
        """Say why a record is set aside; empty if it is not."""
        aside = (a for a in self.plan.set_aside if a.kind == named.kind and a.source_id == named.source_id)
        return next((a.reason for a in aside), "")

    def unread(self, kind: Kind) -> set[str]:
        """Collect the source ids of what stays as it is, because its source could not be read."""
        return {record.source_id for record in self.desired.kept if record.kind == kind}

    def own_changes(self, named: Subject) -> Iterator[Change]:
        """Yield what the plan does to the object itself, without memberships."""
        for change in self.plan.changes:
            kind, ref = subject(change)
            if kind == named.kind and not isinstance(change, CreateMembership | DeleteMembership) and named.is_at(ref):
                yield change

    def memberships(self) -> Iterator[CreateMembership | DeleteMembership]:
        """Yield the memberships that the plan gives and takes."""
        for change in self.plan.changes:
            if isinstance(change, CreateMembership | DeleteMembership):
                yield change


class Links(Struct, frozen=True):
    """Which object of the store belongs to which source id, both ways."""

    aws_ids: Mapping[str, str]
    source_ids: Mapping[str, str]

    @classmethod
    def of(cls, kind: Kind, situation: Situation) -> "Links":
        """Link by what counts most: the plan, then the ledger, the external id, and at last the same name."""
        existing, links = situation.existing(kind), dict[str, str]()
        for source_id, aws_id in _claims(kind, situation):
            if aws_id in existing:
                links.setdefault(source_id, aws_id)
        linked = set(links.values())
        by_name = {
            name: aws_id for aws_id in sorted(existing) if aws_id not in linked for name in names(existing[aws_id])
        }
        for source_id, called in _source_names(kind, situation):
            aws_id = next((by_name[name] for name in called if name in by_name), "")
            if aws_id and source_id not in links and aws_id not in linked:
                links[source_id] = aws_id
                linked.add(aws_id)
        return cls(links, {aws_id: source_id for source_id, aws_id in reversed(links.items())})

    def name(self, kind: Kind, *, source_id: str = "", aws_id: str = "") -> Subject:
        """Point at somebody or something by one id, with the other one if there is one."""
        if source_id:
            return Subject(kind, source_id, self.aws_ids.get(source_id, ""))
        return Subject(kind, self.source_ids.get(aws_id, ""), aws_id)


def names(record: User | Group) -> list[str]:
    """List what an object is found by, folded; its most particular name first."""
    if isinstance(record, Group):
        return [fold(record.display_name)]
    return [fold(name) for name in (record.user_name, record.email) if name]


def _claims(kind: Kind, situation: Situation) -> Iterator[tuple[str, str]]:
    for change in situation.plan.changes:
        found, ref = subject(change)
        if found == kind and ref.source_id and ref.id:
            yield ref.source_id, ref.id
    for source_id, entry in situation.ledger.entries(kind).items():
        yield source_id, entry.aws_id
    for aws_id, record in situation.existing(kind).items():
        if record.external_id:
            yield record.external_id, aws_id


def _source_names(kind: Kind, situation: Situation) -> Iterator[tuple[str, list[str]]]:
    """Yield every record that the source knows, wanted or not, with what it is called."""
    for source_id, record in situation.wanted(kind).items():
        yield source_id, names(record)
    provenance = situation.provenance
    if kind == "user":
        for source_id, person in provenance.people.items():
            yield source_id, [fold(person.email)]
    else:
        for source_id in provenance.groups.keys() - situation.desired.groups.keys():
            yield source_id, [fold(provenance.group_name(source_id))]
