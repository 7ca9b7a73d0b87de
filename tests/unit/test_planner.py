"""What the planner decides, by example; `store` is what Identity Center holds, with AWS ids U1, G1, …"""

from collections.abc import Mapping, Sequence

from sso_sync.core.changes import Change, CreateMembership, DeleteMembership, UpdateUser, edits, name_of, subject
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import Directory, Group, User
from sso_sync.core.planner import make_plan
from sso_sync.core.rules import Rules
from tests.support.memory import directory, group, user

EMPTY = directory([], {})


def ledger(users: Mapping[str, str] | None = None, groups: Mapping[str, str] | None = None) -> Ledger:
    """Make the ledger of a store whose objects, by source id, were all created here."""
    return Ledger(
        store_id="d-1",
        users={source_id: Entry(aws_id, Origin.CREATED) for source_id, aws_id in (users or {}).items()},
        groups={source_id: Entry(aws_id, Origin.CREATED) for source_id, aws_id in (groups or {}).items()},
    )


def in_store(aws_id: str, name: str, **changed: object) -> User:
    return user(name, **{"id": aws_id, "external_id": name} | changed)


def store(users: Sequence[User], members: Mapping[Group, Sequence[str]] | None = None) -> Directory:
    return directory(users, dict(members or {}))


def told(changes: Sequence[Change]) -> list[str]:
    """Tell changes in one line each: what, whom, and into or out of which group."""
    lines = []
    for change in changes:
        member = f"{change.user.name} " if isinstance(change, CreateMembership | DeleteMembership) else ""
        lines.append(f"{name_of(change)} {member}{subject(change)[1].name}".replace("@example.com", ""))
    return lines


DEVS = group("devs")
DEVS_IN_STORE = group("devs", id="G1")


def test_a_joiner_is_created_and_put_into_the_group() -> None:
    plan = make_plan(
        directory([user("ann"), user("bob")], {DEVS: ["ann", "bob"]}),
        store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"]}),
        ledger({"ann": "U1"}, {"id-devs": "G1"}),
    )
    assert told(plan.changes) == ["create_user bob", "create_membership bob devs"]
    assert plan.changes[0].reason == "in the directory, not in Identity Center"


def test_a_first_run_creates_everything() -> None:
    plan = make_plan(directory([user("ann")], {DEVS: ["ann"]}), EMPTY, ledger())
    assert told(plan.changes) == ["create_user ann", "create_group devs", "create_membership ann devs"]


def test_a_store_that_equals_the_directory_needs_nothing() -> None:
    actual = store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"]})
    known = ledger({"ann": "U1"}, {"id-devs": "G1"})
    assert make_plan(directory([user("ann")], {DEVS: ["ann"]}), actual, known).changes == ()


def test_a_leaver_loses_the_groups_first_and_is_then_deleted() -> None:
    plan = make_plan(
        directory([], {DEVS: []}),
        store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"]}),
        ledger({"ann": "U1"}, {"id-devs": "G1"}),
    )
    assert told(plan.changes) == ["delete_membership ann devs", "delete_user ann"]
    assert {change.reason for change in plan.changes} == {"no longer in the directory"}


def test_a_leaver_who_is_still_in_the_directory_leaves_for_the_reason_given_there() -> None:
    desired = Directory.of([], [DEVS], {}, left_out={"ann": "suspended"})
    actual = store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"]})
    plan = make_plan(desired, actual, ledger({"ann": "U1"}, {"id-devs": "G1"}))
    assert [change.reason for change in plan.changes] == ["suspended", "suspended"]


def test_a_group_that_is_gone_takes_its_memberships_along() -> None:
    actual = store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"]})
    plan = make_plan(directory([user("ann")], {}), actual, ledger({"ann": "U1"}, {"id-devs": "G1"}))
    assert told(plan.changes) == ["delete_group devs"]


def test_a_person_who_changes_groups_loses_one_before_getting_the_other() -> None:
    ops, ops_in_store = group("ops"), group("ops", id="G2")
    plan = make_plan(
        directory([user("ann")], {DEVS: [], ops: ["ann"]}),
        store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"], ops_in_store: []}),
        ledger({"ann": "U1"}, {"id-devs": "G1", "id-ops": "G2"}),
    )
    assert told(plan.changes) == ["delete_membership ann devs", "create_membership ann ops"]
    assert plan.changes[0].reason == "not a member in the directory"


