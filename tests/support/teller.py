"""A channel that is told of runs, on paper."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from sso_sync.core.errors import (
    ReportError,
    SourceError,
    TargetError,
)
from sso_sync.core.model import SetAside
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport
from sso_sync.http.session import Session
from sso_sync.reporters.teams import MAIN, Audience, TeamsChannel, TeamsWebhook
from tests.support.cards import content, raw_texts, seen
from tests.support.memory import MemoryNotes
from tests.support.reports import STARTED, joins, made, planned, report

CHANGES, PROBLEMS_ONLY = Audience(), Audience(notify="problems")
OUTAGE, OTHER_OUTAGE = SourceError("Google answered 503 (request 4711)."), TargetError("AWS is away.")
AGAIN = SourceError("Google answered 503 (request 0815).")
QUIET = planned()
CHANGED = made(joins("ann", "devs"))
FAILED, REFUSED = "Run failed", "Refused for safety"


class Paper(TeamsWebhook):
    """A webhook that writes down, and fails while it is told to."""

    def __init__(self) -> None:
        super().__init__("https://example.com", Session())
        self.cards: list[list[str]] = []
        self.down = False

    def post(self, card: dict[str, Any]) -> None:
        if self.down:
            raise ReportError("Teams answered 503.")
        self.cards.append([seen(text) for text in raw_texts(content(card)["body"])])


class Teller:
    """Tells a channel of runs, one every quarter of an hour; a function has run them unless it says otherwise."""

    def __init__(
        self,
        audience: Audience = CHANGES,
        notes: MemoryNotes | None = None,
        note: str = MAIN,
        takes_over: str = "",
        later: timedelta = timedelta(),
    ) -> None:
        self.paper, self.notes, self._audience, self._note = Paper(), notes or MemoryNotes(), audience, note
        self._takes_over, self._time, self._runs = takes_over, STARTED + later, 0

    def tell(self, *runs: RunReport, by_function: bool = True) -> list[str]:
        """Return the titles of the cards that were posted about these runs."""
        posted = len(self.paper.cards)
        channel = TeamsChannel(
            self.paper,
            self._audience,
            self.notes,
            note=self._note,
            takes_over=self._takes_over,
            links=lambda _: (),
            by_function=by_function,
        )
        for run in runs:
            self._time += timedelta(minutes=15)
            self._runs += 1
            channel.report(at(run, self._time, f"{run.run_id.rpartition('-')[0]}-{self._runs}"))
        return [texts[0].removeprefix("AWS access: ") for texts in self.paper.cards[posted:]]

    def tell_nobody(self, *runs: RunReport) -> None:
        """Tell of runs while nothing can be posted."""
        self.paper.down = True
        for run in runs:
            with pytest.raises(ReportError):
                self.tell(run)
        self.paper.down = False

    @property
    def last(self) -> str:
        return "\n".join(self.paper.cards[-1])


def at(run: RunReport, time: datetime, run_id: str) -> RunReport:
    return msgspec.structs.replace(run, started=time, ended=time + timedelta(seconds=30), run_id=run_id)


def failed(error: Exception = OUTAGE, **more: Any) -> RunReport:
    return report(error=error, **more)


def aside(*reasons: str) -> RunReport:
    records = [SetAside("user", f"u{n}", f"p{n}@example.com", reason) for n, reason in enumerate(reasons)]
    return report(Plan.of("d-1", [], set_aside=records))


class Late(MemoryNotes):
    """Notes that are read before others write, and written after."""

    def __init__(self, real: MemoryNotes) -> None:
        super().__init__()
        self.content = real.content

        self._amending = False

    def read(self, name: str) -> bytes | None:
        return super().read(name) if self._amending else None

    def amend(self, name: str, how: Callable[[bytes | None], bytes]) -> None:
        self._amending = True
        super().amend(name, how)
