"""A plan as text that reads like a diff: by user, and by group and member, each with its reason."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from msgspec import Struct
from rich.console import Console
from rich.text import Text

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Edit,
    UpdateGroup,
    UpdateUser,
    edits,
    subject,
    switches_off,
    why,
)
from sso_sync.core.joining import Unread
from sso_sync.core.plan import Plan
from sso_sync.core.tally import describe_plan
from sso_sync.core.wording import counted
from sso_sync.entrypoints.cli.terminal import plain, print_hanging, wrapped

STYLES = {"+": "green", "~": "yellow", "-": "red", "=": "cyan", "!": "magenta"}
INDENT = 4  # columns before the text of a line: two blanks, its sign, a blank
GAP = 2  # columns between a text and its reason
NARROWEST = 24  # columns that a reason needs to stand beside its text; in fewer it stands below
DITTO = "″"  # for the reason of the line before


class Line(Struct, frozen=True):
    """One line of a diff: its sign, what it is about, what is edited of it, and the reason behind it."""

    sign: str
    text: str
    reason: str = ""
    edits: tuple[Edit, ...] = ()


def print_plan(
    plan: Plan, console: Console, limit: int | None = None, *, waits: bool = False, partly: bool = False
) -> None:
    """Print a plan; with a `limit`, that many lines of each section, but everything that is taken away.

    `waits` tells that a part was left out of it until somebody approves, `partly` that no more than a part
    was asked for. In a console that does not wrap, each change is one line.
    """
    sections = [
        ("Users", list(_object_lines(plan.changes, "user"))),
        ("Groups", list(_object_lines(plan.changes, "group"))),
    ]
    sections += [(f"Members of {name}", lines) for name, lines in _membership_lines(plan.changes).items()]
    aside = [Line("!", f"{record.kind} {record.name}", record.reason) for record in plan.set_aside]
    left = 0
    for number, (title, lines) in enumerate(sections):
        shown = lines if limit is None else _most_telling(lines, 0 if number > limit else limit)
        cut = len(lines) - len(shown)
        _print_section(title, shown, console, cut, lines)
        left += 0 if shown else cut
    if left:
        console.print(f"… and {counted(left, 'more line')}; 'sso-sync plan' shows all\n", style="dim")
    _print_section("Set aside", aside, console, 0, aside)
    for warning in plan.warnings:
        print_hanging(console, Text("Warning: ", style="yellow"), plain(warning))
    print_hanging(console, Text("Plan: ", style="bold"), Text(describe_plan(plan, waits=waits, partly=partly)))


def print_unread(unread: Iterable[Unread], console: Console) -> None:
    """Say which directories are not in a plan, and why."""
    for one in unread:
        print_hanging(console, Text("Not read: ", style="bold red"), plain(one.sentence))


def _most_telling(lines: Sequence[Line], limit: int) -> list[Line]:
    """Choose lines to show: all that take something away, then others up to the limit."""
    lost = [line for line in lines if line.sign == "-"]
    others = [line for line in lines if line.sign != "-"]
    return lost + others[: max(0, limit - len(lost))]


def _print_section(title: str, lines: Sequence[Line], console: Console, cut: int, all_lines: Sequence[Line]) -> None:
    if not lines:
        return
    heading = plain(title)
    heading.stylize("bold")
    if not console.soft_wrap:
        heading.append_text(_signed_counts(all_lines))
    console.print(heading)
    if console.soft_wrap:
        for line in lines:
            console.print(_on_one_line(line))
    else:
        _print_aligned(lines, console)
    if cut:
        console.print(f"    … and {cut} more", style="dim")
    console.print()


def _signed_counts(lines: Iterable[Line]) -> Text:
    counts = Counter(line.sign for line in lines)
    return Text.assemble(*((f"  {sign}{counts[sign]:,}", style) for sign, style in STYLES.items() if counts[sign]))


def _on_one_line(line: Line) -> Text:
    changed = ", ".join(f"{edit.attribute}: {_value(edit.before)} → {_value(edit.after)}" for edit in line.edits)
    text = plain(("; " if line.sign == "-" else ": ").join(filter(None, (line.text, changed))))
    reason = Text("  ").append_text(plain(line.reason)) if line.reason else Text()
    reason.stylize("dim", GAP)
    return Text.assemble((f"  {line.sign} ", STYLES[line.sign]), (text.plain, STYLES[line.sign]), reason)


def _print_aligned(lines: Sequence[Line], console: Console) -> None:
    """Print texts and reasons side by side, each wrapped below its own beginning."""
    texts = [plain(line.text) for line in lines]
    room = max(console.width - INDENT, 1)
    widest = room if room < 2 * NARROWEST else room - GAP - max(NARROWEST, room // 3)
    column = min(max(text.cell_len for text in texts), widest)
    before: tuple[str, str] | None = None
    for line, text in zip(lines, texts, strict=True):
        said = DITTO if line.reason and (line.sign, line.reason) == before else line.reason
        before = line.sign, line.reason
        _print_beside(console, line.sign, text, plain(said), column)
        names = max((len(edit.attribute) for edit in line.edits), default=0)
        for edit in line.edits:
            values = Text.assemble((plain(_value(edit.before)).plain, "red"), " → ")
            values.append_text(Text(plain(_value(edit.after)).plain, "green"))
            print_hanging(console, Text(f"{' ' * (INDENT + 2)}{edit.attribute:{names}}  ", "dim"), values)


def _print_beside(console: Console, sign: str, text: Text, reason: Text, column: int) -> None:
    style = STYLES[sign]
    left = wrapped(text, console, column)
    beside = console.width - INDENT - column - GAP
    if beside < NARROWEST and reason.cell_len > beside:
        print_hanging(console, Text(f"  {sign} ", style), Text(text.plain, style))
        print_hanging(console, Text(" " * (INDENT + 2)), Text(reason.plain, "dim"))
        return
    right = wrapped(reason, console, beside)
    for number, (name, why_so) in enumerate(zip_longest(left, right, fillvalue=Text())):
        line = Text.assemble((" " * INDENT if number else f"  {sign} ", style), (name.plain, style))
        if why_so:
            line.append(" " * (INDENT + column + GAP - line.cell_len)).append(why_so.plain, "dim")
        console.print(line)


def _object_lines(changes: Iterable[Change], kind: str) -> Iterator[Line]:
    """List the changes of users or groups, those of one object together."""
    by_object: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        of_kind, ref = subject(change)
        if of_kind == kind and not isinstance(change, CreateMembership | DeleteMembership):
            by_object[ref.key].append(change)
    return (_object_line(change) for together in by_object.values() for change in together)


def _object_line(change: Change) -> Line:
    name = subject(change)[1].name
    match change:
        case CreateUser(user=user):
            return Line("+", name if user.display_name == name else f"{name} ({user.display_name})", why(change))
        case CreateGroup():
            return Line("+", name, why(change))
        case Adopt(reason=reason):
            return Line("=", f"{name} is managed from now on", reason)
        case UpdateUser() if switches_off(change):
            others = tuple(edit for edit in edits(change) if edit.attribute != "active")
            return Line("-", f"{name}: switched off", why(change), others)
        case UpdateUser() | UpdateGroup():
            return Line("~", name, why(change), edits(change))
        case DeleteUser(reason=reason):
            return Line("-", name, reason)
        case DeleteGroup(members=members, reason=reason):
            return Line("-", f"{name} and its {counted(members, 'membership')}" if members else name, reason)
        case CreateMembership() | DeleteMembership():
            raise TypeError("memberships are shown by group")


def _value(value: str | bool) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower()


def _membership_lines(changes: Iterable[Change]) -> dict[str, list[Line]]:
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for change in changes:
        if isinstance(change, CreateMembership):
            lines[change.group.name].append(Line("+", change.user.name, why(change) if change.drift else ""))
        elif isinstance(change, DeleteMembership):
            lines[change.group.name].append(Line("-", change.user.name, why(change)))
    return dict(sorted(lines.items()))
