"""Safety limits: a mass removal, a mass gain, or a side that cannot be believed has to wait for a person."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from sso_sync.core.breaches import breaches
from sso_sync.core.changes import (
    Change,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Ref,
    UpdateGroup,
    UpdateUser,
)
from sso_sync.core.errors import LimitExceeded
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.limits import Breach, Limit, Limits, check_sides
from sso_sync.core.model import Directory
from sso_sync.core.plan import Plan
from sso_sync.core.planner import make_plan
from tests.support.memory import directory, group, user

SOMEBODY = directory([user("ann")], {group("devs"): []})


def person(number: int) -> str:
    return f"u{number}"


def team(number: int, members: int) -> tuple[str, list[str]]:
    return f"g{number}", [person(n) for n in range(members)]


def store(users: int, members: Sequence[int]) -> Directory:
    """Make a store with AWS ids u0 … and g0 …; `members` says how many the groups have."""
    teams = [team(number, count) for number, count in enumerate(members)]
    return directory([user(person(n)) for n in range(users)], {group(n, id=n): people for n, people in teams})


ACTUAL = store(100, [20] + [0] * 9)


def ref(aws_id: str) -> Ref:
    return Ref(aws_id, f"source-{aws_id}", aws_id)


def users(count: int) -> list[Change]:
    return [DeleteUser(ref(person(n)), "gone") for n in range(count)]


def groups(count: int, members: int = 0) -> list[Change]:
    return [DeleteGroup(ref(f"g{n}"), members, "gone") for n in range(count)]


def leaving(count: int, group_id: str = "g0") -> list[Change]:
    return [DeleteMembership(ref(group_id), ref(person(n)), "gone") for n in range(count)]


def joining(count: int, group_id: str = "g0") -> list[Change]:
    return [CreateMembership(ref(group_id), ref(person(99 - n)), "new") for n in range(count)]


def created(count: int) -> list[Change]:
    return [CreateUser(user(f"new{n}"), "new") for n in range(count)]


def updated(count: int, **changed: object) -> list[Change]:
    before = [user(person(n), attributes={"title": "Chief"}) for n in range(count)]
    after = [msgspec.structs.replace(u, **{k: v(u) if callable(v) else v for k, v in changed.items()}) for u in before]
    return [UpdateUser(ref(b.id), b, a, "differs") for b, a in zip(before, after, strict=True)]


def renamed_groups(count: int) -> list[Change]:
    pairs = [(group(f"g{n}"), group(f"g{n}", display_name=f"new{n}")) for n in range(count)]
    return [UpdateGroup(ref(b.display_name), b, a, "differs") for b, a in pairs]


def managing(held: Directory) -> Ledger:
    """Return a ledger that knows everything in the store."""
    return Ledger(
        store_id="d-1",
        users={f"source-{aws_id}": Entry(aws_id, Origin.CREATED) for aws_id in held.users},
        groups={f"source-{aws_id}": Entry(aws_id, Origin.CREATED, synced="once") for aws_id in held.groups},
    )


def broken(
    changes: Sequence[Change], limits: Limits | None = None, held: Directory = ACTUAL, ledger: Ledger | None = None
) -> list[Breach]:
    known = managing(held) if ledger is None else ledger
    return breaches(Plan.of("d-1", changes), held, known, limits or Limits())


NAMED = {"user_name": lambda u: f"new-{u.user_name}"}
OFF = {"active": False}
UNTITLED: dict[str, object] = {"attributes": {}}


@pytest.mark.parametrize(
    "changes",
    [
        [],
        users(20),
        updated(20, **OFF),
        groups(5),
        leaving(5),
        groups(2, members=3),
        joining(20),
        created(50),
        updated(20, **NAMED),
        renamed_groups(5),
        updated(20, **UNTITLED),
    ],
)
def test_a_plan_up_to_its_limits_needs_nobody(changes: list[Change]) -> None:
    assert broken(changes) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (users(21), "it would delete or switch off 21 users (limits.users_leaving: 20 % of 100)"),
        (updated(21, **OFF), "it would delete or switch off 21 users (limits.users_leaving: 20 % of 100)"),
        (groups(6), "it would delete 6 groups (limits.groups_deleted: 20 % of 10)"),
        (groups(2, members=4), "it would remove 8 memberships (limits.memberships_removed: 30 % of 20)"),
        (joining(21), "it would put 21 members into 'g0' (limits.members_added_to_a_group: 100 % of 20)"),
        (created(51), "it would create or switch on 51 users (limits.users_created: 50 % of 100)"),
        (updated(21, **NAMED), "it would rename 21 users (limits.users_renamed: 20 % of 100)"),
        (renamed_groups(6), "it would rename 6 groups (limits.groups_renamed: 20 % of 10)"),
        (updated(21, **UNTITLED), "it would clear title of 21 users (limits.attributes_cleared: 20 % of 100)"),
    ],
)
def test_a_plan_over_a_limit_names_it_and_its_changes(changes: list[Change], sentence: str) -> None:
    assert broken(changes) == [Breach.of(sentence, changes)]


def test_a_group_that_loses_most_of_its_members_is_looked_at_by_itself() -> None:
    large = store(100, [100, 8])
    (breach,) = broken(leaving(6, "g1"), held=large)
    assert breach.sentence == "it would take 6 members out of 'g1' (limits.members_removed_of_a_group: 50 % of 8)"


def test_a_group_of_five_that_comes_back_empty_is_not_believed_and_one_of_four_is() -> None:
    large = store(100, [90, 5, 4])
    (breach,) = broken(leaving(5, "g1"), held=large)
    assert breach.sentence == "the group 'g1' came back empty, and has 5 members (limits.emptied_group)"
    assert broken(leaving(4, "g2"), held=large) == []
    assert broken(leaving(5, "g1"), Limits(emptied_group=6), held=large) == []
    assert broken([*leaving(5, "g1"), *joining(1, "g1")], held=large) == [], "it is exchanged, not empty"


def test_one_leaver_from_a_group_of_two_is_an_ordinary_day() -> None:
    small = store(3, [2])
    assert broken([*leaving(1), *users(1)], held=small) == []


def test_memberships_that_go_with_their_group_count_too() -> None:
    (breach,) = broken([*groups(1, members=4), *leaving(3)])
    assert "remove 7 memberships" in breach.sentence


def test_a_small_number_is_fine_whatever_its_percentage_and_a_count_is_the_most_at_all() -> None:
    three = store(3, [])
    assert broken(users(3), held=three) == []
    assert broken(users(3), Limits(users_leaving=Limit(percent=20, above=2)), three)
    (breach,) = broken(users(3), Limits(users_leaving=Limit(count=2)), three)
    assert breach.sentence == "it would delete or switch off 3 users (limits.users_leaving: 2)"


def test_a_limit_of_nothing_is_switched_off_and_one_of_0_percent_lets_small_changes_through_alone() -> None:
    assert broken(users(100), Limits(users_leaving=Limit())) == []
    assert broken(users(5), Limits(users_leaving=Limit(percent=0))) == []
    assert broken(users(6), Limits(users_leaving=Limit(percent=0)))
    assert broken(users(1), Limits(users_leaving=Limit(percent=0, above=0)))


def test_objects_that_are_not_managed_hide_nothing() -> None:
    known = managing(ACTUAL)
    known.users = managing(store(10, [])).users
    (breach,) = broken(users(10), ledger=known)
    assert breach.sentence.endswith("20 % of 10)")


def test_a_first_load_may_create_anybody_but_takes_nothing_from_groups_that_it_adopts() -> None:
    nothing = Ledger(store_id="d-1")
    assert broken([*created(500), *joining(50)], ledger=nothing) == []
    (breach,) = broken(leaving(6), ledger=nothing)
    assert breach.sentence == "it would remove 6 memberships (limits.memberships_removed: 30 % of 0)"


def test_a_first_load_that_was_cut_short_goes_on() -> None:
    known = managing(ACTUAL)
    assert broken(created(500), ledger=known)
    known.loading = True
    assert broken(created(500), ledger=known) == []


def test_a_group_that_was_never_complete_may_gain_any_number() -> None:
    known = managing(ACTUAL)
    known.groups["source-g1"] = Entry("g1", Origin.CREATED)
    assert broken(joining(60, "g1"), ledger=known) == []
    (breach,) = broken(joining(60, "g2"), ledger=known)
    assert "put 60 members into 'g2'" in breach.sentence


def test_a_new_group_may_have_any_number_of_members() -> None:
    new = [CreateMembership(Ref("", "new", "new"), ref(person(n)), "new") for n in range(90)]
    assert broken(new) == []


def test_who_is_renamed_aside_and_named_again_is_not_renamed() -> None:
    aside = [msgspec.structs.replace(change, aside=True) for change in updated(50, **NAMED)]
    assert broken(aside) == []


def test_whom_we_switched_off_for_leaving_has_left_already_and_nobody_else() -> None:
    held = directory([user(person(n), active=False) for n in range(100)], {})
    known = managing(held)
    assert len(broken(users(100), held=held, ledger=known)) == 1
    left = datetime(2026, 10, 1, tzinfo=UTC)
    known.users = {s: msgspec.structs.replace(e, left=left) for s, e in known.users.items()}
    assert len(broken(users(100), held=held, ledger=known)) == 1, "kept by an earlier config, and not switched off"
    known.users = {s: msgspec.structs.replace(e, off=True) for s, e in known.users.items()}
    assert broken(users(100), held=held, ledger=known) == []


def test_many_who_are_switched_on_again_at_once_are_a_gain_like_any_other() -> None:
    on = [UpdateUser(c.ref, c.after, c.before, "back") for c in updated(60, **OFF) if isinstance(c, UpdateUser)]
    (breach,) = broken(on)
    assert breach.sentence == "it would create or switch on 60 users (limits.users_created: 50 % of 100)"


def test_a_store_that_lists_hardly_anything_of_what_is_known_is_not_trusted() -> None:
    with pytest.raises(LimitExceeded, match="its answer is not trusted") as caught:
        check_sides(SOMEBODY, directory([], {}), managing(ACTUAL))
    assert caught.value.exit_code == 3


def test_an_empty_directory_is_refused_even_where_nothing_would_change() -> None:
    empty = directory([], {})
    with pytest.raises(LimitExceeded, match="gave no user and no group at all"):
        check_sides(empty, empty, Ledger(store_id="d-1"))


def test_leavers_whom_somebody_deleted_by_hand_are_not_missed() -> None:
    known = managing(ACTUAL)
    left = datetime(2026, 10, 1, tzinfo=UTC)
    known.users = {s: msgspec.structs.replace(e, left=left) for s, e in known.users.items()}
    check_sides(SOMEBODY, directory([], {group(f"g{n}", id=f"g{n}"): [] for n in range(10)}), known)


def test_what_is_meant_to_be_empty_can_be_emptied_by_hand() -> None:
    nobody = directory([user("ann")], {})
    known = Ledger(
        store_id="d-1", groups={"g": Entry("g0", Origin.CREATED)}, users={"ann": Entry("u0", Origin.CREATED)}
    )
    with pytest.raises(LimitExceeded, match="has to be deleted in Identity Center by hand"):
        check_sides(nobody, ACTUAL, known)
    check_sides(nobody, store(3, []), known)


def test_a_directory_of_groups_without_people_is_fine_only_while_nobody_is_managed() -> None:
    nobody = directory([], {group("devs"): []})
    check_sides(nobody, ACTUAL, Ledger(store_id="d-1"))
    with pytest.raises(LimitExceeded, match="gave no user at all"):
        check_sides(nobody, ACTUAL, managing(ACTUAL))


def test_a_planned_mass_deactivation_breaks_the_limit() -> None:
    people = [person(n) for n in range(100)]
    actual = directory([user(name, id=f"U-{name}") for name in people], {})
    desired = directory([user(name, active=False) for name in people], {})
    known = Ledger(store_id="d", users={name: Entry(f"U-{name}", Origin.CREATED) for name in people})
    (breach,) = breaches(make_plan(desired, actual, known), actual, known, Limits())
    assert "100 users" in breach.sentence
