"""What became of the last runs, in one note: pages, cards and the command line show it."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from sso_sync.core.errors import SsoSyncError, StateError
from sso_sync.core.outcomes import Result
from sso_sync.core.ports import Notes
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import masked, one_line
from sso_sync.reporters import summary
from sso_sync.reporters.lines import Line, lines_of
from sso_sync.reporters.notes import DAMAGED, decoded
from sso_sync.reporters.sentences import Sentence

log = logging.getLogger(__name__)
NOTE = "history"
LONGEST = 1000  # entries; at one a quarter of an hour, and quiet ones folded, that is months
RECENT = 20  # runs among which one that has just ended is looked for
SENTENCES, LONGEST_PROBLEM = 20, 2000  # what is kept of warnings and reasons, and characters of each
LINES = 20  # changes of a run that its entry holds; its page and its record have all of them


class PastLine(Struct, frozen=True):
    """One change of a past run."""

    sentence: Sentence
    why: str
    became: str
    takes_away: bool = False


class NewestRun(Struct, frozen=True):
    """The newest of several runs alike."""

    run_id: str
    started: datetime
    ended: datetime


class PastRun(Struct, frozen=True, kw_only=True):
    """One run, or several alike that followed each other.

    `repeats` counts the others, all of them after this one and like it: they made no change, and there is
    nothing else to tell of them. `changes` are the first lines of `changes_in_all`, of which `made` were
    made. `people`, `groups` and `memberships` are what Identity Center held, None if it was not read.
    `waiting` is the id of what waits for approval, `waiting_for` the reasons, `how_to_approve` the command
    if there is one; only a run with `knows_what_waits` saw all of it.
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
    how_to_approve: str = ""
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
    newest: NewestRun | None = None
    knows_what_waits: bool = False

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
            problem=one_line(report.problem, LONGEST_PROBLEM),
            waiting=report.waiting.id if report.waiting else "",
            waiting_for=_first(report.waiting.reasons if report.waiting else ()),
            how_to_approve=report.how_to_approve,
            warnings=_first(report.plan.warnings if report.plan else ()),
            approved_by=summary.approvers(report),
            counts=tuple(summary.counts(report)),
            changes=tuple(_past_lines(lines[:LINES])),
            changes_in_all=len(lines),
            made=report.results[Result.DONE],
            set_aside=len(report.plan.set_aside) if report.plan else 0,
            people=len(held.users) if held else None,
            groups=len(held.groups) if held else None,
            memberships=held.membership_count if held else None,
            knows_what_waits=_knows_what_waits(report),
        )

    @property
    def last(self) -> NewestRun:
        """Return the newest of the runs that it stands for."""
        return self.newest or NewestRun(self.run_id, self.started, self.ended)

    def repeats_itself_in(self, later: "PastRun") -> bool:
        """Tell whether a later run says nothing new: no change was made, and all that is told of it is the same."""
        own = {"run_id": "", "started": later.started, "ended": later.ended, "repeats": 0, "newest": None}
        alike = own | {"problem": masked(self.problem), "summary": masked(self.summary)}
        said = own | {"problem": masked(later.problem), "summary": masked(later.summary)}
        return not (self.made or later.made) and _with(self, alike) == _with(later, said)

    def and_again(self, later: "PastRun") -> "PastRun":
        """Stand for a later run as well."""
        newest = NewestRun(later.run_id, later.started, later.ended)
        return msgspec.structs.replace(self, repeats=self.repeats + 1, newest=newest)


def _with(run: PastRun, changed: Mapping[str, object]) -> PastRun:
    return msgspec.structs.replace(run, **changed)


def _first(sentences: Sequence[str]) -> tuple[str, ...]:
    """Keep the first of many sentences, and say how many more there are."""
    kept = tuple(one_line(sentence, LONGEST_PROBLEM) for sentence in sentences[:SENTENCES])
    more = len(sentences) - len(kept)
    return (*kept, f"and {more:,} more; the run's record has all") if more > 0 else kept


def _knows_what_waits(report: RunReport) -> bool:
    """Tell whether a run saw all that there is to approve: one that could not believe a side did not."""
    return bool(report.plan) and not report.partly and not (report.verdict is Verdict.REFUSED and not report.waiting)


def _past_lines(lines: Iterable[Line]) -> Iterable[PastLine]:
    return (PastLine(line.sentence, line.why, line.became, line.takes_away) for line in lines)


class History(Struct, frozen=True):
    """Past runs, the newest first."""

    runs: tuple[PastRun, ...] = ()

    def with_run(self, run: PastRun) -> "History":
        """Add a run, folded into the newest if that says the same; one that is told late takes its place in time."""
        later = sum(run.started < known.last.started for known in self.runs)
        if not later and self.runs and self.runs[0].repeats_itself_in(run):
            return History((self.runs[0].and_again(run), *self.runs[1:]))
        return History((*self.runs[:later], run, *self.runs[later:])[:LONGEST])

    def has(self, run_id: str) -> bool:
        """Tell whether a run is in it that has just been told."""
        return any(run_id in {run.run_id, run.last.run_id} for run in self.runs[:RECENT])

    @property
    def waiting(self) -> PastRun | None:
        """Return the run that tells what waits for approval, None if nothing does."""
        newest = next((run for run in self.runs if run.knows_what_waits), None)
        return newest if newest and newest.waiting else None


class HistoryNote:
    """Keeps the history; a reporter itself, and the first of them."""

    name = "the history"

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def report(self, report: RunReport) -> None:
        run = PastRun.of(report)
        self._notes.amend(NOTE, lambda stored: msgspec.json.encode(_known(stored).with_run(run)))

    def load(self) -> History:
        """Return the history; raises StateError or CredentialsError if it cannot be read."""
        stored = self._notes.read(NOTE)
        try:
            return msgspec.json.decode(stored, type=History) if stored is not None else History()
        except DAMAGED as exc:
            raise StateError(
                "The history of runs is damaged; the next run begins it anew, and the records of earlier runs are "
                "still under runs/."
            ) from exc

    def load_if_possible(self) -> History:
        """Return the history, an empty one if it cannot be read: whoever tells people does so without it."""
        try:
            return self.load()
        except SsoSyncError as exc:
            log.warning("the history of runs cannot be read", extra={"error": str(exc)})
            return History()


def _known(stored: bytes | None) -> History:
    return decoded(stored, History, "the history of runs") or History()
