"""A rate governor: calls of one kind leave no faster than the quota that they share."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable


class RateGovernor:
    """Lets calls of each operation through at `per_second`, and up to `burst` of them at once.

    Safe for threads. With a burst of one, calls are spaced evenly, which leaves room for others who
    live on the same quota. This is the generic cell rate algorithm: one number for each operation,
    the moment at which everything let through so far is paid for.
    """

    def __init__(
        self,
        per_second: float,
        *,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval, self._burst = 1 / per_second, burst
        self._clock, self._sleep = clock, sleep
        self._paid_at: defaultdict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def wait(self, operation: str, calls: int = 1) -> None:
        """Sleep until the operation may be called; `calls` for a batch that counts as several."""
        credit = max(0, self._burst - calls) * self._interval
        with self._lock:
            now = self._clock()
            paid_at = max(now, self._paid_at[operation])
            self._paid_at[operation] = paid_at + calls * self._interval
        if paid_at - credit > now:
            self._sleep(paid_at - credit - now)
