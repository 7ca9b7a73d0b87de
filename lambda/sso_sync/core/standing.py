"""Where the objects of a store stand: left alone, leaving, or kept as they are for a record that is set aside."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto

from msgspec import Struct

from sso_sync.core.changes import unique_names
from sso_sync.core.ledger import Entry, Ledger
from sso_sync.core.matching import called
from sso_sync.core.model import Directory, Group, Kind, SetAside, User, fold
from sso_sync.core.rules import Rules

GONE = "no longer in the directory"
NOT_NAMED = "no longer named in the config, so AWS stops syncing it"
UNMANAGED = "not in the directory, and the config says to delete what sso-sync does not manage"


class Fate(Enum):
    """What becomes of an object that is not wanted."""

    KEPT = auto()
    DEACTIVATED = auto()
    DELETED = auto()


class Leaver(Struct, frozen=True):
    """An object that is not wanted: whose it was, why it is not wanted, and what becomes of it."""

    source_id: str
    why: str
    fate: Fate


def left_alone(existing: Mapping[str, User | Group], ledger: Ledger, rules: Rules) -> dict[str, str]:
    """Find the objects that nothing may be done to, with the reason, by AWS id."""
    found = {
        aws_id: f"the deployment '{ledger.others[aws_id]}' manages it" for aws_id in existing if aws_id in ledger.others
    }
    return found | {
        aws_id: "its name is protected" for aws_id, record in existing.items() if rules.protects(called(record))
    }


def frozen(
    kind: Kind, aside: Iterable[SetAside], existing: Mapping[str, User | Group], entries: Mapping[str, Entry]
) -> dict[str, frozenset[str]]:
    """Find the objects whose records are set aside, with the groups that they belong in; one may have several."""
    by_external_id = {record.external_id: aws_id for aws_id, record in existing.items() if record.external_id}
    found: dict[str, frozenset[str]] = {}
    for record in aside:
        entry = entries.get(record.source_id)
        aws_id = entry.aws_id if entry else by_external_id.get(record.source_id, "")
        if record.kind == kind and aws_id in existing:
            found[aws_id] = found.get(aws_id, frozenset()) | record.groups
    return found


def find_leavers(
    kind: Kind,
    desired: Directory,
    wanted: Iterable[str],
    existing: Mapping[str, User | Group],
    staying: Iterable[str],
    ledger: Ledger,
    rules: Rules,
) -> dict[str, Leaver]:
    """Find the objects that are not wanted, by AWS id; `wanted` are source ids, `staying` AWS ids."""
    entries, wanted, kept = ledger.entries(kind), set(wanted), set(staying)
    gone = NOT_NAMED if desired.synced_by_aws else GONE
    leavers: dict[str, Leaver] = {}

    def add(aws_id: str, source_id: str, entry: Entry | None, why: str) -> None:
        if aws_id in existing and aws_id not in kept and aws_id not in leavers:
            leavers[aws_id] = Leaver(source_id, why, _fate(kind, existing[aws_id], aws_id, entry, rules))

    for source_id, entry in entries.items():
        if source_id not in wanted:
            add(entry.aws_id, source_id, entry, desired.left_out.get(source_id, gone))
    # Created by a run that did not see the answer, and gone from the directory since.
    lost = ledger.pending(kind) - wanted
    for aws_id, record in existing.items():
        if record.external_id in lost:
            add(aws_id, record.external_id, None, desired.left_out.get(record.external_id, gone))
    if rules.unmanaged == "delete" and not ledger.is_new:  # what an earlier deployment made would go with it
        aside = {fold(record.name) for record in desired.set_aside if record.kind == kind}
        for aws_id, record in existing.items():
            is_aside = any(name in aside for _, name in unique_names(record))
            if not is_aside and not (kind == "group" and rules.existing_groups_only):
                add(aws_id, record.external_id, None, UNMANAGED)
    return leavers


def _fate(kind: Kind, record: User | Group, aws_id: str, entry: Entry | None, rules: Rules) -> Fate:
    if aws_id in rules.held:
        return Fate.KEPT
    if kind == "group":
        keep = rules.existing_groups_only or rules.leaving_groups == "keep"
        return Fate.KEPT if keep else Fate.DELETED
    if rules.leavers == "keep":
        return Fate.KEPT
    if rules.leavers == "delete" or entry is None:
        return Fate.DELETED
    is_due = entry.left is not None and rules.now - entry.left >= rules.delete_after
    return Fate.DELETED if is_due and not (isinstance(record, User) and record.active) else Fate.DEACTIVATED
