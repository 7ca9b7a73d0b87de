"""The commands and their options."""

import sys
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from sso_sync import __version__
from sso_sync.bootstrap import Builder
from sso_sync.core.errors import SettingsError
from sso_sync.core.record import plan_as_json
from sso_sync.engine.run import Run, Scope
from sso_sync.entrypoints.cli.deployed import invoke, secrets_app
from sso_sync.entrypoints.cli.options import ConfigOption
from sso_sync.entrypoints.cli.render import print_plan, print_summary, summary_as_json
from sso_sync.entrypoints.cli.review import TerminalReview
from sso_sync.entrypoints.logs import Format, Level, set_up_logging
from sso_sync.settings import load_settings

PENDING, SOME_FAILED = 2, 4

app = typer.Typer(
    help="Keep AWS IAM Identity Center equal to your directory.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(secrets_app, name="secrets")
app.command()(invoke)


class Output(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


GroupOption = Annotated[str, typer.Option("--group", help="Sync this one group and its people only.")]
AdditiveOption = Annotated[bool, typer.Option("--additive", help="Never take anything away from anyone.")]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How to print the result.")]
LevelOption = Annotated[Level, typer.Option("--log-level", help="How much to log, to standard error.")]
FormatOption = Annotated[Format, typer.Option("--log-format", help="How to write the log.")]
DebugOption = Annotated[
    bool,
    typer.Option("--debug", help="Log everything, and print tracebacks. The log then has names of people."),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sso-sync {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep AWS IAM Identity Center equal to your directory."""
    del version


@app.command()
def plan(
    *,
    config: ConfigOption = None,
    group: GroupOption = "",
    additive: AdditiveOption = False,
    output: OutputOption = Output.TEXT,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 if there are changes to make.")
    ] = False,
    log_level: LevelOption = Level.WARNING,
    log_format: FormatOption = Format.TEXT,
    debug: DebugOption = False,
) -> int:
    """Show what a sync would change, and why. Writes nothing.

    [dim]sso-sync plan --group aws-admins
    sso-sync plan --output json | jq .counts[/]
    """
    run = _prepare(config, group, additive=additive, level=Level.DEBUG if debug else log_level, log_format=log_format)
    with _waiting():
        draft = run.draft()
    if output is Output.JSON:
        refusal = str(draft.refusal) if draft.refusal else None
        _print_json(plan_as_json(draft.plan) | {"refused": refusal})
    else:
        print_plan(draft.plan, Console(highlight=False, soft_wrap=True))
    if draft.refusal:
        raise draft.refusal
    return PENDING if detailed_exitcode and draft.plan.changes else 0


@app.command()
def apply(
    *,
    config: ConfigOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    group: GroupOption = "",
    additive: AdditiveOption = False,
    output: OutputOption = Output.TEXT,
    log_level: LevelOption = Level.WARNING,
    log_format: FormatOption = Format.TEXT,
    debug: DebugOption = False,
) -> int:
    """Make Identity Center equal to the directory. Shows the plan and asks first.

    [dim]sso-sync apply --additive
    sso-sync apply --yes --output json[/]
    """
    if not yes and not (sys.stdin and sys.stdin.isatty()):
        raise SettingsError("The command line", ["nobody can be asked here; review with 'plan', then use --yes"])
    if not yes and output is Output.JSON:
        raise SettingsError("The command line", ["--output json leaves no place for a question; add --yes"])
    run = _prepare(config, group, additive=additive, level=Level.DEBUG if debug else log_level, log_format=log_format)
    console = Console(highlight=False, soft_wrap=True, quiet=output is Output.JSON)
    with TerminalReview(console, ask=not yes) as review:
        outcomes = run.execute("command line", review)
    if output is Output.JSON:
        _print_json(summary_as_json(review.plan, outcomes))
    elif review.approved:
        print_summary(outcomes, console)
    return SOME_FAILED if review.failures(outcomes) else 0


def _prepare(config: str | None, group: str, *, additive: bool, level: Level, log_format: Format) -> Run:
    set_up_logging(level, log_format)
    settings, folder = load_settings(config)
    return Builder(settings, folder).run(Scope(group=group, additive=additive))


def _waiting() -> Any:
    console = Console(stderr=True)
    return console.status("Reading the directory and Identity Center …")


def _print_json(value: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2) + b"\n")
