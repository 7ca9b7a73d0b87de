"""What a channel hears of, and what it does not hear twice."""

import json

import msgspec
import pytest

from sso_sync.core.errors import (
    ChangeRefused,
    ConfigAltered,
    CredentialsAwaited,
    Interrupted,
    LimitExceeded,
    SourceError,
    StateError,
    TargetError,
)
from sso_sync.core.model import SetAside
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport, Verdict
from sso_sync.reporters.teams import MAIN, PROBLEMS, Audience, TeamsChannel
from tests.support.cards import held_back, refusal
from tests.support.memory import MemoryNotes
from tests.support.reports import ENDINGS, failing, joins, leaves, made, planned, report
from tests.support.teller import (
    AGAIN,
    CHANGED,
    CHANGES,
    FAILED,
    OTHER_OUTAGE,
    PROBLEMS_ONLY,
    QUIET,
    REFUSED,
    Late,
    Teller,
    aside,
    failed,
)


@pytest.mark.parametrize("verdict", Verdict)
def test_by_default_everything_is_told_that_changes_something_or_is_a_problem(verdict: Verdict) -> None:
    told = Teller().tell(ENDINGS[verdict])
    assert bool(told) is (verdict not in {Verdict.UNCHANGED, Verdict.DECLINED})


@pytest.mark.parametrize("verdict", Verdict)
def test_of_every_run_a_channel_hears_that_wants_to(verdict: Verdict) -> None:
    assert len(Teller(Audience(notify="every_run")).tell(ENDINGS[verdict], ENDINGS[verdict])) == 2


@pytest.mark.parametrize("verdict", Verdict)
def test_a_channel_of_problems_hears_of_problems_alone(verdict: Verdict) -> None:
    quiet = {Verdict.UNCHANGED, Verdict.DECLINED, Verdict.DONE}
    assert bool(Teller(PROBLEMS_ONLY).tell(ENDINGS[verdict])) is (verdict not in quiet)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_deployment_is_always_told_save_where_problems_alone_are(verdict: Verdict) -> None:
    if verdict is Verdict.DECLINED:
        return  # nobody is asked in a deployment
    ended = report(ENDINGS[verdict].plan, error=ENDINGS[verdict].error, outcomes=ENDINGS[verdict].outcomes)
    deployment = msgspec.structs.replace(ended, trigger="deployment")
    assert len(Teller().tell(deployment, deployment)) == 2
    assert len(Teller(PROBLEMS_ONLY).tell(deployment, deployment)) <= 1


@pytest.mark.parametrize("audience", [CHANGES, PROBLEMS_ONLY])
def test_a_problem_that_lasts_is_told_once_and_its_end_too(audience: Audience) -> None:
    teller = Teller(audience)
    assert teller.tell(failed(), *[failed(AGAIN)] * 19) == [FAILED]
    assert teller.tell(QUIET) == ["Healed"]
    assert "Healed: it lasted 5 h 0 min, 20 runs; it was: Google answered 503 (request 0815)." in teller.last
    assert teller.tell(QUIET, QUIET) == []
    assert teller.tell(failed()) == [FAILED], "what was over is news again"


def test_an_end_is_told_with_the_changes_of_the_run() -> None:
    teller = Teller()
    teller.tell(failed())
    assert teller.tell(CHANGED) == ["Healed, all changes made"]
    assert "it was: Google answered 503" in teller.last
    assert "ann joined devs" in teller.last


def test_a_problem_that_has_become_another_is_told() -> None:
    teller = Teller()
    assert teller.tell(failed(), failed(OTHER_OUTAGE), failed(ConfigAltered("Changed by hand."))) == [
        FAILED,
        FAILED,
        REFUSED,
    ]


def test_problems_that_take_turns_are_each_told_once_and_end_together() -> None:
    teller = Teller()
    assert teller.tell(*[failed(), failed(OTHER_OUTAGE)] * 10) == [FAILED, FAILED]
    assert teller.tell(QUIET) == ["Healed"]
    assert "it lasted 5 h 0 min, 20 runs, and 1 other problem; it was: AWS is away." in teller.last


@pytest.mark.parametrize(
    "error",
    [
        TargetError("AWS is away."),
        LimitExceeded("Too many."),
        ConfigAltered("Changed by hand."),
        Interrupted("Stopped on request."),
        CredentialsAwaited(["google-credentials"]),
        KeyError("a bug"),
    ],
)
def test_everything_that_ends_a_run_early_is_told_once_and_heals(error: Exception) -> None:
    teller = Teller()
    assert len(teller.tell(failed(error), failed(error))) == 1
    assert teller.tell(QUIET) == ["Healed"]


