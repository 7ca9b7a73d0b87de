"""Options that several commands share."""

from enum import StrEnum
from typing import Annotated

import typer

from sso_sync.entrypoints.logs import Format, Level


class Output(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


def level_of(level: Level, *, debug: bool, quiet: bool) -> Level:
    """Return how much is logged: what --debug and --quiet say comes before the default."""
    if debug:
        return Level.DEBUG
    return Level.ERROR if quiet and level is Level.WARNING else level


ConfigOption = Annotated[
    str | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The config file.",
        show_default="$SSO_SYNC_CONFIG or sso-sync.yaml",
    ),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How to print the result.")]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print errors only; the exit code tells the rest. JSON is still printed.")
]
LevelOption = Annotated[
    Level,
    typer.Option("--log-level", metavar="LEVEL", help="How much to log: debug, info, warning or error."),
]
FormatOption = Annotated[Format, typer.Option("--log-format", help="How to write the log.")]
DebugOption = Annotated[
    bool,
    typer.Option("--debug", help="Log everything, and print tracebacks. The log then has names of people."),
]
