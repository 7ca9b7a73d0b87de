"""What the last runs did, on the terminal."""

import io

import msgspec
from rich.console import Console

from sso_sync.core.approval import Refusal
from sso_sync.core.errors import LimitExceeded, TargetError
from sso_sync.core.report import RunReport
from sso_sync.core.wording import visible
from sso_sync.entrypoints.cli.status import print_history
from sso_sync.reporters.history import History, PastRun
from tests.support.reports import ENDINGS, HOSTILE, STARTED, joins, leaves, made, planned, report


def history(*reports: RunReport) -> History:
    """Keep reports, the oldest first."""
    kept = History()
    for one in reports:
        kept = kept.with_run(PastRun.of(one))
    return kept


def refused(how_to_approve: str = "sso-sync approve 0123456789ab") -> RunReport:
    error = LimitExceeded("Too many would leave. " * 6)
    waiting = Refusal.of("d-1", "c", {"key": "ann leaves devs"}, ["too many"], "run", STARTED)
    return planned(leaves("ann", "devs"), error=error, waiting=waiting, how_to_approve=how_to_approve)


def shown(past: History, limit: int = 10, width: int = 80) -> list[str]:
    text = io.StringIO()
    print_history(past, limit, Console(file=text, width=width, highlight=False))
    return text.getvalue().splitlines()


def test_the_newest_run_comes_first_with_what_it_did() -> None:
    past = history(made(joins("ann", "devs")), made(leaves("bob", "devs"), leaves("cem", "devs"), trigger="deployment"))
    lines = shown(past)
    assert lines[:5] == [
        "✓ All changes made  2026-11-22 03:20 UTC",
        "    deployment, took 1 min 14 s, run 20261122T032007Z-abcdef",
        "    2 changes made; Identity Center follows the directory.",
        "    2 left a group",
        "",
    ]
    assert lines[6].strip().startswith("schedule, took")


def test_runs_that_repeat_each_other_are_one_entry() -> None:
    (*_, last) = shown(history(planned(), planned(), planned()))[:-1]
    assert last == "    and 2 runs alike since then, until 2026-11-22 03:21 UTC"


def test_a_refused_run_says_why_and_how_to_approve_it() -> None:
    lines = shown(history(refused()))
    assert lines[0].startswith("✗ Refused for safety")
    assert all(line.startswith("    ") for line in lines[1:-1])
    assert max(map(len, lines)) <= 80
    assert lines[-2] == "    To approve: run 'sso-sync approve 0123456789ab'"
    (told,) = (line for line in shown(history(refused(how_to_approve="")), width=200) if "To approve: " in line)
    assert told == "    To approve: review it with 'sso-sync plan --out FILE' and run 'sso-sync apply FILE'"


def test_what_waits_is_told_though_later_runs_know_nothing_of_it_and_few_are_shown() -> None:
    past = history(refused(), *(report(error=TargetError(f"AWS is away, {name}.")) for name in "abc"))
    lines = shown(past, limit=1)
    assert [line.split("  ")[0] for line in lines if line and not line.startswith(" ")] == [
        "✗ Run failed",
        "✗ Refused for safety",
        "… and 2 before; --limit 4 shows all",
    ]
    assert "    To approve: run 'sso-sync approve 0123456789ab'" in lines


def test_what_waits_no_more_is_not_told() -> None:
    lines = shown(history(refused(), made(joins("ann", "devs"))))
    assert not any("To approve" in line for line in lines)


def test_only_so_many_runs_are_shown_and_the_others_counted() -> None:
    past = history(*(made(joins(name, "devs")) for name in ("ann", "bob", "cem")))
    lines = shown(past, limit=1)
    assert sum(line.startswith("✓") for line in lines) == 1
    assert lines[-1] == "… and 2 before; --limit 3 shows all"


def test_no_run_is_said_in_a_sentence() -> None:
    assert shown(History(), width=200) == [
        "No run is on record yet: the schedule makes the first, or sso-sync apply, or sso-sync invoke."
    ]


def test_every_ending_can_be_shown_and_nothing_hostile_in_it_fools_a_reader() -> None:
    endings = [msgspec.structs.replace(ending, run_id=str(verdict)) for verdict, ending in ENDINGS.items()]
    names = [report(error=LimitExceeded(name), trigger=name, ended=STARTED) for name in HOSTILE]
    past = history(*endings, *names)
    text = "\n".join(shown(past, limit=100))
    assert len(past.runs) == len(endings) + len(names)
    assert visible(text, keep="\n") == text
