"""One side of a plan, users or groups: what is wanted, what exists, and how they belong together."""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Generic

import msgspec
from msgspec import Struct

from sso_sync.core.changes import Adopt, Change, Ref
from sso_sync.core.ledger import Entry, Ledger, digest_of
from sso_sync.core.matching import Match, called, match
from sso_sync.core.merging import aside_names, merged_record, name_attributes
from sso_sync.core.model import Directory, Group, Kind, Record, SetAside, User
from sso_sync.core.naming import Names, settle_names
from sso_sync.core.records import set_aside
from sso_sync.core.rules import Rules
from sso_sync.core.standing import Fate, Leaver, find_leavers, frozen, left_alone

NEW = "in the directory, not in Identity Center"
NEWLY_NAMED = "named in the config, not synced by AWS yet"
DELETED_THERE = "deleted in Identity Center, not by sso-sync"
CHANGED_THERE = "changed in Identity Center, not by sso-sync"
NO_SUCH_GROUP = "Identity Center has no group of this name, and identity_center.groups says to create none"


class Update(Struct, Generic[Record], frozen=True):
    """One update of an object; `aside` if it only frees a name."""

    ref: Ref
    before: Record
    after: Record
    reason: str
    aside: bool = False
    drift: bool = False


class Objects(Struct, Generic[Record], frozen=True, kw_only=True, dict=True):
    """All users, or all groups: what is wanted, what exists, and how they belong together.

    By AWS id: `merged` are matched objects as they should become, `leavers` objects that are not wanted,
    `frozen` those of records set aside, or not read, with the groups they belong in, `left_alone` those that nothing
    may be done to, of which `protected` keep their memberships, too. `aside` are records that are not wanted after all.
    """

    kind: Kind
    wanted: Mapping[str, Record]
    existing: Mapping[str, Record]
    matches: Mapping[str, Match]
    merged: Mapping[str, Record]
    leavers: Mapping[str, Leaver]
    frozen: Mapping[str, frozenset[str]]
    left_alone: Mapping[str, str]
    protected: frozenset[str]
    aside: tuple[SetAside, ...]
    names: Names
    entries: Mapping[str, Entry]
    pending: Collection[str]
    going: Collection[str]
    new: str = NEW  # why one that is wanted is created

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
        entries, alone = ledger.entries(kind), left_alone(existing, ledger, rules)
        by = ("display_name",) if kind == "group" else rules.match_by
        matches = match(wanted, existing, entries, alone, by)
        reasons = _not_possible(kind, wanted, existing, matches, entries, alone, rules)
        aside = [_aside(wanted[source_id], why, desired) for source_id, why in sorted(reasons.items())]
        possible = {source_id: record for source_id, record in wanted.items() if source_id not in reasons}
        matches = {source_id: hit for source_id, hit in matches.items() if source_id in possible}
        merged = {
            hit.aws_id: merged_record(existing[hit.aws_id], possible[source_id], entries.get(source_id), ledger, rules)
            for source_id, hit in matches.items()
        }
        stays = frozen(kind, [*desired.kept, *desired.set_aside, *aside], existing, entries)
        known = {*merged, *stays, *alone}
        leavers = find_leavers(kind, desired, wanted, existing, known, ledger, rules)
        creations = {source_id: record for source_id, record in possible.items() if source_id not in matches}
        # A person who left never passes an identity on with an address; a group that stays keeps its name,
        # because account assignments hang on it.
        going = {aws_id for aws_id, leaver in leavers.items() if kind == "user" or leaver.fate is Fate.DELETED}
        names = settle_names(existing, merged, creations, frozenset() if rules.additive else frozenset(going), alone)
        return cls(
            kind=kind,
            wanted=possible,
            existing=existing,
            matches=matches,
            merged=merged,
            leavers=leavers,
            frozen=stays,
            left_alone=alone,
            protected=frozenset(aws_id for aws_id in alone if rules.protects(called(existing[aws_id]))),
            aside=tuple(aside),
            names=names,
            entries=entries,
            pending=ledger.pending(kind),
            going=ledger.going,
            new=NEWLY_NAMED if desired.synced_by_aws else NEW,
        )

    @cached_property
    def known(self) -> frozenset[str]:
        """Collect the AWS ids of everything that the directory knows as somebody, wanted or not."""
        return frozenset(hit.aws_id for hit in self.matches.values()).union(self.leavers, self.frozen)

    def ref(self, source_id: str) -> Ref | None:
        """Point at a wanted record by the name it will have; None if something keeps it from being created."""
        if source_id not in self.wanted:
            return None
        hit = self.matches.get(source_id)
        if hit:
            blocked = hit.aws_id in self.names.blocked_updates
            return Ref(hit.aws_id, source_id, called((self.existing if blocked else self.merged)[hit.aws_id]))
        return None if source_id in self.names.blocked_creations else Ref("", source_id, called(self.wanted[source_id]))

    def existing_ref(self, aws_id: str) -> Ref:
        """Point at an object of the store."""
        record = self.existing[aws_id]
        source_id = self.leavers[aws_id].source_id if aws_id in self.leavers else record.external_id
        return Ref(aws_id, source_id, called(record))

    def adoptions(self) -> Iterator[Change]:
        for source_id, hit in self.matches.items():
            ref = msgspec.structs.replace(self.existing_ref(hit.aws_id), source_id=source_id)
            if hit.by and source_id in self.pending:
                why = "created by an earlier run that did not see the answer"
                yield Adopt(self.kind, ref, why, created=True, by=hit.by)
            elif hit.by:
                yield Adopt(self.kind, ref, f"already there: {hit.adopted_by}", by=hit.by)

    def creations(self) -> Iterator[tuple[Record, str, bool]]:
        """Yield the record, the reason, and whether it is drift."""
        for source_id, record in self.wanted.items():
            if source_id not in self.matches and source_id not in self.names.blocked_creations:
                was_there = source_id in self.entries and self.entries[source_id].aws_id not in self.going
                yield record, DELETED_THERE if was_there else self.new, was_there

    def updates(self) -> Iterator[Update[Record]]:
        """Yield what is to be written to objects that are there: names that are freed first."""
        source_of = {hit.aws_id: source_id for source_id, hit in self.matches.items()}
        standing: dict[str, Record] = dict(self.existing)
        for aws_id, taken in self.names.renamed_aside.items():
            before = standing[aws_id]
            standing[aws_id] = msgspec.structs.replace(before, **aside_names(before, taken))
            ref = self.existing_ref(aws_id)
            if aws_id in source_of:
                ref = msgspec.structs.replace(ref, source_id=source_of[aws_id])
            yield Update(ref, before, standing[aws_id], f"its name is needed by another {self.kind}", aside=True)
        for source_id, hit in self.matches.items():
            before, after = standing[hit.aws_id], self.merged[hit.aws_id]
            if hit.aws_id in self.names.blocked_updates:
                after = msgspec.structs.replace(
                    after, **{name: getattr(before, name) for name in name_attributes(before)}
                )
            if after != before:
                ref = msgspec.structs.replace(self.existing_ref(hit.aws_id), source_id=source_id)
                entry = self.entries.get(source_id)
                drift = entry is not None and entry.synced == digest_of(self.wanted[source_id])
                reason = CHANGED_THERE if drift else "adopted" if hit.by else "differs from the directory"
                yield Update(ref, before, after, reason, drift=drift)
        for aws_id, leaver in self.leavers.items():
            record = standing[aws_id]
            if leaver.fate is Fate.DEACTIVATED and isinstance(record, User) and record.active:
                switched_off = msgspec.structs.replace(record, active=False)
                entry = self.entries.get(leaver.source_id)
                again = entry is not None and entry.left is not None and entry.off
                why = f"{leaver.why}; switched on in Identity Center, not by sso-sync" if again else leaver.why
                yield Update(self.existing_ref(aws_id), record, switched_off, why, drift=again)

    def deletions(self) -> Iterator[tuple[Ref, str]]:
        for aws_id, leaver in self.leavers.items():
            if leaver.fate is Fate.DELETED:
                yield self.existing_ref(aws_id), leaver.why

    def blocked(self) -> Iterator[SetAside]:
        yield from self.aside
        for source_id, why in self.names.blocked_creations.items():
            yield set_aside(self.wanted[source_id], why)
        for source_id, hit in self.matches.items():
            if hit.aws_id in self.names.blocked_updates:
                yield set_aside(self.wanted[source_id], self.names.blocked_updates[hit.aws_id])

    def kept_warnings(self) -> Iterator[str]:
        gone = {entry.aws_id for source_id, entry in self.entries.items() if source_id not in self.wanted}
        aside = {record.source_id for record in self.aside}
        for source_id, entry in self.entries.items():
            why = self.left_alone.get(entry.aws_id)
            if entry.aws_id in gone and why and source_id not in aside:
                yield f"{self.kind} '{called(self.existing[entry.aws_id])}' is not wanted any more, but {why}"
        for source_id, hit in self.matches.items():
            after, wanted = self.merged[hit.aws_id], self.wanted[source_id]
            if isinstance(after, User) and isinstance(wanted, User) and wanted.active and not after.active:
                yield f"user '{after.user_name}' is switched off in Identity Center, not by sso-sync, so it stays off"


