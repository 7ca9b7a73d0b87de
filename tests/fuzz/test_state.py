"""Files of the state that are damaged: a sentence, or what they held, and never a write based on half of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from sso_sync.core.approval import Refusal
from sso_sync.core.errors import RunInProgress, SettingsError, SsoSyncError, StateError
from sso_sync.core.ledger import Ledger
from sso_sync.core.policy import Policy
from sso_sync.engine.run import Review, Run
from sso_sync.entrypoints.cli.plan_file import read_plan
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.storage import FolderStorage
from tests.support.hostile import (
    GARBAGE,
    TEXTS,
    WRONG,
    as_json,
    assert_sentence,
    explore,
    places,
    put,
    some,
    texts,
    values,
    without,
)
from tests.support.memory import MemorySource, MemoryTarget, directory, group, user

BEFORE = directory([user("ann"), user("bob")], {group("devs"): ["ann", "bob"], group("ops"): ["ann"]})
AFTER = directory([user("ann")], {group("devs"): ["ann"]})
REFUSAL = Refusal.of("d-0123456789", "c", {"a": "x", "b": "y"}, ["too many"], "r", datetime(2026, 1, 1, tzinfo=UTC))


class Kept:
    """A folder with the state of one run, and the store that the run has written."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.target = folder, MemoryTarget()
        self.target.concurrency = 1
        self.run(BEFORE)
        self.file = folder / "ledger" / f"{self.target.store_id}.json"
        self.sound = self.file.read_bytes()
        self.ledger = self.keeper().load_ledger(self.target.store_id)

    def keeper(self) -> StateKeeper:
        return StateKeeper(FolderStorage(self.folder), str(self.folder), "sso-sync")

    def run(self, content: Any) -> None:
        Run([MemorySource(content)], self.target, self.keeper(), Policy()).execute("test", Review())

    def load(self, body: bytes) -> Ledger | None:
        """Load a damaged ledger; anything but a ledger or an error of the state is let through."""
        self.file.write_bytes(body)
        try:
            return self.keeper().load_ledger(self.target.store_id)
        except StateError as exc:
            assert_sentence(exc)
            return None

    def draft(self, body: bytes) -> None:
        """Plan from a ledger that could be loaded, and write it again."""
        self.file.write_bytes(body)
        try:
            Run([MemorySource(AFTER)], self.target, self.keeper(), Policy()).draft()
            keeper = self.keeper()
            keeper.save_ledger(keeper.load_ledger(self.target.store_id))
        except SsoSyncError as exc:
            assert_sentence(exc)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "state")


def test_a_ledger_that_is_cut_anywhere_is_refused(kept: Kept) -> None:
    for end in some(range(len(kept.sound)), 2):
        assert kept.load(kept.sound[:end]) is None, end
    assert kept.load(kept.sound) == kept.ledger
    print(f"ledger, cut at every byte: {len(kept.sound)} inputs")  # noqa: T201 # shown with -rP


def test_a_ledger_with_another_value_anywhere_is_refused_or_can_be_used(kept: Kept) -> None:
    plain, tried, loaded = msgspec.json.decode(kept.sound), 0, 0
    for place in places(plain):
        for wrong in some((*WRONG, *TEXTS), 5):
            tried += 1
            body = as_json(put(plain, place, wrong))
            if kept.load(body) is not None:
                loaded += 1
                kept.draft(body)
        if place:
            body = as_json(without(plain, place))
            if kept.load(body) is not None:
                kept.draft(body)
    print(f"ledger, every value of every type: {tried} inputs, {loaded} of them a ledger")  # noqa: T201 # as above
    assert tried / 4 > loaded > 0


def test_garbage_in_place_of_a_ledger_is_refused_and_nothing_is_written(kept: Kept) -> None:
    before = (dict(kept.target.users), dict(kept.target.groups), {k: set(v) for k, v in kept.target.members.items()})
    kept.target.calls.clear()
    plain = msgspec.json.decode(kept.sound)
    own = ("deployments", "sso-sync", "users")
    damaged = [*GARBAGE, kept.sound[:-2], kept.sound * 2]
    damaged += [as_json(plain | {"version": version}) for version in (99, True, 0, "2", None)]
    damaged += [as_json(plain | {"store_id": "d-\u202eother\n"}), as_json(put(plain, own, None))]
    damaged.append(as_json(put(plain, (*own, "ann", "aws_id"), "")))
    damaged.append(as_json(put(plain, (*own, "ann"), plain["deployments"]["sso-sync"]["users"]["bob"])))
    for body in damaged:
        kept.file.write_bytes(body)
        with pytest.raises(StateError) as told:
            kept.run(AFTER)
        assert_sentence(told.value)
        assert kept.file.read_bytes() == body
    assert not kept.target.calls
    assert (kept.target.users, kept.target.groups, kept.target.members) == before