def test_a_new_name_and_address_keep_the_aws_id() -> None:
    renamed = user("ann", user_name="anna@example.com", email="anna@example.com")
    actual = store([in_store("U1", "ann")])
    (change,) = make_plan(directory([renamed], {}), actual, ledger({"ann": "U1"})).changes
    assert isinstance(change, UpdateUser)
    assert (change.ref.id, change.before.id, change.after.id) == ("U1", "U1", "U1")
    assert [edit.attribute for edit in edits(change)] == ["user_name", "email"]


def test_a_renamed_group_keeps_the_aws_id_and_its_members() -> None:
    actual = store([in_store("U1", "ann")], {DEVS_IN_STORE: ["U1"]})
    desired = directory([user("ann")], {group("devs", display_name="builders"): ["ann"]})
    plan = make_plan(desired, actual, ledger({"ann": "U1"}, {"id-devs": "G1"}))
    assert told(plan.changes) == ["update_group devs"]
    assert subject(plan.changes[0])[1].id == "G1"


def test_what_somebody_changed_by_hand_is_put_right() -> None:
    actual = store([in_store("U1", "ann", given_name="Hacked", external_id="")])
    (change,) = make_plan(directory([user("ann")], {}), actual, ledger({"ann": "U1"})).changes
    assert isinstance(change, UpdateUser)
    assert [edit.attribute for edit in edits(change)] == ["external_id", "given_name"]


def test_what_somebody_deleted_by_hand_is_created_again() -> None:
    plan = make_plan(directory([user("ann")], {}), EMPTY, ledger({"ann": "U1"}))
    assert told(plan.changes) == ["create_user ann"]


def test_a_member_put_in_by_hand_is_taken_out_of_a_managed_group() -> None:
    stranger = in_store("U9", "eve", external_id="")
    plan = make_plan(
        directory([], {DEVS: []}), store([stranger], {DEVS_IN_STORE: ["U9"]}), ledger({}, {"id-devs": "G1"})
    )
    assert told(plan.changes) == ["delete_membership eve devs"]


def test_what_is_not_managed_is_left_alone() -> None:
    actual = store([in_store("U9", "eve")], {group("theirs", id="G9", external_id=""): ["U9"]})
    plan = make_plan(directory([user("ann")], {}), actual, ledger())
    assert told(plan.changes) == ["create_user ann"]


def test_a_re_used_address_renames_the_old_user_aside_before_the_new_one_is_created() -> None:
    newcomer = user("ann-2", user_name="ann@example.com", email="ann@example.com")
    actual = store([in_store("U1", "ann")])
    plan = make_plan(directory([newcomer], {}), actual, ledger({"ann": "U1"}))
    assert told(plan.changes) == ["update_user ann", "create_user ann", "delete_user ann"]
    aside = plan.changes[0]
    assert isinstance(aside, UpdateUser)
    assert (aside.aside, aside.after.user_name, aside.after.email) == (True, "aside-U1", "aside-U1@renamed.invalid")


def test_an_attribute_that_the_directory_empties_is_cleared() -> None:
    actual = store([in_store("U1", "ann", attributes={"title": "Chief", "locale": "fr"})])
    desired = directory([user("ann", attributes={"title": ""})], {})
    (change,) = make_plan(desired, actual, ledger({"ann": "U1"})).changes
    assert isinstance(change, UpdateUser)
    assert change.after.attributes == {"locale": "fr"}


def test_an_attribute_that_is_empty_on_both_sides_needs_nothing() -> None:
    desired = directory([user("ann", attributes={"title": ""})], {})
    assert make_plan(desired, store([in_store("U1", "ann")]), ledger({"ann": "U1"})).changes == ()


def test_attributes_that_cannot_be_written_are_not_compared() -> None:
    desired = directory(
        [user("ann", active=False, attributes={"title": "Chief"})], {group("devs", description="x"): []}
    )
    actual = store([in_store("U1", "ann", external_id="other")], {DEVS_IN_STORE: []})
    known = ledger({"ann": "U1"}, {"id-devs": "G1"})
    unwritable = frozenset({"external_id", "active", "title", "description"})
    assert make_plan(desired, actual, known, Rules(unwritable=unwritable)).changes == ()


def test_the_warnings_of_the_directory_reach_the_plan() -> None:
    plan = make_plan(Directory.of([], [], {}, warnings=["one filter matches nothing"]), EMPTY, ledger())
    assert plan.warnings == ("one filter matches nothing",)
