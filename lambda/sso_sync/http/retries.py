"""Retries as urllib3 makes them, each of them told to whoever counts, slows and bounds them."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ResponseError
from urllib3.util import Retry

# Gets method, path, the answer's status (0: none came), the pause before the retry in seconds, and
# whether the system asked for it; tells whether the retry may be made.
Judge = Callable[[str, str, int, float, bool], bool]


class JudgedRetry(Retry):
    """A Retry that asks a judge before each retry."""

    judge: Judge

    @classmethod
    def by(cls, judge: Judge, **how: Any) -> Self:
        """Make one with the options of urllib3's Retry."""
        made = cls(**how)
        made.judge = judge
        return made

    def new(self, **changed: Any) -> Self:
        made = super().new(**changed)
        made.judge = self.judge
        return made

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        following = super().increment(method, url, response, error, _pool, _stacktrace)
        asked = self.get_retry_after(response) if response else None
        pause = asked or following.get_backoff_time()
        status = response.status if response else 0
        if not self.judge(method or "", url or "", status, pause, asked is not None):
            raise MaxRetryError(_pool, url, error or ResponseError("no patience is left")) from error  # type: ignore[arg-type] # as urllib3 does
        return following

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return super().parse_retry_after(retry_after)
        except (InvalidHeader, ArithmeticError, ValueError):
            return 0.0  # neither a number nor a date: as though nothing had been asked
