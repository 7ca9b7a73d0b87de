"""Plans and results as text that reads like a diff."""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.status import Status
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
    UpdateGroup,
    UpdateUser,
    edits,
    name_of,
    subject,
    why,
)
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan, only_switches_off
from sso_sync.core.record import change_as_json, plan_as_json
from sso_sync.core.tally import describe
from sso_sync.core.wording import counted, visible

STYLES = {"+": "green", "~": "yellow", "-": "red", "=": "cyan", "!": "magenta"}


class Line(Struct, frozen=True):
    """One line of a diff: its sign, what it is about, and the reason behind it."""

    sign: str
    text: str
    reason: str = ""


def waiting() -> Status:
    """Show on standard error that both sides are being read."""
    return Console(stderr=True).status("Reading the directory and Identity Center …")


def print_json(value: Any) -> None:
    """Print a result as JSON and nothing else."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2) + b"\n")


def plain(text: str, keep: str = "") -> Text:
    """Show text as it is: no markup, no control or direction characters, save `keep`, that could fool a reader."""
    return Text(visible(text, keep))


def print_plan(plan: Plan, console: Console, limit: int | None = None) -> None:
    """Print a plan; with a `limit`, that many lines of each section, but everything that is taken away."""
    sections = [
        ("Users", list(map(_object_line, _of_kind(plan.changes, "user")))),
        ("Groups", list(map(_object_line, _of_kind(plan.changes, "group")))),
    ]
    sections += [(f"Members of {name}", lines) for name, lines in _membership_lines(plan.changes).items()]
    aside = [Line("!", f"{record.kind} {record.name}", record.reason) for record in plan.set_aside]
    left = 0
    for number, (title, lines) in enumerate(sections):
        shown = lines if limit is None else _most_telling(lines, 0 if number > limit else limit)
        cut = len(lines) - len(shown)
        _print_section(title, shown, console, cut)
        left += 0 if shown else cut
    if left:
        console.print(f"… and {counted(left, 'more line')}; 'sso-sync plan' shows all\n", style="dim")
    _print_section("Set aside", aside, console)
    for warning in plan.warnings:
        console.print(Text("Warning: ", style="yellow"), plain(warning), sep="")
    console.print(Text("Plan: ", style="bold"), describe(plan.counts), sep="")


def _most_telling(lines: Sequence[Line], limit: int) -> list[Line]:
    """Choose lines to show: all that take something away, then others up to the limit."""
    lost = [line for line in lines if line.sign == "-"]
    others = [line for line in lines if line.sign != "-"]
    return lost + others[: max(0, limit - len(lost))]


def _print_section(title: str, lines: Sequence[Line], console: Console, cut: int = 0) -> None:
    if not lines:
        return
    console.print(plain(title), style="bold")
    for line in lines:
        shown = Text(f"  {line.sign} ", style=STYLES[line.sign])
        shown.append_text(plain(line.text))
        if line.reason:
            shown.append_text(Text("  ") + plain(line.reason))
            shown.stylize("dim", len(shown) - len(line.reason))
        console.print(shown)
    if cut:
        console.print(f"    … and {cut} more", style="dim")
    console.print()


def _of_kind(changes: Iterable[Change], kind: str) -> Iterator[Change]:
    for change in changes:
        if subject(change)[0] == kind and not isinstance(change, CreateMembership | DeleteMembership):
            yield change


def _object_line(change: Change) -> Line:
    name = subject(change)[1].name
    match change:
        case CreateUser(user=user):
            return Line("+", f"{name} ({user.display_name})", why(change))
        case CreateGroup():
            return Line("+", name, why(change))
        case Adopt(reason=reason):
            return Line("=", f"{name} is managed from now on", reason)
        case UpdateUser() if only_switches_off(change):
            return Line("-", f"{name}: switched off", why(change))
        case UpdateUser() | UpdateGroup():
            changed = ", ".join(f"{e.attribute}: {_value(e.before)} → {_value(e.after)}" for e in edits(change))
            return Line("~", f"{name}: {changed}", why(change))
        case DeleteUser(reason=reason):
            return Line("-", name, reason)
        case DeleteGroup(members=members, reason=reason):
            return Line("-", f"{name} and its {counted(members, 'membership')}", reason)
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


def print_summary(outcomes: Sequence[Outcome], console: Console) -> None:
    """Say what was done, and list what was not and why."""
    done = Counter(name_of(outcome.change) for outcome in outcomes if outcome.result is Result.DONE)
    console.print(Text("Done: ", style="bold green"), describe(done) if done else "nothing.", sep="")
    for outcome in outcomes:
        if outcome.lost:
            left_out = f"{', '.join(outcome.lost)} of {subject(outcome.change)[1].name}: {outcome.error}"
            console.print(Text("Left out: ", style="yellow"), plain(left_out), sep="")
    failed = [outcome for outcome in outcomes if outcome.result is Result.FAILED]
    skipped = sum(outcome.result is Result.SKIPPED for outcome in outcomes)
    for outcome in failed:
        console.print(Text("Failed: ", style="bold red"), plain(str(outcome.error)), sep="")
    if failed:
        also = f", and {skipped} that need them were skipped" if skipped else ""
        console.print(f"{len(failed)} of {len(outcomes)} changes failed{also}; the next run tries them again.")


def summary_as_json(plan: Plan | None, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Show a finished run as JSON."""
    return {
        "plan": plan_as_json(plan) if plan else None,
        "results": dict(Counter(outcome.result for outcome in outcomes)),
        "failed": [
            change_as_json(outcome.change) | {"result": outcome.result, "error": str(outcome.error or "")}
            for outcome in outcomes
            if outcome.result is not Result.DONE
        ],
        "left_out": [
            change_as_json(outcome.change) | {"lost": list(outcome.lost), "error": str(outcome.error or "")}
            for outcome in outcomes
            if outcome.lost
        ],
    }
