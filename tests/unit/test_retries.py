"""urllib3's retries, each of which a judge allows; nothing is sent."""

import pytest
from urllib3 import HTTPResponse
from urllib3.exceptions import MaxRetryError

from sso_sync.http.retries import JudgedRetry


class Judge:
    """Allows so many retries, and notes what it was asked."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self.asked: list[tuple[str, str, int, float, bool]] = []

    def may_retry(self, method: str, path: str, status: int, pause: float, asked: bool) -> bool:
        self.asked.append((method, path, status, pause, asked))
        return len(self.asked) <= self.allowed


def answer(status: int, **headers: str) -> HTTPResponse:
    return HTTPResponse(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_judge_learns_what_each_retry_is_for_and_how_long_it_waits() -> None:
    judge = Judge(allowed=2)
    first = JudgedRetry.by(judge.may_retry, total=5, backoff_factor=1, retry_after_max=60)
    second = first.increment("POST", "/Users", answer(429, Retry_After="7"))
    second.increment("POST", "/Users", answer(500)).new()
    assert judge.asked == [("POST", "/Users", 429, 7.0, True), ("POST", "/Users", 500, 2.0, False)]


def test_a_retry_that_is_not_allowed_ends_the_call() -> None:
    retry = JudgedRetry.by(Judge(allowed=0).may_retry, total=5)
    with pytest.raises(MaxRetryError) as caught:
        retry.increment("GET", "/", error=ConnectionResetError("gone"))
    assert isinstance(caught.value.reason, ConnectionResetError)


def test_no_answer_makes_anybody_wait_longer_than_a_minute() -> None:
    retry = JudgedRetry.by(Judge(allowed=1).may_retry, total=5, retry_after_max=60)
    assert retry.get_retry_after(answer(503, Retry_After="86400")) == 60


@pytest.mark.parametrize("nonsense", ["soon", "-1", "1.5", ""])
def test_a_retry_after_that_makes_no_sense_is_as_though_it_were_not_there(nonsense: str) -> None:
    judge = Judge(allowed=1)
    retry = JudgedRetry.by(judge.may_retry, total=5)
    retry.increment("GET", "/", answer(429, Retry_After=nonsense))
    assert judge.asked[0][3] == 0
