"""What becomes of users and groups that are not wanted any more, or that nothing may be done to."""

from datetime import UTC, datetime, timedelta

import pytest

from sso_sync.core.changes import DeleteMembership, DeleteUser, UpdateUser, is_drift, name_of
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.plan import PHASES, Plan, phase_of
from sso_sync.core.planner import make_plan
from sso_sync.core.rules import KeepPolicy, LeaverPolicy, Rules
from tests.support.memory import directory, group, user

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EMPTY = directory([user("bob")], {group("devs"): []})


def store(*, active: bool = True, more: tuple[str, ...] = ()) -> Directory:
    """Make a store with Ann, who is in every group, and Bob, who is wanted."""
    people = [user("ann", id="U1", active=active), user("bob", id="U2")]
    groups = {group("devs", id="G1"): ["U1"]} | {group(name, id=f"X-{name}", external_id=""): ["U1"] for name in more}
    return directory(people, groups)


def ledger(*, left: datetime | None = None, off: bool = False) -> Ledger:
    return Ledger(
        store_id="d-1",
        users={
            "ann": Entry("U1", Origin.CREATED, left=left, off=off),
            "bob": Entry("U2", Origin.CREATED),
        },
        groups={"id-devs": Entry("G1", Origin.CREATED)},
    )


def rules(policy: LeaverPolicy, **more: object) -> Rules:
    return Rules(leavers=policy, now=NOW, **more)  # type: ignore[arg-type] # whatever the test is about


def names(plan: Plan) -> list[str]:
    return [name_of(change) for change in plan.changes]


@pytest.mark.parametrize(
    ("policy", "changes"),
    [
        ("deactivate", ["delete_membership", "update_user"]),
        ("delete", ["delete_membership", "delete_user"]),
        ("keep", ["delete_membership"]),
    ],
)
def test_a_leaver_is_out_of_every_group_at_once_and_then_goes_as_the_config_says(
    policy: LeaverPolicy, changes: list[str]
) -> None:
    assert names(make_plan(EMPTY, store(), ledger(), rules(policy))) == changes


def test_a_leaver_is_switched_off_last() -> None:
    update = make_plan(EMPTY, store(), ledger(), rules("deactivate")).changes[-1]
    assert isinstance(update, UpdateUser)
    assert (update.before.active, update.after.active) == (True, False)
    assert PHASES[phase_of(update)] == "deactivate and delete users"


@pytest.mark.parametrize(("days", "changes"), [(29, []), (30, ["delete_user"]), (400, ["delete_user"])])
def test_a_deactivated_leaver_is_deleted_after_the_days_of_the_config(days: int, changes: list[str]) -> None:
    actual = directory([user("ann", id="U1", active=False), user("bob", id="U2")], {group("devs", id="G1"): []})
    left = ledger(left=NOW - timedelta(days=days), off=True)
    assert names(make_plan(EMPTY, actual, left, rules("deactivate"))) == changes


def test_a_leaver_whom_somebody_switched_on_again_is_switched_off_again_and_that_is_drift() -> None:
    left = ledger(left=NOW - timedelta(days=60), off=True)
    _, update = make_plan(EMPTY, store(), left, rules("deactivate")).changes
    assert isinstance(update, UpdateUser)
    assert not update.after.active
    assert is_drift(update)


def test_a_leaver_who_comes_back_is_switched_on_and_gets_the_groups_back() -> None:
    back = directory([user("ann"), user("bob")], {group("devs"): ["ann"]})
    actual = directory([user("ann", id="U1", active=False), user("bob", id="U2")], {group("devs", id="G1"): []})
    left = ledger(left=NOW - timedelta(days=3), off=True)
    update, membership = make_plan(back, actual, left, rules("deactivate")).changes
    assert isinstance(update, UpdateUser)
    assert (update.after.id, update.after.active) == ("U1", True)
    assert name_of(membership) == "create_membership"


def test_a_leavers_address_that_is_needed_is_freed_before_the_leaver_is_deleted() -> None:
    heir = user("heir", user_name="ann@example.com", email="ann@example.com")
    desired = directory([user("bob"), heir], {group("devs"): ["heir"]})
    plan = make_plan(desired, store(), ledger(), rules("deactivate"))
    assert names(plan) == ["delete_membership", "update_user", "create_user", "create_membership", "update_user"]
    aside, off = (change for change in plan.changes if isinstance(change, UpdateUser))
    assert (aside.aside, aside.after.user_name, aside.after.active) == (True, "aside-U1", True)
    assert (off.after.user_name, off.after.active) == ("aside-U1", False)


def test_a_leaver_who_is_kept_leaves_hand_made_groups_too_but_no_protected_ones() -> None:
    actual = store(more=("theirs", "AWSAuditors"))
    plan = make_plan(EMPTY, actual, ledger(), rules("keep", protected=("AWS*",)))
    left = {change.group.name for change in plan.changes if isinstance(change, DeleteMembership)}
    assert left == {"devs", "theirs"}


@pytest.mark.parametrize(("policy", "changes"), [("delete", ["delete_group"]), ("keep", [])])
def test_a_group_that_is_not_wanted_goes_as_the_config_says(policy: KeepPolicy, changes: list[str]) -> None:
    desired = directory([user("ann"), user("bob")], {})
    assert names(make_plan(desired, store(), ledger(), rules("delete", leaving_groups=policy))) == changes


def test_a_group_that_waits_for_approval_is_kept_with_its_members() -> None:
    desired = directory([user("ann"), user("bob")], {})
    held = rules("delete", held={"G1": "it has assignments"})
    assert names(make_plan(desired, store(), ledger(), held)) == []


