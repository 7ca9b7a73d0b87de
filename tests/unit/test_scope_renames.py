"""A plan narrowed to one group follows it by id while names change hands."""

from sso_sync.core.changes import DeleteMembership, UpdateUser
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.planner import make_plan
from sso_sync.core.scope import only_group
from tests.support.memory import directory, group, user


def ledger(users: dict[str, str], groups: dict[str, str]) -> Ledger:
    def entries(ids: dict[str, str]) -> dict[str, Entry]:
        return {source_id: Entry(aws_id, Origin.CREATED) for source_id, aws_id in ids.items()}

    return Ledger(store_id="d-0123456789", users=entries(users), groups=entries(groups))


def test_a_renamed_group_still_loses_members() -> None:
    desired = directory([user("ann"), user("bob")], {group("g", display_name="new"): ["ann"]})
    actual = directory([user("ann", id="U1"), user("bob", id="U2")], {group("g", id="G1", display_name="old"): ["U2"]})
    plan = make_plan(desired, actual, ledger({"ann": "U1", "bob": "U2"}, {"id-g": "G1"}))
    assert only_group(plan, desired, actual, "new") == plan


def test_swapped_groups_do_not_lose_each_others_members() -> None:
    desired = directory([], {group("a", display_name="B"): [], group("b", display_name="A"): []})
    held = {group("a", id="G1", display_name="A"): ["U1"], group("b", id="G2", display_name="B"): ["U2"]}
    actual = directory([user("ann", id="U1", external_id=""), user("bob", id="U2", external_id="")], held)
    plan = make_plan(desired, actual, ledger({}, {"id-a": "G1", "id-b": "G2"}))
    narrowed = only_group(plan, desired, actual, "A")
    assert [c.group.id for c in narrowed.changes if isinstance(c, DeleteMembership)] == ["G2"]


def test_nobody_is_left_under_a_made_up_name() -> None:
    ann = user("ann", user_name="bob@example.com", email="bob@example.com")
    bob = user("bob", user_name="ann@example.com", email="ann@example.com")
    desired = directory([ann, bob], {group("g"): ["ann"]})
    actual = directory([user("ann", id="U1"), user("bob", id="U2")], {group("g", id="G1"): []})
    plan = make_plan(desired, actual, ledger({"ann": "U1", "bob": "U2"}, {"id-g": "G1"}))
    updates = [c for c in only_group(plan, desired, actual, "g").changes if isinstance(c, UpdateUser)]
    names = {change.after.id: change.after.user_name for change in updates}
    assert names == {"U1": "bob@example.com", "U2": "ann@example.com"}
