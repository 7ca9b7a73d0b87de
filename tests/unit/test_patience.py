"""All retries of a run together wait no longer than its patience."""

from sso_sync.http.patience import Patience, impatient
from tests.support.clock import Clock


def test_pauses_are_granted_until_they_come_to_the_limit() -> None:
    clock = Clock()
    patience = Patience(100, clock=clock.now)
    for _ in range(10):
        assert patience.grant(10)
        clock.time += 10
    assert not patience.used_up
    assert not patience.grant(1)
    assert patience.used_up


def test_pauses_at_the_same_time_count_once() -> None:
    clock = Clock()
    patience = Patience(100, clock=clock.now)
    assert all(patience.grant(60) for _ in range(10))
    clock.time += 30
    assert patience.grant(70)  # 40 of them beyond what is waited for anyhow
    assert not patience.grant(71)


def test_time_without_a_pause_costs_nothing() -> None:
    clock = Clock()
    patience = Patience(10, clock=clock.now)
    assert patience.grant(5)
    clock.time += 3600
    assert patience.grant(5)


def test_after_a_pause_that_is_too_long_there_is_no_shorter_one() -> None:
    patience = Patience(10, clock=Clock().now)
    assert not patience.grant(11)
    assert not patience.grant(0.1)


def test_the_sentence_says_who_was_waited_for_and_how_long() -> None:
    said = impatient("list users", "AWS", Patience().minutes, "ThrottlingException: Rate exceeded")
    assert "Cannot list users: AWS kept throttling" in said
    assert "waited 10 minutes" in said
