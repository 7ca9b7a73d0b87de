"""Why somebody or something is in AWS or not."""

from typing import Annotated

import msgspec
import typer
from rich.text import Text

from sso_sync.bootstrap import Builder
from sso_sync.core.explain import explain as explain_all
from sso_sync.core.rules import Rules
from sso_sync.core.situation import Situation
from sso_sync.entrypoints.cli.explained import print_explanation
from sso_sync.entrypoints.cli.options import ConfigOption, DebugOption, FormatOption, LevelOption, Output, OutputOption
from sso_sync.entrypoints.cli.plan_text import print_unread
from sso_sync.entrypoints.cli.progress import reading
from sso_sync.entrypoints.cli.render import print_json
from sso_sync.entrypoints.cli.terminal import plain, print_hanging, results
from sso_sync.entrypoints.logs import Format, Level, set_up_logging
from sso_sync.settings import load_settings


def explain(
    *,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="An address, a user name, the name of a group, or an id.")
    ],
    config: ConfigOption = None,
    output: OutputOption = Output.TEXT,
    log_level: LevelOption = Level.WARNING,
    log_format: FormatOption = Format.TEXT,
    debug: DebugOption = False,
) -> int:
    """Say why a person or a group is in AWS or not, and who is in what by which way. Writes nothing.

    [bold]Examples[/]
    [dim]sso-sync explain ann@example.com
    sso-sync explain aws-admins --output json[/]
    """
    set_up_logging(Level.DEBUG if debug else log_level, log_format)
    settings, folder = load_settings(config)
    builder = Builder(settings, folder)
    with reading(builder.calls):
        draft = builder.run().draft()
    situation = Situation(
        desired=draft.desired,
        actual=draft.actual,
        ledger=draft.ledger,
        plan=draft.plan,
        protects=Rules(protected=tuple(settings.identity_center.protected)).protects,
    )
    explanations = explain_all(name, situation)
    refusal = str(draft.refusal) if draft.refusal else None
    if output is Output.JSON:
        unread = [one.sentence for one in draft.unread]
        print_json({"explanations": msgspec.to_builtins(explanations), "refused": refusal, "unread": unread})
        return 0
    console = results()
    for explanation in explanations:
        print_explanation(explanation, console)
    print_unread(draft.unread, console)
    if refusal:
        print_hanging(console, Text("The next run is refused: ", style="yellow"), plain(refusal))
    return 0
