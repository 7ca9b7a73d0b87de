"""Several directories joined into one: who is in two of them, and what stays as it is where one could not be read."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from sso_sync.core.errors import SourceError, SsoSyncError
from sso_sync.core.keeping import keep_unread, why_doubted
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import KINDS, Belonging, Directory, SetAside
from sso_sync.core.people import Joint, join_people
from sso_sync.core.provenance import Provenance

MergeKey = Literal["email", "user_name", "employee_number"]


class Part(Struct, frozen=True):
    """What one source gave: its directory, or why there is none."""

    source: str
    directory: Directory | None = None
    error: SsoSyncError | None = None


class Unread(Struct, frozen=True):
    """A source that could not be read while others were, and the sentence that says why."""

    source: str
    problem: str

    @property
    def sentence(self) -> str:
        """Say what that means."""
        return f"{self.source} could not be read, so what came from it stays as it is: {self.problem}"


class Joined(Struct, frozen=True):
    """One directory of all, and the sources that are not in it: what came from them stays as it is."""

    directory: Directory
    unread: tuple[Unread, ...] = ()


def join(parts: Sequence[Part], actual: Directory, ledger: Ledger, merge_by: MergeKey | None = None) -> Joined:
    """Join what the sources gave, in the order of the config.

    A person who is in several is one only if `merge_by` says so; the first source that has them gives
    their attributes. Raises the error of a single source, or SourceError if none could be read, or if two
    sources use one id.
    """
    if len(parts) == 1:
        return Joined(_alone(parts[0], actual, ledger))
    problems = {part.source: _problem(part, actual, ledger) for part in parts}
    unread = tuple(Unread(source, problem) for source, problem in problems.items() if problem)
    read = {part.source: part.directory for part in parts if part.directory and not problems[part.source]}
    if not read:
        raise SourceError("No directory could be read. " + " ".join(f"{one.source}: {one.problem}" for one in unread))
    _check_ids(read)
    joint = join_people(read, actual, ledger, merge_by)
    order = [part.source for part in parts]
    joint, kept = keep_unread(joint, order, [one.source for one in unread], actual, ledger)
    return Joined(_directory(read, joint, kept), unread)


def _problem(part: Part, actual: Directory, ledger: Ledger) -> str:
    if part.directory is None:
        return str(part.error or "it gave nothing.")
    return why_doubted(part.source, part.directory, actual, ledger)


def _alone(part: Part, actual: Directory, ledger: Ledger) -> Directory:
    """Return what the only source gave; whoever is left of several goes on under the id that they had."""
    if part.error or part.directory is None:
        raise part.error or SourceError(f"{part.source} gave nothing.")
    if not any(entry.also for entry in ledger.users.values()):
        return _belonging_to(part.source, part.directory)
    read = {part.source: part.directory}
    joined = _directory(read, join_people(read, actual, ledger, None), [])
    return msgspec.structs.replace(joined, warnings=part.directory.warnings, synced_by_aws=part.directory.synced_by_aws)


def _belonging_to(source: str, directory: Directory) -> Directory:
    mine = Belonging((source,))
    records = {"user": directory.users, "group": directory.groups}
    aside = directory.set_aside
    return msgspec.structs.replace(
        directory,
        belonging={
            kind: dict.fromkeys([*records[kind], *(one.source_id for one in aside if one.kind == kind)], mine)
            for kind in KINDS
        },
    )


def _check_ids(read: Mapping[str, Directory]) -> None:
    """Raise SourceError for an id in two sources: nobody could tell afterwards whose object it is."""
    owners: dict[str, str] = {}
    for source, directory in read.items():
        for record_id in (*directory.users, *directory.groups):
            owner = owners.setdefault(record_id, source)
            if owner != source:
                raise SourceError(
                    f"{owner} and {source} both have something with the id {record_id}, so they are the same directory "
                    "twice; name it once in the config, with all its filters."
                )


def _directory(read: Mapping[str, Directory], joint: Joint, kept: Sequence[SetAside]) -> Directory:
    groups = {group_id: group for directory in read.values() for group_id, group in directory.groups.items()}
    of_groups = {group_id: Belonging((source,)) for source, directory in read.items() for group_id in directory.groups}
    return Directory.of(
        joint.users.values(),
        groups.values(),
        joint.members,
        set_aside=joint.set_aside,
        kept=kept,
        left_out=joint.left_out,
        warnings=_warnings(read),
        provenance=_provenance(read, joint),
        belonging={"user": joint.belonging, "group": of_groups},
    )


def _warnings(read: Mapping[str, Directory]) -> list[str]:
    return [f"{source}: {said}" for source, directory in read.items() for said in directory.warnings]


def _provenance(read: Mapping[str, Directory], joint: Joint) -> Provenance:
    """Put together how people came in; whoever is everybody in one directory is named, since others have their own."""
    parts = [directory.provenance for directory in read.values() if directory.provenance]
    named = joint.canonical
    direct: dict[str, tuple[str, ...]] = {}
    for directory in read.values():
        if directory.provenance:
            everybody = set(directory.users) - directory.provenance.outside
            for group_id, ids in directory.provenance.direct.items():
                inside = {*ids, *everybody} if group_id in directory.provenance.everybody else ids
                direct[group_id] = tuple(sorted({named.get(one, one) for one in inside}))
    return Provenance(
        groups={group_id: named_as for part in parts for group_id, named_as in part.groups.items()},
        people={
            named.get(one, one): named_as
            for part in reversed(parts)
            for one, named_as in part.people.items()
            if named.get(one, one) not in joint.users
        },
        chosen_groups={group_id: by for part in parts for group_id, by in part.chosen_groups.items()},
        chosen_people={named.get(one, one): by for part in reversed(parts) for one, by in part.chosen_people.items()},
        direct=direct,
        below={group_id: below for part in parts for group_id, below in part.below.items()},
        outside=frozenset(one for part in parts for one in part.outside),
    )
