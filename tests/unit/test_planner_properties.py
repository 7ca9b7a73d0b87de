"""For any directory, store and ledger: applying a plan gives the desired state, planning again gives nothing."""

from threading import Event

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from sso_sync.core.changes import unique_names
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Directory, Group, SetAside, User
from sso_sync.core.objects import Rules
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan, phase_of
from sso_sync.core.planner import make_plan
from sso_sync.core.replay import after
from sso_sync.engine.applier import Applier
from sso_sync.engine.bookkeeper import Bookkeeper
from tests.support.memory import MemoryLease, MemoryState, MemoryTarget, group, user

NAMES = ("ann", "bob", "cem", "Ann", "dot")
GROUP_NAMES = ("admins", "devs", "Admins", "ops")


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    """Few names for more ids, so that swaps, re-used addresses and duplicates are common."""
    users = [
        user(
            source_id,
            user_name=f"{draw(st.sampled_from(NAMES))}@example.com",
            email=f"{draw(st.sampled_from(NAMES))}@example.com",
            display_name=draw(st.sampled_from(("A", "B"))),
            attributes=draw(st.sampled_from(({}, {"title": ""}, {"title": "Chief"}))),
        )
        for source_id in draw(st.sets(st.sampled_from(("u1", "u2", "u3", "u4", "U1"))))
    ]
    groups = [
        group(source_id, display_name=draw(st.sampled_from(GROUP_NAMES)), description=draw(st.sampled_from(("", "x"))))
        for source_id in draw(st.sets(st.sampled_from(("g1", "g2", "g3"))))
    ]
    ids = [u.id for u in users]
    members = {g.id: draw(st.sets(st.sampled_from(ids))) if ids else set() for g in groups}
    aside = [
        SetAside("user", source_id, source_id, "bad record", frozenset(draw(st.sets(st.sampled_from(("g1", "g2"))))))
        for source_id in draw(st.sets(st.sampled_from(("u1", "u2")))) - set(ids)
    ]
    return Directory.of(users, groups, members, set_aside=aside)


@st.composite
def targets(draw: st.DrawFn) -> MemoryTarget:
    """A store that somebody else has already put objects into, in either way of writing."""
    if draw(st.booleans()):
        target = MemoryTarget(unwritable={"description"}, members_per_create=2, members_per_change=2)
    else:
        target = MemoryTarget(unwritable={"external_id", "active"}, members_per_create=0, members_per_change=1)
    for number, name in enumerate(sorted(draw(st.sets(st.sampled_from(("ann", "bob", "eve")))))):
        external_id = draw(st.sampled_from(("", "u1", f"other-{number}")))
        if external_id not in {u.external_id for u in target.users.values()} - {""}:
            target.put_user(user(name, id=f"X{number}", external_id=external_id, attributes={"locale": "fr"}))
    for number, name in enumerate(sorted(draw(st.sets(st.sampled_from(("admins", "legacy")))))):
        members = draw(st.sets(st.sampled_from(sorted(target.users)))) if target.users else set()
        target.put_group(group(name, id=f"Y{number}", external_id=""), members)
    return target


def plan_and_apply(desired: Directory, target: MemoryTarget, ledger: Ledger) -> tuple[Plan, list[Outcome]]:
    plan = make_plan(desired, target.read(), ledger, Rules(unwritable=target.unwritable))
    book = Bookkeeper(ledger, MemoryState(), lambda: 0.0)
    return plan, Applier(plan, target, MemoryLease(), book.record, Event()).apply()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(history=st.lists(directories(), min_size=1, max_size=3), target=targets())
def test_every_change_is_made_and_planning_again_gives_nothing(history: list[Directory], target: MemoryTarget) -> None:
    ledger = Ledger(store_id=target.store_id)
    for desired in history:
        _, outcomes = plan_and_apply(desired, target, ledger)
        assert [o for o in outcomes if o.result is not Result.DONE] == []
        again = make_plan(desired, target.read(), ledger, Rules(unwritable=target.unwritable))
        assert again.changes == ()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(history=st.lists(directories(), min_size=1, max_size=3), target=targets())
def test_replaying_what_was_done_tells_what_the_store_holds(history: list[Directory], target: MemoryTarget) -> None:
    ledger = Ledger(store_id=target.store_id)
    for desired in history:
        before = target.read()
        _, outcomes = plan_and_apply(desired, target, ledger)
        told, held = after(before, outcomes), target.read()
        assert (told.groups.keys(), told.members) == (held.groups.keys(), held.members)
        assert {i: unique_names(u) for i, u in told.users.items()} == {
            i: unique_names(u) for i, u in held.users.items()
        }


