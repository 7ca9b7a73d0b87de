"""The applier makes the changes of a plan phase by phase, in as few calls as it can."""

from collections.abc import Callable, Sequence
from threading import Event

import pytest

from sso_sync.core.changes import (
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Ref,
    UpdateUser,
)
from sso_sync.core.errors import CredentialsError, TargetError
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan
from sso_sync.engine.applier import Applier
from tests.support.memory import MemoryLease, MemoryTarget, group, user

NEW_DEVS = Ref("", "id-devs", "devs")
DEVS = Ref("G1", "id-devs", "devs")


class Bench:
    """A target, a plan for it, and what was reported while it was applied."""

    def __init__(self, changes: Sequence[Change], target: MemoryTarget | None = None) -> None:
        self.target = target or MemoryTarget()
        self.target.concurrency = 1  # so that what has happened when one change fails is known
        self.plan = Plan.of(self.target.store_id, changes)
        self.lease, self.stop = MemoryLease(), Event()
        self.reported: list[Outcome] = []
        self.after_each: Callable[[], None] = lambda: None

    def fail(self, call: str, name: str, error: TargetError | CredentialsError) -> None:
        self.target.failures[call, name] = error

    def apply(self) -> list[Outcome]:
        return Applier(self.plan, self.target, self.lease, self._report, self.stop).apply()

    def _report(self, outcome: Outcome) -> None:
        self.reported.append(outcome)
        self.after_each()

    def reported_results(self) -> list[Result]:
        """Return the result of every change, in the plan's order; each must have been reported once."""
        assert len(self.reported) == len(self.plan.changes)
        results = {id(outcome.change): outcome.result for outcome in self.reported}
        return [results[id(change)] for change in self.plan.changes]

    def calls(self) -> list[str]:
        return [call for call, _ in self.target.calls]


def joiners(*names: str) -> list[Change]:
    return [CreateUser(user(name), "joins") for name in names]


def joins(group_ref: Ref, *names: str) -> list[Change]:
    return [CreateMembership(group_ref, Ref("", name, name), "member") for name in names]


def store_with(*names: str, members: Sequence[str] = (), batch: int = 100) -> MemoryTarget:
    """Make a store of users, whose ids are their names, and of the group G1."""
    target = MemoryTarget(members_per_create=batch, members_per_change=batch)
    for name in names:
        target.put_user(user(name))
    target.put_group(group("devs", id="G1"), members)
    return target


def existing(*names: str) -> list[Ref]:
    return [Ref(name, name, name) for name in names]


@pytest.mark.parametrize(
    ("per_create", "per_change", "calls"),
    [
        (100, 100, ["create_group"]),
        (2, 2, ["create_group", "add_members", "add_members"]),
        (0, 1, ["create_group"] + ["add_members"] * 5),
    ],
)
def test_a_group_is_created_with_its_first_members_and_gets_the_others_in_batches(
    per_create: int, per_change: int, calls: list[str]
) -> None:
    names = ("ann", "bob", "cem", "dot", "eve")
    changes = [*joiners(*names), CreateGroup(group("devs"), "new"), *joins(NEW_DEVS, *names)]
    bench = Bench(changes, MemoryTarget(members_per_create=per_create, members_per_change=per_change))
    bench.apply()
    assert bench.calls() == ["create_user"] * 5 + calls
    assert bench.target.named_members() == {"devs": {f"{name}@example.com" for name in names}}
    assert set(bench.reported_results()) == {Result.DONE}


def test_members_are_removed_in_batches_of_one_group() -> None:
    target = store_with("ann", "bob", "cem", members=["ann", "bob", "cem"], batch=2)
    target.put_group(group("ops", id="G2"), ["ann"])
    changes: list[Change] = [DeleteMembership(DEVS, ref, "gone") for ref in existing("ann", "bob", "cem")]
    changes.append(DeleteMembership(Ref("G2", "id-ops", "ops"), existing("ann")[0], "gone"))
    bench = Bench(changes, target)
    bench.apply()
    assert sorted(target.calls) == [("remove_members", "G1")] * 2 + [("remove_members", "G2")]
    assert target.members == {"G1": set(), "G2": set()}


def test_the_phases_follow_one_another() -> None:
    target = store_with("ann", "bob", members=["ann"])
    target.put_group(group("old", id="G2"))
    before, after = user("bob"), user("bob", given_name="Robert")
    ann, bob = existing("ann", "bob")
    bench = Bench(
        [
            DeleteUser(ann, "gone"),
            DeleteGroup(Ref("G2", "old", "old"), 0, "gone"),
            CreateMembership(DEVS, bob, "member"),
            CreateGroup(group("new"), "new"),
            UpdateUser(bob, before, after, "differs"),
            DeleteMembership(DEVS, ann, "gone"),
        ],
        target,
    )
    bench.target.concurrency = 4
    bench.apply()
    assert bench.calls() == [
        "remove_members",
        "update_user",
        "create_group",
        "add_members",
        "delete_group",
        "delete_user",
    ]


def test_outcomes_come_in_the_plans_order_with_the_new_ids() -> None:
    bench = Bench(joiners("ann", "bob", "cem"))
    outcomes = bench.apply()
    assert tuple(outcome.change for outcome in outcomes) == bench.plan.changes
    assert [bench.target.users[outcome.aws_id].external_id for outcome in outcomes] == ["ann", "bob", "cem"]


def test_an_empty_plan_calls_nothing() -> None:
    bench = Bench([])
    assert bench.apply() == []
    assert bench.calls() == []
