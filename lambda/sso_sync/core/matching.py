"""Which wanted record is which object of the store."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from sso_sync.core.ledger import Entry
from sso_sync.core.model import Group, User, fold

HOW = {
    "external_id": "it carries the source's id",
    "user_name": "it has the same user name",
    "email": "it has the same e-mail address",
    "display_name": "it has the same group name",
}


class Match(Struct, frozen=True):
    """One wanted record found in the store; where the ledger did not know it, `by` is what it was found by."""

    aws_id: str
    by: str = ""

    @property
    def adopted_by(self) -> str:
        """Say how it was found, empty if the ledger knew it."""
        return HOW[self.by] if self.by else ""


def match(
    wanted: Mapping[str, User | Group],
    existing: Mapping[str, User | Group],
    entries: Mapping[str, Entry],
    left_alone: Collection[str] = (),
    by: Sequence[str] = ("user_name", "email", "display_name"),
) -> dict[str, Match]:
    """Find wanted records in the store, by wanted id; objects in `left_alone` are nobody's.

    The source's immutable id decides: first as the ledger has it, then as the store's external id,
    compared exactly. Only an object that belongs to no source id is matched by what it is called:
    by the attributes of `by` in their order; as it is written, else without regard to case if only
    one object fits.
    """
    found: dict[str, Match] = {}
    for source_id in sorted(wanted):
        entry = entries.get(source_id)
        if entry and entry.aws_id in existing and entry.aws_id not in left_alone:
            found[source_id] = Match(entry.aws_id)
    known = {entry.aws_id for entry in entries.values()}.union(left_alone)
    strangers = {aws_id: record for aws_id, record in existing.items() if aws_id not in known}
    by_external_id = {
        record.external_id: aws_id for aws_id, record in sorted(strangers.items(), reverse=True) if record.external_id
    }
    for source_id in sorted(wanted.keys() - found.keys()):
        if source_id in by_external_id:
            found[source_id] = Match(by_external_id[source_id], "external_id")
    free = {aws_id: record for aws_id, record in strangers.items() if not record.external_id}
    for attribute in by:
        found |= _match_names(wanted, free, found, attribute)
    return found


def _match_names(
    wanted: Mapping[str, User | Group],
    free: Mapping[str, User | Group],
    found: Mapping[str, Match],
    attribute: str,
) -> dict[str, Match]:
    taken = {hit.aws_id for hit in found.values()}
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for aws_id, record in sorted(free.items()):
        if aws_id not in taken:
            by_name[fold(_name(record, attribute))].append(aws_id)
    new: dict[str, Match] = {}
    for source_id in sorted(wanted.keys() - found.keys()):
        name = _name(wanted[source_id], attribute)
        fitting = by_name[fold(name)] if name else []
        exact = [aws_id for aws_id in fitting if _name(free[aws_id], attribute) == name]
        chosen = exact or (fitting if len(fitting) == 1 else [])
        if chosen:
            new[source_id] = Match(chosen[0], attribute)
            fitting.remove(chosen[0])
    return new


def _name(record: User | Group, attribute: str) -> str:
    """Return a name to match by; people are never matched by display name, which is not unique."""
    if isinstance(record, User) == (attribute == "display_name"):
        return ""
    name: str = getattr(record, attribute)
    return name


def called(record: User | Group) -> str:
    """Return the name by which an object is known: the user name, or the group's name."""
    return record.user_name if isinstance(record, User) else record.display_name
