"""What the planner leaves as it is: in additive plans, for records set aside, and for names that cannot be had."""

from sso_sync.core.changes import UpdateUser, edits
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.planner import make_plan
from tests.support.memory import directory, user
from tests.unit.test_planner import DEVS, DEVS_IN_STORE, EMPTY, in_store, ledger, store, told


def test_an_additive_plan_gives_and_changes_but_takes_nothing() -> None:
    desired = directory([user("ann", given_name="Anna"), user("cem")], {DEVS: ["cem"]})
    actual = store([in_store("U1", "ann"), in_store("U2", "bob")], {DEVS_IN_STORE: ["U1", "U2"]})
    plan = make_plan(desired, actual, ledger({"ann": "U1", "bob": "U2"}, {"id-devs": "G1"}), additive=True)
    assert told(plan.changes) == ["create_user cem", "update_user ann", "create_membership cem devs"]


def test_an_additive_plan_deactivates_nobody_and_takes_no_leavers_name() -> None:
    newcomer = user("bob-2", user_name="bob@example.com", email="new@example.com")
    actual = store([in_store("U1", "ann"), in_store("U2", "bob")])
    desired = directory([user("ann", active=False), newcomer], {})
    plan = make_plan(desired, actual, ledger({"ann": "U1", "bob": "U2"}), additive=True)
    assert plan.changes == ()
    assert [record.source_id for record in plan.set_aside] == ["bob-2"]


def test_who_is_set_aside_stays_as_they_are() -> None:
    aside = [SetAside("user", "ann", "ann@example.com", "it has no family name")]
    desired = Directory.of([], [DEVS], {}, set_aside=aside)
    actual = store([in_store("U1", "ann", given_name="Old")], {DEVS_IN_STORE: ["U1"]})
    plan = make_plan(desired, actual, ledger({"ann": "U1"}, {"id-devs": "G1"}))
    assert plan.changes == ()
    assert plan.set_aside == tuple(aside)


def test_a_group_that_is_set_aside_keeps_its_members() -> None:
    desired = Directory.of([user("ann")], [], {}, set_aside=[SetAside("group", "id-devs", "devs", "reserved")])
    actual = store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"]})
    assert make_plan(desired, actual, ledger({"ann": "U1"}, {"id-devs": "G1"})).changes == ()


def test_two_new_people_with_one_address_are_set_aside_and_get_no_memberships() -> None:
    twin = user("ann-2", user_name="ann@example.com")
    plan = make_plan(directory([user("ann"), twin], {DEVS: ["ann", "ann-2"]}), EMPTY, ledger())
    assert told(plan.changes) == ["create_group devs"]
    assert {record.source_id for record in plan.set_aside} == {"ann", "ann-2"}


def test_a_person_who_cannot_have_a_new_name_keeps_the_old_one_and_gets_the_rest() -> None:
    renamed = user("ann", user_name="eve@example.com", given_name="Anna")
    actual = store([in_store("U1", "ann"), in_store("U9", "eve", external_id="")])
    plan = make_plan(directory([renamed], {}), actual, ledger({"ann": "U1"}))
    (change,) = plan.changes
    assert isinstance(change, UpdateUser)
    assert [edit.attribute for edit in edits(change)] == ["given_name"]
    assert [record.source_id for record in plan.set_aside] == ["ann"]
