"""Notes: small files that a run reads, and replaces only as it has read them."""

from collections.abc import Callable

from sso_sync.core.errors import StateError
from sso_sync.state.storage import Storage

ATTEMPTS = 5  # two runs at most write at once, and each in an instant


class StoredNotes:
    """Notes under a folder of the state; see `core.ports.Notes`."""

    def __init__(self, storage: Storage, folder: str, place: str) -> None:
        self._storage, self._folder, self._place = storage, folder, place

    def read(self, name: str) -> bytes | None:
        stored = self._storage.get(self._key(name))
        return stored.body if stored else None

    def amend(self, name: str, how: Callable[[bytes | None], bytes]) -> None:
        for _ in range(ATTEMPTS):
            stored = self._storage.get(self._key(name))
            body = how(stored.body if stored else None)
            if self._storage.put_if(self._key(name), body, stored.tag if stored else None) is not None:
                return
        raise StateError(f"{self._key(name)} in {self._place} is written by others all the time; run again.")

    def _key(self, name: str) -> str:
        return f"{self._folder}{name}.json"
