"""The quotas of the sandbox, at the documented rates."""

import pytest

from sandbox.quotas import Bucket, FixedMinute, Quotas, SlidingMinute
from sandbox.refusal import Refusal


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def calls_until_refused(quotas: Quotas, system: str, operation: str) -> int:
    for count in range(100_000):
        try:
            quotas.take(system, operation)
        except Refusal:
            return count
    return -1


@pytest.mark.parametrize(
    ("system", "operation", "calls"),
    [
        ("identity_store", "ListUsers", 20),
        ("sso_admin", "ListInstances", 20),
        ("scim", "CreateUser", 25),
        ("scim", "ListUsers", 40),
        ("google", "users.list", 2400),
        ("teams", "post_card", 4),
        ("google_oauth", "token", -1),
        ("okta", "listUsers", 600),
        ("okta", "listGroups", 500),
        ("okta", "listGroupUsers", 500),
        ("okta_oauth", "token", -1),
    ],
)
def test_each_system_has_its_documented_quota(system: str, operation: str, calls: int) -> None:
    assert calls_until_refused(Quotas(1.0, Time()), system, operation) == calls


def test_a_scale_multiplies_every_quota() -> None:
    assert calls_until_refused(Quotas(2.5, Time()), "identity_store", "ListUsers") == 50
    assert calls_until_refused(Quotas(0.5, Time()), "google", "users.list") == 1200


@pytest.mark.parametrize(
    ("system", "apart"), [("identity_store", True), ("scim", True), ("sso_admin", False), ("google", False)]
)
def test_operations_share_a_quota_or_do_not(system: str, apart: bool) -> None:
    quotas = Quotas(1.0, Time())
    calls_until_refused(quotas, system, "GetOne")
    assert (calls_until_refused(quotas, system, "GetOther") > 0) == apart


def test_a_bucket_refills_steadily_and_says_how_long_to_wait() -> None:
    bucket = Bucket(20)
    assert [bucket.take(0, 1) for _ in range(20)] == [0] * 20
    assert bucket.take(0, 1) == pytest.approx(0.05)
    assert bucket.take(0.05, 1) == 0
    assert bucket.take(0.05, 10) == pytest.approx(0.5)
    assert bucket.take(1000, 20) == 0


def test_what_costs_more_than_a_second_s_worth_goes_through_when_nothing_else_does() -> None:
    bucket = Bucket(10)
    assert bucket.take(0, 100) == 0
    assert bucket.take(1, 1) > 0
    assert bucket.take(10, 1) == 0


def test_a_minute_slides() -> None:
    minute = SlidingMinute(2)
    assert (minute.take(0.9, 1), minute.take(30.0, 1)) == (0, 0)
    assert minute.take(60.0, 1) > 0
    assert minute.take(60.5, 1) == pytest.approx(0.5)
    assert minute.take(61.0, 1) == 0
    assert minute.take(90.0, 1) > 0
    assert minute.take(91.0, 1) == 0


def test_a_fixed_minute_begins_with_its_first_call_and_gives_everything_back_at_its_end() -> None:
    minute = FixedMinute(2)
    assert (minute.left(100), minute.ends(100)) == (2, 100)
    assert [minute.take(100, 1), minute.take(130, 1), minute.take(150, 1)] == [0, 0, 10]
    assert (minute.left(150), minute.ends(150)) == (0, 160)
    assert (minute.left(160), minute.take(160, 1), minute.left(160)) == (2, 0, 1)
