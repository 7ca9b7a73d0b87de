"""What ends an apply early, and that every change is accounted for even so."""

import pytest

from sso_sync.core.changes import CreateGroup
from sso_sync.core.errors import ChangeRefused, ChangeUnknown, CredentialsError, Interrupted, StateError, TargetError
from sso_sync.core.outcomes import Result
from tests.support.memory import group
from tests.unit.test_applier import NEW_DEVS, Bench, joiners, joins

DONE, FAILED, NOT_TRIED = Result.DONE, Result.FAILED, Result.NOT_TRIED


def address(name: str) -> str:
    return f"{name}@example.com"


def test_a_refused_credential_ends_the_run_and_the_rest_is_not_tried() -> None:
    bench = Bench(joiners("ann", "bob", "cem", "dot"))
    bench.fail("create_user", address("bob"), CredentialsError("the token expired"))
    with pytest.raises(CredentialsError, match="the token expired"):
        bench.apply()
    assert bench.reported_results() == [DONE, NOT_TRIED, NOT_TRIED, NOT_TRIED]
    assert bench.calls() == ["create_user"] * 2


def test_an_error_that_is_not_about_one_change_ends_the_run() -> None:
    bench = Bench(joiners("ann", "bob"))
    bench.fail("create_user", address("ann"), TargetError("the token belongs to another store"))
    with pytest.raises(TargetError, match="another store"):
        bench.apply()
    assert bench.reported_results() == [NOT_TRIED, NOT_TRIED]


def test_what_is_under_way_when_the_run_ends_is_reported_too() -> None:
    bench = Bench(joiners(*"abcdefgh"))
    bench.target.concurrency = 8
    bench.fail("create_user", address("d"), CredentialsError("the token expired"))
    with pytest.raises(CredentialsError):
        bench.apply()
    results = bench.reported_results()
    assert results.count(DONE) == len(bench.target.users)
    assert results[3] == NOT_TRIED


def test_five_units_in_a_row_without_a_usable_answer_end_the_run() -> None:
    bench = Bench(joiners(*"abcdefg"))
    for name in "bcdefg":
        bench.fail("create_user", address(name), ChangeUnknown("timed out"))
    with pytest.raises(TargetError, match=r"5 times in a row, .* The run's record has the answers"):
        bench.apply()
    assert bench.reported_results() == [DONE] + [FAILED] * 5 + [NOT_TRIED]


def test_one_usable_answer_among_many_others_keeps_the_run_going() -> None:
    bench = Bench(joiners(*"abcdefghi"))
    for name in "abcdfghi":
        bench.fail("create_user", address(name), ChangeUnknown("timed out"))
    bench.apply()
    assert bench.reported_results() == [FAILED] * 4 + [DONE] + [FAILED] * 4


def test_a_refusal_is_a_usable_answer() -> None:
    bench = Bench(joiners(*"abcdefghi"))
    for name in "abcdfghi":
        bench.fail("create_user", address(name), ChangeUnknown("timed out"))
    bench.fail("create_user", address("e"), ChangeRefused("no"))
    bench.apply()
    assert bench.reported_results() == [FAILED] * 9


def test_a_request_to_stop_lets_the_change_under_way_finish() -> None:
    bench = Bench(joiners("ann", "bob", "cem"))
    bench.after_each = bench.stop.set
    with pytest.raises(Interrupted, match="1 of 3 changes were made and recorded"):
        bench.apply()
    assert bench.reported_results() == [DONE, NOT_TRIED, NOT_TRIED]


def test_a_request_to_stop_before_the_start_makes_nothing() -> None:
    bench = Bench(joiners("ann"))
    bench.stop.set()
    with pytest.raises(Interrupted, match="0 of 1 changes"):
        bench.apply()
    assert bench.calls() == []


def test_an_interrupt_from_the_keyboard_is_a_request_to_stop() -> None:
    bench = Bench(joiners("ann", "bob"))

    def press_ctrl_c_once() -> None:
        bench.after_each = lambda: None
        raise KeyboardInterrupt

    bench.after_each = press_ctrl_c_once
    with pytest.raises(Interrupted, match="1 of 2 changes"):
        bench.apply()
    assert bench.reported_results() == [DONE, NOT_TRIED]


def test_nothing_is_written_once_the_lease_is_lost() -> None:
    bench = Bench(joiners("ann", "bob", "cem"))

    def lose_the_lease() -> None:
        bench.lease.error = StateError("another run took over")

    bench.after_each = lose_the_lease
    with pytest.raises(StateError, match="another run took over"):
        bench.apply()
    assert bench.reported_results() == [DONE, NOT_TRIED, NOT_TRIED]
    assert bench.calls() == ["create_user"]


def test_what_was_done_is_never_reported_as_not_tried() -> None:
    bench = Bench([*joiners("ann", "bob"), CreateGroup(group("devs"), "new"), *joins(NEW_DEVS, "ann", "bob")])

    def interrupt_once() -> None:
        if len(bench.reported) == 3:
            raise KeyboardInterrupt

    bench.after_each = interrupt_once
    with pytest.raises(Interrupted):
        bench.apply()
    assert bench.target.named_members() == {"devs": {"ann@example.com", "bob@example.com"}}
    assert bench.reported_results() == [Result.DONE] * 5
