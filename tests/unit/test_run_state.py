"""How a run treats what is kept between runs: the lease, the ledger, the records."""

import logging
from typing import NoReturn

import pytest

from sso_sync.core.changes import CreateUser
from sso_sync.core.errors import (
    ChangeRefused,
    ChangeUnknown,
    LedgerConflict,
    RunInProgress,
    SourceError,
    StateError,
    TargetError,
)
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import Directory
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.policy import Policy
from sso_sync.engine.bookkeeper import Bookkeeper
from sso_sync.engine.run import Review, Run
from tests.support.memory import MemorySource, MemoryState, MemoryTarget, directory, group, user

COMPANY = directory([user("ann")], {group("devs"): ["ann"]})
GONE = Entry("U9", Origin.CREATED)


class BusyState(MemoryState):
    """A state whose lease somebody else has."""

    def hold_lease(self, run_id: str) -> NoReturn:
        raise RunInProgress(f"{run_id} has to wait")


class ContestedState(MemoryState):
    """A state whose ledger another run writes while this one is at work."""

    def save_ledger(self, ledger: Ledger) -> None:
        if ledger.users and not self.ledgers:
            super().save_ledger(Ledger(store_id=ledger.store_id, users={"bob": Entry("U2", Origin.CREATED)}))
            raise LedgerConflict("written by another run")
        if ledger.users:
            super().save_ledger(ledger)


class FullState(MemoryState):
    """A state that takes no records."""

    def save_record(self, run_id: str, record: bytes) -> None:
        del record
        raise StateError(f"no space for {run_id}")


class DeafTarget(MemoryTarget):
    """A store that cannot be read."""

    def read(self) -> Directory:
        raise TargetError("Identity Center did not answer")


def execute(state: MemoryState, source: MemorySource | None = None, target: MemoryTarget | None = None) -> None:
    Run([source or MemorySource(COMPANY)], target or MemoryTarget(), state, Policy()).execute("test", Review())


def remembering(**users: Entry) -> MemoryState:
    state = MemoryState()
    state.save_ledger(Ledger(store_id=MemoryTarget.store_id, users=users))
    return state


def users_in(state: MemoryState) -> dict[str, Entry]:
    """Return the users of the ledger, without what a run has seen of them."""
    entries = state.load_ledger(MemoryTarget.store_id).users
    return {source_id: Entry(entry.aws_id, entry.origin, entry.off) for source_id, entry in entries.items()}


def test_a_run_that_finds_another_at_work_reads_nothing_and_keeps_no_record() -> None:
    target, state = MemoryTarget(), BusyState()
    with pytest.raises(RunInProgress):
        execute(state, target=target)
    assert (target.calls, state.records) == ([], {})


def test_a_store_that_cannot_be_read_ends_the_run_with_a_record() -> None:
    state = MemoryState()
    with pytest.raises(TargetError, match="did not answer"):
        execute(state, target=DeafTarget())
    assert (len(state.records), state.ledgers) == (1, {})


def test_a_record_that_cannot_be_saved_is_an_error_though_all_changes_were_made() -> None:
    target, state = MemoryTarget(), FullState()
    with pytest.raises(StateError, match="no space"):
        execute(state, target=target)
    assert target.named_members() == {"devs": {"ann@example.com"}}
    assert users_in(state).keys() == {"ann"}


def test_a_record_that_cannot_be_saved_does_not_hide_what_ended_the_run(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(SourceError):
        execute(FullState(), source=MemorySource(SourceError("Google answered 503")))
    assert "the run record could not be saved" in caplog.text


def test_the_ledger_keeps_what_a_reading_did_not_show() -> None:
    """The listing may have been short; what was created here must still be known when it shows again."""
    state = remembering(old=GONE)
    execute(state)
    assert users_in(state).keys() == {"ann", "old"}


def test_what_was_created_without_an_answer_is_known_as_ours_by_the_next_run() -> None:
    target = MemoryTarget(unwritable={"external_id"})
    target.failures["create_user", "ann@example.com"] = ChangeUnknown("no answer")
    state = MemoryState()
    execute(state, target=target)
    target.failures.clear()
    target.put_user(user("ann", id="U7", external_id=""))
    execute(state, target=target)
    assert users_in(state)["ann"] == Entry("U7", Origin.CREATED)


def test_a_refused_creation_leaves_nothing_that_would_make_a_strangers_object_ours() -> None:
    target = MemoryTarget(unwritable={"external_id"})
    target.failures["create_user", "ann@example.com"] = ChangeRefused("taken")
    state = MemoryState()
    execute(state, target=target)
    target.failures.clear()
    target.put_user(user("ann", id="U7", external_id=""))
    execute(state, target=target)
    assert users_in(state)["ann"] == Entry("U7", Origin.ADOPTED)


def test_what_was_adopted_stays_so_when_a_creation_finds_it() -> None:
    """A listing hid the object, the source's id found it again: that does not make it ours to delete."""
    ledger = Ledger(store_id="d", users={"ann": Entry("U1", Origin.ADOPTED)})
    Bookkeeper(ledger, MemoryState(), lambda: 0.0).record(
        Outcome(CreateUser(user("ann"), ""), Result.DONE, aws_id="U1")
    )
    assert ledger.users["ann"] == Entry("U1", Origin.ADOPTED)


def test_a_ledger_that_another_run_wrote_meanwhile_loses_nothing() -> None:
    state = ContestedState()
    execute(state)
    assert users_in(state).keys() == {"ann", "bob"}


def test_the_ledger_notes_the_new_id_of_what_was_created_again() -> None:
    state, target = remembering(ann=GONE), MemoryTarget()
    execute(state, target=target)
    assert users_in(state)["ann"].aws_id in target.users


def test_the_ledger_calls_adopted_what_was_there_and_forgets_what_was_deleted() -> None:
    target = MemoryTarget()
    target.put_user(user("ann", id="U1", external_id=""))
    target.put_user(user("old", id="U9"))
    state = remembering(old=GONE)
    execute(state, target=target)
    assert users_in(state) == {"ann": Entry("U1", Origin.ADOPTED)}
    assert target.users.keys() == {"U1"}