def test_an_emptied_secret_is_told_once_and_another_one_too() -> None:
    teller = Teller()
    one, two = CredentialsAwaited(["scim-token"]), CredentialsAwaited(["google-credentials", "scim-token"])
    assert len(teller.tell(failed(one), failed(one), failed(two), failed(two))) == 2


def test_what_waits_for_approval_is_told_once_until_it_is_something_else() -> None:
    def refused(*members: str) -> RunReport:
        plan = Plan.of("d-1", [leaves(member, "devs") for member in members])
        error = LimitExceeded(f"Too many: {len(members)}.")
        return report(plan, error=error, waiting=refusal(plan.changes, str(members)))

    teller = Teller()
    assert teller.tell(refused("ann", "bob"), refused("ann", "bob")) == [REFUSED]
    assert teller.tell(refused("ann", "cem"), refused("ann", "cem")) == [REFUSED]
    assert teller.tell(made(leaves("ann", "devs"))) == ["Healed, all changes made"]


def test_what_is_held_back_while_the_run_goes_on_is_told_once_and_its_end_too() -> None:
    def held(reason: str) -> RunReport:
        return planned(waiting=refusal([joins("ann", "devs")], reason))

    teller = Teller()
    assert teller.tell(held("a"), held("a")) == ["Waiting for approval"]
    assert teller.tell(held("b"), held("b")) == ["Waiting for approval"], "another question, and no end of the first"
    assert "Healed" not in teller.last
    assert teller.tell(failed(), held("b")) == [FAILED, "Waiting for approval"]
    assert "it was: Google answered 503" in teller.last, "that it waits still hides no end of another problem"
    assert teller.tell(QUIET) == ["Healed"]
    assert "it lasted 1 h 30 min, 5 runs; it was: Waiting for approval: b" in teller.last


def test_changes_that_fail_again_and_again_are_told_once() -> None:
    def partly(*names: str, word: str = "4711") -> RunReport:
        error = ChangeRefused(f"AWS said no (request {word}).")
        return failing([joins(name, "devs") for name in names], error=error)

    teller = Teller()
    assert teller.tell(partly("ann"), partly("ann", word="0815")) == ["Some changes failed"]
    assert teller.tell(partly("ann", "bob"), partly("bob", "ann")) == ["Some changes failed"]
    assert teller.tell(QUIET) == ["Healed"]
    assert "it lasted 1 h 0 min, 4 runs" in teller.last


def test_a_run_that_made_changes_is_told_although_its_problem_is_known() -> None:
    run = failing([joins("ann", "devs")], leaves("bob", "devs"))
    assert len(Teller().tell(run, run)) == 2
    assert len(Teller(PROBLEMS_ONLY).tell(run, run)) == 1


def test_with_a_channel_for_problems_each_hears_its_own_and_both_hear_of_changes_with_a_problem() -> None:
    notes = MemoryNotes()
    main, problems = Teller(Audience(problems=False), notes), Teller(PROBLEMS_ONLY, notes, PROBLEMS)
    runs = [failed(), failed(), QUIET, CHANGED, failing([joins("ann", "devs")], leaves("bob", "devs"))]
    assert main.tell(*runs) == ["All changes made", "Some changes failed"]
    assert problems.tell(*runs) == [FAILED, "Healed", "Some changes failed"]
    assert notes.content.keys() == {"teams-problems"}, "what one heard is no business of the other's"


def test_a_success_on_a_workstation_is_no_end_of_what_the_function_has() -> None:
    teller = Teller()
    teller.tell(failed())
    assert teller.tell(CHANGED, by_function=False) == ["All changes made"]
    assert teller.tell(failed()) == [], "it has lasted"
    assert teller.tell(QUIET) == ["Healed"]
    assert "it lasted 45 min 0 s, 2 runs" in teller.last


def test_what_a_workstation_has_ends_with_a_success_anywhere() -> None:
    for by_function in (True, False):
        teller = Teller()
        teller.tell(failed(), by_function=False)
        assert teller.tell(QUIET, by_function=by_function) == ["Healed"]


def test_whoever_says_no_has_mended_nothing() -> None:
    teller = Teller()
    teller.tell(failed())
    assert teller.tell(ENDINGS[Verdict.DECLINED]) == []
    assert teller.tell(failed()) == []


