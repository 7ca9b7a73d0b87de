"""Looks at everything that a run needs, and says what to do about what is amiss."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from sso_sync.bootstrap import Builder
from sso_sync.core.errors import Interrupted, SettingsError
from sso_sync.core.expiry import ending, when
from sso_sync.core.findings import Credential, Finding, Mark
from sso_sync.core.wording import counted, listed
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
from sso_sync.entrypoints.cli.render import print_json
from sso_sync.entrypoints.cli.terminal import plain, print_hanging, results
from sso_sync.entrypoints.logs import Format, Level, set_up_logging
from sso_sync.http.boto import Aws
from sso_sync.http.patience import Patience
from sso_sync.settings import load_settings

PROBLEMS = 1  # exit code
CREDENTIALS = "Credentials"
ATTEMPTS, PATIENCE = 2, 3.0  # of each call to AWS, and seconds that all retries may wait
SIGNS = {
    Mark.GOOD: ("✓", "green"),
    Mark.NOTE: ("·", "dim"),
    Mark.WARNING: ("!", "yellow"),
    Mark.PROBLEM: ("✗", "red"),
}


def doctor(
    *,
    config: ConfigOption = None,
    output: OutputOption = Output.TEXT,
    quiet: QuietOption = False,
    log_level: LevelOption = Level.WARNING,
    log_format: FormatOption = Format.TEXT,
    debug: DebugOption = False,
) -> int:
    """Look at everything that a run needs, and say what to do about what is amiss. Writes nothing.

    [bold]Examples[/]
    [dim]sso-sync doctor
    sso-sync doctor --output json | jq '.findings[] | select(.mark == "problem")'[/]
    """
    set_up_logging(level_of(log_level, debug=debug, quiet=quiet), log_format)
    told = Told(results(quiet=quiet or output is Output.JSON))
    try:
        _examine(config, told)
    except KeyboardInterrupt:
        raise Interrupted("Stopped on request; the rest was not looked at, and nothing was changed.") from None
    if output is Output.JSON:
        print_json(told.as_json())
    else:
        told.conclude()
    return PROBLEMS if told.count[Mark.PROBLEM] else 0


class Told:
    """What was found so far; each finding is printed as it comes."""

    def __init__(self, console: Console) -> None:
        self._console, self._system = console, ""
        self._findings: list[Finding] = []
        self._credentials: Sequence[Credential] = ()
        self.count: Counter[Mark] = Counter()

    def tell(self, finding: Finding) -> None:
        """Print a finding, under the name of its system where that is another than before."""
        system, thing = _parted(finding.subject)
        self._begin(system)
        self._findings.append(finding)
        self.count[finding.mark] += 1
        sign, style = SIGNS[finding.mark]
        beginning = Text.assemble("  ", (sign, f"bold {style}"), " ")
        said = Text.assemble((f"{plain(thing).plain}: " if thing else "", ""), plain(finding.said))
        print_hanging(self._console, beginning, said)
        if finding.remedy:
            print_hanging(self._console, Text("    → ", style), plain(finding.remedy))

    def tell_credentials(self, credentials: Sequence[Credential], now: datetime) -> None:
        """Print with what is signed in, and until when."""
        self._credentials = credentials
        for end, one in ending(credentials, now):
            remedy = f"{_capitalised(one.renewal)}." if one.renewal else ""
            self.tell(Finding(CREDENTIALS, Mark.WARNING, f"{_capitalised(one.what)} {when(end, now)}.", remedy))
        self._begin(CREDENTIALS)
        widest = max((Text(one.what).cell_len for one in credentials), default=0)
        for one in credentials:
            name = Text(f"    {plain(one.what).plain}")
            name.pad_right(widest + 6 - name.cell_len)
            print_hanging(self._console, name, plain(f"{one.kind}{_until(one, now)}"))

    def _begin(self, system: str) -> None:
        """Print the name of a system, unless it is the one before."""
        if system != self._system:
            self._console.print(*([""] if self._system else []), Text(plain(system).plain, "bold"), sep="\n")
        self._system = system

    def conclude(self) -> None:
        """Print how many there are of each, and what that comes to."""
        problems, warned = self.count[Mark.PROBLEM], self.count[Mark.WARNING]
        self._console.print()
        also = f", with {counted(warned, 'warning')}" if warned else ""
        if problems:
            stands = "stands" if problems == 1 else "stand"
            text = Text(f"{counted(problems, 'problem')} {stands} in the way of a run{also}.", "bold red")
        else:
            text = Text(f"Nothing stands in the way of a run{also}.", "bold green")
        others = f" Besides: {self.count[Mark.GOOD]} good, {counted(self.count[Mark.NOTE], 'note')}."
        print_hanging(self._console, Text(), Text.assemble(text, (others, "dim")))

    def as_json(self) -> dict[str, Any]:
        """Show everything as data."""
        rows = [
            {"system": _parted(one.subject)[0], "subject": _parted(one.subject)[1]}
            | {"mark": one.mark.value, "said": one.said, "remedy": one.remedy}
            for one in self._findings
        ]
        return {
            "ok": not self.count[Mark.PROBLEM],
            "counts": {mark.value: self.count[mark] for mark in Mark},
            "findings": rows,
            "credentials": msgspec.to_builtins(self._credentials),
        }


def _examine(config: str | None, told: Told) -> None:
    try:
        settings, folder = load_settings(config)
        aws = Aws(settings.identity_center.region, attempts=ATTEMPTS, hurried=True)
    except SettingsError as exc:
        for mistake in exc.mistakes:
            told.tell(Finding(f"Config: {exc.where}", Mark.PROBLEM, mistake))
        told.tell(Finding("Config", Mark.NOTE, "Nothing else was looked at: all else rests on the config."))
        return
    names = listed([source.label for source in settings.sources])
    are = "is" if len(settings.sources) == 1 else "are"
    told.tell(Finding("Config", Mark.GOOD, f"It has no mistakes; {names} {are} read."))
    examination = Builder(settings, folder, aws=aws, patience=Patience(PATIENCE)).examination()
    for finding in examination.findings():
        told.tell(finding)
    told.tell_credentials(examination.credentials(), datetime.now(UTC))


def _until(credential: Credential, now: datetime) -> str:
    if not credential.stored:
        return ""
    return f"; {when(credential.expires, now)}" if credential.expires else "; it is not known when it expires"


def _capitalised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _parted(subject: str) -> tuple[str, str]:
    """Part a subject into the system and the thing that was looked at."""
    system, _, thing = subject.partition(": ")
    return system, thing
