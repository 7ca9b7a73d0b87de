"""Cards that could not be posted: what was on them is told by a later one."""

import msgspec

from sso_sync.core.report import Verdict
from sso_sync.reporters.teams import MAIN
from sso_sync.reporters.teams.memory import Memory
from tests.support.memory import MemoryNotes
from tests.support.reports import ENDINGS, failing, joins, leaves, made
from tests.support.teller import CHANGED, FAILED, PROBLEMS_ONLY, QUIET, Late, Teller, aside, failed


def test_a_problem_or_its_end_that_could_not_be_posted_is_told_by_the_next_run() -> None:
    teller = Teller()
    teller.tell_nobody(failed(), aside("bad"))
    assert teller.tell(failed(), failed()) == [FAILED]
    teller.tell_nobody(QUIET)
    assert teller.tell(QUIET) == ["Healed"]
    assert "it lasted 1 h 15 min, 3 runs" in teller.last
    assert teller.tell(aside("bad"), QUIET) == ["Nothing to do"], "nor was that told yet"


def test_a_problem_that_came_and_went_while_nothing_could_be_posted_is_told_when_it_is_over() -> None:
    teller = Teller()
    teller.tell_nobody(*[failed()] * 30, QUIET)
    assert teller.tell(QUIET, QUIET) == ["Healed"]
    assert "it lasted 7 h 45 min, 30 runs; it was: Google answered 503" in teller.last


def test_changes_that_could_not_be_told_are_told_by_the_next_run_though_it_is_a_quiet_one() -> None:
    teller = Teller()
    teller.tell_nobody(made(leaves("ann", "devs")))
    assert teller.tell(QUIET, QUIET) == ["News of earlier runs"]
    assert "1 earlier run could not be told" in teller.last
    said = "1 change made; Identity Center follows the directory. 1 membership taken away."
    assert f"• 2026-11-22 03:35 UTC – {said} (20261122T032007Z-1)" in teller.last


def test_what_could_not_be_told_is_tried_by_every_run_and_does_not_grow() -> None:
    teller = Teller()
    teller.tell_nobody(CHANGED)
    before = teller.notes.content[MAIN]
    teller.tell_nobody(QUIET, QUIET, QUIET)
    assert teller.notes.content[MAIN] == before
    assert teller.tell(CHANGED) == ["All changes made"]
    assert "1 earlier run could not be told" in teller.last


def test_of_many_runs_that_could_not_be_told_the_last_are_named_and_all_are_counted() -> None:
    teller = Teller()
    teller.tell_nobody(*[CHANGED] * 50)
    assert len(teller.notes.content[MAIN]) < 20_000
    assert teller.tell(QUIET, QUIET) == ["News of earlier runs"]
    assert {"50 earlier runs could not be told", "and 30 more"} <= set(teller.paper.cards[-1])
    assert "(20261122T032007Z-50)" in teller.last


def test_a_run_that_was_declined_tells_of_no_earlier_one() -> None:
    teller = Teller()
    teller.tell_nobody(CHANGED)
    assert teller.tell(ENDINGS[Verdict.DECLINED], QUIET) == ["News of earlier runs"]


def test_a_channel_of_problems_has_missed_no_changes() -> None:
    teller = Teller(PROBLEMS_ONLY)
    teller.tell_nobody(failing([joins("ann", "devs")], leaves("bob", "devs")))
    assert teller.tell(QUIET) == ["Healed"]
    assert "earlier" not in teller.last


def test_what_another_run_could_not_tell_meanwhile_is_kept() -> None:
    notes = MemoryNotes()
    Teller(notes=notes).tell_nobody(CHANGED)
    late = Teller(notes=Late(notes))
    assert late.tell(failed()) == [FAILED]
    assert "earlier" not in late.last
    assert Teller(notes=notes).tell(QUIET) == ["Healed"]
    assert notes.content[MAIN] == msgspec.json.encode(Memory())
