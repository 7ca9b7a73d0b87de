"""One side of a plan, users or groups: what is wanted, what exists, and how they belong together."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from sso_sync.core.changes import Adopt, Change, Ref
from sso_sync.core.ledger import Ledger, Origin
from sso_sync.core.matching import Match, match
from sso_sync.core.model import Directory, Group, Kind, SetAside, User
from sso_sync.core.naming import Names, settle_names
from sso_sync.core.records import set_aside

Record = TypeVar("Record", bound=User | Group)
GONE = "no longer in the directory"


class Objects(Struct, Generic[Record], frozen=True):
    """All users, or all groups: what is wanted, what exists, and how they belong together."""

    kind: Kind
    wanted: Mapping[str, Record]
    existing: Mapping[str, Record]
    matches: Mapping[str, Match]
    leavers: Mapping[str, tuple[str, Origin, str]]  # AWS id → source id, origin, why
    untouchable: frozenset[str]  # AWS ids of records set aside
    names: Names
    unwritable: frozenset[str]
    additive: bool

    @classmethod
    def of(
        cls,
        kind: Kind,
        desired: Directory,
        wanted: Mapping[str, Record],
        existing: Mapping[str, Record],
        ledger: Ledger,
        *,
        unwritable: frozenset[str],
        additive: bool,
    ) -> "Objects[Record]":
        """Match what is wanted with what exists, and settle who gets which name."""
        entries = ledger.entries(kind)
        matches = match(wanted, existing, entries)
        matched = {hit.aws_id for hit in matches.values()}
        aside_sources = {record.source_id for record in desired.set_aside if record.kind == kind} - {""}
        untouchable = {entries[source_id].aws_id for source_id in aside_sources & entries.keys()} | {
            aws_id for aws_id, record in existing.items() if record.external_id in aside_sources
        }
        leavers = {
            entry.aws_id: (source_id, entry.origin, desired.left_out.get(source_id, GONE))
            for source_id, entry in entries.items()
            if source_id not in wanted and entry.aws_id in existing.keys() - matched - untouchable
        }
        objects = cls(
            kind,
            wanted,
            existing,
            matches,
            leavers,
            frozenset(untouchable),
            Names(),
            unwritable,
            additive,
        )
        updates = {hit.aws_id: objects.merged(source_id) for source_id, hit in matches.items()}
        creations = {source_id: record for source_id, record in wanted.items() if source_id not in matches}
        deletable = {aws_id for aws_id, (_, origin, _why) in leavers.items() if origin is Origin.CREATED}
        names = settle_names(existing, updates, creations, frozenset() if additive else frozenset(deletable))
        return msgspec.structs.replace(objects, names=names)

    def merged(self, source_id: str) -> Record:
        """Return the matched object as it should become: managed attributes from the directory."""
        after, before = self.wanted[source_id], self.existing[self.matches[source_id].aws_id]
        kept = {name: getattr(before, name) for name in self.unwritable if name in before.__struct_fields__}
        if isinstance(after, User) and isinstance(before, User):
            writable = {n: v for n, v in after.attributes.items() if n not in self.unwritable}
            kept["attributes"] = {name: value for name, value in {**before.attributes, **writable}.items() if value}
            if self.additive:
                kept["active"] = before.active or after.active
        return msgspec.structs.replace(after, id=before.id, **kept)

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
        source_id = self.leavers[aws_id][0] if aws_id in self.leavers else record.external_id
        return Ref(aws_id, source_id, name)

    def adoptions(self) -> Iterator[Change]:
        for source_id, hit in self.matches.items():
            ref = self.ref(source_id)
            if hit.adopted_by and ref:
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
            before, after = standing[hit.aws_id], self.merged(source_id)
            if hit.aws_id in self.names.blocked_updates:
                after = msgspec.structs.replace(
                    after, **{name: getattr(before, name) for name in _name_attributes(before)}
                )
            if after != before:
                reason = "adopted" if hit.adopted_by else "differs from the directory"
                ref = msgspec.structs.replace(self.existing_ref(hit.aws_id), source_id=source_id)
                yield ref, before, after, reason, False

    def deletions(self) -> Iterator[tuple[Ref, str]]:
        for aws_id, (_, origin, why) in self.leavers.items():
            if origin is Origin.CREATED:
                yield self.existing_ref(aws_id), why

    def blocked(self) -> Iterator[SetAside]:
        for source_id, why in self.names.blocked_creations.items():
            yield set_aside(self.wanted[source_id], why)
        for source_id, hit in self.matches.items():
            if hit.aws_id in self.names.blocked_updates:
                yield set_aside(self.wanted[source_id], self.names.blocked_updates[hit.aws_id])

    def kept_warnings(self) -> Iterator[str]:
        for aws_id, (_, origin, why) in self.leavers.items():
            if origin is Origin.ADOPTED:
                name = self.existing_ref(aws_id).name
                yield f"{self.kind} '{name}' is {why}, but was not created by sso-sync, so it is kept"


def _name_attributes(record: User | Group) -> tuple[str, ...]:
    return ("user_name", "email") if isinstance(record, User) else ("display_name",)


def _aside_names(record: User | Group, taken: frozenset[str]) -> dict[str, str]:
    """Make up names that nobody else can have: the object's own id, and a domain that cannot exist (RFC 2606)."""
    stand_in = f"aside-{record.id}"
    made_up = {"user_name": stand_in, "email": f"{stand_in}@renamed.invalid", "display_name": stand_in}
    return {name: made_up[name] for name in taken}
