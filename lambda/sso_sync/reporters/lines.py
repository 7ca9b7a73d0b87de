"""The changes of a run in the order in which people should read them."""

from collections.abc import Sequence

from msgspec import Struct

from sso_sync.core.changes import Change, CreateMembership, DeleteMembership, subject, why
from sso_sync.core.outcomes import Result
from sso_sync.core.report import RunReport
from sso_sync.reporters.effects import takes_away
from sso_sync.reporters.sentences import Sentence, sentence

WORDS = {Result.DONE: "made", Result.FAILED: "failed", Result.SKIPPED: "skipped", Result.NOT_TRIED: "not tried"}


class Line(Struct, frozen=True):
    """One change for a reader; `result` is None if the run made none at all."""

    change: Change
    result: Result | None
    error: str = ""
    lost: tuple[str, ...] = ()  # attributes that were left out of it

    @property
    def made(self) -> bool:
        """Tell whether the change is known to have been made."""
        return self.result is Result.DONE

    @property
    def takes_away(self) -> bool:
        """Tell whether the change takes access from anyone."""
        return takes_away(self.change)

    @property
    def why(self) -> str:
        """Give the reason, and name drift."""
        return why(self.change)

    @property
    def sentence(self) -> Sentence:
        """Say what was changed, or was to be."""
        return sentence(self.change, made=self.made)

    @property
    def became(self) -> str:
        """Say in a word what became of the change."""
        became = WORDS[self.result] if self.result else "not made"
        return f"{became}, without {', '.join(self.lost).replace('_', ' ')}" if self.lost else became


def lines_of(report: RunReport) -> list[Line]:
    """List every change: first what takes access away, within that first what was not made, by group and person."""
    lines = [Line(o.change, o.result, str(o.error) if o.error else "", o.lost) for o in report.outcomes]
    return sorted(lines + _without_outcome(report), key=_sort_key)


def sections(report: RunReport, lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """Part lines, sorted as they are, into what takes access away and the rest, each under a title."""
    taken, rest = [line for line in lines if line.takes_away], [line for line in lines if not line.takes_away]
    planned = "" if report.outcomes else ", planned but not made"
    titled = [(f"Access taken away{planned}", taken), (f"{'Other changes' if taken else 'Changes'}{planned}", rest)]
    return [(title, part) for title, part in titled if part]


def _without_outcome(report: RunReport) -> list[Line]:
    """List the changes that nobody told anything of, all of them if the plan was never applied."""
    changes = report.plan.changes if report.plan else ()
    if len(report.outcomes) >= len(changes):
        return []
    told = {id(outcome.change) for outcome in report.outcomes}  # changes hold dicts and do not hash
    never = Result.NOT_TRIED if told else None
    return [Line(change, never) for change in changes if id(change) not in told]


def _sort_key(line: Line) -> tuple[object, ...]:
    kind, ref = subject(line.change)
    group = ref.name if kind == "group" else ""
    person = "" if kind == "group" else ref.name
    if isinstance(line.change, CreateMembership | DeleteMembership):
        person = line.change.user.name
    return not line.takes_away, line.made, group.casefold(), person.casefold(), group, person
