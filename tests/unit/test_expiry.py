"""Warnings before credentials expire: early enough, and in words that stay the same until it gets urgent."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sso_sync.core.expiry import warnings
from sso_sync.core.findings import Credential

END = datetime(2026, 12, 10, 9, 30, tzinfo=UTC)
RENEWAL = "make a new one and store it with 'sso-sync secrets put scim-token'"


def token(expires: datetime | None = END, what: str = "the SCIM token", renewal: str = RENEWAL) -> Credential:
    return Credential(what=what, kind="an access token", stored=True, expires=expires, renewal=renewal)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=30), "expires on 2026-12-10"),
        (timedelta(days=7, seconds=1), "expires on 2026-12-10"),
        (timedelta(days=7), "expires within a week, on 2026-12-10"),
        (timedelta(days=1, seconds=1), "expires within a week, on 2026-12-10"),
        (timedelta(days=1), "expires within a day, on 2026-12-10 at 09:30 UTC"),
        (timedelta(seconds=1), "expires within a day, on 2026-12-10 at 09:30 UTC"),
        (timedelta(0), "expired on 2026-12-10"),
        (timedelta(days=-400), "expired on 2026-12-10"),
    ],
)
def test_the_words_change_only_as_the_end_comes_near(left: timedelta, said: str) -> None:
    assert warnings([token()], END - left) == (f"the SCIM token {said}; {RENEWAL}",)


def test_there_is_no_warning_earlier_nor_for_what_does_not_expire() -> None:
    now = END - timedelta(days=30, seconds=1)
    assert warnings([token(), token(expires=None)], now) == ()


def test_in_a_month_of_runs_there_are_four_sentences() -> None:
    quarters = [END - timedelta(minutes=15) * number for number in range(-10, 31 * 96)]
    told = {sentence for now in quarters for sentence in warnings([token()], now)}
    assert len(told) == 4


def test_the_most_urgent_comes_first_and_nothing_twice() -> None:
    first, second = token(END - timedelta(days=2), "a key", ""), token(what="Ähm")
    assert warnings([token(), second, token(), first], END - timedelta(days=20)) == (
        "a key expires on 2026-12-08",
        f"the SCIM token expires on 2026-12-10; {RENEWAL}",
        f"Ähm expires on 2026-12-10; {RENEWAL}",
    )


def test_days_are_those_of_utc() -> None:
    in_tokyo = END.replace(hour=20).astimezone(timezone(timedelta(hours=9)))
    assert in_tokyo.day == 11
    assert "on 2026-12-10 at 20:00 UTC" in warnings([token(in_tokyo.replace(minute=0))], END)[0]
