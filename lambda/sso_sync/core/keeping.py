"""What stays as it is while a directory cannot be read."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from sso_sync.core.ledger import Entry, Ledger
from sso_sync.core.matching import called
from sso_sync.core.model import KINDS, Belonging, Directory, Group, Kind, SetAside, User
from sso_sync.core.people import Joint

UNREAD = "its directory could not be read"


def why_doubted(source: str, directory: Directory, actual: Directory, ledger: Ledger) -> str:
    """Say why what one of several sources gave cannot be believed, or nothing: it lists none of what it had."""
    for kind in KINDS:
        wanted, existing = _records(kind, directory), _records(kind, actual)
        came = sum(
            source in entry.sources and entry.aws_id in existing and not entry.left
            for entry in ledger.entries(kind).values()
        )
        if came and not wanted:
            return (
                f"{source} or its filters gave no {kind} at all, and {came:,} came from there; check the filters in "
                "the config and the directory, then run again."
            )
    return ""


def keep_unread(
    joint: Joint, order: Sequence[str], unread: Sequence[str], actual: Directory, ledger: Ledger
) -> tuple[Joint, list[SetAside]]:
    """Find what stays as it is, and see to it that people who are also elsewhere keep what is not known now.

    A person whose attributes come from a source that could not be read keeps them, and follows the
    groups of the others. An object of which the ledger does not say whose it is may be anybody's.
    """
    if not unread:
        return joint, []
    aside = {one.source_id for one in joint.set_aside if one.kind == "user"}
    for person_id in [*joint.users, *(aside - joint.users.keys())]:
        entry = ledger.users.get(person_id)
        if entry and _missing(entry, order, unread):
            _remember(person_id, entry, order, unread, joint, actual)
    kept = list(_kept("group", set(joint.members), order, unread, actual, ledger))
    people = list(_kept("user", aside | joint.users.keys(), order, unread, actual, ledger))
    for one in people:
        entry = ledger.users.get(one.source_id)
        if entry:  # whichever of its sources was read does not have them any more
            joint.belonging[one.source_id] = Belonging(_missing(entry, order, unread), entry.also)
    return joint, kept + people


def _missing(entry: Entry, order: Sequence[str], unread: Sequence[str]) -> tuple[str, ...]:
    """Return the sources of an object that were not read; one that the config does not name may have a new name."""
    return tuple(source for source in entry.sources if source in unread or source not in order)


def _remember(
    person_id: str, entry: Entry, order: Sequence[str], unread: Sequence[str], joint: Joint, actual: Directory
) -> None:
    """Keep in mind that a source that was not read has the person, too: what it last gave still counts."""
    belonging, missing = joint.belonging[person_id], _missing(entry, order, unread)
    also = tuple(dict.fromkeys((*belonging.also, *entry.also)))
    joint.belonging[person_id] = Belonging((*belonging.sources, *missing), also)
    present, wanted = actual.users.get(entry.aws_id), joint.users.get(person_id)
    if present is None or wanted is None:
        return
    if _leads(missing, belonging.sources, order):
        joint.users[person_id] = msgspec.structs.replace(present, id=person_id)
    elif not wanted.active:
        joint.users[person_id] = msgspec.structs.replace(wanted, active=present.active)


def _leads(missing: Sequence[str], read: Sequence[str], order: Sequence[str]) -> bool:
    """Tell whether somebody's attributes may come from a source that could not be read."""
    first = min(order.index(source) for source in read)
    return any(source not in order or order.index(source) < first for source in missing)


def _kept(
    kind: Kind, settled: set[str], order: Sequence[str], unread: Sequence[str], actual: Directory, ledger: Ledger
) -> Iterator[SetAside]:
    existing = _records(kind, actual)
    for source_id, entry in ledger.entries(kind).items():
        is_known = entry.sources and not _missing(entry, order, unread)
        if source_id not in settled and entry.aws_id in existing and not is_known:
            yield SetAside(kind, source_id, called(existing[entry.aws_id]), UNREAD)
    # Begun by a run that did not see the answer: from which source is not known.
    for source_id in ledger.pending(kind) - settled - ledger.entries(kind).keys():
        yield SetAside(kind, source_id, source_id, UNREAD)


def _records(kind: Kind, directory: Directory) -> Mapping[str, User | Group]:
    return directory.users if kind == "user" else directory.groups
