"""What a run has seen, for the ledger: who is wanted since when, and what equals the directory."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from sso_sync.core.ledger import Entry, Ledger, digest_of
from sso_sync.core.model import Belonging, Directory, Group, Kind, User


def sight(ledger: Ledger, desired: Directory, held: Directory, now: datetime) -> bool:
    """Write into the ledger what stands after a run; tell whether that changes it.

    `held` is what the store holds now. Entries of what is neither wanted nor set aside get the moment
    since which that is so; what is wanted gets the day, and if it equals the directory, the digest of
    its record. What stays as it is, because its source was not read, is passed over. Memberships of
    managed groups that the directory wants are known from now on.
    """
    before = msgspec.json.encode(ledger, order="deterministic")
    _forget(ledger.users, ledger, desired.users, held.users)
    _forget(ledger.groups, ledger, desired.groups, held.groups)
    ledger.going &= held.users.keys() | held.groups.keys()
    _sight_entries("user", ledger.users, desired, held.users, now)
    there = {source_id: entry.aws_id for source_id, entry in ledger.groups.items() if entry.aws_id in held.groups}
    wanted = {source_id: _members(source_id, ledger, desired) for source_id in there}
    full = {source_id for source_id, aws_id in there.items() if wanted[source_id] <= held.members[aws_id]}
    _sight_entries("group", ledger.groups, desired, held.groups, now, full)
    ledger.memberships = {
        aws_id: _known(ledger.memberships.get(aws_id, {}), wanted[source_id], held.members[aws_id], now)
        for source_id, aws_id in there.items()
    }
    return msgspec.json.encode(ledger, order="deterministic") != before


def _forget(
    entries: dict[str, Entry], ledger: Ledger, wanted: Mapping[str, User | Group], held: Mapping[str, User | Group]
) -> None:
    """Drop what was deleted here although nobody saw the answer; whoever is wanted again is not going."""
    for source_id, entry in list(entries.items()):
        if source_id in wanted:
            ledger.going.discard(entry.aws_id)
        elif entry.aws_id in ledger.going and entry.aws_id not in held:
            del entries[source_id]


def _sight_entries(
    kind: Kind,
    entries: dict[str, Entry],
    desired: Directory,
    held: Mapping[str, User | Group],
    now: datetime,
    complete: Collection[str] | None = None,
) -> None:
    wanted: Mapping[str, User | Group] = desired.users if kind == "user" else desired.groups
    aside = {record.source_id for record in desired.set_aside if record.kind == kind}
    kept = {record.source_id for record in desired.kept if record.kind == kind}
    belonging = desired.belonging.get(kind, {})
    for source_id, entry in list(entries.items()):
        record, present = wanted.get(source_id), held.get(entry.aws_id)
        of = belonging.get(source_id, Belonging(entry.sources, entry.also))
        if source_id in kept:
            entries[source_id] = msgspec.structs.replace(entry, sources=of.sources)
            continue
        if record is None and source_id not in aside:
            entries[source_id] = msgspec.structs.replace(entry, left=entry.left or now)
            continue
        equal = record is not None and present is not None and _equals(present, record)
        equal = equal and (complete is None or source_id in complete)
        entries[source_id] = msgspec.structs.replace(
            entry,
            seen=now.date(),
            left=None,
            synced=digest_of(record) if equal and record is not None else entry.synced,
            sources=of.sources,
            also=of.also,
        )


def _members(group_id: str, ledger: Ledger, desired: Directory) -> set[str]:
    """Collect the members that the directory wants in a group, by AWS id, of those who are there."""
    wanted = desired.members.get(group_id, frozenset())
    return {ledger.users[source_id].aws_id for source_id in wanted if source_id in ledger.users}


def _known(
    before: Mapping[str, datetime], wanted: set[str], present: frozenset[str], now: datetime
) -> dict[str, datetime]:
    """Return since when the memberships of a group are known; those that nobody wants were never ours."""
    return {user_id: before.get(user_id, now) for user_id in sorted(present & (wanted | before.keys()))}


def _equals(present: User | Group, wanted: User | Group) -> bool:
    """Tell whether an object has all that the directory says; what the way of writing cannot set does not count."""
    if isinstance(present, User) and isinstance(wanted, User):
        names = ("user_name", "given_name", "family_name", "display_name", "email")
        has_attributes = all(present.attributes.get(name, "") == value for name, value in wanted.attributes.items())
        return has_attributes and all(getattr(present, name) == getattr(wanted, name) for name in names)
    return isinstance(present, Group) and isinstance(wanted, Group) and present.display_name == wanted.display_name
