"""Changes that collide with others, lose their answers or find no key: what the targets make of them."""

from collections.abc import Callable
from typing import Any

import pytest

from sso_sync.core.errors import ChangeError, ChangeUnknown, TargetError
from sso_sync.core.ports import Target
from sso_sync.targets import scim_format
from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.memory import group, user
from tests.support.targets import make_target


@pytest.fixture
def sandbox(live: Callable[[Any], LiveSandbox]) -> LiveSandbox:
    return live(company([], []))


def target_of(sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, *, scim: bool) -> Target:
    for name, value in sandbox.environment(scim=scim).items():
        monkeypatch.setenv(name, value)
    return make_target(sandbox, scim=scim)


both = pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])


@both
@pytest.mark.parametrize("operation", ["members", "deletion"])
def test_a_collision_is_tried_again(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, scim: bool, operation: str
) -> None:
    target = target_of(sandbox, monkeypatch, scim=scim)
    user_id, group_id = target.create_user(user("ann")), target.create_group(group("admins"), [])
    system = "scim" if scim else "identity_store"
    sandbox.fail(system, "*", "conflict")
    if operation == "members":
        target.add_members(group_id, [user_id])
        assert target.read().members[group_id] == {user_id}
    else:
        target.delete_user(user_id)
        assert target.read().users == {}
    assert sandbox.sandbox.switchboard.faults.as_json()[0]["struck"] == 1


def test_a_group_that_somebody_goes_on_changing_is_given_up_as_a_whole(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = target_of(sandbox, monkeypatch, scim=True)
    ids = [target.create_user(user(name)) for name in ("ann", "bob")]
    group_id = target.create_group(group("admins"), [])
    sandbox.calls()
    sandbox.fail("scim", "PatchGroup", "conflict", times=0)
    with pytest.raises(ChangeUnknown, match="goes on changing the group"):
        target.add_members(group_id, ids)
    assert sandbox.calls()["scim"] == {"PatchGroup": 5}


def test_a_duplicate_after_a_lost_answer_and_a_collision_may_be_our_own(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = target_of(sandbox, monkeypatch, scim=False)
    sandbox.fail("identity_store", "CreateUser", "drop_after", nth=1)
    sandbox.fail("identity_store", "CreateUser", "conflict", nth=2)
    with pytest.raises(ChangeUnknown):
        target.create_user(user("ann"))
    assert len(target.read().users) == 1


@pytest.mark.parametrize(
    ("key", "error"),
    [("KMS_KEY_NOT_FOUND", TargetError), ("KMS_DISABLED", TargetError), ("KMS_THROTTLING", ChangeUnknown)],
)
def test_a_key_that_fails_between_reading_and_writing_deletes_nobody(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, key: str, error: type[Exception]
) -> None:
    target = target_of(sandbox, monkeypatch, scim=False)
    user_id = target.create_user(user("ann"))
    target.read()
    sandbox.switch(customer_managed_key=key)
    with pytest.raises(error) as caught:
        target.delete_user(user_id)
    assert isinstance(caught.value, ChangeError) == (error is ChangeUnknown)  # else no other change can do better
    assert ("mend the key" in str(caught.value)) == (error is TargetError)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f'{{"schemas": ["{scim_format.ERROR_SCHEMA}"]}}', True),
        ('{"schemas": null}', False),
        ('{"schemas": 3}', False),
        ("[]", False),
        ("<html>", False),
    ],
)
def test_a_scim_service_is_told_by_the_form_of_its_errors(body: str, expected: bool) -> None:
    assert scim_format.is_error(body) == expected
