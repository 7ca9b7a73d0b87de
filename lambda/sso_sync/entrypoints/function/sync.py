"""One run of the deployed function, whoever asked for it, told as one sentence."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from sso_sync.aws.deployed_config import DeployedConfig, load_deployed_config
from sso_sync.bootstrap import Builder
from sso_sync.core.errors import (
    ConfigAltered,
    CredentialsAwaited,
    Interrupted,
    LimitExceeded,
    RunInProgress,
    SsoSyncError,
)
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.record import encode_record
from sso_sync.core.report import DEPLOYMENT, DESTRUCTION, SCHEDULE, RunReport
from sso_sync.core.tally import describe_plan
from sso_sync.engine.drafting import Draft
from sso_sync.engine.run import Review, Run, early_end, tell
from sso_sync.entrypoints.function.answer import stack_status
from sso_sync.http.boto import Aws

log = logging.getLogger(__name__)
ASK_AGAIN = 3.0  # seconds until a run that is in the way is looked at again
TO_END = 45.0  # seconds that a run gets to finish what is under way before the platform ends it


class Ended(Struct, frozen=True):
    """How it ended: a sentence, whether that is a failure of the whole, and whether approval would mend it."""

    sentence: str
    failed: bool = False
    refused: bool = False


class Watcher(Review):
    """Agrees to everything within the limits, and remembers what happened."""

    def __init__(self) -> None:
        self.planned = 0
        self.words = self.unread = ""
        self.outcomes: list[Outcome] = []

    def approve(self, draft: Draft) -> bool:
        self.planned = len(draft.plan.changes)
        self.words = describe_plan(draft.plan, waits=draft.waiting is not None)
        self.unread = " ".join(one.sentence for one in draft.unread)
        log.info("plan", extra={"counts": dict(draft.plan.counts), "checksum": draft.plan.checksum})
        return bool(draft.plan.changes)

    def progress(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    @property
    def made(self) -> int:
        """Count the changes that were made."""
        return sum(outcome.result is Result.DONE for outcome in self.outcomes)

    @property
    def did_everything(self) -> bool:
        """Tell whether every directory was read, and every change made."""
        return self.made == self.planned and not self.unread

    def sum_up(self) -> str:
        """Say what a finished run did, and what it could not read."""
        return f"{self._made_in_words()}. {self.unread}".replace("..", ".") if self.unread else self._made_in_words()

    def _made_in_words(self) -> str:
        if not self.planned:
            return f"{self.words[:1].upper()}{self.words[1:]}"
        if self.made == self.planned:
            return f"Done: {self.words}"
        return f"{self.made} of {self.planned} changes were made and the others failed; the next run tries them again."


def sync(trigger: str, environment: Mapping[str, str], seconds: float, *, patience: float = 0.0) -> Ended:
    """Run once, in `seconds` at most; another run that is in the way is waited for, for `patience` seconds.

    With the trigger DESTRUCTION it removes what this deployment has created. Never raises an error of
    the tree: it is in the result, in the log, and told to people.
    """
    deadline = time.monotonic() + seconds - min(TO_END, seconds / 3)
    watcher = Watcher()
    try:
        config = load_deployed_config(Aws(), environment)
        run = _prepare(config, trigger)
        with _stopped_at(run, deadline):
            patiently(lambda: run.execute(trigger, watcher), min(deadline, time.monotonic() + patience))
    except SsoSyncError as exc:
        ended = _judge(exc, trigger, watcher)
    else:
        # Of a deployment it is no failure: one record that is always refused would forbid every deployment.
        ended = Ended(watcher.sum_up(), failed=trigger != DEPLOYMENT and not watcher.did_everything)
    all_made = not ended.failed and watcher.did_everything
    log.log(logging.INFO if all_made else logging.ERROR if ended.failed else logging.WARNING, ended.sentence)
    return ended


def _prepare(config: DeployedConfig, trigger: str) -> Run:
    """Build a run; what prevents it is told to people, as the run would have done."""
    started = datetime.now(UTC)
    try:
        if trigger == DESTRUCTION:
            return Builder(config.settings_without_filters(), Path(), config.deployment).removal()
        return Builder(config.settings(), Path(), config.deployment).run()
    except Exception as exc:
        if isinstance(exc, ConfigAltered) and trigger == SCHEDULE and _is_deploying(config.deployment.stack):
            raise RunInProgress("A deployment is changing the filters; the next run follows them.") from exc
        report = early_end(trigger, started, exc)
        builder = Builder(config.settings_without_filters(), Path(), config.deployment)
        _keep_record(report, builder)
        tell(report, builder.reporters())
        raise


def _keep_record(report: RunReport, builder: Builder) -> None:
    """Keep the record of a run that ended before it began; what ended it is what has to be told."""
    try:
        builder.state().save_record(report.run_id, encode_record(report))
    except SsoSyncError as exc:
        log.error("the run record could not be saved", extra={"run_id": report.run_id, "error": str(exc)})


def _is_deploying(stack: str) -> bool:
    return "IN_PROGRESS" in stack_status(stack)


def patiently(action: Callable[[], object], until: float) -> None:
    """Do what needs the lease, and wait for whoever holds it, until a moment of the steady clock."""
    while True:
        try:
            action()
        except RunInProgress:
            if time.monotonic() + ASK_AGAIN > until:
                raise
            time.sleep(ASK_AGAIN)
        else:
            return


@contextmanager
def _stopped_at(run: Run, deadline: float) -> Iterator[None]:
    timer = threading.Timer(deadline - time.monotonic(), run.stop.set)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _judge(error: SsoSyncError, trigger: str, watcher: Watcher) -> Ended:
    """Say what an error means for whoever asked: not everything that ends a run early is a failure."""
    match error:
        case CredentialsAwaited() if trigger == DESTRUCTION:
            return Ended(f"Users and groups cannot be removed. {error}", failed=True)
        case CredentialsAwaited():
            return Ended(str(error))
        case RunInProgress() if trigger == SCHEDULE:
            return Ended(str(error))
        case Interrupted() if watcher.made:
            done = f"{watcher.made} of {watcher.planned} changes were made in the time there was"
            return Ended(f"{done}; the next run makes the rest.", failed=trigger == DESTRUCTION)
        case Interrupted():
            sentence = "Time ran out before anything was written; see why reading is slow, or raise deployment.timeout."
            return Ended(sentence, failed=True)
        case _:
            return Ended(str(error), failed=True, refused=isinstance(error, LimitExceeded))
