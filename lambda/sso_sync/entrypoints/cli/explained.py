"""Explanations as text: the answer first, then where it comes from."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from sso_sync.core.explanations import (
    Effect,
    Explanation,
    GroupExplained,
    InAws,
    InGroup,
    Origin,
    Path,
    PersonExplained,
)
from sso_sync.core.keeping import UNREAD
from sso_sync.core.provenance import ChosenBy
from sso_sync.core.wording import counted
from sso_sync.entrypoints.cli.plan_text import STYLES
from sso_sync.entrypoints.cli.terminal import plain, print_hanging

LONGEST = 40  # entries of one list
EVERYBODY = "everybody in the company"
SIGNS = {"stays": " ", "joins": "+", "leaves": "-", "kept out": "!"}
STATES = {"stays": "", "joins": "joins with the next run", "leaves": "leaves with the next run", "kept out": "kept out"}
EFFECTS = {"create": "+", "update": "~", "delete": "-", "adopt": "="}
ONLY_SELECTED = "Only selected groups and the groups below them are read; nothing is known of any other."

Entry = tuple[str, str, str, Sequence[str]]  # sign, text, what is said of it, and lines below it


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Print one explanation; every name as it is, without what could fool a reader."""
    called = explanation.name or explanation.email
    if explanation.email and explanation.email != called:
        called = f"{called} ({explanation.email})"
    console.print(Text.assemble((plain(called).plain, "bold"), " ", plain(explanation.verdict).plain, "."))
    console.print()
    _fact("Directory", _from_directory(explanation.directory, members="a member of selected groups"), console)
    _fact("Identity Center", _in_aws(explanation.aws), console)
    if isinstance(explanation, PersonExplained):
        _print_person(explanation, console)
    else:
        _print_group(explanation, console)
    _section("Next run", (_effect(effect) for effect in explanation.next_run), console)
    _section("Of note", ((" ", note, "", ()) for note in explanation.notes), console)
    console.print()


def _print_person(person: PersonExplained, console: Console) -> None:
    called = person.email or person.name
    _section("Groups", (_group(group, called) for group in person.groups), console)
    _section(
        "Groups of the directory that are not selected", ((" ", b.group, b.why, ()) for b in person.beside), console
    )
    if person.directory.listed and (person.beside or not person.groups) and not person.by_aws:
        console.print(f"  {ONLY_SELECTED}", style="dim")


def _print_group(group: GroupExplained, console: Console) -> None:
    _fact("Members", _members(group), console)
    _section("Groups below", ((" ", _arrows(path), "", ()) for path in group.below), console)
    _section("Selected groups above", ((" ", _arrows(path), "", ()) for path in group.above), console)
    _section("Members who are not in AWS", (("!", m.name, m.why, ()) for m in group.missing), console)


def _from_directory(told: Origin, members: str) -> str:
    if not told.listed:
        return f"not there any more ({told.source_id})" if told.source_id else "not there"
    if told.set_aside:
        return f"{told.source_id}, set aside: {told.set_aside}"
    if told.left_out:
        return f"{told.source_id}, left out: {told.left_out}"
    return f"{told.source_id}, {_chosen(told.chosen_by) or members}"


def _chosen(by: ChosenBy | None) -> str:
    if by is None:
        return ""
    return f"selected by the filter '{by.text}'" + (f" ({by.description})" if by.description else "")


def _in_aws(aws: InAws | None) -> str:
    if aws is None:
        return "not there"
    return f"{aws.name}, {aws.id}, {'' if aws.active else 'switched off, '}{aws.managed}"


def _members(group: GroupExplained) -> str:
    direct = group.members - group.nested - group.everybody
    parts = [f"{direct} directly", f"{group.nested} through groups below"]
    if group.everybody:
        parts.append(f"{group.everybody} because {EVERYBODY} is a member")
    if group.members:
        return f"{group.members}: {', '.join(parts)}"
    if group.directory.left_out == UNREAD:
        return f"not known, {UNREAD}"
    return "known to AWS alone, which syncs them" if group.by_aws else "none"


def _group(group: InGroup, called: str) -> Entry:
    state = ": ".join(filter(None, (STATES[group.state], group.why)))
    below = [_chosen(group.chosen_by), *(_arrows(path, called) for path in group.paths)]
    return SIGNS[group.state], group.group, state, [line for line in below if line]


def _arrows(path: Path, called: str = "") -> str:
    end = EVERYBODY if path.everybody else called
    return " ← ".join((*path.groups, end) if end else path.groups)


def _effect(effect: Effect) -> Entry:
    return EFFECTS.get(effect.change.split("_")[0], "~"), effect.what, effect.reason, ()


def _fact(title: str, text: str, console: Console) -> None:
    print_hanging(console, Text(f"  {title:17}", "dim"), plain(text))


def _section(title: str, entries: Iterable[Entry], console: Console) -> None:
    everything = list(entries)
    if not everything:
        return
    console.print()
    console.print(title, style="bold")
    for entry in everything[:LONGEST]:
        for beginning, text in _lines(entry):
            print_hanging(console, beginning, text, deeper=2)
    if len(everything) > LONGEST:
        more = counted(len(everything) - LONGEST, "other")
        console.print(f"    … and {more}; --output json lists all", style="dim")


def _lines(entry: Entry) -> Iterator[tuple[Text, Text]]:
    """Make the lines of an entry, each as its beginning and the text that hangs on it."""
    sign, text, said, below = entry
    line = Text(plain(text).plain, style=STYLES.get(sign, ""))
    if said:
        line = Text.assemble(line, (f"  {plain(said).plain}", "dim"))
    yield Text(f"  {sign} ", style=STYLES.get(sign, "")), line
    for path in below[:LONGEST]:
        yield Text(" " * 6), plain(path)
