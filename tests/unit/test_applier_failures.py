"""A change that fails costs only what needs it, and a bad member only itself."""

from sso_sync.core.changes import CreateGroup, CreateMembership, CreateUser, Ref, UpdateUser
from sso_sync.core.errors import ChangeRefused, ChangeUnknown
from sso_sync.core.outcomes import Result
from tests.support.memory import group, user
from tests.unit.test_applier import DEVS, NEW_DEVS, Bench, existing, joiners, joins, store_with


def test_a_user_who_fails_costs_only_the_own_memberships() -> None:
    changes = [*joiners("ann", "bob"), CreateGroup(group("devs"), "new"), *joins(NEW_DEVS, "ann", "bob")]
    bench = Bench(changes)
    bench.fail("create_user", "bob@example.com", ChangeRefused("no"))
    outcomes = bench.apply()
    results = [(outcome.result, str(outcome.error or "")) for outcome in outcomes]
    assert results == [
        (Result.DONE, ""),
        (Result.FAILED, "no"),
        (Result.DONE, ""),
        (Result.DONE, ""),
        (Result.SKIPPED, "no"),
    ]
    assert bench.target.named_members() == {"devs": {"ann@example.com"}}


def test_a_group_that_fails_costs_its_memberships_and_no_others() -> None:
    changes = [*joiners("ann"), CreateGroup(group("ops"), "new"), *joins(Ref("", "id-ops", "ops"), "ann")]
    bench = Bench([*changes, *joins(DEVS, "ann")], store_with())
    bench.fail("create_group", "ops", ChangeRefused("no"))
    bench.apply()
    assert bench.reported_results() == [Result.DONE, Result.FAILED, Result.DONE, Result.SKIPPED]


def test_a_name_that_is_not_freed_is_not_taken() -> None:
    target = store_with("ann")
    aside = user("ann", user_name="aside-ann", email="aside@example.com")
    newcomer = CreateUser(user("ann-2", user_name="ann@example.com", email="ann@example.com"), "joins")
    bench = Bench([UpdateUser(existing("ann")[0], user("ann"), aside, "needed", aside=True), newcomer], target)
    bench.fail("update_user", "ann@example.com", ChangeRefused("no"))
    bench.apply()
    assert bench.reported_results() == [Result.FAILED, Result.SKIPPED]
    assert bench.calls() == ["update_user"]


def test_a_refused_batch_is_halved_until_only_the_guilty_member_fails() -> None:
    names = [f"p{number}" for number in range(8)]
    bench = Bench([CreateMembership(DEVS, ref, "member") for ref in existing(*names)], store_with(*names))
    bench.fail("add_member", "p5", ChangeRefused("no"))
    bench.apply()
    assert bench.reported_results() == [Result.DONE] * 5 + [Result.FAILED] + [Result.DONE] * 2
    assert bench.target.members["G1"] == {*names} - {"p5"}
    assert len(bench.calls()) == 7  # 8, then 4 + 4, then 2 + 2 of the bad half, then 1 + 1


def test_a_batch_without_a_usable_answer_is_not_tried_in_parts() -> None:
    names = ["ann", "bob"]
    bench = Bench([CreateMembership(DEVS, ref, "member") for ref in existing(*names)], store_with(*names))
    bench.fail("add_members", "G1", ChangeUnknown("no answer"))
    bench.apply()
    assert bench.calls() == ["add_members"]
    assert bench.reported_results() == [Result.FAILED, Result.FAILED]


def test_a_group_that_is_refused_with_its_members_is_created_without_them() -> None:
    target = store_with("ann")
    refs = existing("ann", "gone")
    ops = Ref("", "id-ops", "ops")
    bench = Bench([CreateGroup(group("ops"), "new"), *(CreateMembership(ops, ref, "member") for ref in refs)], target)
    bench.apply()
    assert bench.reported_results() == [Result.DONE, Result.DONE, Result.FAILED]
    assert target.named_members()["ops"] == {"ann@example.com"}
    assert bench.reported[0].aws_id in target.groups


def test_a_group_without_a_usable_answer_fails_together_with_its_first_members() -> None:
    bench = Bench([*joiners("ann"), CreateGroup(group("devs"), "new"), *joins(NEW_DEVS, "ann")])
    bench.fail("create_group", "devs", ChangeUnknown("no answer"))
    bench.apply()
    assert bench.reported_results() == [Result.DONE, Result.FAILED, Result.FAILED]
    assert bench.calls().count("create_group") == 1
