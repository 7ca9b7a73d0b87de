"""How many calls left for outside, by system and operation, and what a read is waiting for."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable

from msgspec import Struct

log = logging.getLogger(__name__)
SAID_AGAIN_AFTER = 1.0  # seconds past a pause in which a second one belongs to the same trouble


def said_of(status: int, *, throttled: bool = False) -> str:
    """Say in a few words what kept a call from succeeding: the answer's status, 0 if none came."""
    if throttled:
        return "asks for fewer calls"
    return f"answers {status}" if status else "does not answer"


class Share(Struct, frozen=True):
    """How many of the things that a system is to be asked about are done; `expected` grows while more are found."""

    system: str
    things: str
    done: int
    expected: int


class Trouble(Struct, frozen=True):
    """What a system said, such as "answers 503", and when it is asked again, by the steady clock."""

    said: str
    until: float


class Calls:
    """Counts every attempt of every call, retries included, and notes how far reads are; safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._counts: Counter[str] = Counter()
        self._expected: Counter[tuple[str, str]] = Counter()
        self._done: Counter[tuple[str, str]] = Counter()
        self._troubles: dict[str, Trouble] = {}
        self._clock, self._lock = clock, threading.Lock()

    def count(self, system: str, operation: str, times: int = 1) -> None:
        """Count calls that leave, such as ("scim", "PATCH Groups")."""
        with self._lock:
            self._counts[f"{system} {operation}"] += times

    def counts(self) -> dict[str, int]:
        """Return the counts by system and operation, such as {"scim PATCH Groups": 3}, sorted."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def expect(self, system: str, things: str, more: int) -> None:
        """Note that a system is to be asked about so many more things, such as "groups"."""
        with self._lock:
            self._expected[system, things] += more

    def finish(self, system: str, things: str) -> None:
        """Note that everything is known of one of them."""
        with self._lock:
            self._done[system, things] += 1

    def shares(self) -> list[Share]:
        """List how far reads are, in the order in which they began."""
        with self._lock:
            return [Share(*key, self._done[key], expected) for key, expected in self._expected.items()]

    def pause(self, system: str, said: str, seconds: float) -> None:
        """Note that a system is asked again in so many seconds, and what it said in a few words of ours."""
        with self._lock:
            before, now = self._troubles.get(system), self._clock()
            known = before and before.said == said and now < before.until + SAID_AGAIN_AFTER
            until = max(before.until, now + seconds) if before and known else now + seconds
            self._troubles[system] = Trouble(said, until)
        if not known:
            log.info("trying again", extra={"system": system, "said": said, "seconds": round(seconds, 1)})

    def troubles(self) -> dict[str, Trouble]:
        """Return what is being waited for at this moment, by system."""
        with self._lock:
            now = self._clock()
            return {system: trouble for system, trouble in self._troubles.items() if now < trouble.until}
