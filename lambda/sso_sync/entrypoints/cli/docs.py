"""The command that writes the documentation to a folder."""

from pathlib import Path
from typing import Annotated

import typer

from sso_sync.bootstrap import Builder
from sso_sync.core.errors import SettingsError
from sso_sync.entrypoints.cli.options import ConfigOption, DebugOption, FormatOption, LevelOption, QuietOption, level_of
from sso_sync.entrypoints.cli.plan_file import given
from sso_sync.entrypoints.cli.progress import reading
from sso_sync.entrypoints.cli.terminal import plain, results
from sso_sync.entrypoints.logs import Format, Level, set_up_logging
from sso_sync.settings import load_settings

PAGE = "index.html"


def docs(
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="The folder to write to; it is made if need be.")],
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the page in a browser.")] = False,
    config: ConfigOption = None,
    quiet: QuietOption = False,
    log_level: LevelOption = Level.WARNING,
    log_format: FormatOption = Format.TEXT,
    debug: DebugOption = False,
) -> int:
    """Write who is in Identity Center, and what the last runs did, as pages. Changes nothing in Identity Center.

    Identity Center is read now; filters, nested groups and what is set aside are those of the last run.

    [bold]Examples[/]
    [dim]sso-sync docs --output ./access
    sso-sync docs --output /srv/www/access --no-open[/]
    """
    set_up_logging(level_of(log_level, debug=debug, quiet=quiet), log_format)
    given(output, "--output")
    settings, start = load_settings(config)
    builder = Builder(settings, start)
    with reading(builder.calls, quiet=quiet):
        files = list(builder.site())
    try:
        folder = Path(output).expanduser().resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for name, content, _ in files:
            (folder / name).write_bytes(content)
    except (OSError, RuntimeError, ValueError) as exc:
        why = (exc.strerror if isinstance(exc, OSError) else None) or "it is not a path"
        raise SettingsError("The command line", [f"--output {output} cannot be written ({why})"]) from exc
    page = folder / PAGE
    results(quiet=quiet).print("Written: ", plain(str(page)), sep="")
    if not no_open:
        typer.launch(page.as_uri())
    return 0