def test_a_failed_deployment_is_over_with_the_next_run_of_the_schedule() -> None:
    teller = Teller()
    assert teller.tell(failed(trigger="deployment"), QUIET) == [FAILED, "Healed"]


def test_records_set_aside_are_told_when_they_are_new_or_others() -> None:
    teller = Teller()
    assert teller.tell(aside("bad"), aside("bad")) == ["Nothing to do"]
    assert teller.tell(aside("bad", "worse"), aside("worse"), aside("worse")) == ["Nothing to do"] * 2
    assert teller.tell(QUIET) == []
    assert teller.tell(failed(), aside("worse")) == [FAILED, "Healed"]
    assert teller.tell(aside("bad")) == ["Nothing to do"]
    assert Teller(PROBLEMS_ONLY).tell(aside("bad")) == []


def test_what_a_workstation_does_not_see_is_not_forgotten() -> None:
    teller = Teller()
    teller.tell(aside("bad"))
    assert teller.tell(QUIET, by_function=False) == []
    assert teller.tell(aside("bad")) == []


def test_without_a_memory_people_are_told_rather_than_kept_in_the_dark() -> None:
    teller = Teller()
    teller.notes.error = StateError("The bucket is away.")
    assert teller.tell(failed(), failed(), QUIET) == [FAILED, FAILED]
    channel = TeamsChannel(teller.paper, CHANGES, None, links=lambda _: ())
    channel.report(failed())
    channel.report(failed())
    assert len(teller.paper.cards) == 4


@pytest.mark.parametrize("damaged", [b"", b"nonsense", b"[]", b'{"troubles": 3}', b"\xff", b"[" * 100_000])
def test_a_damaged_memory_is_begun_anew(damaged: bytes) -> None:
    teller = Teller()
    teller.notes.content[MAIN] = damaged
    assert teller.tell(failed(), failed(), QUIET) == [FAILED, "Healed"]


def test_a_memory_stays_small_whatever_happens() -> None:
    teller = Teller()
    teller.tell(*(failed(SourceError(f"{'x' * number} {'y' * 5000}")) for number in range(1, 200)))
    assert len(teller.notes.content[MAIN]) < 20_000


def test_a_quiet_run_writes_nothing() -> None:
    teller = Teller()
    teller.tell(QUIET, CHANGED)
    assert teller.notes.content == {}


def test_a_memory_that_another_run_has_changed_meanwhile_keeps_what_that_run_told() -> None:
    """Two runs read the same memory; the second to write builds on what the first has written."""
    notes = MemoryNotes()
    first, second = Teller(notes=notes), Teller(notes=Late(notes))
    first.tell(failed())
    second.tell(failed(OTHER_OUTAGE))
    assert len(json.loads(notes.content[MAIN])["troubles"]) == 2


def test_how_many_a_limit_stops_makes_another_problem() -> None:
    def stopped(number: int) -> RunReport:
        return failed(LimitExceeded(f"The plan was refused: it would delete {number} users."))

    teller = Teller()
    assert teller.tell(stopped(12), stopped(12), stopped(50), stopped(50)) == [REFUSED, REFUSED]


def test_problems_of_two_groups_are_two() -> None:
    def gone(name: str) -> RunReport:
        return failed(SourceError(f"Cannot read the group '{name}', even after 5 attempts in 31s."))

    assert Teller().tell(gone("aws-team1"), gone("aws-prod2"), gone("aws-team1")) == [FAILED, FAILED]


def test_a_dead_function_is_a_problem_like_any_other() -> None:
    def died(time: str) -> RunReport:
        return failed(StateError(f"The sync function died ({time} Task timed out after 900.00 seconds)."), source="")

    teller = Teller()
    assert teller.tell(died("2026-11-22T03:20"), died("2026-11-22T03:35")) == [FAILED]
    assert teller.tell(QUIET) == ["Healed"]


def test_a_run_that_holds_something_back_says_so_among_its_changes() -> None:
    assert Teller().tell(held_back()) == ["All changes made, more waits for approval"]


def test_half_a_character_in_a_name_or_an_error_is_no_hindrance() -> None:
    record = SetAside("user", "half \ud800", "half \ud800", "half \ud800")
    teller = Teller()
    assert teller.tell(*[report(Plan.of("d-1", [], set_aside=[record]))] * 2) == ["Nothing to do"]
    assert teller.tell(*[failed(KeyError("half \ud800"))] * 2) == [FAILED]
    assert len(teller.tell(*[failing([joins("\ud800", "\ud800")])] * 2)) == 1
