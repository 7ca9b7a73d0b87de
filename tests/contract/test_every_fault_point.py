"""A run with every kind of change is disturbed at any call: the next run ends it, and nothing is lost or doubled."""

from collections.abc import Callable, Iterable
from itertools import product
from threading import Event
from typing import Any, get_args

import pytest

from sso_sync.core.changes import ChangeName, UpdateUser, name_of
from sso_sync.core.outcomes import Result
from tests.support.companies import company
from tests.support.fault_points import OF_STATE, OVER_HTTP, CountedStorage, Disturbance
from tests.support.fault_story import CONFIG, expected
from tests.support.fault_world import HEALTHY, World
from tests.support.live import LiveSandbox

both = pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])
Point = tuple[Disturbance | str, int]  # what happens, or how the state fails; and at which call
CALLS = {True: 50, False: 60}  # at least: with fewer, the story has lost something
STATE_CALLS = 8
LEASE_AND_LEDGER = (5, 2, 6, 6, 5)  # calls of the state that change them


@pytest.fixture
def world(live: Callable[[Any], LiveSandbox], scim: bool, monkeypatch: pytest.MonkeyPatch) -> World:
    sandbox = live(company([], []))
    for name, value in sandbox.environment(scim=scim, config=CONFIG).items():
        monkeypatch.setenv(name, value)
    return World(sandbox, scim=scim)


def disturbed(world: World, point: Point) -> list[str]:
    """Make the run and disturb it; return what is wrong then."""
    how, number = point
    world.restore()
    storage = CountedStorage(world.state)
    stop = Event()
    if isinstance(how, Disturbance):
        world.faults.add(how.faults(number))
        world.faults.on_strike = stop.set if how.stops else storage.die if how.dies else bool
        may_leave_its_lease, struck = how.dies, world.faults.struck
    else:
        storage = CountedStorage(world.state, how, number, on_death=world.cut_off)
        may_leave_its_lease, struck = True, storage.struck
    world.try_to_sync(how if isinstance(how, Disturbance) else HEALTHY, storage, stop)
    problems = [] if struck else ["the run never came to this call"]
    if world.too_much:
        problems.append(f"somebody was where nobody wants them: {sorted(world.too_much)}")
    lease = world.state / "lease.json"
    if lease.exists():
        problems += [] if may_leave_its_lease else ["it left its lease behind"]
        lease.unlink()  # the lease has run out
    world.faults.clear()
    return problems


def ended(world: World) -> list[str]:
    """Make the next run; return what is wrong then."""
    outcomes, writes_of_idle = world.sync_twice()
    problems = [f"{o.result} {o.change}: {o.error}" for o in outcomes if o.result is not Result.DONE]
    if world.shown() != (wanted := expected(scim=world.scim)):
        problems.append(f"the store differs: {differences(world.shown(), wanted)}")
    if world.plain_ledger() != world.ledger_after:
        problems.append(f"the ledger differs: {differences(world.plain_ledger(), world.ledger_after)}")
    if moved := {key for key, entry in world.entries() if world.had.get(key, entry.aws_id) != entry.aws_id}:
        problems.append(f"an AWS id is another: {sorted(moved)}")
    if ghosts := world.ghosts():
        problems.append(f"the ledger knows who is not there: {ghosts}")
    if (len(world.store.users), len(world.store.groups)) != (len(wanted["users"]), len(wanted["groups"])):
        problems.append("something is there twice")
    if world.too_much:
        problems.append(f"somebody was where nobody wants them: {sorted(world.too_much)}")
    return problems + [f"one more run writes: {call}" for call in writes_of_idle]


def differences(now: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    keys = {(part, key) for side in (now, wanted) for part in side for key in side[part]}
    return [
        f"{part} {key}: {now[part].get(key)} instead of {wanted[part].get(key)}"
        for part, key in sorted(keys)
        if now[part].get(key) != wanted[part].get(key)
    ]


def failures(world: World, points: Iterable[Point]) -> dict[str, list[str]]:
    """Disturb a run at each of the points; return what was wrong, by point."""
    found = {}
    for point in points:
        how, number = point
        problems = disturbed(world, point)
        if isinstance(how, Disturbance):
            name = f"{how.name} at call {number} ({world.calls[number - 1]})"
        else:
            name = f"the state {how} at its call {number} ({world.state_calls[number - 1]})"
        if not world.is_untouched():  # else the next run is the undisturbed one
            problems += ended(world)
        if problems:
            found[name] = problems
    return found


def all_points(world: World) -> list[Point]:
    over_http = product(OVER_HTTP, range(1, len(world.calls) + 1))
    of_state = product(OF_STATE, range(1, len(world.state_calls) + 1))
    return [*over_http, *of_state]


def some_points(world: World) -> list[Point]:
    """Take each way to disturb a run once, at calls all over it; the two ways of writing in opposite order."""
    ways = OVER_HTTP if world.scim else OVER_HTTP[::-1]
    over_http = [(how, len(world.calls) * (i + 1) // len(ways)) for i, how in enumerate(ways)]
    return [*over_http, *zip(OF_STATE, LEASE_AND_LEDGER, strict=True)]


def check(world: World, points: list[Point], at_least: int) -> None:
    kinds = {name_of(change) for change in world.plan}
    names_freed = sum(isinstance(change, UpdateUser) and change.aside for change in world.plan)
    assert (kinds, names_freed) == (set(get_args(ChangeName)), 3)
    world.restore()
    assert ended(world) == []  # undisturbed
    failed = failures(world, points)
    told = f"{len(points)} fault points; {len(world.calls)} calls, and {len(world.state_calls)} of the state"
    print(told)  # noqa: T201 # a figure of docs/reliability.md
    assert not failed, "\n".join(f"{name}: {'; '.join(problems)}" for name, problems in failed.items())
    assert len(points) >= at_least


@pytest.mark.parametrize("scim", [True, pytest.param(False, marks=pytest.mark.long)], ids=["scim", "identity-store"])
def test_a_run_that_is_disturbed_at_some_call_is_ended_by_the_next(world: World) -> None:
    check(world, some_points(world), len(OVER_HTTP) + len(OF_STATE))


@pytest.mark.long
@both
def test_a_run_that_is_disturbed_at_any_call_is_ended_by_the_next(world: World, scim: bool) -> None:
    check(world, all_points(world), CALLS[scim] * len(OVER_HTTP) + STATE_CALLS * len(OF_STATE))
