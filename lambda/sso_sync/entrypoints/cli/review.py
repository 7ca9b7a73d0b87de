"""The review at the terminal: show the plan, ask, show progress."""

from collections.abc import Sequence
from types import TracebackType

import typer
from rich.console import Console

from sso_sync.core.joining import Unread
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import PHASES, Plan, phase_of
from sso_sync.core.wording import counted
from sso_sync.engine.drafting import Draft
from sso_sync.engine.run import Review
from sso_sync.entrypoints.cli.plan_text import print_plan, print_unread
from sso_sync.entrypoints.cli.progress import Drawing, Row, reading
from sso_sync.http.calls import Calls

SHOWN_BEFORE_ASKING = 20  # lines of one kind of change; `plan` shows all


class TerminalReview(Review):
    """Asks on the terminal, and draws on standard error how far reads and changes are.

    `quiet` draws nothing; what is printed is the console's own affair. `partly` tells that the run is not
    about everything. Whoever stops the command instead of an answer has not agreed, and `stopped` says so.
    """

    def __init__(self, console: Console, calls: Calls, *, ask: bool, quiet: bool = False, partly: bool = False) -> None:
        self._console, self._ask, self._partly = console, ask, partly
        self.plan: Plan | None = None
        self.unread: Sequence[Unread] = ()
        self.approved = self.stopped = False
        self._made, self._phase = 0, ""
        self._reading = reading(calls, quiet=quiet)
        self._writing = Drawing(self._title, self._rows, calls, quiet=quiet)

    def __enter__(self) -> "TerminalReview":
        self._reading.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reading.stop()
        self._writing.stop()

    def approve(self, draft: Draft) -> bool:
        self._reading.stop()
        self.plan, self.unread = draft.plan, draft.unread
        waits = draft.waiting is not None
        print_plan(draft.plan, self._console, limit=SHOWN_BEFORE_ASKING, waits=waits, partly=self._partly)
        print_unread(draft.unread, self._console)
        if not draft.plan.changes:
            return False
        self.approved = not self._ask or self._agreed()
        if self.approved:
            self._writing.start()
        elif not self.stopped:
            self._console.print("Nothing was changed.")
        return self.approved

    def _agreed(self) -> bool:
        try:
            return typer.confirm("Make these changes?")
        except (typer.Abort, KeyboardInterrupt):  # no failure of the run: nobody need be told of it
            self._console.print()
            self.stopped = True
            return False

    def progress(self, outcome: Outcome) -> None:
        self._made += 1
        self._phase = PHASES[phase_of(outcome.change)]

    def _title(self) -> str:
        if self._made == self._planned:
            return "All changes were tried: keeping the record and telling people …"
        return f"Making {counted(self._planned, 'change')}: {self._phase or 'getting ready'} …"

    def _rows(self) -> Sequence[Row]:
        return [Row("", self._made, "changes", self._planned)]

    @property
    def _planned(self) -> int:
        return len(self.plan.changes) if self.plan else 0

    @staticmethod
    def failures(outcomes: Sequence[Outcome]) -> bool:
        """Tell whether any change was not made."""
        return any(outcome.result is not Result.DONE for outcome in outcomes)
