"""The bookkeeper: writes into the ledger what the applier does, while it does it."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
from msgspec import Struct

from sso_sync.core.approval import Approval
from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    UpdateUser,
    subject,
    switches_off,
)
from sso_sync.core.errors import ChangeUnknown, LedgerConflict
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import KINDS, Directory, Kind
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.ports import State
from sso_sync.core.sightings import sight

log = logging.getLogger(__name__)
SAVE_EVERY = 10.0  # seconds; what a crash leaves unsaved is found again by what was pending


class _Note(Struct, frozen=True):
    """One thing to write: the entry of a source id, or that it has none any more."""

    kind: Kind
    source_id: str
    entry: Entry | None


class Bookkeeper:
    """Keeps one store's ledger up to date during a run; `now` gives seconds on a steady clock."""

    def __init__(self, ledger: Ledger, state: State, now: Callable[[], float]) -> None:
        self._ledger, self._state, self._now = ledger, state, now
        self._notes: list[_Note] = []
        self._owners = {
            (kind, entry.aws_id): source_id for kind in KINDS for source_id, entry in ledger.entries(kind).items()
        }
        self._changed = False
        self._recovered: set[str] = set()  # source ids of users whose creation an earlier run began
        self._unsure: set[str] = set()  # source ids of users who may have been switched off
        self._switched_off: set[str] = set()  # source ids of users, in this run
        self._used: set[str] = set()
        self._saved_at = now()

    def begin(self, changes: Iterable[Change]) -> None:
        """Save what is about to be created, switched off or deleted: whatever becomes of this run, it was ours."""
        if self._ledger.is_new:
            self._ledger.loading = True
        for change in changes:
            kind, ref = subject(change)
            if isinstance(change, CreateUser | CreateGroup):
                self._ledger.pending(kind).add(ref.source_id)
                self._changed = True
            elif switches_off(change):
                self._note_off(ref.source_id, off=True)
            elif isinstance(change, DeleteUser | DeleteGroup):
                self._ledger.going.add(ref.id)
                self._changed = True
        self.save()

    def record(self, outcome: Outcome) -> None:
        """Note what became of a change, and save the ledger now and then."""
        kind, ref = subject(outcome.change)
        if isinstance(outcome.change, CreateUser | CreateGroup) and not isinstance(outcome.error, ChangeUnknown):
            self._ledger.pending(kind).discard(ref.source_id)
            self._changed = True
        if isinstance(outcome.change, DeleteUser | DeleteGroup) and not isinstance(outcome.error, ChangeUnknown):
            self._ledger.going.discard(ref.id)
            self._changed = True
        if outcome.result is Result.DONE:
            self._note_done(outcome)
        elif switches_off(outcome.change) and isinstance(outcome.error, ChangeUnknown):
            self._unsure.add(ref.source_id)
            self._note_off(ref.source_id, off=True)
        if self._changed and self._now() - self._saved_at >= SAVE_EVERY:
            self.save()

    def _note_done(self, outcome: Outcome) -> None:
        kind, ref = subject(outcome.change)
        match outcome.change:
            case CreateUser(user=user):
                origin = self._origin(kind, ref.source_id, outcome.aws_id)
                self._write(_Note(kind, ref.source_id, Entry(outcome.aws_id, origin, off=not user.active)))
            case CreateGroup():
                origin = self._origin(kind, ref.source_id, outcome.aws_id)
                self._write(_Note(kind, ref.source_id, Entry(outcome.aws_id, origin)))
            case Adopt(created=created):
                origin = Origin.CREATED if created else Origin.ADOPTED
                self._write(_Note(kind, ref.source_id, Entry(ref.id, origin)))
                if created and kind == "user":
                    self._recovered.add(ref.source_id)
            case UpdateUser(before=before, after=after) if before.active != after.active:
                self._note_off(ref.source_id, off=not after.active)
                if not after.active:
                    self._switched_off.add(ref.source_id)
            case DeleteUser() | DeleteGroup():
                self._write(_Note(kind, ref.source_id, None))
            case _:
                pass

    def close(self, desired: Directory, held: Directory, now: datetime, *, complete: bool) -> None:
        """Note what the run has seen: what is wanted, what the store holds after it, and whether it was a whole run."""
        if complete and self._ledger.loading:
            self._ledger.loading = False
            self._changed = True
        self._correct_off(desired, held)
        self._changed = sight(self._ledger, desired, held, now) or self._changed
        for source_id in self._switched_off:  # the days until a leaver is deleted begin with that, whatever was before
            entry = self._ledger.users.get(source_id)
            if entry and entry.left:
                self._ledger.users[source_id] = msgspec.structs.replace(entry, left=now)
                self._changed = True

    def use(self, approval: Approval) -> None:
        """Note that an approval has been used up."""
        self._ledger.used.add(approval.key)
        self._used.add(approval.key)
        self._changed = True

    def _note_off(self, source_id: str, *, off: bool) -> None:
        entry = self._ledger.users.get(source_id)
        if entry and entry.off != off:
            self._write(_Note("user", source_id, msgspec.structs.replace(entry, off=off)))

    def _correct_off(self, desired: Directory, held: Directory) -> None:
        """Make up for what an earlier run could not note: who is on is not off, and whom we created off is."""
        for source_id, entry in list(self._ledger.users.items()):
            wanted, present = desired.users.get(source_id), held.users.get(entry.aws_id)
            if present and present.active and source_id not in self._unsure:
                self._note_off(source_id, off=False)
            elif present and wanted and source_id in self._recovered and not (present.active or wanted.active):
                self._note_off(source_id, off=True)

    def _origin(self, kind: Kind, source_id: str, aws_id: str) -> Origin:
        """Say how an object came to be ours; one that a short listing hid, and a creation found, stays what it was."""
        known = self._ledger.entries(kind).get(source_id)
        return known.origin if known and known.aws_id == aws_id else Origin.CREATED

    def _write(self, note: _Note) -> None:
        if note.entry:
            owner = self._owners.setdefault((note.kind, note.entry.aws_id), note.source_id)
            if owner != note.source_id:
                log.error("two source ids claim one object; the first keeps it", extra={"aws_id": note.entry.aws_id})
                return
        self._notes.append(note)
        _apply(note, self._ledger)
        self._changed = True

    def save(self) -> None:
        """Save the ledger if anything changed; raises StateError.

        If another run has written it meanwhile (this one's lease ran out), what this run did is
        written into the other's ledger, and neither is lost.
        """
        if self._changed:
            try:
                self._state.save_ledger(self._ledger)
            except LedgerConflict:
                self._ledger = self._state.load_ledger(self._ledger.store_id)
                for note in self._notes:
                    _apply(note, self._ledger)
                self._ledger.used |= self._used
                self._state.save_ledger(self._ledger)
            self._changed = False
        self._saved_at = self._now()


def _apply(note: _Note, ledger: Ledger) -> None:
    entries = ledger.entries(note.kind)
    ledger.pending(note.kind).discard(note.source_id)
    if note.entry is None:
        entries.pop(note.source_id, None)
    else:
        entries[note.source_id] = note.entry
