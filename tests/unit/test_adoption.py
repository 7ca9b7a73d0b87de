"""What is there already is found again and managed from then on."""

import pytest

from sso_sync.core.changes import Adopt, Change, UpdateUser, name_of, subject
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import User
from sso_sync.core.planner import make_plan
from sso_sync.core.rules import Rules
from tests.support.memory import MemoryTarget, directory, group, user

FOREIGN = user("ann", id="U1", external_id="")


def changes_for(wanted: User, existing: User) -> tuple[Change, ...]:
    return make_plan(directory([wanted], {}), directory([existing], {}), Ledger(store_id="d-1")).changes


def adopted(user_ids: dict[str, str], group_ids: dict[str, str] | None = None) -> Ledger:
    return Ledger(
        store_id="d-1",
        users={source_id: Entry(aws_id, Origin.ADOPTED) for source_id, aws_id in user_ids.items()},
        groups={source_id: Entry(aws_id, Origin.ADOPTED) for source_id, aws_id in (group_ids or {}).items()},
    )


def test_a_user_who_carries_the_sources_id_is_adopted_whatever_the_name() -> None:
    known = adopted({"bob": "U9"})
    plan = make_plan(
        directory([user("ann"), user("bob")], {}),
        directory([user("someone", id="U1", external_id="ann"), user("bob", id="U9")], {}),
        known,
    )
    adoption, update = plan.changes
    assert isinstance(adoption, Adopt)
    assert (adoption.ref.id, adoption.ref.source_id) == ("U1", "ann")
    assert adoption.reason == "already there: it carries the source's id"
    assert isinstance(update, UpdateUser)
    assert (update.after.user_name, update.reason, update.drift) == ("ann@example.com", "adopted", False)


def test_without_a_ledger_who_is_adopted_keeps_the_name_until_the_next_run() -> None:
    someone = user("someone", id="U1", external_id="ann", given_name="Old")
    plan = make_plan(directory([user("ann")], {}), directory([someone], {}), Ledger(store_id="d-1"))
    _, update = plan.changes
    assert isinstance(update, UpdateUser)
    assert (update.after.user_name, update.after.email, update.after.given_name) == (
        "someone@example.com",
        "someone@example.com",
        "Ann",
    )
    assert plan.warnings[-1] == "1 name will be changed by the next run: without a ledger nothing is renamed"
    (renaming,) = make_plan(directory([user("ann")], {}), directory([update.after], {}), adopted({"ann": "U1"})).changes
    assert isinstance(renaming, UpdateUser)
    assert renaming.after.user_name == "ann@example.com"


def test_the_sources_id_is_compared_to_the_letter() -> None:
    assert [name_of(change) for change in changes_for(user("s1"), user("other", id="U1", external_id="S1"))] == [
        "create_user"
    ]


@pytest.mark.parametrize(
    ("existing", "how"),
    [
        (user("x", id="U1", external_id="", user_name="Ann@Example.com"), "it has the same user name"),
        (user("x", id="U1", external_id="", email="ANN@example.com"), "it has the same e-mail address"),
    ],
)
def test_a_user_without_a_source_id_is_adopted_by_name_or_address_in_any_case(existing: User, how: str) -> None:
    adoption = changes_for(user("ann"), existing)[0]
    assert isinstance(adoption, Adopt)
    assert adoption.reason == f"already there: {how}"


def test_nobody_is_adopted_by_display_name() -> None:
    namesake = user("other", id="U1", external_id="", display_name="Ann Doe")
    assert [name_of(change) for change in changes_for(user("ann"), namesake)] == ["create_user"]


def test_a_user_who_belongs_to_another_source_id_is_not_adopted_by_name() -> None:
    plan = make_plan(
        directory([user("ann")], {}),
        directory([user("ann", id="U1", external_id="elsewhere")], {}),
        Ledger(store_id="d-1"),
    )
    assert plan.changes == ()
    assert "belongs to another object in Identity Center, which is left as it is" in plan.set_aside[0].reason


def test_the_user_name_decides_before_the_address() -> None:
    by_address = user("x", id="U1", external_id="", email="ann@example.com")
    by_name = user("y", id="U2", external_id="", user_name="ann@example.com")
    plan = make_plan(directory([user("ann")], {}), directory([by_address, by_name], {}), Ledger(store_id="d-1"))
    adoption = plan.changes[0]
    assert isinstance(adoption, Adopt)
    assert adoption.ref.id == "U2"


def test_a_group_is_adopted_by_name_with_its_right_members() -> None:
    plan = make_plan(
        directory([user("ann")], {group("devs"): ["ann"]}),
        directory([FOREIGN], {group("Devs", id="G1", external_id=""): ["U1"]}),
        Ledger(store_id="d-1"),
    )
    assert [name_of(change) for change in plan.changes] == ["adopt", "update_user", "adopt", "update_group"]


def test_an_adopted_user_who_leaves_goes_like_one_who_was_created() -> None:
    known = adopted({"ann": "U1"})
    known.groups["id-devs"] = Entry("G1", Origin.CREATED)
    plan = make_plan(directory([], {group("devs"): []}), directory([FOREIGN], {group("devs", id="G1"): ["U1"]}), known)
    assert [name_of(change) for change in plan.changes] == ["delete_membership", "delete_user"]
    assert plan.warnings == ()


def test_a_group_that_is_kept_stays_with_all_members_but_leavers() -> None:
    known = adopted({}, {"id-devs": "G1"})
    known.users = {"ann": Entry("U1", Origin.CREATED), "bob": Entry("U2", Origin.CREATED)}
    actual = directory(
        [user("ann", id="U1"), user("bob", id="U2"), user("eve", id="U9")],
        {group("devs", id="G1"): ["U1", "U2", "U9"]},
    )
    plan = make_plan(directory([user("ann")], {}), actual, known, Rules(leaving_groups="keep"))
    assert [(name_of(c), subject(c)[1].id) for c in plan.changes] == [
        ("delete_membership", "G1"),
        ("delete_user", "U2"),
    ]


def test_an_adopted_user_who_comes_back_is_managed_as_before() -> None:
    known = adopted({"ann": "U1"})
    actual = directory([user("ann", id="U1", given_name="Old")], {})
    assert [name_of(c) for c in make_plan(directory([user("ann")], {}), actual, known).changes] == ["update_user"]


def test_a_ledger_that_was_left_behind_is_warned_of() -> None:
    target = MemoryTarget()
    target.put_user(user("ann", id="U1"))
    target.put_user(user("bob", id="U2", external_id=""))
    desired = directory([user("ann"), user("bob")], {})
    (warning,) = make_plan(desired, target.read(), Ledger(store_id="d-1")).warnings
    assert warning.startswith("the ledger is empty, but Identity Center holds 1 object with ids of this directory")
    remembering = Ledger(store_id="d-1", users={"bob": Entry("U2", Origin.ADOPTED)})
    assert make_plan(desired, target.read(), remembering).warnings == ()
