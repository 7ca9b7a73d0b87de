"""Calls are counted, a system that throttles slows all of them, and retries end with the run's patience."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from sso_sync.core.errors import ChangeUnknown, SourceError, TargetError
from sso_sync.core.ports import Target
from sso_sync.http.calls import Calls, Share
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.google_workspace.api import DirectoryApi, MemberPage
from sso_sync.sources.google_workspace.retries import Pauses
from sso_sync.sources.google_workspace.sign_in import stored
from tests.support.clock import Clock
from tests.support.companies import company, person, team
from tests.support.google_source import google_api
from tests.support.live import LiveSandbox
from tests.support.memory import group, user
from tests.support.targets import make_target

both = pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])
SYSTEMS = {True: "scim", False: "identity_store"}


class Slowed:
    """A governor whose clock moves by itself, and how long it held calls at most."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.governor = RateGovernor(1_000_000, burst=1000, clock=self.clock.now, sleep=self.clock.sleep)

    @property
    def longest(self) -> float:
        return max(self.clock.slept, default=0.0)


@pytest.fixture
def sandbox(live: Callable[[Any], LiveSandbox]) -> LiveSandbox:
    return live(company([person(1)], [team("a", ["u1"]), team("b", ["u1"])]))


def target_of(sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, *, scim: bool, **how: Any) -> Target:
    for name, value in sandbox.environment(scim=scim).items():
        monkeypatch.setenv(name, value)
    return make_target(sandbox, scim=scim, **how)


def google_of(sandbox: LiveSandbox, **how: Any) -> DirectoryApi:
    settings = GoogleWorkspaceSettings(
        admin=sandbox.sandbox.admin, groups=SelectionSettings(include=["*"]), root_url=f"{sandbox.url}/google/"
    )
    defaults: dict[str, Any] = {"governor": RateGovernor(100_000, burst=1000), "pauses": Pauses(0.05, 0.1, 5.0)}
    return google_api(settings, stored(sandbox.key, settings.admin), **defaults | how)


@both
def test_every_attempt_of_a_write_is_counted(sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, scim: bool) -> None:
    calls = Calls()
    target = target_of(sandbox, monkeypatch, scim=scim, calls=calls)
    sandbox.fail(SYSTEMS[scim], "CreateUser", "error")
    user_id = target.create_user(user("ann"))
    group_id = target.create_group(group("admins"), [])
    target.add_members(group_id, [user_id])
    target.read()
    theirs = sandbox.calls()
    assert sum(calls.counts().values()) == sum(n for counts in theirs.values() for n in counts.values())
    assert calls.counts()["scim POST Users" if scim else "identitystore CreateUser"] == 2
    assert calls.counts()["identitystore ListUsers"] == 1
    assert ("scim PATCH Groups" in calls.counts()) == scim


def test_every_request_to_google_and_every_part_of_a_batch_is_counted(sandbox: LiveSandbox) -> None:
    calls = Calls()
    api = google_of(sandbox, calls=calls)
    sandbox.fail("google", "users.list", "unavailable")
    api.users(["id"], frozenset())
    assert len(list(api.members([MemberPage("g-a"), MemberPage("g-b")]))) == 2
    assert calls.counts() == {
        "google batch": 1,
        "google members.list": 2,
        "google token": 1,
        "google users.list": 2,
    }


