"""One side of a plan, users or groups: what is wanted, what exists, and how they belong together."""

import fnmatch
from collections.abc import Collection, Iterator, Mapping
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from sso_sync.core.changes import Adopt, Change, Ref
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.matching import Match, match
from sso_sync.core.model import Directory, Group, Kind, SetAside, User, fold
from sso_sync.core.naming import Names, settle_names
from sso_sync.core.records import set_aside

Record = TypeVar("Record", bound=User | Group)
GONE = "no longer in the directory"


class Rules(Struct, frozen=True, kw_only=True):
    """What a plan must respect.

    Attributes in `unwritable` are not compared. Objects that `protected` names (globs) and the ledger
    does not know are not taken over. With `additive`, nothing is taken from anyone.
    """

    unwritable: frozenset[str] = frozenset()
    protected: tuple[str, ...] = ()
    additive: bool = False

    def protects(self, name: str) -> bool:
        """Tell whether an object that is called so must not be taken over."""
        return any(fnmatch.fnmatchcase(fold(name), fold(pattern)) for pattern in self.protected)


class Leaver(Struct, frozen=True):
    """A managed object that is not wanted any more."""

    source_id: str
    origin: Origin
    why: str


class Objects(Struct, Generic[Record], frozen=True, kw_only=True):
    """All users, or all groups: what is wanted, what exists, and how they belong together.

    `merged`, `leavers` and `frozen` are by AWS id: matched objects as they should become, managed
    objects that are not wanted, and objects of records set aside with the groups they belong in.
    """

    kind: Kind
    wanted: Mapping[str, Record]
    existing: Mapping[str, Record]
    matches: Mapping[str, Match]
    merged: Mapping[str, Record]
    leavers: Mapping[str, Leaver]
    frozen: Mapping[str, frozenset[str]]
    names: Names
    pending: Collection[str]

    @classmethod
    def of(
        cls,
        kind: Kind,
        desired: Directory,
        wanted: Mapping[str, Record],
        existing: Mapping[str, Record],
        ledger: Ledger,
        rules: Rules,
    ) -> "Objects[Record]":
        """Match what is wanted with what exists, and settle who gets which name."""
        entries = ledger.entries(kind)
        matches = match(wanted, existing, entries, rules.protects)
        merged = {
            hit.aws_id: _merged(existing[hit.aws_id], wanted[source_id], entries.get(source_id), rules)
            for source_id, hit in matches.items()
        }
        frozen = _frozen(kind, desired, existing, entries)
        known = merged.keys() | frozen.keys()
        leavers = {
            entry.aws_id: Leaver(source_id, entry.origin, desired.left_out.get(source_id, GONE))
            for source_id, entry in entries.items()
            if source_id not in wanted and entry.aws_id in existing and entry.aws_id not in known
        }
        # Created by a run that did not see the answer, and gone from the directory since.
        leavers |= {
            aws_id: Leaver(record.external_id, Origin.CREATED, desired.left_out.get(record.external_id, GONE))
            for aws_id, record in existing.items()
            if record.external_id in ledger.pending(kind) - wanted.keys() and aws_id not in known
        }
        creations = {source_id: record for source_id, record in wanted.items() if source_id not in matches}
        # A person who left never passes an identity on with an address; a group that was adopted keeps its
        # name, because account assignments hang on it.
        going = {aws_id for aws_id, leaver in leavers.items() if kind == "user" or leaver.origin is Origin.CREATED}
        names = settle_names(existing, merged, creations, frozenset() if rules.additive else frozenset(going))
        return cls(
            kind=kind,
            wanted=wanted,
            existing=existing,
            matches=matches,
            merged=merged,
            leavers=leavers,
            frozen=frozen,
            names=names,
            pending=ledger.pending(kind),
        )

    def ref(self, source_id: str) -> Ref | None:
        """Point at a wanted record by the name it will have; None if its name keeps it from being created."""
        record, hit = self.wanted[source_id], self.matches.get(source_id)
        if hit and hit.aws_id in self.names.blocked_updates:
            record = self.existing[hit.aws_id]
        name = record.user_name if isinstance(record, User) else record.display_name
        if hit:
            return Ref(hit.aws_id, source_id, name)
        return None if source_id in self.names.blocked_creations else Ref("", source_id, name)

    def existing_ref(self, aws_id: str) -> Ref:
        """Point at an object of the store."""
        record = self.existing[aws_id]
        name = record.user_name if isinstance(record, User) else record.display_name
        source_id = self.leavers[aws_id].source_id if aws_id in self.leavers else record.external_id
        return Ref(aws_id, source_id, name)

    def adoptions(self) -> Iterator[Change]:
        for source_id, hit in self.matches.items():
            ref = self.ref(source_id)
            if hit.adopted_by and ref and source_id in self.pending:
                yield Adopt(self.kind, ref, "created by an earlier run that did not see the answer", created=True)
            elif hit.adopted_by and ref:
                yield Adopt(self.kind, ref, f"already there: {hit.adopted_by}")

    def creations(self) -> Iterator[Record]:
        for source_id, record in self.wanted.items():
            if source_id not in self.matches and source_id not in self.names.blocked_creations:
                yield record

    def updates(self) -> Iterator[tuple[Ref, Record, Record, str, bool]]:
        """Yield ref, before, after, the reason, and whether it only frees a name."""
        source_of = {hit.aws_id: source_id for source_id, hit in self.matches.items()}
        standing: dict[str, Record] = dict(self.existing)
        for aws_id, taken in self.names.renamed_aside.items():
            before = standing[aws_id]
            standing[aws_id] = msgspec.structs.replace(before, **_aside_names(before, taken))
            ref = self.existing_ref(aws_id)
            if aws_id in source_of:
                ref = msgspec.structs.replace(ref, source_id=source_of[aws_id])
            yield ref, before, standing[aws_id], f"its name is needed by another {self.kind}", True
        for source_id, hit in self.matches.items():
            before, after = standing[hit.aws_id], self.merged[hit.aws_id]
            if hit.aws_id in self.names.blocked_updates:
                after = msgspec.structs.replace(
                    after, **{name: getattr(before, name) for name in _name_attributes(before)}
                )
            if after != before:
                reason = "adopted" if hit.adopted_by else "differs from the directory"
                ref = msgspec.structs.replace(self.existing_ref(hit.aws_id), source_id=source_id)
                yield ref, before, after, reason, False

    def deletions(self) -> Iterator[tuple[Ref, str]]:
        for aws_id, leaver in self.leavers.items():
            if leaver.origin is Origin.CREATED:
                yield self.existing_ref(aws_id), leaver.why

    def blocked(self) -> Iterator[SetAside]:
        for source_id, why in self.names.blocked_creations.items():
            yield set_aside(self.wanted[source_id], why)
        for source_id, hit in self.matches.items():
            if hit.aws_id in self.names.blocked_updates:
                yield set_aside(self.wanted[source_id], self.names.blocked_updates[hit.aws_id])

    def kept_warnings(self) -> Iterator[str]:
        for aws_id, leaver in self.leavers.items():
            if leaver.origin is Origin.ADOPTED:
                name = self.existing_ref(aws_id).name
                yield f"{self.kind} '{name}' is {leaver.why}, but was not created by sso-sync, so it is kept"
        for source_id, hit in self.matches.items():
            after, wanted = self.merged[hit.aws_id], self.wanted[source_id]
            if isinstance(after, User) and isinstance(wanted, User) and wanted.active and not after.active:
                yield f"user '{after.user_name}' is switched off in Identity Center, not by sso-sync, so it stays off"


