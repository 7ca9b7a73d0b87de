"""The commands and their options."""

import sys
from typing import Annotated

import typer

from sso_sync import __version__
from sso_sync.bootstrap import Builder
from sso_sync.core.errors import Interrupted, SettingsError
from sso_sync.core.record import plan_as_json
from sso_sync.core.scope import Scope
from sso_sync.entrypoints.cli.approve import approve
from sso_sync.entrypoints.cli.deployed import invoke, secrets_app
from sso_sync.entrypoints.cli.docs import docs
from sso_sync.entrypoints.cli.doctor import doctor
from sso_sync.entrypoints.cli.explain import explain
from sso_sync.entrypoints.cli.options import (
    ConfigOption,
    DebugOption,
    FormatOption,
    LevelOption,
    Output,
    OutputOption,
    QuietOption,
    level_of,
)
from sso_sync.entrypoints.cli.plan_file import check_store, given, read_plan, write_plan
from sso_sync.entrypoints.cli.plan_text import print_plan, print_unread
from sso_sync.entrypoints.cli.progress import reading
from sso_sync.entrypoints.cli.render import print_failures, print_json, print_summary, summary_as_json
from sso_sync.entrypoints.cli.review import TerminalReview
from sso_sync.entrypoints.cli.status import status
from sso_sync.entrypoints.cli.terminal import errors, results
from sso_sync.entrypoints.logs import Format, Level, set_up_logging
from sso_sync.settings import load_settings
from sso_sync.settings.policy import fingerprint

PENDING, SOME_FAILED = 2, 4
DEPLOYED = "Of a deployment"

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

GroupOption = Annotated[
    str | None, typer.Option("--group", metavar="NAME", help="Sync this one group and its people only.")
]
AdditiveOption = Annotated[bool, typer.Option("--additive", help="Never take anything away from anyone.")]


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
    """Keep AWS IAM Identity Center equal to your directory.

    [bold]Examples[/]
    [dim]sso-sync plan
    sso-sync apply
    sso-sync explain ann@example.com
    sso-sync status --limit 3[/]

    [bold]Exit codes[/]
    0  done, or nothing to do
    1  an error, or wrong usage
    2  changes are pending (only plan --detailed-exitcode)
    3  refused by a safety limit
    4  some changes failed, or one of several directories could not be read
    """
    del version


def plan(
    *,
    config: ConfigOption = None,
    group: GroupOption = None,
    additive: AdditiveOption = False,
    output: OutputOption = Output.TEXT,
    quiet: QuietOption = False,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="FILE", help="Write the plan to this file, for review and for 'apply'."),
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 if there are changes to make.")
    ] = False,
    log_level: LevelOption = Level.WARNING,
    log_format: FormatOption = Format.TEXT,
    debug: DebugOption = False,
) -> int:
    """Show what a sync would change, and why. Writes nothing.

    [bold]Examples[/]
    [dim]sso-sync plan --group aws-admins
    sso-sync plan --output json | jq .counts
    sso-sync plan --out plan.json[/]
    """
    set_up_logging(level_of(log_level, debug=debug, quiet=quiet), log_format)
    settings, folder = load_settings(config)
    scope, file = Scope(group=given(group, "--group"), additive=additive), given(out, "--out")
    builder = Builder(settings, folder)
    with reading(builder.calls, quiet=quiet):
        draft = builder.run(scope).draft()
    if file:
        write_plan(file, draft, scope, fingerprint(settings))
    if output is Output.JSON:
        refusal = str(draft.refusal) if draft.refusal else None
        unread = [one.sentence for one in draft.unread]
        print_json(plan_as_json(draft.plan) | {"refused": refusal, "unread": unread})
    else:
        print_plan(draft.plan, results(quiet=quiet), waits=draft.waiting is not None, partly=scope.partly)
        print_unread(draft.unread, errors() if quiet else results(quiet=False))
    if draft.refusal:
        raise draft.refusal
    if draft.unread:
        return SOME_FAILED
    return PENDING if detailed_exitcode and draft.plan.changes else 0


def apply(
    *,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A plan that was reviewed: it may break limits.")
    ] = None,
    config: ConfigOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    group: GroupOption = None,
    additive: AdditiveOption = False,
    output: OutputOption = Output.TEXT,
    quiet: QuietOption = False,
    log_level: LevelOption = Level.WARNING,
    log_format: FormatOption = Format.TEXT,
    debug: DebugOption = False,
) -> int:
    """Make Identity Center equal to the directory. Shows the plan and asks first.

    With a FILE of 'sso-sync plan --out', what it holds may break limits; anything else may not.

    [bold]Examples[/]
    [dim]sso-sync apply --additive
    sso-sync apply plan.json
    sso-sync apply --yes --output json[/]
    """
    if not yes and quiet:
        raise SettingsError("The command line", ["--quiet shows no plan that somebody could agree to; add --yes"])
    if not yes and not (sys.stdin and sys.stdin.isatty()):
        raise SettingsError("The command line", ["nobody can be asked here; review with 'plan', then use --yes"])
    if not yes and output is Output.JSON:
        raise SettingsError("The command line", ["--output json leaves no place for a question; add --yes"])
    set_up_logging(level_of(log_level, debug=debug, quiet=quiet), log_format)
    settings, folder = load_settings(config)
    scope, file = Scope(group=given(group, "--group"), additive=additive), given(file, "FILE")
    reviewed = read_plan(file, fingerprint(settings)) if file else None
    if reviewed and scope != Scope():
        raise SettingsError("The command line", ["--group and --additive are those of the plan; leave them out"])
    scope = reviewed.scope if reviewed else scope
    builder, console = Builder(settings, folder), results(quiet=quiet or output is Output.JSON)
    with TerminalReview(console, builder.calls, ask=not yes, quiet=quiet, partly=scope.partly) as review:
        run = builder.run(scope, reviewed.allowed if reviewed else ())
        if reviewed:
            check_store(file, reviewed, run.store_id)
        outcomes = run.execute(builder.triggered("command line"), review)
    if review.stopped:
        raise Interrupted("Stopped on request; nothing was changed.")
    if output is Output.JSON:
        print_json(summary_as_json(review.plan, outcomes) | {"unread": [one.sentence for one in review.unread]})
    elif quiet:
        print_failures(outcomes, errors())
        print_unread(review.unread, errors())
    elif review.approved:
        print_summary(outcomes, console)
    return SOME_FAILED if review.failures(outcomes) or review.unread else 0


for command in (plan, apply, explain, doctor, status, docs):
    app.command()(command)
for of_deployment in (invoke, approve):
    app.command(rich_help_panel=DEPLOYED)(of_deployment)
app.add_typer(secrets_app, name="secrets", rich_help_panel=DEPLOYED)
