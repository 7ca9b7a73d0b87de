"""What groups give, read in turn: no run waits for all of them, and a note holds what was read already."""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct

from sso_sync.core.errors import PermissionMissing, SsoSyncError
from sso_sync.core.model import Assignment, Kind
from sso_sync.core.ports import Notes
from sso_sync.core.wording import one_line
from sso_sync.reporters.access import GroupAccess, Held
from sso_sync.reporters.notes import decoded

log = logging.getLogger(__name__)
NOTE = "accounts"
FRESH = timedelta(hours=24)  # for so long nothing is asked again, and no refusal is tried again
FRESH_NOTHING = timedelta(hours=4)  # a group that has just been made is given its accounts soon
KEPT = timedelta(days=30)  # and then what could not be read again is no longer shown
MOST_ERRORS = 3
LONGEST_NAME = 100  # characters
ASSIGNMENTS, PERMISSION_SETS, ACCOUNTS = "assignments", "permission sets", "accounts"
Moment = Annotated[datetime, Meta(tz=True)]


class GroupAssignments(Protocol):
    """Which AWS accounts the groups of one store have been given."""

    def as_far_as_possible(
        self, kind: Kind, aws_ids: Collection[str]
    ) -> tuple[Mapping[str, tuple[Assignment, ...]], SsoSyncError | None]:
        """Return the assignments of those whose can be read, and the last error of the others."""

    def permission_set(self, arn: str) -> str:
        """Return the name of a permission set; raises TargetError or CredentialsError."""


class Reading(Struct, frozen=True):
    """The assignments of one group, with the ARNs of permission sets."""

    read: Moment
    assignments: tuple[Assignment, ...]

    def is_old(self, now: datetime) -> bool:
        """Tell whether to read again."""
        return not timedelta(0) <= now - self.read < (FRESH if self.assignments else FRESH_NOTHING)


class Known(Struct, frozen=True, kw_only=True):
    """The note. `wait` says of what until when nothing is asked, `denied` why no assignment may be read.

    Names of permission sets, by ARN, are kept for ever: nobody can rename one.
    """

    store_id: str = ""
    groups: Mapping[str, Reading] = {}
    permission_sets: Mapping[str, str] = {}
    account_names: Mapping[str, str] = {}
    wait: Mapping[str, Moment] = {}
    denied: str = ""

    def of(self, store_id: str, group_ids: Collection[str], now: datetime) -> "Known":
        """Return what is still of use for these groups."""
        if self.store_id != store_id:
            return Known(store_id=store_id)
        kept = {i: one for i, one in self.groups.items() if i in group_ids and now - one.read < KEPT}
        return msgspec.structs.replace(self, groups=kept)

    @property
    def assignments(self) -> frozenset[Assignment]:
        """Return all assignments that are known."""
        return frozenset(assignment for one in self.groups.values() for assignment in one.assignments)

    def shown(self) -> GroupAccess:
        """Return what is known by names, as far as there are any."""
        groups = {
            i: Held(one.read, tuple(sorted(map(self._by_name, one.assignments)))) for i, one in self.groups.items()
        }
        accounts = {assignment.account for assignment in self.assignments}
        names = {i: name for i, name in self.account_names.items() if i in accounts}
        return GroupAccess(groups=groups, account_names=names, why_not=self.denied if not groups else "")

    def _by_name(self, assignment: Assignment) -> tuple[str, str]:
        arn = assignment.permission_set
        return assignment.account, self.permission_sets.get(arn) or arn.rpartition("/")[2]


