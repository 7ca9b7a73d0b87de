"""What is drawn on standard error while something long goes on: how far it is, how fast, and until when."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType

from msgspec import Struct
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from sso_sync.entrypoints.cli.terminal import is_terminal
from sso_sync.http.calls import Calls

NAMES = {
    "google": "Google Workspace",
    "entra": "Microsoft Entra ID",
    "identitystore": "Identity Center",
    "sso-admin": "IAM Identity Center",
    "scim": "SCIM endpoint",
    "s3": "Amazon S3",
    "secrets-manager": "AWS Secrets Manager",
    "ssm": "AWS Systems Manager",
    "cloudformation": "AWS CloudFormation",
    "sts": "AWS STS",
    "organizations": "AWS Organizations",
    "eventbridge": "Amazon EventBridge",
    "lambda": "AWS Lambda",
    "teams": "Microsoft Teams",
}
# What is read, by the beginning of its calls.
READ = {
    "google ": "Google Workspace",
    "identitystore ": "Identity Center",
    "sso-admin ListAccountAssignments": "Account assignments",
}
FRAMES_PER_SECOND = 8
NARROWEST, WIDEST = 8, 40  # columns of a bar
BESIDE = 62  # columns of what stands beside a bar


class Row(Struct, frozen=True):
    """One thing that goes on; without `total` nobody knows how long it takes."""

    title: str
    done: int
    things: str
    total: int | None = None


class Drawing:
    """Draws a title and rows again and again while the context lasts; nothing unless on a terminal.

    `title` and `rows` are asked for each picture, `calls` for what is being waited for.
    """

    def __init__(
        self,
        title: Callable[[], str],
        rows: Callable[[], Sequence[Row]],
        calls: Calls,
        *,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
        console: Console | None = None,
    ) -> None:
        self._title, self._rows, self._calls, self._clock = title, rows, calls, clock
        self._console = console or Console(stderr=True)
        self._began = clock()
        self._since: dict[tuple[str, str], tuple[float, int]] = {}  # when each row was first seen, and how far it was
        self._spinner = Spinner("dots")
        self._live = None
        if not quiet and (console or is_terminal(sys.stderr)):
            self._live = Live(
                get_renderable=self.picture,
                console=self._console,
                transient=True,
                refresh_per_second=FRAMES_PER_SECOND,
            )

    def __enter__(self) -> "Drawing":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to draw, and to measure."""
        self._began = self._clock()
        self._since.clear()
        if self._live:
            self._live.start()

    def stop(self) -> None:
        """Take the picture away; a second time does nothing."""
        if self._live:
            self._live.stop()

    def picture(self) -> RenderableType:
        """Make the picture of this moment."""
        now = self._clock()
        self._spinner.update(text=Text(f"{self._title()}  {_clock_time(now - self._began)}"))
        table = Table.grid(padding=(0, 2, 0, 0))
        for row in self._rows():
            table.add_row(*self._cells(row, now))
        return Group(self._spinner, table, *self._troubles())

    def _cells(self, row: Row, now: float) -> Iterator[RenderableType]:
        since, before = self._since.setdefault((row.title, row.things), (now, row.done))
        rate = (row.done - before) / (now - since) if now > since else 0.0
        left = row.total - row.done if row.total is not None else None
        seconds = left / rate if left and rate else 0.0
        done = f"{row.done:,}" if row.total is None else f"{row.done:,} of {row.total:,}"
        yield Text(f"  {row.title}", no_wrap=True)
        yield self._bar(row)
        yield Text(f"{done} {row.things}", no_wrap=True)
        yield Text(f"{rate:,.0f}/s" if rate >= 1 and left != 0 else "", style="dim", no_wrap=True, justify="right")
        yield Text(f"{_clock_time(seconds)} left" if seconds >= 1 else "", style="dim", no_wrap=True)

    def _bar(self, row: Row) -> ProgressBar:
        width = min(max(self._console.width - BESIDE, NARROWEST), WIDEST)
        if row.total is None:
            return ProgressBar(width=width, pulse=True)
        done = row.done if row.total else 1  # all of nothing is done
        return ProgressBar(row.total or 1, done, width, complete_style="cyan")

    def _troubles(self) -> Iterator[Text]:
        now = self._clock()
        for system, trouble in self._calls.troubles().items():
            seconds = max(1, round(trouble.until - now))
            yield Text(f"  {_name(system)} {trouble.said}, trying again within {seconds} s", style="yellow")


def reading(calls: Calls, *, quiet: bool = False) -> Drawing:
    """Draw how far the reading of both sides is."""
    return Drawing(lambda: "Reading the directory and Identity Center …", lambda: _reads(calls), calls, quiet=quiet)


def _reads(calls: Calls) -> list[Row]:
    """Make rows for each system: how much of each thing is read once that is known, until then the calls made."""
    made, shares = calls.counts(), calls.shares()
    rows: list[Row] = []
    for begins, name in READ.items():
        count = sum(number for call, number in made.items() if call.startswith(begins))
        known = [share for share in shares if share.system == begins.split(" ")[0]]
        rows += [Row(name, share.done, share.things, share.expected) for share in known]
        if count and not known:
            rows.append(Row(name, count, "calls" if count > 1 else "call"))
    return rows


def _name(system: str) -> str:
    return NAMES.get(system, system)


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
