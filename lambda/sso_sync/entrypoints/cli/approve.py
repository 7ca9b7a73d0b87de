"""The command that approves what a safety limit refused."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from sso_sync.aws.approver import become_approver
from sso_sync.bootstrap import Builder
from sso_sync.core.approval import ID_DIGITS, VALID, Refusal
from sso_sync.core.errors import SettingsError
from sso_sync.core.wording import counted
from sso_sync.entrypoints.cli.deployed import find
from sso_sync.entrypoints.cli.options import ConfigOption
from sso_sync.entrypoints.cli.terminal import plain, print_hanging, results

MOST_LINES = 60
HOURS = VALID.total_seconds() / 3600


def approve(
    *,
    refusal_id: Annotated[str, typer.Argument(metavar="ID", help="Which refusal, as its card and its log name it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: ConfigOption = None,
) -> int:
    """Approve what a safety limit refused. Shows what waits and asks first.

    [bold]Examples[/]
    [dim]sso-sync approve 0123456789ab[/]
    """
    if not yes and not (sys.stdin and sys.stdin.isatty()):
        raise SettingsError("The command line", ["nobody can be asked here; use --yes"])
    builder, approver = _builder(config)
    approvals = builder.approvals()
    if approvals is None:
        raise SettingsError("The deployment", ["it was made by another version; run cdk deploy"])
    refusal = _find_refusal(builder, refusal_id)
    console = results()
    _show(refusal, console)
    if not yes and not typer.confirm("Approve?"):
        console.print("Nothing was approved.")
        return 0
    approvals.grant(refusal)
    print_hanging(
        console,
        Text("Approved ", style="bold green"),
        plain(
            f"{refusal.id}, as {approver}, for {HOURS:.0f} hours: the next run goes ahead; sso-sync invoke starts one "
            "now. A deployment that was refused: deploy the same config again."
        ),
    )
    return 0


def _builder(config: str | None) -> tuple[Builder, str]:
    """Make a builder with the identity of the role that approves; return that identity, too."""
    settings, aws, deployment = find(config)
    if not deployment.approver:
        raise SettingsError("The deployment", ["it was made by another version; run cdk deploy"])
    as_role, identity = become_approver(aws, deployment.approver)
    return Builder(settings, Path(), deployment, as_role), identity


def _find_refusal(builder: Builder, refusal_id: str) -> Refusal:
    known = re.fullmatch(rf"[0-9a-f]{{{ID_DIGITS}}}", refusal_id)
    refusal = builder.state().load_refusal(refusal_id) if known else None
    if refusal is None:
        unknown = (
            f"nothing waits for approval as '{refusal_id}'; the card and the log of the refused run name the id. "
            "'plan' names one that a run would ask for, and asks for nothing itself"
        )
        raise SettingsError("The command line", [unknown])
    return refusal


def _show(refusal: Refusal, console: Console) -> None:
    console.print(plain(f"Refused by the run {refusal.run_id} at {refusal.at:%Y-%m-%d %H:%M %Z}:"), style="bold")
    for reason in refusal.reasons:
        print_hanging(console, Text("  - "), plain(reason))
    waiting = counted(len(refusal.changes), "change")
    console.print(plain(f"{waiting} wait{'s' if len(refusal.changes) == 1 else ''} in {refusal.store_id}:"))
    for line in refusal.shown[:MOST_LINES]:
        print_hanging(console, Text("  "), plain(line))
    if len(refusal.shown) > MOST_LINES:
        console.print(f"  … and {len(refusal.shown) - MOST_LINES} more; the run's page and record have all")
