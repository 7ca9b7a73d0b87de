"""Whom sso-sync has switched off it switches on again, and nobody else, whatever becomes of the run that did it."""

import msgspec
import pytest

from sso_sync.core.changes import UpdateUser
from sso_sync.core.errors import ChangeRefused, ChangeUnknown, StateError
from sso_sync.core.model import Directory, User
from sso_sync.core.policy import Policy
from sso_sync.core.rules import Rules
from sso_sync.engine.run import Review, Run
from tests.support.memory import MemorySource, MemoryTarget, MortalState, directory, group, user

ANN, BOB = user("ann"), user("bob")
BOTH = directory([ANN, BOB], {group("devs"): ["ann", "bob"]})
BOB_ALONE = directory([BOB], {group("devs"): ["bob"]})
ANN_OFF = directory([msgspec.structs.replace(ANN, active=False), BOB], {group("devs"): ["bob"]})


class DeafTarget(MemoryTarget):
    """A store that may change a user without an answer, or kill the run that changes one."""

    is_deaf = False
    kills: MortalState | None = None

    def create_user(self, user: User) -> str:
        aws_id = super().create_user(user)
        self._after_a_change()
        return aws_id

    def update_user(self, change: UpdateUser) -> None:
        super().update_user(change)
        self._after_a_change()

    def _after_a_change(self) -> None:
        if self.kills:
            self.kills.is_dead = True
        if self.is_deaf:
            raise ChangeUnknown("no answer")


class World:
    """A store and a state between runs."""

    def __init__(self, first: Directory = BOTH) -> None:
        self.target, self.state = DeafTarget(), MortalState()
        self.sync(first)

    def sync(self, content: Directory) -> None:
        policy = Policy(rules=Rules(leavers="deactivate"))
        Run([MemorySource(content)], self.target, self.state, policy).execute("test", Review())

    def die_in(self, content: Directory) -> None:
        """Make a run that makes its changes and dies before it can note them."""
        self.target.kills = self.state
        with pytest.raises(StateError):
            self.sync(content)
        self.target.kills, self.state.is_dead = None, False

    @property
    def ann(self) -> User:
        return next(record for record in self.target.users.values() if record.external_id == "ann")

    def switch_off_by_hand(self) -> None:
        self.target.put_user(msgspec.structs.replace(self.ann, active=False))


@pytest.fixture
def world() -> World:
    return World()


def test_who_was_switched_off_by_a_run_that_died_is_switched_on_when_they_come_back(world: World) -> None:
    world.die_in(BOB_ALONE)
    assert not world.ann.active
    world.sync(BOTH)
    assert world.ann.active


def test_who_was_switched_off_by_a_run_that_died_is_noted_as_a_leaver_by_the_next(world: World) -> None:
    world.die_in(BOB_ALONE)
    world.sync(BOB_ALONE)
    entry = world.state.load_ledger(world.target.store_id).users["ann"]
    assert (entry.off, entry.left is not None) == (True, True)


def test_who_was_switched_on_by_a_run_that_died_stays_off_when_somebody_else_switches_them_off(world: World) -> None:
    world.sync(BOB_ALONE)
    world.die_in(BOTH)
    assert world.ann.active
    world.sync(BOTH)
    world.switch_off_by_hand()
    world.sync(BOTH)
    assert not world.ann.active


def test_who_was_switched_off_without_an_answer_is_switched_on_when_they_come_back(world: World) -> None:
    world.target.is_deaf = True
    world.sync(BOB_ALONE)
    assert not world.ann.active
    world.target.is_deaf = False
    world.sync(BOTH)
    assert world.ann.active


def test_who_could_not_be_switched_off_stays_off_when_somebody_else_switches_them_off(world: World) -> None:
    world.target.failures["update_user", ANN.user_name] = ChangeRefused("no")
    world.sync(BOB_ALONE)
    assert world.ann.active
    world.switch_off_by_hand()
    world.target.failures.clear()
    world.sync(BOTH)
    assert not world.ann.active


def test_who_was_created_off_by_a_run_that_died_is_switched_on_when_they_are_to_be_on() -> None:
    world = World(BOB_ALONE)
    world.die_in(ANN_OFF)
    assert not world.ann.active
    world.sync(ANN_OFF)
    world.sync(BOTH)
    assert world.ann.active


def test_who_was_created_by_a_run_that_died_and_switched_off_by_somebody_else_stays_off() -> None:
    world = World(BOB_ALONE)
    world.die_in(BOTH)
    world.switch_off_by_hand()
    world.sync(BOTH)
    world.sync(BOTH)
    assert not world.ann.active
