"""The sandbox's time, which can be moved forward."""

import time


class Clock:
    """Seconds since 1970; `advance` lets tokens expire without anybody waiting for it."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Return the time."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the time forward."""
        self._ahead += seconds