def test_any_ledger_is_refused_or_can_be_used(kept: Kept) -> None:
    plain = msgspec.json.decode(kept.sound)

    def load(at: int, value: Any, name: str, noise: bytes) -> None:
        where = list(places(plain))
        body = as_json(put(plain, where[at % len(where)], value))
        named = as_json(put(plain, ("deployments",), {name: plain["deployments"]["sso-sync"], "sso-sync": {}}))
        spot = at % len(kept.sound)
        for one in (body, named, kept.sound[:spot] + noise + kept.sound[spot + len(noise) :]):
            if kept.load(one) is not None:
                kept.draft(one)

    explore("ledger, any value", load, 30, st.integers(0, 5000), values, texts, st.binary(max_size=3))


def test_a_lease_that_is_damaged_is_taken_over_or_respected(kept: Kept) -> None:
    lease = kept.folder / "lease.json"
    holder = {"run_id": "r", "who": "w", "since": 1.0, "until": 2.0}
    bodies = [*GARBAGE, b'{"x": ' + b"[" * 100_000]
    bodies += [as_json(put(holder, place, wrong)) for place in places(holder) for wrong in some((*WRONG, *TEXTS), 3)]
    long = holder | {"until": 1e18}
    bodies += [as_json(long | {name: text}) for name in ("run_id", "who", "since") for text in (*TEXTS, 1e308, -1e308)]
    held = 0
    for body in bodies:
        lease.write_bytes(body)
        try:
            with kept.keeper().hold_lease("mine") as own:
                own.check()
        except RunInProgress as exc:
            held += 1
            assert_sentence(exc)
            assert lease.read_bytes() == body
    print(f"lease: {len(bodies)} inputs, {held} of them held")  # noqa: T201 # shown with -rP
    assert 0 < held < len(bodies) / 2


def test_a_refusal_that_is_damaged_is_none_or_a_sentence(kept: Kept) -> None:
    keeper = kept.keeper()
    keeper.save_refusal(REFUSAL)
    file = kept.folder / "refused" / f"{REFUSAL.id}.json"
    sound = file.read_bytes()
    plain = msgspec.json.decode(sound)
    bodies = [*GARBAGE, b'{"x": ' + b"[" * 100_000, *(sound[:end] for end in range(len(sound)))]
    bodies += [as_json(put(plain, place, wrong)) for place in places(plain) for wrong in some((*WRONG, *TEXTS), 3)]
    for body in bodies:
        file.write_bytes(body)
        try:
            found = keeper.load_refusal(REFUSAL.id)
            assert found is None or found.digest == REFUSAL.digest
        except StateError as exc:
            assert_sentence(exc)
    print(f"refusal: {len(bodies)} inputs")  # noqa: T201 # shown with -rP


def test_a_plan_file_that_is_damaged_allows_nothing(tmp_path: Path) -> None:
    plain = {
        "version": 1,
        "identity_store_id": "d-1",
        "config": "c",
        "scope": {},
        "allowed": ["x"],
        "plan": {"changes": []},
    }
    file = tmp_path / "plan.json"
    bodies = [*GARBAGE, b'{"x": ' + b"[" * 100_000, *(as_json(plain)[:end] for end in range(len(as_json(plain))))]
    bodies += [as_json(put(plain, place, wrong)) for place in places(plain) for wrong in some((*WRONG, *TEXTS), 3)]
    read = 0
    for body in bodies:
        file.write_bytes(body)
        try:
            assert all(isinstance(key, str) for key in read_plan(str(file), "c").allowed)
            read += 1
        except SettingsError as exc:
            assert_sentence(exc)
    print(f"plan file: {len(bodies)} inputs, {read} of them a plan")  # noqa: T201 # shown with -rP
    assert read < len(bodies) / 2