def test_reads_tell_how_many_groups_are_read(sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    target = target_of(sandbox, monkeypatch, scim=False, calls=calls)
    for name in ("a", "b", "c"):
        target.create_group(group(name), [])
    target.read()
    list(google_of(sandbox, calls=calls).members([MemberPage("g-a"), MemberPage("g-b")]))
    assert calls.shares() == [Share("identitystore", "groups", 3, 3), Share("google", "groups", 2, 2)]


def test_what_a_retry_waits_for_is_known_whoever_makes_it(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = Calls()
    target = target_of(sandbox, monkeypatch, scim=True, calls=calls)
    sandbox.fail("identity_store", "ListUsers", "throttle")
    sandbox.fail("scim", "CreateUser", "drop")
    sandbox.fail("google", "users.list", "unavailable")
    with caplog.at_level(logging.INFO, "sso_sync.http.calls"):
        target.read()
        target.create_user(user("ann"))
        google_of(sandbox, calls=calls).users(["id"], frozenset())
    pauses = [vars(record) for record in caplog.records if record.name == "sso_sync.http.calls"]
    told = [(pause["system"], pause["said"]) for pause in pauses]
    assert told == [
        ("identitystore", "asks for fewer calls"),
        ("scim", "does not answer"),
        ("google", "answers 503"),
    ]


@both
def test_a_throttled_write_holds_all_the_others(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, scim: bool
) -> None:
    slowed = Slowed()
    target = target_of(sandbox, monkeypatch, scim=scim, governor=slowed.governor)
    sandbox.fail(SYSTEMS[scim], "CreateUser", "throttle")
    target.create_user(user("ann"))
    target.read()
    assert slowed.longest == pytest.approx(1.0, abs=0.01)  # as both ways of writing are told


@both
def test_a_failure_that_is_no_throttling_holds_nobody(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, scim: bool
) -> None:
    slowed = Slowed()
    target = target_of(sandbox, monkeypatch, scim=scim, governor=slowed.governor)
    sandbox.fail(SYSTEMS[scim], "CreateUser", "error")
    target.create_user(user("ann"))
    assert slowed.longest < 0.01


@pytest.mark.parametrize("reason", ["userRateLimitExceeded", "quotaExceeded", "rateLimitExceeded"])
@pytest.mark.parametrize("operation", ["users.list", "members.list"])
def test_google_throttling_holds_the_others(sandbox: LiveSandbox, reason: str, operation: str) -> None:
    slowed = Slowed()
    sandbox.switch(google_throttle=reason)
    api = google_of(sandbox, governor=slowed.governor)
    sandbox.fail("google", operation, "throttle")
    if operation == "users.list":
        api.users(["id"], frozenset())
    else:
        rows = {page.group_id: rows for page, rows, _ in api.members([MemberPage("g-a"), MemberPage("g-b")])}
        assert all(rows.values())
    assert 0 < slowed.longest <= 0.1


@both
def test_without_patience_a_write_is_not_tried_again_and_says_so(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, scim: bool
) -> None:
    target = target_of(sandbox, monkeypatch, scim=scim, patience=Patience(0.6))
    sandbox.calls()
    sandbox.fail(SYSTEMS[scim], "CreateUser", "throttle", times=0)
    with pytest.raises(ChangeUnknown, match=r"kept throttling.*has waited 0\.01 minutes"):
        target.create_user(user("ann"))
    assert sandbox.calls()[SYSTEMS[scim]] == {"CreateUser": 1}


def test_without_patience_a_reading_fails_at_once_and_says_so(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = target_of(sandbox, monkeypatch, scim=False, patience=Patience(0.6))
    sandbox.fail("identity_store", "ListUsers", "throttle", times=0)
    with pytest.raises(TargetError, match="AWS kept throttling or failing \\(ThrottlingException"):
        target.read()


def test_patience_is_shared_by_all_systems(sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    patience = Patience(0.01)
    sandbox.fail("google", "users.list", "throttle", times=0)
    with pytest.raises(SourceError, match=r"Google Workspace kept throttling or failing \(403 "):
        google_of(sandbox, patience=patience, pauses=Pauses(first=1.0)).users(["id"], frozenset())
    assert patience.used_up
    sandbox.fail("scim", "CreateUser", "error")
    with pytest.raises(ChangeUnknown, match="the SCIM endpoint kept throttling or failing"):
        target_of(sandbox, monkeypatch, scim=True, patience=patience).create_user(user("ann"))


@both
def test_without_patience_a_lost_connection_is_not_tried_again(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, scim: bool
) -> None:
    patience = Patience(0.0)
    assert not patience.grant(1)
    target = target_of(sandbox, monkeypatch, scim=scim, patience=patience)
    sandbox.calls()
    sandbox.fail(SYSTEMS[scim], "CreateUser", "drop", times=0)
    with pytest.raises(ChangeUnknown):
        target.create_user(user("ann"))
    assert sandbox.calls()[SYSTEMS[scim]]["CreateUser"] == 1
