"""The review at the terminal: show the plan, ask, show progress."""

from collections.abc import Sequence
from types import TracebackType

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import PHASES, Plan, phase_of
from sso_sync.engine.drafting import Draft
from sso_sync.engine.run import Review
from sso_sync.entrypoints.cli.render import print_plan

SHOWN_BEFORE_ASKING = 20  # lines of one kind of change; `plan` shows all


class TerminalReview(Review):
    """Asks on the terminal, and draws a progress bar on standard error while changes are made."""

    def __init__(self, console: Console, *, ask: bool) -> None:
        self._console, self._ask = console, ask
        self.plan: Plan | None = None
        self.approved = False
        stderr = Console(stderr=True)
        self._status = stderr.status("Reading the directory and Identity Center …")
        self._progress = Progress(
            TextColumn("{task.description:25}"),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=stderr,
            transient=True,
            disable=not stderr.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "TerminalReview":
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()
        self._progress.stop()

    def approve(self, draft: Draft) -> bool:
        self._status.stop()
        self.plan = draft.plan
        print_plan(draft.plan, self._console, limit=SHOWN_BEFORE_ASKING)
        if not draft.plan.changes:
            return False
        self.approved = not self._ask or typer.confirm("Make these changes?")
        if self.approved:
            self._progress.start()
            self._task = self._progress.add_task("", total=len(draft.plan.changes))
        else:
            self._console.print("Nothing was changed.")
        return self.approved

    def progress(self, outcome: Outcome) -> None:
        if self._task is not None:
            self._progress.update(self._task, advance=1, description=PHASES[phase_of(outcome.change)])

    @staticmethod
    def failures(outcomes: Sequence[Outcome]) -> bool:
        """Tell whether any change was not made."""
        return any(outcome.result is not Result.DONE for outcome in outcomes)
