"""Options that several commands share."""

from enum import StrEnum
from typing import Annotated

import typer

from sso_sync.entrypoints.logs import Format, Level


class Output(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


ConfigOption = Annotated[
    str | None,
    typer.Option("--config", "-c", help="The config file.", show_default="$SSO_SYNC_CONFIG or sso-sync.yaml"),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How to print the result.")]
LevelOption = Annotated[Level, typer.Option("--log-level", help="How much to log, to standard error.")]
FormatOption = Annotated[Format, typer.Option("--log-format", help="How to write the log.")]
DebugOption = Annotated[
    bool,
    typer.Option("--debug", help="Log everything, and print tracebacks. The log then has names of people."),
]
