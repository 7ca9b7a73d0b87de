"""Account assignments of what sync filters name: AWS assigns accounts to the groups and users that it has synced."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from sso_sync.core.errors import CredentialsError, SsoSyncError, TargetError
from sso_sync.core.model import Assignment, Kind, fold
from sso_sync.core.sync_filters import SyncFilter
from sso_sync.targets.ad_sync_reader import SyncFilterReader

Given = Mapping[str, tuple[Assignment, ...]]


class Assignments(Protocol):
    """Reads the assignments of users and groups of an identity store."""

    def of(self, kind: Kind, aws_ids: Collection[str]) -> Given:
        """Return the assignments of each id; raises TargetError or CredentialsError if they cannot be read."""

    def as_far_as_possible(self, kind: Kind, aws_ids: Collection[str]) -> tuple[Given, SsoSyncError | None]:
        """Return the assignments of those whose can be read, and the last error of the others."""

    def permission_set(self, arn: str) -> str:
        """Return the name of a permission set; raises TargetError or CredentialsError."""


class SyncedAssignments:
    """Reads assignments by the ids of filters; see `core.ports.AccountAssignments`.

    `names` lists what the users or groups of the store are called, by id: AWS calls those that it has synced
    name@domain. What goes by the same name in another spelling of the domain counts, too.
    """

    def __init__(
        self, assignments: Assignments, filters: SyncFilterReader, names: Callable[[Kind], Mapping[str, str]]
    ) -> None:
        self._assignments, self._filters, self._names = assignments, filters, names

    def of(self, kind: Kind, aws_ids: Collection[str]) -> Given:
        synced = self._synced(kind, aws_ids)
        if synced.keys() < set(aws_ids):
            raise TargetError(
                f"Cannot read the account assignments: a sync filter does not tell which {kind} it names."
            )
        return _by_filter(synced, self._assignments.of(kind, {one for ids in synced.values() for one in ids}))

    def as_far_as_possible(self, kind: Kind, aws_ids: Collection[str]) -> tuple[Given, SsoSyncError | None]:
        """Return the assignments of those whose can be read, and the last error of the others."""
        try:
            synced = self._synced(kind, aws_ids)
        except (CredentialsError, TargetError) as exc:
            return {}, exc
        found, error = self._assignments.as_far_as_possible(kind, {one for ids in synced.values() for one in ids})
        return _by_filter({one: ids for one, ids in synced.items() if found.keys() >= ids}, found), error

    def permission_set(self, arn: str) -> str:
        """Return the name of a permission set; raises TargetError or CredentialsError."""
        return self._assignments.permission_set(arn)

    def _synced(self, kind: Kind, filter_ids: Collection[str]) -> dict[str, set[str]]:
        """Find, by the ids of filters, the ids of what AWS has synced for them: most often one, or nothing yet.

        Left out are filters that name more or less than one group or user.
        """
        if not filter_ids:
            return {}
        listed = self._filters.known.get(kind) or self._filters.list(kind)
        named = {one.id: one.of for one in listed.values() if one.id in filter_ids and one.of}
        names = self._names(kind) if named else {}
        return {
            filter_id: {aws_id for aws_id, name in names.items() if _is_called(name, of)}
            for filter_id, of in named.items()
        }


def _is_called(name: str, of: SyncFilter) -> bool:
    return fold(name).partition("@")[0] == fold(of.name)


def _by_filter(synced: Mapping[str, Collection[str]], found: Given) -> dict[str, tuple[Assignment, ...]]:
    return {one: tuple(sorted({given for aws_id in ids for given in found[aws_id]})) for one, ids in synced.items()}
