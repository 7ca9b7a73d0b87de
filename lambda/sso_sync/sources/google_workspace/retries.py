"""Calls that are tried again: slower together when Google throttles one, and no longer than the run's patience."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from google.api_core.retry import exponential_sleep_generator, retry_target
from msgspec import Struct

from sso_sync.http.calls import said_of
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.sources.google_workspace.errors import asked_pause, is_throttled, is_transient, status_of, words_of

LONGEST_PAUSE = 60.0  # seconds: as for every other system
Answer = TypeVar("Answer")


class Pauses(Struct, frozen=True):
    """The pauses before retries, in seconds: the first, the longest, and when a call is given up."""

    first: float = 1.0
    longest: float = 32.0
    in_all: float = 150.0


class OutOfPatience(Exception):
    """The run has waited long enough; the message is what Google said last."""


class Retries:
    """Sends calls until they succeed, fail for good, or have been tried long enough.

    `told` gets what was said before a pause, and the seconds of it.
    """

    def __init__(
        self, governor: RateGovernor, patience: Patience, pauses: Pauses, told: Callable[[str, float], None]
    ) -> None:
        self._governor, self._patience, self._pauses, self._told = governor, patience, pauses, told

    def call(self, send: Callable[[], Answer]) -> Answer:
        """Send; raises OutOfPatience, google.api_core's RetryError, or what `send` raised last."""
        failures: list[Exception] = []
        pauses = self._granted(failures)
        answer: Answer = retry_target(send, is_transient, pauses, timeout=self._pauses.in_all, on_error=failures.append)
        return answer

    def _granted(self, failures: list[Exception]) -> Iterator[float]:
        """Yield the pause before each retry, if the run has patience for it."""
        for backoff in exponential_sleep_generator(self._pauses.first, self._pauses.longest):
            pause = min(max(asked_pause(failures[-1]), backoff), LONGEST_PAUSE)
            if not self._may_pause(failures[-1], pause):
                raise OutOfPatience(words_of(failures[-1])) from failures[-1]
            yield pause

    def slow_down_for(self, error: BaseException) -> None:
        """Slow all calls if an error that is not raised, that of a part of a batch, says that it was throttled."""
        if is_throttled(error):
            self._may_pause(error, min(max(asked_pause(error), self._pauses.first), LONGEST_PAUSE))

    def _may_pause(self, error: BaseException, pause: float) -> bool:
        granted = self._patience.grant(pause)
        if is_throttled(error):
            self._governor.slow_down(pause if granted else 0)
        if granted:
            self._told(said_of(status_of(error), throttled=is_throttled(error)), pause)
        return granted
