"""Calls are counted, and whoever watches learns how far reads are and what they wait for."""

import logging

import pytest

from sso_sync.http.calls import Calls, Share, Trouble, said_of
from tests.support.clock import Clock


def test_calls_are_counted_by_system_and_operation_in_order() -> None:
    calls = Calls()
    calls.count("scim", "PATCH Groups")
    calls.count("google", "users.list")
    calls.count("scim", "PATCH Groups", 2)
    assert list(calls.counts().items()) == [("google users.list", 1), ("scim PATCH Groups", 3)]


def test_what_is_expected_grows_while_more_is_found() -> None:
    calls = Calls()
    calls.expect("google", "groups", 2)
    calls.finish("google", "groups")
    calls.expect("identitystore", "groups", 0)
    calls.expect("google", "groups", 1)
    assert calls.shares() == [Share("google", "groups", 1, 3), Share("identitystore", "groups", 0, 0)]


def test_a_pause_is_known_until_it_is_over_and_the_longest_of_several_counts() -> None:
    clock = Clock()
    calls = Calls(clock.now)
    calls.pause("google", "answers 503", 8)
    calls.pause("google", "answers 503", 2)
    assert calls.troubles() == {"google": Trouble("answers 503", clock.time + 8)}
    clock.time += 8
    assert calls.troubles() == {}


def test_a_pause_is_logged_once_and_again_when_something_else_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    calls = Calls(clock.now)
    with caplog.at_level(logging.INFO, "sso_sync"):
        for said in ("does not answer", "does not answer", "answers 500"):
            calls.pause("google", said, 1)
        clock.time += 60
        calls.pause("google", "answers 500", 1)
    assert [vars(record)["said"] for record in caplog.records] == ["does not answer", "answers 500", "answers 500"]


def test_what_is_said_has_no_words_of_others() -> None:
    assert [said_of(503), said_of(0), said_of(400, throttled=True)] == [
        "answers 503",
        "does not answer",
        "asks for fewer calls",
    ]
