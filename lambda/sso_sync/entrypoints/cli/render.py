"""Results: as JSON, and what became of the changes as text."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from sso_sync.core.changes import subject
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan
from sso_sync.core.record import change_as_json, plan_as_json
from sso_sync.core.tally import describe
from sso_sync.entrypoints.cli.terminal import plain, print_hanging


def print_json(value: Any) -> None:
    """Print a result as JSON and nothing else."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2) + b"\n")


def print_summary(outcomes: Sequence[Outcome], console: Console) -> None:
    """Say what was done, and list what was not and why."""
    done = describe(outcome.change for outcome in outcomes if outcome.result is Result.DONE)
    print_hanging(console, Text("Done: ", style="bold green"), Text(f"{done or 'nothing'}."))
    for outcome in outcomes:
        if outcome.lost:
            left_out = f"{', '.join(outcome.lost)} of {subject(outcome.change)[1].name}: {outcome.error}"
            print_hanging(console, Text("Left out: ", style="yellow"), plain(left_out))
    print_failures(outcomes, console)


def print_failures(outcomes: Sequence[Outcome], console: Console) -> None:
    """List what failed and why, and count what was skipped for it."""
    failed = [outcome for outcome in outcomes if outcome.result is Result.FAILED]
    skipped = sum(outcome.result is Result.SKIPPED for outcome in outcomes)
    for outcome in failed:
        print_hanging(console, Text("Failed: ", style="bold red"), plain(str(outcome.error)))
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
