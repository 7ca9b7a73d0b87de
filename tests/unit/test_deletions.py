"""What sso-sync has deleted it knows as deleted, although the run that did it died or heard no answer."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from sso_sync.core.changes import is_drift
from sso_sync.core.errors import ChangeRefused, ChangeUnknown, SsoSyncError
from sso_sync.core.ledger import Ledger
from sso_sync.core.limits import Limit, Limits
from sso_sync.core.model import Directory
from sso_sync.core.policy import Policy
from sso_sync.core.report import RunReport
from sso_sync.core.rules import Rules
from sso_sync.core.scope import Scope
from sso_sync.engine.run import Review, Run
from tests.support.memory import MemorySource, MemoryState, MemoryTarget, MortalState, directory, group, user

ANY = Limit()
UNLIMITED = Policy(limits=Limits(users_leaving=ANY, memberships_removed=ANY, members_removed_of_a_group=ANY))


def company(count: int) -> Directory:
    names = [f"p{number}" for number in range(count)]
    return directory([user(name) for name in names], {group("devs"): names})


class Mortal(MemoryTarget):
    """A store that deletes without an answer, or takes the run with it."""

    def __init__(self, state: MortalState) -> None:
        super().__init__()
        self.concurrency, self.state, self.how = 1, state, ""

    def delete_user(self, user_id: str) -> None:
        super().delete_user(user_id)
        if self.how == "dies":
            self.state.is_dead = True
        if self.how:
            raise ChangeUnknown("no answer")


class World:
    name = "the world"

    def __init__(self) -> None:
        self.state = MortalState()
        self.target = Mortal(self.state)
        self.reports: list[RunReport] = []
        self.policy = UNLIMITED
        self.sync(10)

    def report(self, report: RunReport) -> None:
        self.reports.append(report)

    def sync(self, count: int, how: str = "") -> None:
        self.target.how = how
        source = MemorySource(company(count))
        run = Run([source], self.target, self.state, self.policy, reporters=lambda: [self])
        try:
            run.execute("test", Review())
        except SsoSyncError:
            assert how
        self.state.is_dead = False

    @property
    def ledger(self) -> Ledger:
        return self.state.load_ledger(self.target.store_id)


@pytest.mark.parametrize("how", ["dies", "deaf"])
def test_runs_go_on_after_deletions_that_nobody_heard_of(how: str) -> None:
    world = World()
    world.sync(3, how)
    world.sync(3)
    assert len(world.target.users) == 3
    assert world.ledger.users.keys() == {"p0", "p1", "p2"}
    assert world.ledger.going == set()


def test_a_deletion_that_was_refused_or_never_tried_is_none() -> None:
    world = World()
    gone = next(u.id for u in world.target.users.values() if u.user_name == "p9@example.com")
    world.target.failures["delete_user", gone] = ChangeRefused("not allowed")
    world.sync(9)
    assert (world.ledger.going, "p9" in world.ledger.users) == (set(), True)


def test_the_days_until_a_leaver_is_deleted_begin_with_the_switching_off() -> None:
    world = World()
    world.policy = msgspec.structs.replace(UNLIMITED, rules=Rules(leavers="keep"))
    world.sync(9)
    ledger = world.ledger
    ledger.users["p9"] = msgspec.structs.replace(ledger.users["p9"], left=datetime(2026, 1, 1, tzinfo=UTC))
    world.state.save_ledger(ledger)
    world.policy = msgspec.structs.replace(UNLIMITED, rules=Rules(leavers="deactivate"))
    world.sync(9)
    world.sync(9)
    assert len(world.target.users) == 10
    left = world.ledger.users["p9"].left
    assert left
    assert datetime.now(UTC) - left < timedelta(minutes=5)


def test_a_run_for_one_group_does_not_end_the_first_load() -> None:
    state, target = MemoryState(), MemoryTarget()
    source = MemorySource(directory([user("ann"), user("bob")], {group("a"): ["ann"], group("b"): ["bob"]}))
    Run([source], target, state, Policy(), scope=Scope(group="a")).execute("test", Review())
    assert state.load_ledger(target.store_id).loading
    Run([source], target, state, Policy()).execute("test", Review())
    assert not state.load_ledger(target.store_id).loading


def test_somebody_who_comes_back_after_such_a_deletion_is_no_drift() -> None:
    world = World()
    world.sync(9, "dies")
    world.sync(10)
    plan = world.reports[-1].plan
    assert plan
    assert plan.changes
    assert not any(map(is_drift, plan.changes))
    assert len(world.target.users) == 10
