"""How long the retries of one run may wait, whatever they wait for: a run ends in bounded time."""

import threading
import time
from collections.abc import Callable

LONGEST_WAIT = 600.0  # seconds in one run: a scheduled run comes again, and a function has 15 minutes


class Patience:
    """Grants pauses before retries until they come to `seconds`; safe for threads.

    Pauses at the same time count once. After the first pause that is not granted none is.
    """

    def __init__(self, seconds: float = LONGEST_WAIT, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._left, self._clock = seconds, clock
        self._waiting_until = 0.0
        self._lock = threading.Lock()
        self.minutes = seconds / 60
        self.used_up = False

    def grant(self, seconds: float) -> bool:
        """Tell whether somebody may wait so long, beginning now, and then try again."""
        with self._lock:
            now = self._clock()
            end = now + seconds
            more = max(0.0, end - max(now, self._waiting_until))
            if self.used_up or more > self._left:
                self.used_up = True
                return False
            self._left -= more
            self._waiting_until = max(self._waiting_until, end)
            return True


def impatient(doing: str, who: str, minutes: float, said: str) -> str:
    """Say that a call is not tried again, because the run has waited for so many minutes already."""
    return (
        f"Cannot {doing}: {who} kept throttling or failing ({said}), and this run has waited {minutes:g} minutes for "
        "retries, which is all that one run may; run again later."
    )
