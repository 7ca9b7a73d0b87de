"""The applier: makes a plan's changes, in their order, side by side where that is safe.

Units of one phase run side by side; the next phase starts when they are done. A change that fails
is recorded, what needs it is skipped, and everything else goes on.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event

from sso_sync.core.changes import Change, CreateGroup, CreateUser, Ref, name_of, subject
from sso_sync.core.errors import ChangeUnknown, Interrupted, SsoSyncError, TargetError
from sso_sync.core.model import Kind
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import PHASES, Plan, Prerequisites, phase_of
from sso_sync.core.ports import Lease, Target
from sso_sync.engine.units import Unit, pack

log = logging.getLogger(__name__)
GIVE_UP_AFTER = 5  # units without a usable answer in a row: the service is down, and each try costs minutes


class Applier:
    """Applies one plan; `report` is called for every change, in the caller's thread."""

    def __init__(
        self, plan: Plan, target: Target, lease: Lease, report: Callable[[Outcome], None], stop: Event
    ) -> None:
        self._plan, self._target, self._lease = plan, target, lease
        self._report, self._stop = report, stop
        self._prerequisites = Prerequisites(plan.changes)
        self._outcomes: dict[int, Outcome] = {}  # by id() of the change: changes hold dicts and do not hash
        self._created: dict[str, str] = {}
        self._unknown_in_a_row = 0

    def apply(self) -> list[Outcome]:
        """Make every change and return its outcome, in the plan's order.

        Raises what ended the run early (CredentialsError, TargetError, StateError, Interrupted),
        after all that was under way has been reported.
        """
        try:
            for number, phase in enumerate(PHASES):
                changes = [c for c in self._plan.changes if phase_of(c) == number and not self._known(c)]
                if changes:
                    log.debug("phase", extra={"phase": phase, "changes": len(changes)})
                    self._run_side_by_side(list(self._units(changes)))
        finally:
            for change in self._plan.changes:
                if not self._known(change):
                    self._settle(Outcome(change, Result.NOT_TRIED))
        return [self._outcomes[id(change)] for change in self._plan.changes]

    def _units(self, changes: Sequence[Change]) -> Iterator[Unit]:
        ready = [change for change in changes if not self._skip(change)]
        later = [c for c in self._plan.changes if not self._known(c) and not self._doomed(c)]
        return pack(ready, later, self._target)

    def _run_side_by_side(self, units: Sequence[Unit]) -> None:
        running: set[Future[list[Outcome]]] = set()
        waiting = iter(units)
        workers = self._target.concurrency
        with ThreadPoolExecutor(workers) as pool:
            try:
                while True:
                    while len(running) < workers and (unit := next(waiting, None)):
                        running.add(pool.submit(self._run_unit, unit))
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        self._settle_unit(future.result())
                        running.discard(future)
            except BaseException as exc:
                self._drain(running)
                if isinstance(exc, KeyboardInterrupt):
                    raise Interrupted(self._interrupted_text()) from None
                raise

    def _run_unit(self, unit: Unit) -> list[Outcome]:
        if self._stop.is_set():
            raise Interrupted(self._interrupted_text())
        self._lease.check()
        return unit.run(self._target, self._aws_id)

    def _settle_unit(self, outcomes: Sequence[Outcome]) -> None:
        self._settle_all(outcomes)
        unknown = any(isinstance(outcome.error, ChangeUnknown) for outcome in outcomes)
        self._unknown_in_a_row = self._unknown_in_a_row + 1 if unknown else 0
        if self._unknown_in_a_row >= GIVE_UP_AFTER:
            raise TargetError(
                f"Identity Center gave no usable answer {GIVE_UP_AFTER} times in a row, so the run stopped; "
                "run again when it is back. The run's record has the answers."
            )

    def _drain(self, running: set[Future[list[Outcome]]]) -> None:
        """Let what is under way finish and record it: it happens whether or not anyone looks."""
        self._stop.set()
        for future in wait(running).done:
            try:
                self._settle_all(future.result())
            except SsoSyncError as exc:
                log.debug("unit ended with the run", extra={"error": str(exc)})

    def _settle_all(self, outcomes: Sequence[Outcome]) -> None:
        """Settle each outcome once, all of them even if reporting one is interrupted."""
        interruption: BaseException | None = None
        for outcome in outcomes:
            if not self._known(outcome.change):
                try:
                    self._settle(outcome)
                except BaseException as exc:  # noqa: BLE001 # raised again below, when everything is on record
                    interruption = interruption or exc
        if interruption:
            raise interruption

    def _settle(self, outcome: Outcome) -> None:
        self._outcomes[id(outcome.change)] = outcome
        if outcome.aws_id and isinstance(outcome.change, CreateUser | CreateGroup):
            kind, ref = subject(outcome.change)
            self._created[f"{kind} {ref.key}"] = outcome.aws_id
        if outcome.result is Result.FAILED:
            log.warning("change failed", extra={"change": name_of(outcome.change)})
            log.debug("why it failed", extra={"error": str(outcome.error)})
        self._report(outcome)

    def _known(self, change: Change) -> bool:
        return id(change) in self._outcomes

    def _failed_need(self, change: Change) -> Outcome | None:
        outcomes = (self._outcomes.get(id(need)) for need in self._prerequisites.of(change))
        return next((outcome for outcome in outcomes if outcome and outcome.result is not Result.DONE), None)

    def _doomed(self, change: Change) -> bool:
        return self._failed_need(change) is not None

    def _skip(self, change: Change) -> bool:
        failed = self._failed_need(change)
        if failed:
            self._settle(Outcome(change, Result.SKIPPED, failed.error))
        return failed is not None

    def _aws_id(self, kind: Kind, ref: Ref) -> str:
        return ref.id or self._created[f"{kind} {ref.key}"]

    def _interrupted_text(self) -> str:
        done = sum(outcome.result is Result.DONE for outcome in self._outcomes.values())
        return (
            f"Stopped on request: {done} of {len(self._plan.changes)} changes were made and recorded; "
            "run again to make the rest."
        )
