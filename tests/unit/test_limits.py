"""Safety limits: a mass removal, or an empty directory, has to wait for a person."""

from collections.abc import Sequence

import pytest

from sso_sync.core.changes import Change, CreateUser, DeleteGroup, DeleteMembership, DeleteUser, Ref
from sso_sync.core.errors import LimitExceeded
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.limits import Limits, check
from sso_sync.core.model import Directory
from sso_sync.core.plan import Plan
from sso_sync.core.planner import make_plan
from tests.support.memory import directory, group, user

SOMEBODY = directory([user("ann")], {group("devs"): []})
# 100 users; 10 groups, of which the first has 20 members and the others none
ACTUAL = directory(
    [user(f"u{n}") for n in range(100)],
    {group(f"g{n}"): [f"u{m}" for m in range(20)] if n == 0 else [] for n in range(10)},
)


def users(count: int) -> list[Change]:
    return [DeleteUser(Ref(f"U{n}", f"u{n}", f"u{n}"), "gone") for n in range(count)]


def groups(count: int, members: int = 0) -> list[Change]:
    return [DeleteGroup(Ref(f"G{n}", f"g{n}", f"g{n}"), members, "gone") for n in range(count)]


def memberships(count: int) -> list[Change]:
    return [DeleteMembership(Ref("G0", "g0", "g0"), Ref(f"U{n}", f"u{n}", f"u{n}"), "gone") for n in range(count)]


def managing(store: Directory) -> Ledger:
    """Return a ledger that knows everything in the store."""
    return Ledger(
        store_id="d-1",
        users={f"source-{aws_id}": Entry(aws_id, Origin.CREATED) for aws_id in store.users},
        groups={f"source-{aws_id}": Entry(aws_id, Origin.CREATED) for aws_id in store.groups},
    )


def examine(changes: Sequence[Change], limits: Limits | None = None, store: Directory = ACTUAL) -> None:
    check(Plan.of("d-1", changes), SOMEBODY, store, managing(store), limits or Limits())


@pytest.mark.parametrize("changes", [users(20), groups(5), memberships(6), groups(2, members=3), []])
def test_a_plan_up_to_the_limit_is_fine(changes: list[Change]) -> None:
    examine(changes)


@pytest.mark.parametrize(
    ("changes", "what", "setting"),
    [
        (users(21), "21 of 100 users, more than the 20 %", "limits.users_deleted_percent"),
        (groups(6), "6 of 10 groups, more than the 20 %", "limits.groups_deleted_percent"),
        (memberships(7), "7 of 20 memberships, more than the 30 %", "limits.memberships_deleted_percent"),
    ],
)
def test_a_plan_over_the_limit_is_refused_and_names_the_setting(changes: list[Change], what: str, setting: str) -> None:
    with pytest.raises(LimitExceeded, match=what) as caught:
        examine(changes)
    assert setting in str(caught.value)
    assert caught.value.exit_code == 3


def test_memberships_that_go_with_their_group_count_too() -> None:
    with pytest.raises(LimitExceeded, match="7 of 20 memberships"):
        examine([*groups(1, members=4), *memberships(3)])


def test_a_small_change_is_fine_whatever_its_percentage() -> None:
    three = directory([user("a"), user("b"), user("c")], {})
    examine(users(3), store=three)
    with pytest.raises(LimitExceeded):
        examine(users(3), Limits(small_change=2), three)


def test_objects_that_are_not_managed_hide_nothing() -> None:
    known = managing(directory([user(f"u{n}") for n in range(10)], {}))
    known.groups = managing(ACTUAL).groups
    with pytest.raises(LimitExceeded, match="10 of 10 users"):
        check(Plan.of("d-1", users(10)), SOMEBODY, ACTUAL, known, Limits())


def test_a_store_that_lists_hardly_anything_of_what_is_known_is_not_trusted() -> None:
    with pytest.raises(LimitExceeded, match="its answer is not trusted"):
        check(Plan.of("d-1", []), SOMEBODY, directory([], {}), managing(ACTUAL), Limits())


def test_a_limit_of_100_percent_is_switched_off() -> None:
    examine(users(100), Limits(users_deleted_percent=100))


def test_a_limit_of_0_percent_lets_small_changes_through_alone() -> None:
    examine(users(5), Limits(users_deleted_percent=0))
    with pytest.raises(LimitExceeded):
        examine(users(6), Limits(users_deleted_percent=0))
    with pytest.raises(LimitExceeded):
        examine(users(1), Limits(users_deleted_percent=0, small_change=0))


def test_creations_are_not_limited() -> None:
    examine([CreateUser(user(f"new{n}"), "new") for n in range(500)])


def test_an_empty_directory_is_refused_even_where_nothing_would_change() -> None:
    empty = directory([], {})
    with pytest.raises(LimitExceeded, match="gave no user and no group at all"):
        check(Plan.of("d-1", []), empty, empty, Ledger(store_id="d-1"), Limits())


def test_a_directory_of_groups_without_people_is_fine_only_while_nobody_is_managed() -> None:
    nobody = directory([], {group("devs"): []})
    check(Plan.of("d-1", []), nobody, ACTUAL, Ledger(store_id="d-1"), Limits())
    with pytest.raises(LimitExceeded, match="gave no user at all"):
        check(Plan.of("d-1", []), nobody, ACTUAL, managing(ACTUAL), Limits())


def test_switching_many_users_off_is_a_removal() -> None:
    people = [f"u{n}" for n in range(100)]
    actual = directory([user(name, id=f"U-{name}") for name in people], {})
    desired = directory([user(name, active=False) for name in people], {})
    known = Ledger(store_id="d", users={name: Entry(f"U-{name}", Origin.CREATED) for name in people})
    plan = make_plan(desired, actual, known)
    with pytest.raises(LimitExceeded, match="100 of 100 users"):
        check(plan, desired, actual, known, Limits())
