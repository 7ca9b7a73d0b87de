"""Which AWS accounts the plan's objects give access to: asked for before anything is adopted or deleted."""

import logging
from collections.abc import Iterator, Sequence
from threading import Event

from sso_sync.core.changes import Adopt, DeleteGroup, DeleteUser, subject
from sso_sync.core.digests import SHORT, digest
from sso_sync.core.errors import Interrupted, SsoSyncError
from sso_sync.core.limits import Breach
from sso_sync.core.model import KINDS, Assignment, Kind
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

    def of(self, plan: Plan, what: type[Adopt | DeleteGroup]) -> Found:
        """Read those of what a plan adopts, or of the groups that it deletes, where somebody may have to agree."""
        delicate = [subject(change) for change in plan.changes if isinstance(change, what) and _is_delicate(change)]
        found: Found = {}
        for kind in KINDS:
            found |= self._read(kind, [ref.id for of_kind, ref in delicate if of_kind == kind])
        return found

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
        """Find what gives access, or may do so; `waits` says what that means for it.

        Whoever agrees agrees to all that the plan does to it, who gets that access and who loses it, and
        to these assignments.
        """
        for change in plan.changes:
            ref = subject(change)[1]
            if isinstance(change, Adopt | DeleteGroup) and found.get(ref.id, ()) != ():
                doing = "deleting" if isinstance(change, DeleteGroup) else "adopting"
                what = f"the {subject(change)[0]} '{ref.name}' {self._has(found[ref.id])}"
                concerned = Breach.of("", (c for c in plan.changes if subject(c)[1].id == ref.id)).lines
                lines = {**concerned, f"accounts of {ref.id} {_digest(found[ref.id])}": f"with {what}"}
                yield ref.id, Breach(f"{what}, so {doing} it {waits}", lines)

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


def _digest(assignments: tuple[Assignment, ...] | None) -> str:
    return digest(None if assignments is None else sorted(assignments))[:SHORT]


def _is_delicate(change: Adopt | DeleteGroup) -> bool:
    """Tell what may take accounts from somebody, or hand them over: a group, and a user found by an address alone."""
    return isinstance(change, DeleteGroup) or change.kind == "group" or change.by == "email"
