"""Calls leave no faster than the quota that they share; the clock here moves only when somebody sleeps."""

import pytest

from sso_sync.http.governor import RateGovernor


class Clock:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.time += seconds


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
