"""Options that several commands share."""

from typing import Annotated

import typer

ConfigOption = Annotated[
    str | None,
    typer.Option("--config", "-c", help="The config file.", show_default="$SSO_SYNC_CONFIG or sso-sync.yaml"),
]