class AccessNote:
    """Knows what groups give; see `reporters.access.Access`. Whoever asks for all groups minds no earlier refusal."""

    def __init__(
        self,
        notes: Notes,
        assignments: Callable[[str], GroupAssignments],
        account_names: Callable[[], Mapping[str, str]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._notes, self._assignments, self._account_names, self._clock = notes, assignments, account_names, clock

    def refresh(self, store_id: str, group_ids: Collection[str], at_once: int | None) -> GroupAccess:
        stored, group_ids = self._load(), frozenset(group_ids)
        known = stored.of(store_id, group_ids, self._clock())
        if at_once != 0:
            reader = self._assignments(store_id)
            known = self._with_assignments(known, reader, group_ids, at_once)
            known = self._with_permission_sets(known, reader, at_once)
            known = self._with_account_names(known, at_once)
        if known != stored:
            self._save(known)
        return known.shown()

    def _with_assignments(
        self, known: Known, reader: GroupAssignments, group_ids: Collection[str], at_once: int | None
    ) -> Known:
        """Read what is missing, then what is oldest."""
        now = self._clock()
        if not self._may_ask(known, ASSIGNMENTS, at_once):
            return known
        never = Reading(datetime.min.replace(tzinfo=UTC), ())
        readings = {group_id: known.groups.get(group_id, never) for group_id in group_ids}
        old = [group_id for group_id, reading in readings.items() if reading.is_old(now)]
        due = sorted(old, key=lambda group_id: (readings[group_id].read, group_id))[:at_once]
        if not due:
            return known
        found, error = reader.as_far_as_possible("group", due)
        groups = {**known.groups, **{group_id: Reading(now, given) for group_id, given in found.items()}}
        known = msgspec.structs.replace(known, groups=groups, denied="")
        if error:
            log.warning("account assignments of groups could not be read", extra={"error": str(error)})
        if isinstance(error, PermissionMissing):
            denied = f"The AWS role lacks the permission sso:{error.operation}."
            return self._put_off(msgspec.structs.replace(known, denied=denied), ASSIGNMENTS, at_once)
        return known

    def _with_permission_sets(self, known: Known, reader: GroupAssignments, at_once: int | None) -> Known:
        if not self._may_ask(known, PERMISSION_SETS, at_once):
            return known
        names, errors = dict(known.permission_sets), 0
        missing = sorted({assignment.permission_set for assignment in known.assignments} - names.keys())
        for arn in missing[:at_once]:
            try:
                names[arn] = one_line(reader.permission_set(arn), LONGEST_NAME)
            except SsoSyncError as exc:
                log.warning("the name of a permission set could not be read", extra={"error": str(exc)})
                errors += 1
                if isinstance(exc, PermissionMissing):
                    return self._put_off(known, PERMISSION_SETS, at_once)
                if errors == MOST_ERRORS:
                    break
        return msgspec.structs.replace(known, permission_sets=names)

    def _with_account_names(self, known: Known, at_once: int | None) -> Known:
        if not known.assignments or not self._may_ask(known, ACCOUNTS, at_once):
            return known
        try:
            names = {i: one_line(name, LONGEST_NAME) for i, name in self._account_names().items()}
        except PermissionMissing as exc:  # outside the management account that is as it should be
            log.info("names of AWS accounts may not be read", extra={"error": str(exc)})
            return self._put_off(known, ACCOUNTS, at_once)
        except SsoSyncError as exc:
            log.warning("names of AWS accounts could not be read", extra={"error": str(exc)})
            return known
        return _waiting(msgspec.structs.replace(known, account_names=names), ACCOUNTS, self._clock())

    def _may_ask(self, known: Known, what: str, at_once: int | None) -> bool:
        now = self._clock()
        return at_once is None or not now < known.wait.get(what, now) <= now + FRESH

    def _put_off(self, known: Known, what: str, at_once: int | None) -> Known:
        """Ask no more for a while; somebody who asks for all is perhaps another identity, and binds no run."""
        return known if at_once is None else _waiting(known, what, self._clock())

    def _load(self) -> Known:
        try:
            stored = self._notes.read(NOTE)
        except SsoSyncError as exc:
            log.warning("what is known of account assignments cannot be read", extra={"error": str(exc)})
            return Known()
        return decoded(stored, Known, "what was known of account assignments") or Known()

    def _save(self, known: Known) -> None:
        encoded = msgspec.json.encode(known)
        try:
            self._notes.amend(NOTE, lambda _: encoded)  # of two runs at once either is right
        except SsoSyncError as exc:
            log.warning("what is known of account assignments cannot be kept", extra={"error": str(exc)})


def _waiting(known: Known, what: str, now: datetime) -> Known:
    return msgspec.structs.replace(known, wait={**known.wait, what: now + FRESH})
