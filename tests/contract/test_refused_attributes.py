"""A value that Identity Center refuses costs only itself, by both ways of writing."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from sso_sync.core.changes import Change, CreateUser, Ref, UpdateUser
from sso_sync.core.errors import ChangeRefused, ValueRefused
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.ports import Target
from sso_sync.engine.units import Unit
from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.memory import user
from tests.support.targets import make_target

BAD = "+1\u200b2"  # what cannot be seen is no text for Identity Center
MIXED = {"title": "Engineer", "phone_number": BAD, "locality": "Bern", "cost_center": BAD, "department": "IT"}
GOOD = {"title": "Engineer", "locality": "Bern", "department": "IT"}
both = pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])
SYSTEMS = {True: "scim", False: "identity_store"}


@pytest.fixture
def sandbox(live: Callable[[Any], LiveSandbox]) -> LiveSandbox:
    return live(company([], []))


@pytest.fixture
def target(sandbox: LiveSandbox, scim: bool, monkeypatch: pytest.MonkeyPatch) -> Target:
    for name, value in sandbox.environment(scim=scim).items():
        monkeypatch.setenv(name, value)
    made = make_target(sandbox, scim=scim)
    made.delete_user(made.create_user(user("first")))  # so that the token is proved
    sandbox.calls()
    return made


def run(target: Target, change: Change) -> Outcome:
    (outcome,) = Unit((change,)).run(target, lambda _, ref: ref.id)
    return outcome


@both
def test_a_user_is_created_without_the_bad_values(target: Target, sandbox: LiveSandbox, scim: bool) -> None:
    outcome = run(target, CreateUser(user("ann", attributes=MIXED), "joins"))
    assert (outcome.result, outcome.lost) == (Result.DONE, ("cost_center", "phone_number"))
    assert sum(sandbox.calls()[SYSTEMS[scim]].values()) == 2 + len(MIXED)
    assert target.read().users[outcome.aws_id].attributes == GOOD


@both
def test_an_update_writes_all_but_the_bad_values(target: Target) -> None:
    aws_id = target.create_user(user("ann", attributes={"title": "old", "phone_number": "1", "division": "kept"}))
    before = target.read().users[aws_id]
    after = msgspec.structs.replace(before, family_name="New", attributes=MIXED | {"division": "kept"})
    outcome = run(target, UpdateUser(Ref(aws_id, "ann", "ann"), before, after, "changed"))
    assert (outcome.result, outcome.lost) == (Result.DONE, ("cost_center", "phone_number"))
    assert isinstance(outcome.error, ValueRefused)
    found = target.read().users[aws_id]
    assert (found.family_name, found.attributes) == ("New", GOOD | {"phone_number": "1", "division": "kept"})


@both
def test_what_is_accepted_takes_one_call(target: Target, sandbox: LiveSandbox, scim: bool) -> None:
    run(target, CreateUser(user("ann", attributes=GOOD), "joins"))
    assert sandbox.calls()[SYSTEMS[scim]] == {"CreateUser": 1}


@both
def test_a_taken_name_is_not_tried_in_parts(target: Target, sandbox: LiveSandbox, scim: bool) -> None:
    target.create_user(user("ann"))
    sandbox.calls()
    outcome = run(target, CreateUser(user("ann", id="x", external_id="x", attributes=GOOD), "joins"))
    assert outcome.result is Result.FAILED
    assert type(outcome.error) is ChangeRefused
    assert sandbox.calls()[SYSTEMS[scim]]["CreateUser"] == 1


@both
def test_a_bad_name_fails_the_user_as_a_whole(target: Target) -> None:
    outcome = run(target, CreateUser(user("ann", family_name=BAD, attributes=GOOD), "joins"))
    assert (outcome.result, outcome.aws_id) == (Result.FAILED, "")
    assert target.read().users == {}


@pytest.mark.parametrize("scim", [False], ids=["identity-store"])
def test_what_boto_refuses_to_send_is_a_refusal(target: Target) -> None:
    with pytest.raises(ValueRefused, match="Cannot create the user"):
        target.create_user(user("ann", given_name=""))
