"""At most one run writes at a time, and a dead one frees its place by itself."""

import logging
from pathlib import Path

import msgspec
import pytest

from sso_sync.core.errors import RunInProgress, StateError
from sso_sync.state.lease import KEY, LASTS, HeldLease, Holder
from sso_sync.state.storage import FolderStorage, Stored


class Clock:
    """Wall clocks of two machines that agree."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "state")


class BeatenStorage:
    """A storage where somebody else always writes first."""

    def get(self, key: str) -> Stored | None:
        del key
        return None

    def put(self, key: str, body: bytes) -> None:
        raise NotImplementedError

    def put_if(self, key: str, body: bytes, tag: str | None) -> str | None:
        del key, body, tag
        return None

    def delete_if(self, key: str, tag: str) -> None:
        raise NotImplementedError


class StickyStorage(FolderStorage):
    """A storage from which nothing can be deleted."""

    def delete_if(self, key: str, tag: str) -> None:
        raise StateError(f"{key} with {tag} cannot be deleted")


def test_a_lease_is_held_while_the_context_lasts_and_given_back(storage: FolderStorage) -> None:
    with HeldLease(storage, "run-1") as lease:
        lease.check()
        assert storage.get(KEY)
    assert storage.get(KEY) is None


def test_a_lease_is_given_back_when_a_run_fails(storage: FolderStorage) -> None:
    with pytest.raises(ZeroDivisionError), HeldLease(storage, "run-1"):
        raise ZeroDivisionError
    assert storage.get(KEY) is None


def test_a_second_run_is_told_who_is_at_work(storage: FolderStorage, clock: Clock) -> None:
    with HeldLease(storage, "run-1", clock.now):
        clock.time += LASTS - 1
        with pytest.raises(RunInProgress, match=r"Another run is at work \(run-1 by .+, since .+\)"):
            HeldLease(storage, "run-2", clock.now).__enter__()


def test_a_lease_is_free_for_the_next_run(storage: FolderStorage) -> None:
    for run_id in ("run-1", "run-2"):
        with HeldLease(storage, run_id) as lease:
            lease.check()


def test_a_lease_that_ran_out_is_taken_over_and_left_to_the_new_holder(storage: FolderStorage, clock: Clock) -> None:
    with HeldLease(storage, "run-1", clock.now) as first:
        clock.time += LASTS
        second = HeldLease(storage, "run-2", clock.now).__enter__()
        second.check()
        with pytest.raises(StateError, match="ran out before it could be renewed"):
            first.check()
    stored = storage.get(KEY)
    assert stored
    assert b"run-2" in stored.body
    second.__exit__(None, None, None)
    assert storage.get(KEY) is None


def test_of_two_who_start_at_the_same_moment_one_is_turned_away() -> None:
    with pytest.raises(RunInProgress, match="started at the same moment"):
        HeldLease(BeatenStorage(), "run-1").__enter__()


@pytest.mark.parametrize("body", [b"", b"{}", b"not json", b"[]", b'{"run_id": "run-0"', b'{"until": "tomorrow"}'])
def test_a_lease_that_cannot_be_read_is_taken_over(storage: FolderStorage, body: bytes) -> None:
    storage.put(KEY, body)
    with HeldLease(storage, "run-1") as lease:
        lease.check()


def test_a_lease_that_cannot_be_given_back_costs_a_warning_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), HeldLease(StickyStorage(tmp_path), "run-1"):
        pass
    assert "could not be given back" in caplog.text


def test_what_is_stored_is_plain_json(storage: FolderStorage, clock: Clock) -> None:
    with HeldLease(storage, "run-1", clock.now):
        stored = storage.get(KEY)
    assert stored
    holder = msgspec.json.decode(stored.body, type=Holder)
    assert (holder.run_id, holder.since, holder.until) == ("run-1", clock.time, clock.time + LASTS)


def test_a_lease_with_broken_text_is_taken_over(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    storage.put("lease.json", b'{"run_id": "\xff", "who": "", "since": 0, "until": 0}')
    with HeldLease(storage, "r1") as lease:
        lease.check()


def test_a_lease_with_absurd_times_is_refused_in_a_sentence(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    storage.put("lease.json", b'{"run_id": "r", "who": "w", "since": 1e300, "until": 1e300}')
    with pytest.raises(RunInProgress, match="a moment that no clock shows"), HeldLease(storage, "r1"):
        pass


class DeafStorage(FolderStorage):
    """Writes, but its answer is lost and the repeated write is refused, as S3 does."""

    def put_if(self, key: str, body: bytes, tag: str | None) -> str | None:
        super().put_if(key, body, tag)
        return None


def test_a_lease_whose_answer_was_lost_is_still_ours(tmp_path: Path) -> None:
    with HeldLease(DeafStorage(tmp_path), "r1") as lease:
        lease.check()