def _not_possible(
    kind: Kind,
    wanted: Mapping[str, Record],
    existing: Mapping[str, Record],
    matches: Mapping[str, Match],
    entries: Mapping[str, Entry],
    alone: Mapping[str, str],
    rules: Rules,
) -> dict[str, str]:
    """Say, by source id, why wanted records cannot be had."""
    reasons: dict[str, str] = {}
    claimed = {existing[aws_id].external_id: why for aws_id, why in alone.items() if existing[aws_id].external_id}
    for source_id, record in wanted.items():
        hit, entry = matches.get(source_id), entries.get(source_id)
        if rules.protects(called(record)):
            reasons[source_id] = "its name is protected (identity_center.protected)"
        elif entry and entry.aws_id in alone:
            reasons[source_id] = f"in Identity Center it is '{called(existing[entry.aws_id])}': {alone[entry.aws_id]}"
        elif hit is None and source_id in claimed:
            reasons[source_id] = f"it is in Identity Center already: {claimed[source_id]}"
        elif hit and hit.by and hit.aws_id in rules.held:
            reasons[source_id] = rules.held[hit.aws_id]
        elif hit is None and kind == "group" and rules.existing_groups_only:
            reasons[source_id] = NO_SUCH_GROUP
    return reasons


def _aside(record: User | Group, why: str, desired: Directory) -> SetAside:
    groups = (group_id for group_id, ids in desired.members.items() if record.id in ids)
    return set_aside(record, why, groups if isinstance(record, User) else ())
