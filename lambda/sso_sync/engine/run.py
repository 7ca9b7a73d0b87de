"""A run: read both sides, plan, check the limits, apply, record, tell."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Event
from time import monotonic

import msgspec
from msgspec import Struct, field

from sso_sync.core.errors import Interrupted, SettingsError, SsoSyncError
from sso_sync.core.expiry import warnings
from sso_sync.core.findings import Credential
from sso_sync.core.joining import MergeKey, join
from sso_sync.core.model import Directory
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.policy import Policy
from sso_sync.core.ports import AccountAssignments, IdentitySource, Lease, Reporter, State, Target
from sso_sync.core.record import encode_record
from sso_sync.core.replay import after
from sso_sync.core.report import RunReport
from sso_sync.core.scope import Scope
from sso_sync.engine.accounts import Accounts, Found
from sso_sync.engine.applier import Applier
from sso_sync.engine.bookkeeper import Bookkeeper
from sso_sync.engine.consent import Consent
from sso_sync.engine.drafting import Draft, Drafter, Sides
from sso_sync.engine.reading import Reading

log = logging.getLogger(__name__)
STOPPED = "Stopped by whoever started it; the next run goes on."
UNDER_WAY = "The run has begun to write, and nobody has heard of its end."


class Review:
    """Who decides between plan and apply, and who watches: the command line, a log, or nobody."""

    def approve(self, draft: Draft) -> bool:
        """Tell whether to go ahead."""
        return bool(draft.plan.changes)

    def progress(self, outcome: Outcome) -> None:
        """Take notice of one change."""


class Run:
    """Everything a run needs; `draft` reads and plans, `execute` goes all the way.

    Of several sources one may fail: what came from it stays as it is. `merge_by` says who of several is one person.

    `reporters` are made when there is something to tell; `calls` counts what was asked of the outside;
    `credentials` are those that the target is written with. Setting `stop` ends a run soon and in good order.
    """

    def __init__(
        self,
        sources: Sequence[IdentitySource],
        target: Target,
        state: State,
        policy: Policy,
        *,
        merge_by: MergeKey | None = None,
        scope: Scope | None = None,
        consent: Consent | None = None,
        assignments: AccountAssignments | None = None,
        reporters: Callable[[], Sequence[Reporter]] = tuple,
        calls: Callable[[], Mapping[str, int]] = dict,
        credentials: Callable[[], Sequence[Credential]] = tuple,
    ) -> None:
        self._reading, self._target, self._state = Reading(sources, target), target, state
        self._merge_by = merge_by
        self._policy, self._scope = policy, scope or Scope()
        self._accounts = Accounts(assignments)
        self._drafter = Drafter(policy, self._scope, state, consent or Consent(), self._accounts)
        self._reporters, self._calls, self._credentials = reporters, calls, credentials
        self.stop = Event()

    @property
    def store_id(self) -> str:
        """Return the id of the identity store that is written."""
        return self._target.store_id

    def draft(self, run_id: str = "") -> Draft:
        """Read both sides at the same time and plan; writes nothing."""
        parts, actual = self._reading.read(self.stop)
        ledger = self._state.load_ledger(self._target.store_id)
        joined = join(parts, actual, ledger, self._merge_by)
        rules = msgspec.structs.replace(
            self._policy.rules,
            unwritable=self._target.unwritable,
            additive=self._scope.additive,
            now=datetime.now(UTC),
            # What nobody manages may belong to somebody whom a directory would name that was not read.
            unmanaged="keep" if joined.unread else self._policy.rules.unmanaged,
        )
        draft = self._drafter.draft(Sides(joined.directory, actual, ledger, rules), run_id)
        credentials, known = self._reading.credentials()
        expiring = warnings([*credentials, *self._credentials()], rules.now)
        return msgspec.structs.replace(draft.with_expiring(expiring), unread=joined.unread, expiry_known=known)

    def execute(self, trigger: str, review: Review) -> list[Outcome]:
        """Make a whole run under the lease, keep its record, and tell people, whatever becomes of it.

        Returns the outcome of every change, none if the review said no. Raises every error of the
        tree; what was done before is in the ledger and in the record.
        """
        started = datetime.now(UTC)
        begun = _Begun(new_run_id(started), trigger, started)
        report: RunReport | None = None
        try:
            with self._state.hold_lease(begun.run_id) as lease:
                try:
                    begun.draft = self.draft(begun.run_id)
                    begun.held = begun.draft.actual
                    if begun.draft.waiting:
                        self._state.save_refusal(begun.draft.waiting)
                    if begun.draft.refusal:
                        raise begun.draft.refusal
                    self._apply(begun, begun.draft, lease, review)
                except BaseException as exc:
                    begun.error = Interrupted(STOPPED) if isinstance(exc, KeyboardInterrupt) else exc
                    # Whoever sits before it knows that they have stopped it, or mistyped something.
                    begun.is_private = isinstance(exc, KeyboardInterrupt | SettingsError) and not begun.outcomes
                    raise
                finally:
                    report = self._report(begun)
                    self._keep_record(report)
        finally:
            if report and not begun.is_private:
                tell(report, self._reporters())
        return begun.outcomes

    def _apply(self, begun: "_Begun", draft: Draft, lease: Lease, review: Review) -> None:
        """Make the plan's changes if the review agrees; every outcome is kept as it comes."""
        bookkeeper = Bookkeeper(draft.ledger, self._state, monotonic)
        agreed = review.approve(draft)
        if not agreed and draft.plan.changes:
            return
        try:
            if agreed:
                begun.assignments |= self._accounts.of_users(draft.plan, self.stop)
                self._keep_record(self._report(begun, Interrupted(UNDER_WAY)))
                bookkeeper.begin(draft.plan.changes)

                def report(outcome: Outcome) -> None:
                    begun.outcomes.append(outcome)
                    bookkeeper.record(outcome)
                    review.progress(outcome)

                Applier(draft.plan, self._target, lease, report, self.stop).apply()
                self._target.finish()
            for approval in draft.approved:
                bookkeeper.use(approval)
        finally:
            tried = sum(outcome.result is not Result.NOT_TRIED for outcome in begun.outcomes)
            begun.held = after(draft.actual, begun.outcomes)
            complete = tried == len(draft.plan.changes) and not self._scope.group
            bookkeeper.close(draft.desired, begun.held, datetime.now(UTC), complete=complete)
            bookkeeper.save()

    def _report(self, begun: "_Begun", error: BaseException | None = None) -> RunReport:
        draft = begun.draft
        return RunReport(
            run_id=begun.run_id,
            trigger=begun.trigger,
            started=begun.started,
            ended=datetime.now(UTC),
            source=self._reading.name,
            plan=draft.plan if draft else None,
            outcomes=tuple(begun.outcomes),
            error=error or begun.error,
            desired=draft.desired if draft else None,
            identity_center=begun.held,
            ledger=draft.ledger if draft else None,
            unread=draft.unread if draft else (),
            expiring=draft.expiring if draft else (),
            expiry_known=not draft or draft.expiry_known,
            waiting=draft.waiting if draft else None,
            how_to_approve=draft.how_to_approve if draft else "",
            held=draft.held if draft else (),
            approved=draft.approved if draft else (),
            assignments={**draft.assignments, **begun.assignments} if draft else {},
            scope=self._scope,
            calls=self._calls(),
        )

    def _keep_record(self, report: RunReport) -> None:
        """Save the record; a failure to do so must not hide what ended the run."""
        try:
            self._state.save_record(report.run_id, encode_record(report))
        except SsoSyncError as exc:
            if report.error is None:
                raise
            log.error("the run record could not be saved", extra={"run_id": report.run_id, "error": str(exc)})


class _Begun(Struct):
    """A run that is under way."""

    run_id: str
    trigger: str
    started: datetime
    draft: Draft | None = None
    held: Directory | None = None  # what the store holds, as far as the outcomes tell
    assignments: Found = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    error: BaseException | None = None
    is_private: bool = False  # of no interest to anybody else


def early_end(trigger: str, started: datetime, error: BaseException) -> RunReport:
    """Report a run that ended before there was one."""
    run_id, ended = new_run_id(started), datetime.now(UTC)
    return RunReport(run_id=run_id, trigger=trigger, started=started, ended=ended, source="", error=error)


def new_run_id(started: datetime) -> str:
    """Make an id that sorts by time."""
    return f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def tell(report: RunReport, reporters: Sequence[Reporter]) -> None:
    """Tell people about a run, each in their way; none of them can make a run fail."""
    for reporter in reporters:
        try:
            reporter.report(report)
        except SsoSyncError as exc:
            log.warning("%s could not be told", reporter.name, extra={"run_id": report.run_id, "error": str(exc)})
        except Exception:
            log.exception("%s could not be told: this is a bug", reporter.name, extra={"run_id": report.run_id})
