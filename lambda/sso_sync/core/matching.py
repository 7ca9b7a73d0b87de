"""Which wanted record is which object of the store."""

from collections.abc import Mapping

from msgspec import Struct

from sso_sync.core.ledger import Entry
from sso_sync.core.model import Group, User, fold


class Match(Struct, frozen=True):
    """One wanted record found in the store; `adopted_by` says how, where the ledger did not know it."""

    aws_id: str
    adopted_by: str = ""


def match(
    wanted: Mapping[str, User | Group],
    existing: Mapping[str, User | Group],
    entries: Mapping[str, Entry],
) -> dict[str, Match]:
    """Find wanted records in the store, by wanted id.

    The source's immutable id decides: first as the ledger has it, then as the store's external id,
    compared exactly. Only an object that belongs to no source id is matched by what it is called:
    user name or group name first, then e-mail address, without regard to case.
    """
    found: dict[str, Match] = {}
    for source_id in sorted(wanted):
        entry = entries.get(source_id)
        if entry and entry.aws_id in existing:
            found[source_id] = Match(entry.aws_id)
    known = {entry.aws_id for entry in entries.values()}
    by_external_id = {
        record.external_id: aws_id
        for aws_id, record in sorted(existing.items(), reverse=True)
        if record.external_id and aws_id not in known
    }
    for source_id in sorted(wanted.keys() - found.keys()):
        if source_id in by_external_id:
            found[source_id] = Match(by_external_id[source_id], "it carries the source's id")
    free = {aws_id: record for aws_id, record in existing.items() if not record.external_id and aws_id not in known}
    for attribute, what in (
        ("user_name", "it has the same user name"),
        ("email", "it has the same e-mail address"),
        ("display_name", "it has the same group name"),
    ):
        found |= _match_names(wanted, free, found, attribute, what)
    return found


def _match_names(
    wanted: Mapping[str, User | Group],
    free: Mapping[str, User | Group],
    found: Mapping[str, Match],
    attribute: str,
    how: str,
) -> dict[str, Match]:
    taken = {hit.aws_id for hit in found.values()}
    by_name = {_name(record, attribute): aws_id for aws_id, record in sorted(free.items()) if aws_id not in taken}
    by_name.pop("", None)
    new: dict[str, Match] = {}
    for source_id in sorted(wanted.keys() - found.keys()):
        aws_id = by_name.pop(_name(wanted[source_id], attribute), None)
        if aws_id:
            new[source_id] = Match(aws_id, how)
    return new


def _name(record: User | Group, attribute: str) -> str:
    """Return a name to match by; people are never matched by display name, which is not unique."""
    if isinstance(record, User) == (attribute == "display_name"):
        return ""
    return fold(getattr(record, attribute))
