"""Who hears the end of a problem when channels come and go, and what a run of a part says of the whole."""

from datetime import timedelta

import msgspec
import pytest

from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.scope import Scope
from sso_sync.reporters.teams import MAIN, PROBLEMS, Audience
from tests.support.cards import refusal
from tests.support.memory import MemoryNotes
from tests.support.reports import ENDINGS, failing, joins, planned
from tests.support.teller import CHANGED, FAILED, OTHER_OUTAGE, PROBLEMS_ONLY, QUIET, Teller, aside, failed


def test_a_channel_that_hears_no_more_of_problems_hears_the_end_of_those_it_was_told_of() -> None:
    notes = MemoryNotes()
    Teller(notes=notes).tell(failed())
    main, problems = Teller(Audience(problems=False), notes), Teller(PROBLEMS_ONLY, notes, PROBLEMS)
    runs = [failed(), failed(OTHER_OUTAGE), QUIET, QUIET, failed(), QUIET]
    assert main.tell(*runs) == ["Healed"]
    assert "it was: Google answered 503" in main.last
    assert problems.tell(*runs) == [FAILED, FAILED, "Healed", FAILED, "Healed"]


def test_what_has_become_another_problem_is_not_told_where_problems_are_told_no_more_but_its_end_is() -> None:
    notes = MemoryNotes()
    Teller(notes=notes).tell(failing([joins("ann", "devs")]))
    main = Teller(Audience(problems=False), notes, later=timedelta(hours=1))
    assert main.tell(failing([joins("bob", "devs")]), failing([joins("cem", "devs")])) == []
    assert main.tell(QUIET, QUIET) == ["Healed"]
    assert "it lasted 1 h 30 min, 3 runs" in main.last


def test_the_end_of_what_a_channel_that_is_no_more_was_told_is_told_in_the_one_that_is_left() -> None:
    notes = MemoryNotes()
    Teller(PROBLEMS_ONLY, notes, PROBLEMS).tell(failed())
    assert Teller(notes=notes, takes_over=PROBLEMS).tell(QUIET, QUIET) == ["Healed"]


def test_what_lasts_when_a_channel_is_no_more_is_told_in_the_one_that_is_left_and_its_end_too() -> None:
    notes = MemoryNotes()
    problems = Teller(PROBLEMS_ONLY, notes, PROBLEMS)
    problems.tell(failed())
    main = Teller(notes=notes, takes_over=PROBLEMS, later=timedelta(hours=1))
    assert main.tell(failed(), failed(), QUIET) == [FAILED, "Healed"]
    assert "it lasted 1 h 30 min, 3 runs" in main.last
    assert problems.tell(QUIET) == [], "should it come back, then with nothing to say"


def test_without_its_address_for_one_run_a_channel_of_problems_hears_of_an_end_by_the_next() -> None:
    notes = MemoryNotes()
    problems = Teller(PROBLEMS_ONLY, notes, PROBLEMS)
    problems.tell(failed())
    assert Teller(notes=notes).tell(QUIET) == [], "it has told nothing of it"
    assert problems.tell(QUIET) == ["Healed"]


def partly(run: RunReport) -> RunReport:
    return msgspec.structs.replace(run, scope=Scope(group="devs"))


@pytest.mark.parametrize("scope", [Scope(group="devs"), Scope(additive=True)])
@pytest.mark.parametrize(
    "problem",
    [
        failed(),
        ENDINGS[Verdict.REFUSED],
        ENDINGS[Verdict.WAITING],
        failing([joins("ann", "devs")]),
        planned(waiting=refusal([joins("ann", "devs")], "a")),
    ],
)
def test_a_run_that_looks_at_a_part_is_the_end_of_no_problem(problem: RunReport, scope: Scope) -> None:
    for by_function in (True, False):
        teller = Teller()
        teller.tell(problem, by_function=by_function)
        before = teller.notes.content[MAIN]
        assert teller.tell(msgspec.structs.replace(CHANGED, scope=scope)) == ["All changes made"]
        assert "Healed" not in teller.last
        assert teller.notes.content[MAIN] == before
        assert teller.tell(problem) == []
        assert teller.tell(QUIET) == ["Healed"]


def test_a_problem_of_a_part_is_told_once_and_changes_nothing_of_what_is_known() -> None:
    teller = Teller()
    teller.tell(failing([joins("ann", "devs")]))
    other = partly(failing([joins("bob", "devs")]))
    assert teller.tell(other, other) == ["Some changes failed"]
    assert teller.tell(partly(QUIET)) == []
    assert teller.tell(QUIET) == ["Healed"]
    assert "it lasted 15 min 0 s" not in teller.last
    assert "and 1 other problem" in teller.last


def test_what_a_run_that_looks_at_a_part_could_not_tell_is_news_again() -> None:
    teller = Teller()
    teller.tell_nobody(failed())
    assert teller.tell(partly(failed()), failed()) == [FAILED]


def test_records_that_a_run_that_looks_at_a_part_does_not_see_are_not_forgotten() -> None:
    teller = Teller()
    teller.tell(aside("bad"))
    assert teller.tell(partly(QUIET), aside("bad")) == []
