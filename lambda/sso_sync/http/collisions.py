"""Two changes of one object at the same time: the one that is refused tries again."""

import random
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Outcome = TypeVar("Outcome")
PAUSES = (0.1, 0.3, 1.0, 3.0)  # seconds between attempts: others change an object in one call, not for long


def unless_collided(
    call: Callable[[], Outcome], collided: Callable[[Outcome], bool], pauses: Sequence[float] = PAUSES
) -> Outcome:
    """Call, and call again while the outcome is a collision; the last outcome counts, whatever it is."""
    for pause in pauses:
        outcome = call()
        if not collided(outcome):
            return outcome
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 # so that two that collided part
    return call()
