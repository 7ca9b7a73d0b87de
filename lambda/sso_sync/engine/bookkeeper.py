"""The bookkeeper: writes into the ledger what the applier did, while it does it."""

from collections.abc import Callable, Mapping

from sso_sync.core.changes import Adopt, CreateGroup, CreateUser, DeleteGroup, DeleteUser, subject
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import Directory, Kind
from sso_sync.core.ports import State
from sso_sync.engine.units import Outcome, Result

SAVE_EVERY = 10.0  # seconds: what a crash may cost is found again by name, and then counts as adopted


class Bookkeeper:
    """Keeps one store's ledger up to date during a run; `now` gives seconds on a steady clock."""

    def __init__(self, ledger: Ledger, state: State, now: Callable[[], float]) -> None:
        self._ledger, self._state, self._now = ledger, state, now
        self._changed = False
        self._saved_at = now()

    def forget_lost(self, desired: Directory, actual: Directory) -> None:
        """Drop entries of objects that are gone on both sides."""
        sides: tuple[tuple[Kind, Mapping[str, object], Mapping[str, object]], ...] = (
            ("user", desired.users, actual.users),
            ("group", desired.groups, actual.groups),
        )
        aside = {(record.kind, record.source_id) for record in desired.set_aside}
        for kind, wanted, existing in sides:
            entries = self._ledger.entries(kind)
            for source_id, entry in list(entries.items()):
                if entry.aws_id not in existing and source_id not in wanted and (kind, source_id) not in aside:
                    del entries[source_id]
                    self._changed = True

    def record(self, outcome: Outcome) -> None:
        """Note what became of a change, and save the ledger now and then."""
        if outcome.result is not Result.DONE:
            return
        kind, ref = subject(outcome.change)
        entries = self._ledger.entries(kind)
        match outcome.change:
            case CreateUser() | CreateGroup():
                entries[ref.source_id] = Entry(outcome.aws_id, Origin.CREATED)
            case Adopt():
                entries[ref.source_id] = Entry(ref.id, Origin.ADOPTED)
            case DeleteUser() | DeleteGroup():
                entries.pop(ref.source_id, None)
            case _:
                return
        self._changed = True
        if self._now() - self._saved_at >= SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Save the ledger if anything changed; raises StateError."""
        if self._changed:
            self._state.save_ledger(self._ledger)
            self._changed = False
        self._saved_at = self._now()
