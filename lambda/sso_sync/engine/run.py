"""A run: read both sides, plan, check the limits, apply, record, tell."""

import logging
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from threading import Event
from time import monotonic

from msgspec import Struct

from sso_sync.core.errors import Interrupted, SsoSyncError
from sso_sync.core.ledger import Ledger
from sso_sync.core.limits import Limits, check
from sso_sync.core.model import Directory
from sso_sync.core.objects import Rules
from sso_sync.core.outcomes import Outcome
from sso_sync.core.plan import Plan
from sso_sync.core.planner import make_plan
from sso_sync.core.ports import IdentitySource, Lease, Reporter, State, Target
from sso_sync.core.record import encode_record
from sso_sync.core.replay import after
from sso_sync.core.report import RunReport
from sso_sync.core.scope import only_created, only_group
from sso_sync.engine.applier import Applier
from sso_sync.engine.bookkeeper import Bookkeeper

log = logging.getLogger(__name__)
STOP_NOTICED = 0.5  # seconds until a reading run sees that it is to stop


class Scope(Struct, frozen=True, kw_only=True):
    """How much of a plan is wanted: one group only, nothing taken away, or (by default) everything.

    With `created`, only what this deployment has created is touched.
    """

    group: str = ""
    additive: bool = False
    created: bool = False


class Draft(Struct, frozen=True):
    """A plan with what it was made from; `refusal` is set if a limit forbids it."""

    plan: Plan
    desired: Directory
    actual: Directory
    ledger: Ledger
    refusal: SsoSyncError | None


class Review:
    """Who decides between plan and apply, and who watches: the command line, a log, or nobody."""

    def approve(self, draft: Draft) -> bool:
        """Tell whether to go ahead."""
        return bool(draft.plan.changes)

    def progress(self, outcome: Outcome) -> None:
        """Take notice of one change."""


class Run:
    """Everything a run needs; `draft` reads and plans, `execute` goes all the way.

    Without limits nothing is refused: for one who asked to have everything removed. `reporters` are
    made when there is something to tell. Setting `stop` ends a run soon and in good order.
    """

    def __init__(
        self,
        source: IdentitySource,
        target: Target,
        state: State,
        limits: Limits | None,
        *,
        scope: Scope | None = None,
        protected: tuple[str, ...] = (),
        reporters: Callable[[], Sequence[Reporter]] = tuple,
    ) -> None:
        self._source, self._target, self._state = source, target, state
        self._limits, self._scope, self._protected = limits, scope or Scope(), protected
        self._reporters = reporters
        self.stop = Event()

    def draft(self) -> Draft:
        """Read both sides at the same time and plan; writes nothing."""
        desired, actual = self._read_both()
        ledger = self._state.load_ledger(self._target.store_id)
        rules = Rules(unwritable=self._target.unwritable, protected=self._protected, additive=self._scope.additive)
        plan = make_plan(desired, actual, ledger, rules)
        if self._scope.group:
            plan = only_group(plan, desired, actual, self._scope.group)
        if self._scope.created:
            plan = only_created(plan, ledger)
        try:
            if self._limits:
                check(plan, desired, actual, ledger, self._limits)
        except SsoSyncError as refusal:
            return Draft(plan, desired, actual, ledger, refusal)
        return Draft(plan, desired, actual, ledger, None)

    def _read_both(self) -> tuple[Directory, Directory]:
        """Read source and target side by side; if one fails, do not wait for the other."""
        pool = ThreadPoolExecutor(2)
        try:
            reading = [pool.submit(self._source.read), pool.submit(self._target.read)]
            unread = set(reading)
            while unread:
                done, unread = wait(unread, timeout=STOP_NOTICED, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                if self.stop.is_set():
                    raise Interrupted("Stopped on request while reading; nothing was written. Run again.")
            return reading[0].result(), reading[1].result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def execute(self, trigger: str, review: Review) -> list[Outcome]:
        """Make a whole run under the lease, keep its record, and tell people, whatever becomes of it.

        Returns the outcome of every change, none if the review said no. Raises every error of the
        tree; what was done before is in the ledger and in the record.
        """
        started = datetime.now(UTC)
        run_id = _new_run_id(started)
        outcomes: list[Outcome] = []
        draft: Draft | None = None
        error: BaseException | None = None
        report: RunReport | None = None
        try:
            with self._state.hold_lease(run_id) as lease:
                try:
                    draft = self.draft()
                    if draft.refusal:
                        raise draft.refusal
                    self._apply(draft, lease, review, outcomes)
                except BaseException as exc:
                    error = exc
                    raise
                finally:
                    report = RunReport(
                        run_id=run_id,
                        trigger=trigger,
                        started=started,
                        ended=datetime.now(UTC),
                        source=self._source.name,
                        plan=draft.plan if draft else None,
                        outcomes=tuple(outcomes),
                        error=error,
                        identity_center=after(draft.actual, outcomes) if draft else None,
                    )
                    self._keep_record(report)
        finally:
            if report:
                tell(report, self._reporters())
        return outcomes

    def _apply(self, draft: Draft, lease: Lease, review: Review, outcomes: list[Outcome]) -> None:
        """Make the plan's changes if the review agrees; every outcome is added to `outcomes` as it comes."""
        bookkeeper = Bookkeeper(draft.ledger, self._state, monotonic)
        try:
            if review.approve(draft):
                bookkeeper.begin(draft.plan.changes)

                def report(outcome: Outcome) -> None:
                    outcomes.append(outcome)
                    bookkeeper.record(outcome)
                    review.progress(outcome)

                Applier(draft.plan, self._target, lease, report, self.stop).apply()
        finally:
            bookkeeper.save()

    def _keep_record(self, report: RunReport) -> None:
        """Save the record; a failure to do so must not hide what ended the run."""
        try:
            self._state.save_record(report.run_id, encode_record(report))
        except SsoSyncError as exc:
            if report.error is None:
                raise
            log.error("the run record could not be saved", extra={"run_id": report.run_id, "error": str(exc)})


def early_end(trigger: str, started: datetime, error: BaseException) -> RunReport:
    """Report a run that ended before there was one."""
    run_id, ended = _new_run_id(started), datetime.now(UTC)
    return RunReport(run_id=run_id, trigger=trigger, started=started, ended=ended, source="", error=error)


def _new_run_id(started: datetime) -> str:
    """Make an id that sorts by time."""
    return f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def tell(report: RunReport, reporters: Sequence[Reporter]) -> None:
    """Tell people about a run, each in their way; none of them can make a run fail."""
    for reporter in reporters:
        try:
            reporter.report(report)
        except SsoSyncError as exc:
            log.warning("%s could not be told", reporter.name, extra={"run_id": report.run_id, "error": str(exc)})
