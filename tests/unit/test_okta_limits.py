"""Okta's rate limits: what its headers say, and when a call may leave."""

from email.utils import formatdate

import pytest
from urllib3 import HTTPHeaderDict, HTTPResponse

from sso_sync.sources.okta.limits import Told, WindowRetry, Windows, told_by

NOW = 1_700_000_000
Headers = dict[str, str]


def headers(left: int, *, limit: int = 10, ends_in: int = 30, date: int = NOW) -> Headers:
    return {
        "Date": formatdate(date, usegmt=True),
        "X-Rate-Limit-Limit": str(limit),
        "X-Rate-Limit-Remaining": str(left),
        "X-Rate-Limit-Reset": str(date + ends_in),
    }


class Steady:
    """A clock that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def windows(self) -> Windows:
        return Windows(clock=lambda: self.at, sleep=self.sleep)


def test_the_wait_is_by_okta_s_own_clock() -> None:
    assert told_by(headers(3, date=NOW - 9999)) == Told(10, 3, 31)
    assert told_by(headers(3, ends_in=-5)) == Told(10, 3, 0)
    assert told_by(headers(3, ends_in=99_999)) == Told(10, 3, 61)  # no minute is longer


@pytest.mark.parametrize("name", list(headers(1)))
@pytest.mark.parametrize("value", [None, "", "soon", "1e999"])
def test_what_makes_no_sense_says_nothing(name: str, value: str | None) -> None:
    given = {key: text for key, text in (headers(1) | {name: value}).items() if text is not None}
    assert told_by(given) is None


def test_calls_leave_until_the_share_of_others_is_reached_and_then_in_the_next_window() -> None:
    clock = Steady()
    windows = clock.windows()
    windows.wait("users")
    windows.heed("users", headers(3))  # of ten, one is for others
    windows.wait("users")
    windows.wait("users")
    assert clock.slept == []
    windows.wait("users")
    assert clock.slept == [31]
    windows.wait("users")  # nobody knows what the new window allows before its first answer
    assert clock.slept == [31]


def test_each_operation_has_its_own_window() -> None:
    clock = Steady()
    windows = clock.windows()
    windows.heed("users", headers(0))
    windows.wait("groups")
    assert clock.slept == []
    windows.wait("users")
    assert clock.slept == [31]


def test_answers_that_come_late_do_not_give_calls_back() -> None:
    clock = Steady()
    windows = clock.windows()
    windows.heed("users", headers(2))
    windows.heed("users", headers(9))  # of the same window, sent before
    windows.wait("users")
    windows.wait("users")
    assert clock.slept == [31]
    windows.heed("users", headers(1, ends_in=60))
    windows.heed("users", headers(9, ends_in=10))  # of an earlier window
    windows.wait("users")
    assert clock.slept == [31, 61]


def test_a_limit_of_calls_at_once_is_no_window() -> None:
    clock = Steady()
    windows = clock.windows()
    windows.heed("users", headers(0, limit=0))
    windows.wait("users")
    assert clock.slept == []


@pytest.mark.parametrize(
    ("status", "given", "pause"),
    [
        (429, headers(0), 31.0),
        (429, headers(0, limit=0), None),
        (429, {"Retry-After": "7"}, 7.0),
        (503, headers(0), None),
        (503, {"Retry-After": "7"}, 7.0),
    ],
    ids=["a window", "calls at once", "otherwise", "no refusal for too many", "an outage"],
)
def test_a_refused_call_is_tried_again_when_okta_says(status: int, given: Headers, pause: float | None) -> None:
    retry = WindowRetry.by(lambda *_: True)
    assert retry.get_retry_after(HTTPResponse(status=status, headers=HTTPHeaderDict(given))) == pause
