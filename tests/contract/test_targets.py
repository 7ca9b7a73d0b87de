"""One suite for both ways of writing, over real HTTP against the stand-in of Identity Center."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from sso_sync.core.changes import Ref, UpdateGroup, UpdateUser
from sso_sync.core.errors import ChangeRefused, ChangeUnknown, CredentialsError, TargetError
from sso_sync.core.model import OPTIONAL_ATTRIBUTES, Group, User
from sso_sync.core.ports import Target
from sso_sync.http.governor import RateGovernor
from sso_sync.http.session import Session
from sso_sync.targets.scim import ScimTarget
from sso_sync.targets.scim_token import Token
from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.memory import group, user
from tests.support.targets import make_target

FULL = {name: f"some {name}" for name in OPTIONAL_ATTRIBUTES}
both = pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])
scim_only = pytest.mark.parametrize("scim", [True], ids=["scim"])


@pytest.fixture
def sandbox(live: Callable[[Any], LiveSandbox]) -> LiveSandbox:
    return live(company([], []))


@pytest.fixture
def target(sandbox: LiveSandbox, scim: bool, monkeypatch: pytest.MonkeyPatch) -> Target:
    for name, value in sandbox.environment(scim=scim).items():
        monkeypatch.setenv(name, value)
    return make_target(sandbox, scim=scim)


def update_of(before: User, **changed: Any) -> UpdateUser:
    after = msgspec.structs.replace(before, **changed)
    return UpdateUser(Ref(before.id, "", before.user_name), before, after, "")


def writable(record: User | Group, target: Target) -> dict[str, object]:
    hidden = {"id", *target.unwritable}
    return {name: getattr(record, name) for name in record.__struct_fields__ if name not in hidden}


@both
@pytest.mark.parametrize("attributes", [{}, FULL], ids=["bare", "full"])
def test_a_user_is_read_as_it_was_created(target: Target, attributes: dict[str, str]) -> None:
    wanted = user("zoë", attributes=attributes)
    aws_id = target.create_user(wanted)
    found = target.read().users[aws_id]
    assert writable(found, target) == writable(wanted, target)
    assert found.active


@both
def test_every_attribute_can_be_changed_and_cleared(target: Target) -> None:
    target.create_user(user("ann"))
    (found,) = target.read().users.values()
    names = {"user_name": "b@example.com", "email": "c@example.com", "given_name": "B", "display_name": "D"}
    for step in ({**names, "attributes": FULL}, {"attributes": FULL | {"title": "x", "locality": "y"}}):
        change = update_of(found, **step)
        target.update_user(change)
        (found,) = target.read().users.values()
        assert writable(found, target) == writable(change.after, target)
    target.update_user(update_of(found, attributes={"division": "kept"}))
    (found,) = target.read().users.values()
    assert found.attributes == {"division": "kept"}


@scim_only
def test_scim_switches_users_off_and_on_and_sets_the_external_id(target: Target) -> None:
    target.create_user(user("ann", active=False, external_id="old"))
    (found,) = target.read().users.values()
    assert (found.active, found.external_id) == (False, "old")
    target.update_user(update_of(found, active=True, external_id="new"))
    (found,) = target.read().users.values()
    assert (found.active, found.external_id) == (True, "new")


@both
def test_a_group_is_created_renamed_and_deleted_with_its_memberships(target: Target) -> None:
    user_id = target.create_user(user("ann"))
    group_id = target.create_group(group("admins"), [])
    target.add_members(group_id, [user_id])
    before = target.read().groups[group_id]
    after = msgspec.structs.replace(before, display_name="owners")
    target.update_group(UpdateGroup(Ref(group_id, "", "admins"), before, after, ""))
    read = target.read()
    assert (read.groups[group_id].display_name, read.members[group_id]) == ("owners", frozenset({user_id}))
    target.delete_group(group_id)
    assert target.read().groups == {}


@both
def test_members_are_added_and_removed_as_many_as_one_call_takes(target: Target, sandbox: LiveSandbox) -> None:
    ids = [target.create_user(user(f"u{n}")) for n in range(205)]
    group_id = target.create_group(group("all"), ids[: target.members_per_create])
    rest = ids[target.members_per_create :]
    for start in range(0, len(rest), target.members_per_change):
        target.add_members(group_id, rest[start : start + target.members_per_change])
    assert target.read().members[group_id] == set(ids)
    sandbox.calls()
    target.remove_members(group_id, ids[: target.members_per_change])
    assert sum(n for name, n in sandbox.calls().popitem()[1].items()) == 1
    assert len(target.read().members[group_id]) == 205 - target.members_per_change


@both
def test_what_is_already_so_is_fine(target: Target) -> None:
    user_id, group_id = target.create_user(user("ann")), target.create_group(group("admins"), [])
    target.add_members(group_id, [user_id])
    target.add_members(group_id, [user_id])
    target.read()
    target.remove_members(group_id, [user_id])
    target.remove_members(group_id, [user_id])
    for _ in range(2):
        target.delete_user(user_id)
        target.delete_group(group_id)
    assert target.read().users == {}


@both
def test_a_deletion_that_finds_nothing_is_not_believed_while_the_object_can_be_read(
    target: Target, sandbox: LiveSandbox, scim: bool
) -> None:
    user_id = target.create_user(user("ann"))
    sandbox.fail("scim" if scim else "identity_store", "DeleteUser", "not_found")
    with pytest.raises(ChangeUnknown, match="can still be read"):
        target.delete_user(user_id)


@both
def test_half_an_answer_to_a_creation_may_mean_that_it_happened(
    target: Target, sandbox: LiveSandbox, scim: bool
) -> None:
    sandbox.fail("scim" if scim else "identity_store", "CreateUser", "truncate")
    with pytest.raises(ChangeUnknown):
        target.create_user(user("ann"))


@both
def test_a_taken_name_is_refused_in_one_sentence(target: Target) -> None:
    target.create_user(user("ann"))
    with pytest.raises(ChangeRefused, match=r"Cannot create the user 'ann@example\.com'") as caught:
        target.create_user(user("ann", external_id="other", id="other"))
    assert "\n" not in str(caught.value)
    target.create_group(group("admins"), [])
    with pytest.raises(ChangeRefused):
        target.create_group(group("Admins", external_id="other"), [])


@both
def test_pages_are_read_to_the_end(target: Target) -> None:
    users = {target.create_user(user(f"u{n}")) for n in range(201)}
    groups = {target.create_group(group(f"g{n}"), []) for n in range(101)}
    read = target.read()
    assert (set(read.users), set(read.groups)) == (users, groups)


@both
def test_throttling_is_waited_out(target: Target, sandbox: LiveSandbox, scim: bool) -> None:
    sandbox.fail("scim" if scim else "identity_store", "CreateUser", "throttle", times=2)
    target.create_user(user("ann"))
    assert len(target.read().users) == 1


@both
def test_an_endless_failure_is_unknown_not_refused(target: Target, sandbox: LiveSandbox, scim: bool) -> None:
    sandbox.fail("scim" if scim else "identity_store", "DeleteUser", "error", times=0)
    user_id = target.create_user(user("ann"))
    with pytest.raises(ChangeUnknown):
        target.delete_user(user_id)


@scim_only
def test_a_creation_whose_answer_was_lost_is_found_again(target: Target, sandbox: LiveSandbox) -> None:
    sandbox.fail("scim", "CreateUser", "drop_after")
    user_id = target.create_user(user("ann"))
    assert set(target.read().users) == {user_id}


@both
def test_reading_fails_in_one_sentence_when_a_page_does(target: Target, sandbox: LiveSandbox) -> None:
    sandbox.fail("identity_store", "ListUsers", "forbidden", times=0)
    with pytest.raises(CredentialsError, match="lacks the permission ListUsers"):
        target.read()


@scim_only
def test_a_refused_token_is_said(target: Target, sandbox: LiveSandbox) -> None:
    del target
    with pytest.raises(CredentialsError, match="refused the token"):
        make_target(sandbox, scim=True, token="expired").create_user(user("ann"))


@scim_only
def test_a_token_of_another_instance_writes_nothing_more(
    target: Target, live: Callable[[Any], LiveSandbox], sandbox: LiveSandbox
) -> None:
    del target
    other = live(company([], []))
    reader = make_target(sandbox, scim=False)
    wrong = ScimTarget(
        reader._reader,  # type: ignore[attr-defined] # noqa: SLF001 # the other half of a deliberately wrong pair
        other.sandbox.scim_endpoint,
        Token(other.sandbox.scim_token),
        RateGovernor(100_000),
        Session(),
        patience=(0.0,),
    )
    with pytest.raises(TargetError, match="another Identity Center instance"):
        wrong.create_user(user("ann"))
    assert other.sandbox.store.users == {}
    existing = reader.create_user(user("bob"))
    with pytest.raises(TargetError, match="another Identity Center instance"):
        wrong.delete_user(existing)
    present = make_target(other, scim=True)
    del present
    assert set(sandbox.sandbox.store.users) == {existing}


@scim_only
def test_an_object_of_another_instance_is_never_deleted_by_the_check(
    target: Target, live: Callable[[Any], LiveSandbox], sandbox: LiveSandbox
) -> None:
    """The other instance is synced from the same directory, so it has a user with this external id."""
    del target
    other = live(company([], []))
    other.sandbox.store.create_user(
        {
            "UserName": "ann@example.com",
            "DisplayName": "Ann",
            "Name": {"GivenName": "Ann", "FamilyName": "Doe"},
        },
        "SCIM",
        "ann",
    )
    reader = make_target(sandbox, scim=False)._reader  # type: ignore[attr-defined] # noqa: SLF001 # as above
    token = Token(other.sandbox.scim_token)
    wrong = ScimTarget(reader, other.sandbox.scim_endpoint, token, RateGovernor(100_000), Session(), (0.0,))
    with pytest.raises(TargetError, match="was left alone"):
        wrong.create_user(user("ann"))
    assert len(other.sandbox.store.users) == 1
