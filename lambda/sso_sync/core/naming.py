"""Who may have which name, where names are unique: swaps, re-used addresses and duplicates."""

from collections import defaultdict
from collections.abc import Mapping

from msgspec import Struct

from sso_sync.core.changes import unique_names
from sso_sync.core.model import Record

WHAT = {"user_name": "user name", "email": "e-mail address", "display_name": "group name"}


class Names(Struct, frozen=True):
    """The outcome: which wanted names cannot be had and why, and who must give a name up first.

    `blocked_creations` is keyed by wanted id, `blocked_updates` by AWS id; `renamed_aside` maps an
    AWS id to the attributes that have to be freed before others can take them. `holders` are the AWS
    ids that have the names of a blocked creation, by its wanted id: they may be the same person.
    """

    blocked_creations: Mapping[str, str] = {}
    blocked_updates: Mapping[str, str] = {}
    renamed_aside: Mapping[str, frozenset[str]] = {}
    holders: Mapping[str, frozenset[str]] = {}


def settle_names(
    existing: Mapping[str, Record],
    updates: Mapping[str, Record],
    creations: Mapping[str, Record],
    leavers: frozenset[str],
    left_alone: Mapping[str, str] | None = None,
) -> Names:
    """Decide every claim to a unique name.

    `existing` and `updates` are by AWS id, and so is `left_alone` (why nothing is done to an object);
    `creations` are by wanted id. `leavers` are AWS ids that give up their names when somebody claims
    them. Where several claim a name, the one who has it today keeps it; where none has it, none gets it,
    so that no order of events decides. Claims against holders are settled first: who loses there is no
    rival for other names.
    """
    current = {aws_id: unique_names(record) for aws_id, record in existing.items()}
    claims = {("update", aws_id): unique_names(record) for aws_id, record in updates.items()}
    claims |= {("create", wanted_id): unique_names(record) for wanted_id, record in creations.items()}
    claims |= {
        ("stay", aws_id): names for aws_id, names in current.items() if aws_id not in updates and aws_id not in leavers
    }
    blocked: dict[tuple[str, str], str] = {}
    while losers := _losers(claims, current, left_alone or {}):
        blocked |= losers
        for how, record_id in losers:
            claims[how, record_id] = current[record_id] if how == "update" else frozenset()
    having: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for aws_id, names in current.items():
        for name in names:
            having[name].add(aws_id)
    blocked_creations = {record_id: why for (how, record_id), why in blocked.items() if how == "create"}
    return Names(
        blocked_creations=blocked_creations,
        blocked_updates={record_id: why for (how, record_id), why in blocked.items() if how == "update"},
        renamed_aside=_renamed_aside(claims, having),
        holders={
            wanted_id: frozenset().union(*(having[name] for name in unique_names(creations[wanted_id])))
            for wanted_id in blocked_creations
        },
    )


def _losers(
    claims: Mapping[tuple[str, str], frozenset[tuple[str, str]]],
    current: Mapping[str, frozenset[tuple[str, str]]],
    left_alone: Mapping[str, str],
) -> dict[tuple[str, str], str]:
    claimants = defaultdict(list)
    for claimant, names in claims.items():
        for name in sorted(names):
            claimants[name].append(claimant)
    contested = {name: rivals for name, rivals in claimants.items() if len(rivals) > 1}
    against_holders: dict[tuple[str, str], str] = {}
    against_each_other: dict[tuple[str, str], str] = {}
    for name, rivals in contested.items():
        called = f"the {WHAT[name[0]]} '{name[1]}'"
        holders = [rival for rival in rivals if rival[0] != "create" and name in current[rival[1]]]
        owners = [aws_id for how, aws_id in holders if how == "stay"]
        if owners:
            whose = f": {left_alone[owners[0]]}" if owners[0] in left_alone else ", which is left as it is"
            why = f"{called} belongs to another object in Identity Center{whose}"
        else:
            why = f"{called} is wanted by {len(rivals)} records of the directory"
        lost = {rival: why for rival in rivals if rival not in holders}
        (against_holders if holders else against_each_other).update(lost)
    return against_holders or against_each_other


def _renamed_aside(
    claims: Mapping[tuple[str, str], frozenset[tuple[str, str]]],
    having: Mapping[tuple[str, str], set[str]],
) -> dict[str, frozenset[str]]:
    """Find who has a name today that somebody else gets; what stays as it is is never among them."""
    aside: defaultdict[str, set[str]] = defaultdict(set)
    for (how, record_id), names in claims.items():
        for name in names:
            holders = having.get(name, set())
            if how == "create" or record_id not in holders:
                for aws_id in holders:
                    if ("stay", aws_id) not in claims:
                        aside[aws_id].add(name[0])
    return {aws_id: frozenset(attributes) for aws_id, attributes in aside.items()}
