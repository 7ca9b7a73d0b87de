"""What the planner leaves as it is: in additive plans, for records set aside, and for names that cannot be had."""

from sso_sync.core.changes import UpdateUser, edits, subject
from sso_sync.core.ledger import Entry, Origin
from sso_sync.core.model import Directory, Group, SetAside
from sso_sync.core.planner import make_plan
from sso_sync.core.rules import Rules
from tests.support.memory import directory, group, user
from tests.unit.test_planner import DEVS, DEVS_IN_STORE, EMPTY, in_store, ledger, store, told


def test_an_additive_plan_gives_and_changes_but_takes_nothing() -> None:
    desired = directory([user("ann", given_name="Anna"), user("cem")], {DEVS: ["cem"]})
    actual = store([in_store("U1", "ann"), in_store("U2", "bob")], {DEVS_IN_STORE: ["U1", "U2"]})
    plan = make_plan(desired, actual, ledger({"ann": "U1", "bob": "U2"}, {"id-devs": "G1"}), Rules(additive=True))
    assert told(plan.changes) == ["create_user cem", "update_user ann", "create_membership cem devs"]


def test_an_additive_plan_deactivates_nobody_and_takes_no_leavers_name() -> None:
    newcomer = user("bob-2", user_name="bob@example.com", email="new@example.com")
    actual = store([in_store("U1", "ann"), in_store("U2", "bob")])
    desired = directory([user("ann", active=False), newcomer], {})
    plan = make_plan(desired, actual, ledger({"ann": "U1", "bob": "U2"}), Rules(additive=True))
    assert plan.changes == ()
    assert [record.source_id for record in plan.set_aside] == ["bob-2"]


def test_who_is_set_aside_stays_as_they_are() -> None:
    aside = [SetAside("user", "ann", "ann@example.com", "it has no family name", frozenset({"id-devs"}))]
    desired = Directory.of([], [DEVS], {}, set_aside=aside)
    actual = store([in_store("U1", "ann", given_name="Old")], {DEVS_IN_STORE: ["U1"]})
    plan = make_plan(desired, actual, ledger({"ann": "U1"}, {"id-devs": "G1"}))
    assert plan.changes == ()
    assert plan.set_aside == tuple(aside)


def test_a_bad_record_keeps_nobody_in_a_group() -> None:
    aside = [SetAside("user", "ann", "ann@example.com", "it has no family name")]
    actual = store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"]})
    known = ledger({"ann": "U1"}, {"id-devs": "G1"})
    plan = make_plan(Directory.of([], [DEVS], {}, set_aside=aside), actual, known)
    assert told(plan.changes) == ["delete_membership ann devs"]


def test_who_was_created_by_a_run_that_died_and_left_since_is_deleted() -> None:
    known = ledger()
    known.pending_users = {"ann", "bob"}
    plan = make_plan(directory([user("bob")], {}), store([in_store("U1", "ann", external_id="ann")]), known)
    assert told(plan.changes) == ["create_user bob", "delete_user ann"]


def test_a_leaver_leaves_a_group_that_is_set_aside() -> None:
    desired = Directory.of([user("bob")], [], {}, set_aside=[SetAside("group", "id-devs", "devs", "reserved")])
    known = ledger({"ann": "U1"}, {"id-devs": "G1"})
    plan = make_plan(desired, store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"]}), known)
    assert told(plan.changes) == ["delete_membership ann devs", "create_user bob", "delete_user ann"]


def test_protected_groups_are_not_taken_over() -> None:
    admins = group("AWSControlTowerAdmins", id="G9", external_id="")
    actual = store([in_store("U9", "break-glass")], {admins: ["U9"]})
    desired = directory([user("sly")], {group("awscontroltoweradmins"): ["sly"]})
    plan = make_plan(desired, actual, ledger(), Rules(protected=("AWSControlTower*",)))
    assert told(plan.changes) == ["create_user sly"]
    assert [record.name for record in plan.set_aside] == ["awscontroltoweradmins"]


def test_people_of_another_provider_keep_their_place_in_a_group_they_are_to_be_in() -> None:
    """Ann exists with another provider's id: she cannot be created, but must not be locked out for it."""
    ann = in_store("U1", "ann", external_id="okta-1")
    actual = store([ann], {group("devs", id="G1", external_id=""): ["U1"]})
    plan = make_plan(directory([user("ann")], {DEVS: ["ann"]}), actual, ledger())
    assert "delete_membership" not in plan.counts
    assert [record.source_id for record in plan.set_aside] == ["ann"]


def test_what_is_not_managed_is_never_renamed_aside() -> None:
    """Two names that only differ by case are one name to this tool; neither owner has to give way."""
    theirs: dict[Group, list[str]] = {
        group("Admins", id="G1", external_id=""): [],
        group("admins", id="G2", external_id=""): [],
    }
    plan = make_plan(directory([], {group("admins"): []}), store([], theirs), ledger())
    assert told(plan.changes) == ["adopt admins", "update_group admins"]
    assert {subject(change)[1].id for change in plan.changes} == {"G2"}


def test_nobody_is_switched_on_whom_somebody_else_switched_off() -> None:
    actual = store([in_store("U1", "ann", active=False)])
    plan = make_plan(directory([user("ann")], {}), actual, ledger({"ann": "U1"}))
    assert plan.changes == ()
    assert plan.warnings == (
        "user 'ann@example.com' is switched off in Identity Center, not by sso-sync, so it stays off",
    )


def test_who_was_switched_off_here_is_switched_on_again() -> None:
    known = ledger({"ann": "U1"})
    known.users["ann"] = Entry("U1", Origin.CREATED, off=True)
    plan = make_plan(directory([user("ann")], {}), store([in_store("U1", "ann", active=False)]), known)
    assert told(plan.changes) == ["update_user ann"]


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
