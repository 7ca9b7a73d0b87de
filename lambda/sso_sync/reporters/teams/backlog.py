"""Runs whose cards could not be posted: the next card that is tells of them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from sso_sync.core.outcomes import Result
from sso_sync.core.report import RunReport
from sso_sync.core.tally import describe
from sso_sync.core.wording import one_line
from sso_sync.reporters.summary import summary

MOST_RUNS, LONGEST_SUMMARY = 20, 300


class UntoldRun(Struct, frozen=True):
    """What is kept of a run until people hear of it."""

    run_id: str
    started: datetime
    summary: str

    @classmethod
    def of(cls, report: RunReport) -> "UntoldRun":
        """Take from a report what people should know at the least: what was made, and what ended it."""
        made = describe(outcome.change for outcome in report.outcomes if outcome.result is Result.DONE)
        said = " ".join(filter(None, (summary(report), f"{made}." if made else "", report.problem)))
        return cls(report.run_id, report.started, one_line(said, LONGEST_SUMMARY))


class Backlog(Struct, frozen=True):
    """Runs that nobody has heard of, the newest last; there were `more` before them."""

    runs: tuple[UntoldRun, ...] = ()
    more: int = 0

    def __len__(self) -> int:
        return self.more + len(self.runs)

    def with_runs(self, runs: Sequence[UntoldRun], more: int = 0) -> "Backlog":
        """Add runs that are not in it yet, and forget all but the last."""
        known = {run.run_id for run in self.runs}
        every = sorted((*self.runs, *(run for run in runs if run.run_id not in known)), key=lambda run: run.started)
        return Backlog(tuple(every[-MOST_RUNS:]), self.more + more + max(0, len(every) - MOST_RUNS))

    def without(self, told: "Backlog") -> "Backlog":
        """Leave out what people have heard of now."""
        known = {run.run_id for run in told.runs}
        return Backlog(tuple(run for run in self.runs if run.run_id not in known), max(0, self.more - told.more))
