"""Okta's rate limits, heeded before they are met.

Every answer tells how many calls of its kind are left in the present window, and when the next one begins
("Rate limit best practices" of Okta's reference). A limit of 0 with 0 left means that too many calls were
under way at once; the moment told with that is only a guess.
"""

import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from msgspec import Struct
from urllib3 import BaseHTTPResponse

from sso_sync.http.retries import JudgedRetry

SHARE_OF_OTHERS = 0.1  # of each limit: whoever else reads this organisation lives on the same calls
LONGEST_WINDOW = 61.0  # seconds: limits are by the minute
SLACK = 2.0  # seconds that two answers of one window may differ in when it ends


class Told(Struct, frozen=True):
    """What an answer says: calls in a window, calls left in it, and seconds until the next one begins."""

    limit: int
    left: int
    seconds: float

    @property
    def is_of_window(self) -> bool:
        """Tell the limit of a window from that of calls at once."""
        return self.limit > 0


def told_by(headers: Mapping[str, str]) -> Told | None:
    """Read what an answer tells, by Okta's own clock; None if it tells nothing that makes sense."""
    try:
        limit, left, reset = (int(headers[f"X-Rate-Limit-{name}"]) for name in ("Limit", "Remaining", "Reset"))
        now = parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None
    return Told(limit, left, min(max(0.0, reset - now + 1), LONGEST_WINDOW))


class WindowRetry(JudgedRetry):
    """Retries of calls that were refused for too many: in the next window, or shortly where many were under way."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        told = told_by(response.headers) if response.status == 429 else None
        if told:
            return told.seconds if told.is_of_window else None
        return super().get_retry_after(response)


class _Window(Struct):
    """Calls that may still leave before the moment at which a window ends."""

    left: int
    ends: float


class Windows:
    """Lets calls leave as long as their window has some left, and then waits for the next; safe for threads.

    `waits` is told before each wait how long it is.
    """

    def __init__(
        self,
        waits: Callable[[float], None] = lambda _: None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._waits, self._clock, self._sleep = waits, clock, sleep
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()

    def wait(self, operation: str) -> None:
        """Sleep until a call of this kind may leave."""
        while pause := self._take_turn(operation):
            self._waits(pause)
            self._sleep(pause)

    def _take_turn(self, operation: str) -> float:
        with self._lock:
            window, now = self._windows.get(operation), self._clock()
            if window is None or now >= window.ends:
                self._windows.pop(operation, None)  # what the next one allows, its first answer tells
                return 0.0
            if window.left > 0:
                window.left -= 1
                return 0.0
            return window.ends - now

    def heed(self, operation: str, headers: Mapping[str, str]) -> None:
        """Note what an answer says; answers may come in another order than their calls left in."""
        told = told_by(headers)
        if told is None or not told.is_of_window:
            return
        left = told.left - int(told.limit * SHARE_OF_OTHERS)
        with self._lock:
            ends, known = self._clock() + told.seconds, self._windows.get(operation)
            if known is None or ends > known.ends + SLACK:
                self._windows[operation] = _Window(left, ends)
            elif ends > known.ends - SLACK:
                known.left = min(known.left, left)
