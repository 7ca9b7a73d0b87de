"""A run: read both sides, plan, check the limits, apply, record."""

import logging
import secrets
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from threading import Event
from time import monotonic

from msgspec import Struct

from sso_sync.core.errors import SsoSyncError
from sso_sync.core.ledger import Ledger
from sso_sync.core.limits import Limits, check
from sso_sync.core.model import Directory
from sso_sync.core.objects import Rules
from sso_sync.core.plan import Plan
from sso_sync.core.planner import make_plan
from sso_sync.core.ports import IdentitySource, State, Target
from sso_sync.core.scope import only_group
from sso_sync.engine.applier import Applier
from sso_sync.engine.bookkeeper import Bookkeeper
from sso_sync.engine.record import encode_record
from sso_sync.engine.units import Outcome

log = logging.getLogger(__name__)


class Scope(Struct, frozen=True, kw_only=True):
    """How much of a plan is wanted: one group only, nothing taken away, or (by default) everything."""

    group: str = ""
    additive: bool = False


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
    """Everything a run needs; `draft` reads and plans, `execute` goes all the way."""

    def __init__(
        self,
        source: IdentitySource,
        target: Target,
        state: State,
        limits: Limits,
        *,
        scope: Scope | None = None,
        protected: tuple[str, ...] = (),
    ) -> None:
        self._source, self._target, self._state = source, target, state
        self._limits, self._scope, self._protected = limits, scope or Scope(), protected
        self.stop = Event()

    def draft(self) -> Draft:
        """Read both sides at the same time and plan; writes nothing."""
        desired, actual = self._read_both()
        ledger = self._state.load_ledger(self._target.store_id)
        rules = Rules(unwritable=self._target.unwritable, protected=self._protected, additive=self._scope.additive)
        plan = make_plan(desired, actual, ledger, rules)
        if self._scope.group:
            plan = only_group(plan, desired, actual, self._scope.group)
        try:
            check(plan, desired, actual, ledger, self._limits)
        except SsoSyncError as refusal:
            return Draft(plan, desired, actual, ledger, refusal)
        return Draft(plan, desired, actual, ledger, None)

    def _read_both(self) -> tuple[Directory, Directory]:
        """Read source and target side by side; if one fails, do not wait for the other."""
        pool = ThreadPoolExecutor(2)
        try:
            reading = [pool.submit(self._source.read), pool.submit(self._target.read)]
            for future in wait(reading, return_when=FIRST_EXCEPTION).done:
                future.result()
            return reading[0].result(), reading[1].result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def execute(self, trigger: str, review: Review) -> list[Outcome]:
        """Make a whole run under the lease and keep its record, whatever becomes of it.

        Returns the outcome of every change, none if the review said no. Raises every error of the
        tree; what was done before is in the ledger and in the record.
        """
        started = datetime.now(UTC)
        run_id = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        outcomes: list[Outcome] = []
        draft: Draft | None = None
        error: BaseException | None = None
        with self._state.hold_lease(run_id) as lease:
            try:
                draft = self.draft()
                if draft.refusal:
                    raise draft.refusal
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
            except BaseException as exc:
                error = exc
                raise
            finally:
                record = encode_record(
                    run_id=run_id,
                    trigger=trigger,
                    started=started,
                    source=self._source.name,
                    plan=draft.plan if draft else None,
                    outcomes=outcomes,
                    error=error,
                )
                self._keep_record(run_id, record, error)
        return outcomes

    def _keep_record(self, run_id: str, record: bytes, error: BaseException | None) -> None:
        """Save the record; a failure to do so must not hide what ended the run."""
        try:
            self._state.save_record(run_id, record)
        except SsoSyncError as exc:
            if error is None:
                raise
            log.error("the run record could not be saved", extra={"run_id": run_id, "error": str(exc)})