def test_what_nobody_manages_is_kept_unless_the_config_says_to_delete_it() -> None:
    desired = directory([user("ann"), user("bob")], {group("devs"): ["ann"]})
    actual = directory(
        [*store().users.values(), user("eve", id="X1", external_id=""), user("root", id="X2", external_id="")],
        {group("devs", id="G1"): ["U1"], group("legacy", id="X3", external_id=""): []},
    )
    assert names(make_plan(desired, actual, ledger(), rules("deactivate"))) == []
    plan = make_plan(desired, actual, ledger(), rules("deactivate", unmanaged="delete", protected=("root@*",)))
    assert names(plan) == ["delete_group", "delete_user"]
    assert plan.changes[1].reason == (
        "not in the directory, and the config says to delete what sso-sync does not manage"
    )


def test_without_a_ledger_nobody_is_deleted_whatever_the_config_says() -> None:
    actual = directory([user("eve", id="X1", external_id="")], {group("legacy", id="X2", external_id=""): ["X1"]})
    plan = make_plan(EMPTY, actual, Ledger(store_id="d-1"), rules("delete", unmanaged="delete"))
    assert {name_of(change) for change in plan.changes} == {"create_user", "create_group"}


def test_somebody_whose_record_is_set_aside_is_not_deleted_as_a_stranger() -> None:
    zoe = user("zoe", id="X1", external_id="")
    desired = Directory.of([user("bob")], [], {}, set_aside=[SetAside("user", "z", "Zoe@example.com", "a bad record")])
    actual = directory([zoe, user("eve", id="X2", external_id=""), user("bob", id="U2")], {})
    plan = make_plan(desired, actual, ledger(), rules("delete", unmanaged="delete"))
    assert [change.user.name for change in plan.changes if isinstance(change, DeleteUser)] == ["eve@example.com"]


def test_with_existing_groups_only_no_group_is_created_or_deleted() -> None:
    desired = directory([user("ann"), user("bob")], {group("new"): ["ann"]})
    plan = make_plan(desired, store(), ledger(), rules("delete", existing_groups_only=True, unmanaged="delete"))
    assert names(plan) == []
    (aside,) = plan.set_aside
    assert (aside.name, aside.reason) == (
        "new",
        "Identity Center has no group of this name, and identity_center.groups says to create none",
    )


@pytest.mark.parametrize("called", ["Root@example.com", "root@example.com"])
def test_a_protected_user_is_not_adopted_renamed_deleted_or_moved(called: str) -> None:
    protected = user("root", id="U9", external_id="", user_name=called)
    actual = directory([protected, user("bob", id="U2")], {group("devs", id="G1"): ["U9"]})
    known = ledger()
    known.users["root"] = Entry("U9", Origin.CREATED)
    wanted = directory([user("root", user_name="new@example.com"), user("bob")], {group("devs"): ["bob"]})
    guarded = rules("delete", protected=("root@*",), unmanaged="delete")
    assert names(make_plan(wanted, actual, known, guarded)) == ["create_membership"]
    gone = make_plan(directory([user("bob")], {group("devs"): ["bob"]}), actual, known, guarded)
    assert names(gone) == ["create_membership"]
    assert gone.warnings == (f"user '{called}' is not wanted any more, but its name is protected",)


def test_a_protected_group_keeps_its_name_and_its_members_and_none_is_made_beside_it() -> None:
    actual = directory([user("bob", id="U2")], {group("awsauditors", id="G9", external_id=""): ["U2"]})
    desired = directory([user("bob")], {group("AWSAuditors"): []})
    plan = make_plan(desired, actual, ledger(), rules("delete", protected=("AWS*",)))
    assert names(plan) == []
    assert [record.reason for record in plan.set_aside] == ["its name is protected (identity_center.protected)"]


def test_what_another_deployment_manages_is_refused_and_says_whose_it_is() -> None:
    actual = directory(
        [user("ann", id="U1"), user("bob", id="U2", external_id="")], {group("devs", id="G1", external_id=""): []}
    )
    desired = directory([user("ann", user_name="new@example.com"), user("bob")], {group("devs"): ["ann", "bob"]})
    known = Ledger(store_id="d-1", others={"U1": "other", "U2": "other", "G1": "other"})
    plan = make_plan(desired, actual, known, rules("delete", unmanaged="delete"))
    assert names(plan) == []
    assert {record.name: record.reason for record in plan.set_aside} == {
        "ann@example.com": "it is in Identity Center already: the deployment 'other' manages it",
        "bob@example.com": "the user name 'bob@example.com' belongs to another object in Identity Center: the "
        "deployment 'other' manages it",
        "devs": "the group name 'devs' belongs to another object in Identity Center: the deployment 'other' manages it",
    }


def test_people_are_matched_by_what_the_config_says_and_in_its_order() -> None:
    by_address = user("x", id="X1", external_id="", email="ann@example.com")
    by_name = user("y", id="X2", external_id="", user_name="ann@example.com")
    desired, actual = directory([user("ann")], {}), directory([by_address, by_name], {})

    def adopted(*order: str) -> list[str]:
        plan = make_plan(desired, actual, Ledger(store_id="d-1"), Rules(match_by=order))  # type: ignore[arg-type]
        return [change.ref.id for change in plan.changes if name_of(change) == "adopt" and hasattr(change, "ref")]

    assert (adopted("user_name", "email"), adopted("email", "user_name"), adopted()) == (["X2"], ["X1"], [])


def test_nothing_is_taken_in_an_additive_run_from_leavers_either() -> None:
    assert names(make_plan(EMPTY, store(), ledger(), rules("deactivate", additive=True))) == []
