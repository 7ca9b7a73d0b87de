"""The changes of a run on its card: as many as a reader wants, and as there is room for."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from sso_sync.core.outcomes import Result
from sso_sync.core.report import RunReport
from sso_sync.core.wording import counted
from sso_sync.reporters.lines import WORDS, lines_of
from sso_sync.reporters.stories import Story
from sso_sync.reporters.summary import instant
from sso_sync.reporters.teams.backlog import Backlog
from sso_sync.reporters.teams.blocks import Json, bullets, heading, rest, size_of
from sso_sync.reporters.teams.markdown import aside, in_markdown, literal

AT_FIRST = 8  # lines of a section that are seen without asking for more
FEW = 3  # lines that are not worth a button
MOST = 50  # lines of a section, unless it is of what takes access away
EVERYTHING = 1_000_000
# Bytes that a section takes besides its lines, and that are kept for the lines of each that follows.
_FRAME, _KEPT = 700, 1500


class Section(Struct, frozen=True):
    """Lines under a title; `at_first` of them are seen at once, `most` on request, and there would be `more`."""

    title: str
    lines: Sequence[str]
    at_first: int = AT_FIRST
    most: int = MOST
    more: int = 0


def changes(report: RunReport, stories: Sequence[Story], untold: Backlog, room: int) -> Iterator[Json]:
    """Show the changes, and earlier runs that nobody has heard of, in at most `room` bytes."""
    sections = [section for section in (*_sections(report, stories), _late(untold)) if section.lines]
    room -= _FRAME * len(sections)
    for number, section in enumerate(sections):
        kept = _KEPT * (len(sections) - number - 1)
        blocks = list(_fitting(bullets(section.lines[: section.most]), max(room - kept, min(room, _KEPT))))
        room -= sum(map(_taken, blocks))
        yield from _shown(section, blocks, number)


def _sections(report: RunReport, stories: Sequence[Story]) -> Iterator[Section]:
    """Part the changes by what a reader has to know first: what failed, who lost access, who got it."""
    failed = [line for line in lines_of(report) if line.result is Result.FAILED]
    yield Section("Failed", [f"{in_markdown(line.sentence)} – {literal(line.error)}" for line in failed])
    result, planned = (Result.DONE, "") if report.outcomes else (None, ", planned but not made")
    told = [story for story in stories if story.result is result]
    taken = [_story(story) for story in told if story.takes_away]
    yield Section(f"Access taken away{planned}", taken, 2 * AT_FIRST, EVERYTHING)
    given = [story for story in told if not story.takes_away]
    yield Section(f"People{planned}", [_story(story) for story in given if story.kind == "user"])
    yield Section(f"Groups{planned}", [_story(story) for story in given if story.kind == "group"])
    yield Section("Left for the next run", [_story(story) for story in stories if story.result is not result])


def _late(untold: Backlog) -> Section:
    runs = [f"{instant(run.started)} – {literal(run.summary)} ({literal(run.run_id)})" for run in reversed(untold.runs)]
    return Section(f"{counted(len(untold), 'earlier run')} could not be told", runs, more=untold.more)


def _story(story: Story) -> str:
    who = in_markdown((story.name,)) + (f" ({aside(story.address.text)})" if story.address else "")
    ends = [literal(story.why)] if story.why else []
    if story.result not in {None, Result.DONE}:
        ends.append(WORDS[story.result])
    return " – ".join([f"{'Group ' if story.kind == 'group' else ''}{who} {in_markdown(story.words)}", *ends])


def _taken(block: Json) -> int:
    return size_of(block) + len(", ")


def _fitting(blocks: Iterable[Json], room: int) -> Iterator[Json]:
    for block in blocks:
        room -= _taken(block)
        if room < 0:
            return
        yield block


def _shown(section: Section, blocks: Sequence[Json], number: int) -> Iterator[Json]:
    """Show the first lines, and a button in place of the others."""
    at_first = section.at_first if len(blocks) > section.at_first + FEW else len(blocks)
    yield heading(section.title)
    yield from blocks[:at_first]
    if hidden := blocks[at_first:]:
        more, ask = f"more-{number}", f"ask-{number}"
        show = {"type": "Action.ToggleVisibility", "title": f"Show {len(hidden)} more", "targetElements": [more, ask]}
        yield {"type": "ActionSet", "id": ask, "spacing": "Small", "actions": [show]}
        yield {"type": "Container", "id": more, "isVisible": False, "spacing": "None", "items": hidden}
    yield from rest(len(section.lines) + section.more - len(blocks))
