"""What became of the last runs, in one note: pages, cards and the command line show it."""

import logging
from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Struct

from sso_sync.core.errors import SsoSyncError
from sso_sync.core.outcomes import Result
from sso_sync.core.ports import Notes
from sso_sync.core.report import RunReport, Verdict
from sso_sync.reporters import summary
from sso_sync.reporters.lines import Line, lines_of
from sso_sync.reporters.sentences import Sentence

log = logging.getLogger(__name__)
NOTE = "history"
LONGEST = 1000  # entries; at one a quarter of an hour, and quiet ones folded, that is months
LINES = 20  # changes of a run that its entry holds; its page and its record have all of them


class PastLine(Struct, frozen=True):
    """One change of a past run."""

    sentence: Sentence
    why: str
    became: str
    takes_away: bool = False


class PastRun(Struct, frozen=True, kw_only=True):
    """One run, or several alike that followed each other.

    `repeats` counts the others, all of them after this one and like it: without a change, and with
    the same problem or none; `last` is when the last of them ended. `changes` are the first lines of
    `changes_in_all`, of which `made` were made. `people`, `groups` and `memberships` are what Identity
    Center held, None if it was not read. `waiting` is the id of what waits for approval, `waiting_for` the reasons.
    """

    run_id: str
    trigger: str
    started: datetime
    ended: datetime
    verdict: Verdict
    summary: str
    problem: str = ""
    waiting: str = ""
    waiting_for: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    approved_by: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    changes: tuple[PastLine, ...] = ()
    changes_in_all: int = 0
    made: int = 0
    set_aside: int = 0
    people: int | None = None
    groups: int | None = None
    memberships: int | None = None
    repeats: int = 0
    last: datetime | None = None

    @classmethod
    def of(cls, report: RunReport) -> "PastRun":
        """Take from a report what is kept of it."""
        lines, held = lines_of(report), report.identity_center
        return cls(
            run_id=report.run_id,
            trigger=report.trigger,
            started=report.started,
            ended=report.ended,
            verdict=report.verdict,
            summary=summary.summary(report),
            problem=report.problem,
            waiting=report.waiting.id if report.waiting else "",
            waiting_for=report.waiting.reasons if report.waiting else (),
            warnings=report.plan.warnings if report.plan else (),
            approved_by=summary.approvers(report),
            counts=tuple(summary.counts(report)),
            changes=tuple(_past_lines(lines[:LINES])),
            changes_in_all=len(lines),
            made=report.results[Result.DONE],
            set_aside=len(report.plan.set_aside) if report.plan else 0,
            people=len(held.users) if held else None,
            groups=len(held.groups) if held else None,
            memberships=held.membership_count if held else None,
        )

    @property
    def until(self) -> datetime:
        """Return when it ended, or the last of those that it stands for."""
        return self.last or self.ended

    def repeats_itself_in(self, later: "PastRun") -> bool:
        """Tell whether a later run says nothing new: it made no change, and its problem is the same or none."""
        same = ("trigger", "verdict", "problem", "waiting", "set_aside", "people", "groups", "memberships")
        return not (self.made or later.made) and all(getattr(self, n) == getattr(later, n) for n in same)


def _past_lines(lines: Iterable[Line]) -> Iterable[PastLine]:
    return (PastLine(line.sentence, line.why, line.became, line.takes_away) for line in lines)


class History(Struct, frozen=True):
    """Past runs, the newest first."""

    runs: tuple[PastRun, ...] = ()

    def with_run(self, run: PastRun) -> "History":
        """Add a run, folded into the newest if that says the same."""
        if self.runs and self.runs[0].repeats_itself_in(run):
            newest = msgspec.structs.replace(self.runs[0], repeats=self.runs[0].repeats + 1, last=run.ended)
            return History((newest, *self.runs[1:]))
        return History((run, *self.runs)[:LONGEST])


class HistoryNote:
    """Keeps the history; a reporter itself, and the first of them."""

    name = "the history"

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def report(self, report: RunReport) -> None:
        run = PastRun.of(report)
        self._notes.amend(NOTE, lambda stored: msgspec.json.encode(_decoded(stored).with_run(run)))

    def load(self) -> History:
        """Return the history; raises StateError or CredentialsError if it cannot be read."""
        return _decoded(self._notes.read(NOTE))

    def load_if_possible(self) -> History:
        """Return the history, an empty one if it cannot be read: whoever tells people does so without it."""
        try:
            return self.load()
        except SsoSyncError as exc:
            log.warning("the history of runs cannot be read", extra={"error": str(exc)})
            return History()


def _decoded(stored: bytes | None) -> History:
    """Decode a history; a damaged one is given up, because the records of the runs still have everything."""
    if stored is None:
        return History()
    try:
        return msgspec.json.decode(stored, type=History)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        log.warning("the history of runs is damaged, and begun anew")
        return History()
