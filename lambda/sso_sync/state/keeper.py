"""Ledger, lease and run records in one storage."""

import msgspec
from msgspec import Struct

from sso_sync.core.errors import StateError
from sso_sync.core.ledger import LEDGER_VERSION, Ledger
from sso_sync.state.lease import HeldLease
from sso_sync.state.storage import Storage


class StateKeeper:
    """The state of one deployment; see `core.ports.State`."""

    def __init__(self, storage: Storage, place: str) -> None:
        self._storage, self._place = storage, place

    def hold_lease(self, run_id: str) -> HeldLease:
        return HeldLease(self._storage, run_id)

    def load_ledger(self, store_id: str) -> Ledger:
        stored = self._storage.get(_ledger_key(store_id))
        if stored is None:
            return Ledger(store_id=store_id)
        where = f"The ledger {_ledger_key(store_id)} in {self._place}"
        try:
            version = msgspec.json.decode(stored.body, type=_Versioned).version
            if version != LEDGER_VERSION:
                raise StateError(
                    f"{where} has version {version}, this program knows {LEDGER_VERSION}; use the newer program."
                )
            ledger = msgspec.json.decode(stored.body, type=Ledger)
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise StateError(
                f"{where} is damaged ({exc}), so nothing is done; restore an older version of it, or move it "
                "away to start anew (nothing that exists will then be deleted)."
            ) from exc
        if ledger.store_id != store_id:
            raise StateError(f"{where} belongs to the store {ledger.store_id}; set another 'state' for this store.")
        return ledger

    def save_ledger(self, ledger: Ledger) -> None:
        body = msgspec.json.encode(ledger, order="deterministic")
        self._storage.put(_ledger_key(ledger.store_id), msgspec.json.format(body, indent=1))

    def save_record(self, run_id: str, record: bytes) -> None:
        self._storage.put(f"runs/{run_id}.json", record)


class _Versioned(Struct):
    """What every version of the ledger has."""

    version: int = LEDGER_VERSION


def _ledger_key(store_id: str) -> str:
    return f"ledger/{store_id}.json"
