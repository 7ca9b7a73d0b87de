"""A plan names the right person, and leaves alone what it was not asked to touch."""

import pytest

from sso_sync.core.changes import CreateMembership, DeleteMembership, name_of
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.planner import make_plan
from sso_sync.core.rules import Rules
from tests.support.memory import directory, group, user


def test_a_membership_shows_the_name_of_the_one_who_gets_it() -> None:
    desired = directory([user("ann", user_name="eve@example.com")], {group("g"): ["ann"]})
    actual = directory([user("ann", id="U1"), user("eve", id="U9", external_id="")], {})
    known = Ledger(store_id="d", users={"ann": Entry("U1", Origin.CREATED)})
    (given,) = [c for c in make_plan(desired, actual, known).changes if isinstance(c, CreateMembership)]
    assert (given.user.id, given.user.name) == ("U1", "ann@example.com")


@pytest.mark.parametrize("rules", [Rules(leaving_groups="keep"), Rules(held={"G1": "it has account assignments"})])
def test_a_group_that_left_and_is_kept_keeps_its_name(rules: Rules) -> None:
    """Account assignments hang on it, and nobody told this tool that it may go."""
    known = Ledger(store_id="d", groups={"g1": Entry("G1", Origin.CREATED)})
    actual = directory([], {group("admins", id="G1", external_id=""): []})
    plan = make_plan(directory([], {group("admins", id="g2", external_id="g2"): []}), actual, known, rules)
    assert plan.changes == ()
    assert [(record.source_id, record.name) for record in plan.set_aside] == [("g2", "admins")]


def test_an_adopted_leavers_address_passes_neither_identity_nor_memberships_on() -> None:
    known = Ledger(store_id="d", users={"ann": Entry("U1", Origin.ADOPTED)})
    known.groups["id-g"] = Entry("G1", Origin.CREATED)
    heir = user("heir", user_name="ann@example.com", email="ann@example.com")
    actual = directory([user("ann", id="U1")], {group("g", id="G1"): ["U1"]})
    plan = make_plan(directory([heir], {group("g"): ["heir"]}), actual, known)
    assert [name_of(change) for change in plan.changes] == [
        "delete_membership",
        "update_user",
        "create_user",
        "create_membership",
        "delete_user",
    ]
    assert plan.set_aside == ()


def test_a_record_set_aside_without_an_id_protects_nobody_else() -> None:
    aside = [SetAside("user", "", "x", "no id")]
    desired = Directory.of([], [group("devs")], {}, set_aside=aside)
    actual = directory([user("eve", id="U9", external_id="")], {group("devs", id="G1"): ["U9"]})
    known = Ledger(store_id="d", groups={"id-devs": Entry("G1", Origin.CREATED)})
    assert any(isinstance(change, DeleteMembership) for change in make_plan(desired, actual, known).changes)


def test_losing_one_name_does_not_block_others_from_the_rest() -> None:
    """Ann cannot have Eve's user name, so Bob is no rival for the address that Ann wanted too."""
    ann = user("ann", user_name="eve@example.com", email="shared@example.com")
    bob = user("bob", email="shared@example.com")
    actual = directory([user("eve", id="U9", external_id="other")], {})
    plan = make_plan(directory([ann, bob], {}), actual, Ledger(store_id="d"))
    assert plan.counts == {"create_user": 1}
    assert [record.source_id for record in plan.set_aside] == ["ann"]