def _merged(before: Record, after: Record, entry: Entry | None, rules: Rules) -> Record:
    """Return a matched object as it should become: managed attributes from the directory, all else kept.

    Nobody is switched on again whom somebody else switched off: that may be an incident at work.
    """
    kept = {name: getattr(before, name) for name in rules.unwritable if name in before.__struct_fields__}
    if isinstance(after, User) and isinstance(before, User):
        writable = {name: value for name, value in after.attributes.items() if name not in rules.unwritable}
        kept["attributes"] = {name: value for name, value in {**before.attributes, **writable}.items() if value}
        may_switch_on = entry is not None and entry.off
        if (before.active and rules.additive) or (not before.active and after.active and not may_switch_on):
            kept["active"] = before.active
    return msgspec.structs.replace(after, id=before.id, **kept)


def _frozen(
    kind: Kind, desired: Directory, existing: Mapping[str, Record], entries: Mapping[str, Entry]
) -> dict[str, frozenset[str]]:
    """Find the objects whose records are set aside, with the groups they belong in."""
    by_external_id = {record.external_id: aws_id for aws_id, record in existing.items() if record.external_id}
    found = {}
    for record in desired.set_aside:
        entry = entries.get(record.source_id)
        aws_id = entry.aws_id if entry else by_external_id.get(record.source_id, "")
        if record.kind == kind and aws_id in existing:
            found[aws_id] = record.groups
    return found


def _name_attributes(record: User | Group) -> tuple[str, ...]:
    return ("user_name", "email") if isinstance(record, User) else ("display_name",)


def _aside_names(record: User | Group, taken: frozenset[str]) -> dict[str, str]:
    """Make up names that nobody else can have: the object's own id, and a domain that cannot exist (RFC 2606)."""
    stand_in = f"aside-{record.id}"
    made_up = {"user_name": stand_in, "email": f"{stand_in}@renamed.invalid", "display_name": stand_in}
    return {name: made_up[name] for name in taken}
