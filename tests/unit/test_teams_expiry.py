"""A credential that expires, on cards: told once, again when it gets urgent, and when it is over."""

import msgspec

from sso_sync.core.joining import Unread
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport
from sso_sync.reporters.history import History, PastRun
from sso_sync.reporters.teams import PROBLEMS
from tests.support.reports import joins, made, planned, report
from tests.support.teller import FAILED, PROBLEMS_ONLY, QUIET, Teller, failed

EXPIRES = "A credential expires"
EARLY = "the SCIM token expires on 2026-12-10; make a new one"
LATER = "the SCIM token expires within a week, on 2026-12-10; make a new one"
LAST = "the SCIM token expires within a day, on 2026-12-10 at 09:30 UTC; make a new one"
OVER = "the SCIM token expired on 2026-12-10; make a new one"
OTHER = "the Okta API token expires on 2026-12-12"


def expiring(*sentences: str, run: RunReport | None = None) -> RunReport:
    run = run or planned()
    plan = msgspec.structs.replace(run.plan or Plan.of("d-1", []), warnings=sentences)
    return msgspec.structs.replace(run, plan=plan, expiring=sentences)


def test_a_run_without_changes_tells_it_once_and_again_when_it_gets_urgent() -> None:
    teller = Teller()
    for sentence in (EARLY, LATER, LAST, OVER):
        assert teller.tell(*[expiring(sentence)] * 3) == [EXPIRES]
        assert f"Warning: {sentence}" in teller.last


def test_its_end_is_told() -> None:
    teller = Teller()
    teller.tell(expiring(EARLY), expiring(LATER))
    assert teller.tell(QUIET, QUIET) == ["Healed"]
    assert f"it was: {LATER}" in teller.last
    assert "2 runs" in teller.last


def test_a_directory_that_was_not_read_ends_nothing_and_repeats_nothing() -> None:
    teller = Teller()
    teller.tell(expiring(EARLY))
    down = msgspec.structs.replace(planned(), unread=(Unread("Corp", "It does not answer."),))
    assert teller.tell(down) == ["A directory could not be read"]
    assert EARLY not in teller.last
    assert teller.tell(expiring(EARLY), expiring(EARLY)) == ["Healed"], "the directory"
    assert teller.tell(QUIET) == ["Healed"]
    assert f"it was: {EARLY}" in teller.last


def test_a_run_that_could_not_ask_ends_nothing() -> None:
    teller = Teller()
    teller.tell(expiring(EARLY))
    unasked = msgspec.structs.replace(planned(), expiry_known=False)
    assert teller.tell(unasked, expiring(EARLY)) == []
    assert teller.tell(QUIET) == ["Healed"]


def test_a_problem_in_between_changes_nothing() -> None:
    teller = Teller()
    assert teller.tell(expiring(EARLY), failed(), failed(), expiring(EARLY), expiring(EARLY)) == [
        EXPIRES,
        FAILED,
        "Healed",
    ]


def test_a_run_with_changes_says_it_as_well_and_is_no_news_afterwards() -> None:
    teller = Teller()
    assert teller.tell(expiring(EARLY, run=made(joins("ann", "devs"))), expiring(EARLY)) == ["All changes made"]
    assert f"Warning: {EARLY}" in teller.last


def test_two_credentials_are_told_together_and_each_has_its_own_time() -> None:
    teller = Teller()
    assert teller.tell(expiring(EARLY, OTHER), expiring(EARLY, OTHER)) == ["Credentials expire"]
    assert teller.tell(expiring(LATER, OTHER), expiring(LATER, OTHER)) == ["Credentials expire"]
    assert teller.tell(expiring(OTHER), expiring(OTHER)) == [], "what is left is known"
    assert teller.tell(QUIET) == ["Healed"]


def test_a_channel_for_problems_is_told_and_the_other_then_is_not() -> None:
    assert Teller(PROBLEMS_ONLY, note=PROBLEMS).tell(expiring(EARLY), expiring(EARLY)) == [EXPIRES]


def test_a_plan_that_a_limit_refuses_hides_none_of_it() -> None:
    refused = expiring(EARLY, run=report(Plan.of("d-1", []), error=failed().error))
    assert Teller().tell(refused, expiring(EARLY)) == [FAILED, "Healed"]


def test_quiet_runs_are_one_entry_of_the_history_until_the_sentence_changes() -> None:
    history = History()
    for sentence in [EARLY] * 5 + [LATER] * 5:
        history = history.with_run(PastRun.of(expiring(sentence)))
    assert [(run.repeats, run.warnings) for run in history.runs] == [(4, (LATER,)), (4, (EARLY,))]
