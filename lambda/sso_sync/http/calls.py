"""How many calls left for outside, by system and operation."""

import threading
from collections import Counter


class Calls:
    """Counts every attempt of every call, retries included; safe for threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, system: str, operation: str, times: int = 1) -> None:
        """Count calls that leave, such as ("scim", "PATCH Groups")."""
        with self._lock:
            self._counts[f"{system} {operation}"] += times

    def counts(self) -> dict[str, int]:
        """Return the counts by system and operation, such as {"scim PATCH Groups": 3}, sorted."""
        with self._lock:
            return dict(sorted(self._counts.items()))
