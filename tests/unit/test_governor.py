"""Calls leave no faster than the quota that they share; the clock here moves only when somebody sleeps."""

import pytest

from sso_sync.http.governor import RateGovernor
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def govern(clock: Clock, per_second: float, burst: int = 1) -> RateGovernor:
    return RateGovernor(per_second, burst=burst, clock=clock.now, sleep=clock.sleep)


def test_calls_are_spaced_evenly(clock: Clock) -> None:
    governor = govern(clock, 8)
    for _ in range(4):
        governor.wait("ListUsers")
    assert clock.slept == [0.125, 0.125, 0.125]


def test_the_first_call_after_a_pause_leaves_at_once(clock: Clock) -> None:
    governor = govern(clock, 8)
    governor.wait("ListUsers")
    clock.time += 5
    governor.wait("ListUsers")
    assert clock.slept == []


def test_time_that_was_not_used_is_not_saved_up(clock: Clock) -> None:
    governor = govern(clock, 8, burst=2)
    clock.time += 3600
    for _ in range(4):
        governor.wait("ListUsers")
    assert clock.slept == [0.125, 0.125]


def test_as_many_as_a_burst_leave_at_once(clock: Clock) -> None:
    governor = govern(clock, 8, burst=5)
    for _ in range(5):
        governor.wait("ListUsers")
    assert clock.slept == []
    governor.wait("ListUsers")
    assert clock.slept == [0.125]


def test_a_batch_is_paid_for_by_whoever_comes_next(clock: Clock) -> None:
    governor = govern(clock, 8)
    governor.wait("batch", calls=20)
    governor.wait("batch")
    assert clock.slept == [2.5]


def test_operations_do_not_wait_for_each_other(clock: Clock) -> None:
    governor = govern(clock, 8)
    for operation in ("ListUsers", "ListGroups", "CreateUser"):
        governor.wait(operation)
    assert clock.slept == []


def test_over_a_long_time_the_rate_is_never_exceeded(clock: Clock) -> None:
    governor = govern(clock, 18, burst=9)
    for _ in range(189):
        governor.wait("CreateUser")
    assert clock.time - 1000.0 == pytest.approx(10.0)


def test_a_throttled_call_holds_every_operation(clock: Clock) -> None:
    governor = govern(clock, 8)
    governor.slow_down(3)
    governor.wait("ListUsers")
    assert clock.slept == [3.0]
    governor.slow_down(3)
    governor.wait("ListGroups")
    assert clock.slept == [3.0, 3.0]


def test_a_burst_is_held_too(clock: Clock) -> None:
    governor = govern(clock, 8, burst=100)
    governor.slow_down(2)
    governor.wait("directory", calls=5)
    assert clock.slept == [2.0]


def test_who_waits_already_is_held_with_the_others(clock: Clock) -> None:
    def held_while_asleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.slept) == 1:
            governor.slow_down(5)

    governor = RateGovernor(8, clock=clock.now, sleep=held_while_asleep)
    governor.wait("ListUsers")
    governor.wait("ListUsers")
    assert clock.time - 1000.0 >= 5.125


def rate(clock: Clock, governor: RateGovernor) -> float:
    """Measure how many calls leave in a second."""
    governor.wait("ListUsers")
    before = clock.time
    governor.wait("ListUsers")
    return 1 / (clock.time - before)


def test_throttling_halves_the_rate_once_for_all_calls_that_were_under_way(clock: Clock) -> None:
    governor = govern(clock, 8)
    for _ in range(10):
        governor.slow_down(1)
    assert rate(clock, governor) == pytest.approx(4, rel=0.05)


def test_the_rate_comes_back_little_by_little(clock: Clock) -> None:
    governor = govern(clock, 8)
    governor.slow_down(1)
    assert rate(clock, governor) < 4.5
    for _ in range(30):
        governor.wait("ListUsers")
    assert 5 < rate(clock, governor) < 7
    for _ in range(60):
        governor.wait("ListUsers")
    assert rate(clock, governor) == pytest.approx(8)


def test_the_rate_never_falls_below_a_sixteenth(clock: Clock) -> None:
    governor = govern(clock, 16)
    for _ in range(20):
        governor.slow_down(1)
        clock.time += 1
    assert rate(clock, governor) == pytest.approx(1, rel=0.05)
