"""Which AWS accounts the plan's objects give access to: asked for before anything is adopted or deleted."""

import logging
from collections.abc import Iterator, Sequence
from threading import Event

from sso_sync.core.changes import Adopt, Change, DeleteGroup, DeleteUser, Ref, key_of, subject
from sso_sync.core.errors import Interrupted, SsoSyncError
from sso_sync.core.limits import Breach
from sso_sync.core.model import Assignment, Kind
from sso_sync.core.plan import Plan
from sso_sync.core.ports import AccountAssignments
from sso_sync.core.wording import counted, one_line

log = logging.getLogger(__name__)
AT_ONCE = 50  # ids, between which a run that is to stop is noticed
LONGEST_ERROR = 160
Found = dict[str, tuple[Assignment, ...] | None]  # by AWS id; None: could not be read


class Accounts:
    """Reads account assignments; without a reader there are none."""

    def __init__(self, reader: AccountAssignments | None) -> None:
        self._reader = reader
        self._error = ""

    def of_groups(self, plan: Plan) -> Found:
        """Read those of the groups that a plan adopts or deletes."""
        return self._read("group", [_ref(change).id for change in plan.changes if _is_delicate(change)])

    def of_users(self, plan: Plan, stop: Event) -> Found:
        """Read those of the users that a plan deletes; raises Interrupted."""
        ids = [change.user.id for change in plan.changes if isinstance(change, DeleteUser)]
        found: Found = {}
        for start in range(0, len(ids), AT_ONCE):
            if stop.is_set():
                raise Interrupted("Stopped on request before anything was written. Run again.")
            found |= self._read("user", ids[start : start + AT_ONCE])
        return found

    def held(self, plan: Plan, found: Found, waits: str) -> Iterator[tuple[str, Breach]]:
        """Find the groups that give access, or may do so; `waits` says what that means for them."""
        for change in plan.changes:
            if isinstance(change, Adopt | DeleteGroup) and _is_delicate(change):
                ref, assignments = _ref(change), found.get(_ref(change).id)
                if assignments is None or assignments:
                    doing = "deleting" if isinstance(change, DeleteGroup) else "adopting"
                    sentence = f"the group '{ref.name}' {self._has(assignments)}, so {doing} it {waits}"
                    yield ref.id, Breach(sentence, frozenset({key_of(change)}))

    def _read(self, kind: Kind, ids: Sequence[str]) -> Found:
        if not ids or self._reader is None:
            return dict.fromkeys(ids, ())
        try:
            return dict(self._reader.of(kind, ids))
        except SsoSyncError as exc:
            log.warning("account assignments could not be read", extra={"error": str(exc)})
            self._error = one_line(str(exc), LONGEST_ERROR).rstrip(".")
            return dict.fromkeys(ids)

    def _has(self, assignments: tuple[Assignment, ...] | None) -> str:
        if assignments is None:
            return f"may give access to AWS accounts, which could not be read ({self._error})"
        accounts = {assignment.account for assignment in assignments}
        return f"has {counted(len(assignments), 'assignment')} in {counted(len(accounts), 'AWS account')}"


def _is_delicate(change: Change) -> bool:
    return isinstance(change, DeleteGroup) or (
        isinstance(change, Adopt) and change.kind == "group" and not change.created
    )


def _ref(change: Change) -> Ref:
    return subject(change)[1]
