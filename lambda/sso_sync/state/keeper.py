"""Ledger, lease and run records in one storage."""

import msgspec
from msgspec import Struct

from sso_sync.core.approval import Refusal
from sso_sync.core.errors import LedgerConflict, StateError
from sso_sync.core.ledger import LEDGER_VERSION, Ledger
from sso_sync.state.lease import HeldLease
from sso_sync.state.storage import Storage


class StateKeeper:
    """The state of one deployment; see `core.ports.State`."""

    def __init__(self, storage: Storage, place: str) -> None:
        self._storage, self._place = storage, place
        self._ledger_tags: dict[str, str | None] = {}

    def hold_lease(self, run_id: str) -> HeldLease:
        return HeldLease(self._storage, run_id)

    def load_ledger(self, store_id: str) -> Ledger:
        stored = self._storage.get(_ledger_key(store_id))
        self._ledger_tags[store_id] = stored.tag if stored else None
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
        for entries in (ledger.users, ledger.groups):
            if len({entry.aws_id for entry in entries.values()}) != len(entries):
                raise StateError(f"{where} is damaged: two source ids share an AWS id; restore an older version.")
        if ledger.store_id != store_id:
            raise StateError(f"{where} belongs to the store {ledger.store_id}; set another 'state' for this store.")
        return ledger

    def save_ledger(self, ledger: Ledger) -> None:
        body = msgspec.json.encode(ledger, order="deterministic")
        expected = self._ledger_tags.get(ledger.store_id)
        tag = self._storage.put_if(_ledger_key(ledger.store_id), msgspec.json.format(body, indent=1), expected)
        if tag is None:
            raise LedgerConflict(f"The ledger of {ledger.store_id} in {self._place} was written by another run.")
        self._ledger_tags[ledger.store_id] = tag

    def save_record(self, run_id: str, record: bytes) -> None:
        self._storage.put(f"runs/{run_id}.json", record)

    def save_refusal(self, refusal: Refusal) -> None:
        body = msgspec.json.format(msgspec.json.encode(refusal), indent=1)
        self._storage.put_if(_refusal_key(refusal.id), body, None)

    def load_refusal(self, refusal_id: str) -> Refusal | None:
        stored = self._storage.get(_refusal_key(refusal_id))
        if stored is None:
            return None
        try:
            refusal = msgspec.json.decode(stored.body, type=Refusal)
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise StateError(f"{_refusal_key(refusal_id)} in {self._place} is damaged ({exc}); delete it.") from exc
        return refusal if refusal.id == refusal_id else None


class _Versioned(Struct):
    """What every version of the ledger has."""

    version: int = LEDGER_VERSION


def _refusal_key(refusal_id: str) -> str:
    return f"refused/{refusal_id}.json"


def _ledger_key(store_id: str) -> str:
    return f"ledger/{store_id}.json"