@settings(max_examples=150, deadline=None, derandomize=True)
@given(history=st.lists(directories(), min_size=1, max_size=3), target=targets())
def test_the_store_ends_equal_to_the_directory(history: list[Directory], target: MemoryTarget) -> None:
    ledger = Ledger(store_id=target.store_id)
    for desired in history:
        before = target.read()
        plan, _ = plan_and_apply(desired, target, ledger)
        aside = {(record.kind, record.source_id) for record in plan.set_aside}
        for source_id, wanted in desired.users.items():
            if ("user", source_id) not in aside:
                _assert_same_user(target.users[ledger.users[source_id].aws_id], wanted, target)
        for source_id, wanted_group in desired.groups.items():
            if ("group", source_id) not in aside:
                aws_id = ledger.groups[source_id].aws_id
                assert target.groups[aws_id].display_name == wanted_group.display_name
                _assert_members(desired, source_id, target, ledger, before)


def _assert_same_user(found: User, wanted: User, target: MemoryTarget) -> None:
    for name in ("user_name", "email", "display_name", "given_name", "family_name"):
        assert getattr(found, name) == getattr(wanted, name)
    for name, value in wanted.attributes.items():
        assert found.attributes.get(name, "") == value
    if "external_id" not in target.unwritable:
        assert found.external_id == wanted.external_id


def _assert_members(
    desired: Directory, source_id: str, target: MemoryTarget, ledger: Ledger, before: Directory
) -> None:
    """A group has exactly its members, and of those who were in, people set aside who belong in it."""
    aws_id = ledger.groups[source_id].aws_id
    wanted = {ledger.users[u].aws_id for u in desired.members[source_id] if u in ledger.users}
    belong = {record.source_id for record in desired.set_aside if source_id in record.groups}
    blocked = [desired.users[u] for u in desired.members[source_id] if u not in ledger.users]
    names = frozenset().union(*(unique_names(record) for record in blocked))
    left = {entry.aws_id for s, entry in ledger.users.items() if s not in desired.users}
    aside = {record.source_id for record in desired.set_aside}
    left |= {user_id for user_id, record in before.users.items() if record.external_id in aside}
    stay = {
        user_id
        for user_id in before.members.get(aws_id, frozenset())
        if any(e.aws_id == user_id for s, e in ledger.users.items() if s in belong)
        or (before.users[user_id].external_id in belong and before.users[user_id].external_id not in ledger.users)
        or (unique_names(before.users[user_id]) & names and user_id in target.users and user_id not in left)
    }
    assert target.members[aws_id] == wanted | stay


@settings(max_examples=150, deadline=None, derandomize=True)
@given(history=st.lists(directories(), min_size=1, max_size=3), target=targets())
def test_what_is_not_managed_is_never_deleted_or_changed(history: list[Directory], target: MemoryTarget) -> None:
    ledger = Ledger(store_id=target.store_id)
    theirs = {**target.users, **target.groups}
    for desired in history:
        plan_and_apply(desired, target, ledger)
        managed = {entry.aws_id for kind in (ledger.users, ledger.groups) for entry in kind.values()}
        for object_id, record in theirs.items():
            assert object_id in target.users or object_id in target.groups
            if object_id not in managed:
                now: User | Group = target.users[object_id] if isinstance(record, User) else target.groups[object_id]
                assert now == record


@settings(max_examples=150, deadline=None, derandomize=True)
@given(first=directories(), second=directories(), target=targets())
def test_an_additive_plan_takes_nothing_from_anyone(first: Directory, second: Directory, target: MemoryTarget) -> None:
    ledger = Ledger(store_id=target.store_id)
    plan_and_apply(first, target, ledger)
    before = target.read()
    plan = make_plan(second, before, ledger, Rules(unwritable=target.unwritable, additive=True))
    book = Bookkeeper(ledger, MemoryState(), lambda: 0.0)
    outcomes = Applier(plan, target, MemoryLease(), book.record, Event()).apply()
    assert all(outcome.result is Result.DONE for outcome in outcomes)
    held = target.read()
    assert before.users.keys() <= held.users.keys()
    assert all(before.members[group_id] <= held.members[group_id] for group_id in before.groups)
    wanted = {entry.aws_id for source_id, entry in ledger.users.items() if source_id in second.users}
    assert all(unique_names(before.users[i]) == unique_names(held.users[i]) for i in before.users.keys() - wanted)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(desired=directories(), target=targets())
def test_a_plan_is_repeatable_ordered_and_survives_json(desired: Directory, target: MemoryTarget) -> None:
    ledger = Ledger(store_id=target.store_id)
    plan = make_plan(desired, target.read(), ledger, Rules(unwritable=target.unwritable))
    assert make_plan(desired, target.read(), ledger, Rules(unwritable=target.unwritable)) == plan
    assert [phase_of(c) for c in plan.changes] == sorted(phase_of(c) for c in plan.changes)
    read = msgspec.json.decode(msgspec.json.encode(plan), type=Plan)
    assert read == plan
    assert read.checksum == plan.checksum
