"""Looks at several systems side by side, tells in order, and ends in time."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, Queue
from threading import Thread

from msgspec import Struct

from sso_sync.core.errors import SsoSyncError
from sso_sync.core.findings import Finding, Mark, in_a_line

log = logging.getLogger(__name__)
SLOW = (
    "Check the network, a proxy and the addresses in the config. A very large directory may just take longer: "
    "'sso-sync plan' reads it to its end."
)


class Step(Struct, frozen=True):
    """What looks at something; `subject` is of the finding if it raises or does not come to an end."""

    subject: str
    look: Callable[[], Iterator[Finding]]


def conduct(steps: Sequence[Step], until: float) -> Iterator[Finding]:
    """Take all steps at once and yield what each finds, one step after the other.

    A step that has not ended by `until`, by the steady clock, is left behind; one that raises has found a problem.
    """
    under_way = [(step, _begin(step)) for step in steps]
    for step, found in under_way:
        yield from _collected(step, found, until)


def _begin(step: Step) -> "Queue[Finding | None]":
    found: Queue[Finding | None] = Queue()
    Thread(target=_take, args=(step, found), name=step.subject, daemon=True).start()
    return found


def _take(step: Step, found: "Queue[Finding | None]") -> None:
    """Take a step in a thread of its own; None says that it has ended."""
    try:
        for finding in step.look():
            found.put(finding)
    except SsoSyncError as exc:
        found.put(Finding(step.subject, Mark.PROBLEM, in_a_line(exc)))
    except Exception as exc:
        log.debug("looking at %s failed", step.subject, exc_info=True)
        said = f"This is a bug in sso-sync ({type(exc).__name__}: {exc})."
        found.put(Finding(step.subject, Mark.PROBLEM, said, "Run again with --debug, and report what it prints."))
    found.put(None)


def _collected(step: Step, found: "Queue[Finding | None]", until: float) -> Iterator[Finding]:
    try:
        while (finding := found.get(timeout=max(until - time.monotonic(), 0.01))) is not None:
            yield finding
    except Empty:
        said = "It had not answered when the time was up, and was not waited for any longer."
        yield Finding(step.subject, Mark.PROBLEM, said, SLOW)
