"""Ledger, lease, run records and refusals in one storage."""

import msgspec

from sso_sync.core.approval import Refusal
from sso_sync.core.errors import LedgerConflict, StateError
from sso_sync.core.ledger import Ledger
from sso_sync.state import ledger_file
from sso_sync.state.lease import KEY, HeldLease, Holder, holder_in
from sso_sync.state.ledger_file import Section
from sso_sync.state.notes import StoredNotes
from sso_sync.state.storage import Storage


class StateKeeper:
    """The state of the deployment of this name; see `core.ports.State`. Others may keep theirs in the same place."""

    def __init__(self, storage: Storage, place: str, deployment: str) -> None:
        self._storage, self.place, self._deployment = storage, place, deployment
        self._ledger_tags: dict[str, str | None] = {}
        self._others: dict[str, dict[str, Section]] = {}

    def hold_lease(self, run_id: str) -> HeldLease:
        return HeldLease(self._storage, run_id)

    def holder(self) -> Holder | None:
        """Say who holds the lease, or died with it; None if nobody does. Raises StateError or CredentialsError."""
        stored = self._storage.get(KEY)
        return holder_in(stored.body) if stored else None

    def load_ledger(self, store_id: str) -> Ledger:
        stored = self._storage.get(_ledger_key(store_id))
        self._ledger_tags[store_id] = stored.tag if stored else None
        self._others[store_id] = {}
        if stored is None:
            return Ledger(store_id=store_id)
        where = f"The ledger {_ledger_key(store_id)} in {self.place}"
        try:
            file = ledger_file.decode(stored.body, self._deployment)
            ledger = ledger_file.ledger_of(file, self._deployment)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
            raise StateError(
                f"{where} is damaged ({exc}), so nothing is done; restore an older version of it, or move it "
                "away to start anew (nothing that exists will then be deleted)."
            ) from exc
        except ValueError as exc:
            raise StateError(f"{where} {exc}.") from exc
        if file.store_id != store_id:
            raise StateError(f"{where} belongs to the store {file.store_id}; set another 'state' for this store.")
        self._others[store_id] = {name: s for name, s in file.deployments.items() if name != self._deployment}
        return ledger

    def save_ledger(self, ledger: Ledger) -> None:
        body = ledger_file.encode(ledger, self._deployment, self._others.get(ledger.store_id, {}))
        expected = self._ledger_tags.get(ledger.store_id)
        tag = self._storage.put_if(_ledger_key(ledger.store_id), body, expected)
        if tag is None:
            raise LedgerConflict(f"The ledger of {ledger.store_id} in {self.place} was written by another run.")
        self._ledger_tags[ledger.store_id] = tag

    def save_record(self, run_id: str, record: bytes) -> None:
        self._storage.put(f"runs/{run_id}.json", record)

    def save_refusal(self, refusal: Refusal) -> None:
        self._storage.put_if(
            _refusal_key(refusal.id), msgspec.json.format(msgspec.json.encode(refusal), indent=1), None
        )

    def load_refusal(self, refusal_id: str) -> Refusal | None:
        stored = self._storage.get(_refusal_key(refusal_id))
        if stored is None:
            return None
        try:
            refusal = msgspec.json.decode(stored.body, type=Refusal)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
            raise StateError(f"{_refusal_key(refusal_id)} in {self.place} is damaged ({exc}); delete it.") from exc
        return refusal if refusal.id == refusal_id else None

    @property
    def notes(self) -> StoredNotes:
        """Return the notes of this deployment."""
        return StoredNotes(self._storage, f"notes/{self._deployment}/", self.place)


def _refusal_key(refusal_id: str) -> str:
    return f"refused/{refusal_id}.json"


def _ledger_key(store_id: str) -> str:
    return f"ledger/{store_id}.json"
