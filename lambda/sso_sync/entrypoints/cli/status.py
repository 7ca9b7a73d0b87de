"""What the last runs did, and what waits for approval."""

from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from sso_sync.bootstrap import Builder
from sso_sync.core.approval import BY_FILE
from sso_sync.core.wording import counted
from sso_sync.entrypoints.cli.options import ConfigOption, DebugOption, FormatOption, LevelOption, Output, OutputOption
from sso_sync.entrypoints.cli.render import print_json
from sso_sync.entrypoints.cli.terminal import plain, print_hanging, results
from sso_sync.entrypoints.logs import Format, Level, set_up_logging
from sso_sync.reporters.history import History, HistoryNote, PastRun
from sso_sync.reporters.summary import HEADLINES, duration, instant
from sso_sync.settings import load_settings

SIGNS = {"good": ("✓", "green"), "warning": ("!", "yellow"), "attention": ("✗", "red")}
INDENT = Text("    ")
NONE_YET = "No run is on record yet: the schedule makes the first, or sso-sync apply, or sso-sync invoke."


def status(
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="How many runs to show.")] = 10,
    config: ConfigOption = None,
    output: OutputOption = Output.TEXT,
    log_level: LevelOption = Level.WARNING,
    log_format: FormatOption = Format.TEXT,
    debug: DebugOption = False,
) -> int:
    """Say what the last runs did, the newest first, and what waits for approval.

    Runs that follow each other and have nothing new to tell are shown as one.

    [bold]Examples[/]
    [dim]sso-sync status
    sso-sync status --limit 1 --output json | jq -r '.runs[0].verdict'[/]
    """
    set_up_logging(Level.DEBUG if debug else log_level, log_format)
    settings, folder = load_settings(config)
    history = HistoryNote(Builder(settings, folder).state().notes).load()
    if output is Output.JSON:
        print_json(_as_json(history, limit))
    else:
        print_history(history, limit, results())
    return 0


def _how(waiting: PastRun) -> str:
    """Say how to approve what a run left waiting."""
    return f"run '{waiting.how_to_approve}'" if waiting.how_to_approve else BY_FILE


def _as_json(history: History, limit: int) -> dict[str, Any]:
    waiting = {"id": history.waiting.waiting, "how": _how(history.waiting)} if history.waiting else None
    return {"waiting": waiting, "runs": msgspec.to_builtins(history.runs[:limit])}


def print_history(history: History, limit: int, console: Console) -> None:
    """Print past runs, and in any case the one that left something waiting."""
    if not history.runs:
        console.print(NONE_YET)
    waiting, shown = history.waiting, list(history.runs[:limit])
    if waiting and not any(run is waiting for run in shown):
        shown.append(waiting)
    for run in shown:
        _print_run(run, console)
        if run is waiting:
            how = plain(_how(run)).plain
            print_hanging(console, INDENT, Text.assemble(("To approve: ", "bold yellow"), how))
        console.print()
    more = len(history.runs) - len(shown)
    if more > 0:
        console.print(f"… and {more} before; --limit {len(history.runs)} shows all", style="dim")


def _print_run(run: PastRun, console: Console) -> None:
    words, tone = HEADLINES[run.verdict]
    sign, style = SIGNS[tone]
    console.print(Text.assemble((f"{sign} {words}", f"bold {style}"), f"  {instant(run.started)}"))
    facts = f"{run.trigger}, took {duration(run.ended - run.started)}, run {run.run_id}"
    print_hanging(console, INDENT, Text(plain(facts).plain, "dim"))
    print_hanging(console, INDENT, Text(plain(run.problem).plain, style) if run.problem else plain(run.summary))
    for reason in () if run.problem else run.waiting_for:
        print_hanging(console, INDENT, Text(plain(f"waits for approval: {reason}").plain, "yellow"))
    if run.counts:
        print_hanging(console, INDENT, Text(", ".join(f"{number:,} {title.lower()}" for title, number in run.counts)))
    if run.approved_by:
        print_hanging(console, INDENT, plain(f"approved by {run.approved_by}"))
    if run.repeats:
        alike = f"and {counted(run.repeats, 'run')} alike since then, until {instant(run.last.ended)}"
        print_hanging(console, INDENT, Text(alike, "dim"))
