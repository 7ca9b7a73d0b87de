"""A rate governor: calls of one kind leave no faster than the quota that they share."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable

SLOWEST = 16.0  # times slower than the full rate, and no more
RECOVERY = 0.99  # what a call that leaves makes of the slowness: some 70 calls double the rate


class RateGovernor:
    """Lets calls of each operation through at `per_second`, and up to `burst` of them at once.

    Safe for threads. With a burst of one, calls are spaced evenly, which leaves room for others who
    live on the same quota. This is the generic cell rate algorithm: one number for each operation,
    the moment at which everything let through so far is paid for. A system that throttles slows all
    its operations: halved at once, and back little by little.
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
        self._held_until, self._slowness = 0.0, 1.0
        self._lock = threading.Lock()

    def wait(self, operation: str, calls: int = 1) -> None:
        """Sleep until the operation may be called; `calls` for a batch that counts as several."""
        while pause := self._take_turn(operation, calls):
            self._sleep(pause)
            with self._lock:
                if self._clock() >= self._held_until:
                    return  # else everything was held meanwhile: queue anew

    def _take_turn(self, operation: str, calls: int) -> float:
        """Return how long it is until the turn of a call."""
        with self._lock:
            now = self._clock()
            interval = self._interval * self._slowness
            credit = max(0, self._burst - calls) * interval
            paid_at = max(now, self._held_until, self._paid_at[operation])
            self._paid_at[operation] = paid_at + calls * interval
            self._slowness = max(1.0, self._slowness * RECOVERY**calls)
            return max(0.0, paid_at - credit - now, self._held_until - now)

    def slow_down(self, seconds: float) -> None:
        """Let nothing through for so long (0: go on at once), and then half as much as before.

        Calls that are refused while everything is held left before it was, and tell nothing new.
        """
        with self._lock:
            now = self._clock()
            if now >= self._held_until:
                self._slowness = min(SLOWEST, self._slowness * 2)
            self._held_until = max(self._held_until, now + seconds)
