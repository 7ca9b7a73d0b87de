"""Request quotas as token buckets, at the documented rates times a scale."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.refusal import Refusal


@dataclass
class Bucket:
    """Holds `size` tokens and refills at `per_second`."""

    per_second: float
    size: float
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.per_second)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Quotas:
    """One bucket for each system and operation.

    Identity Store: 20 a second for each API; SCIM: 25 writes and 40 reads a second for each API;
    sso-admin: 20 a second together ("Quotas and limits" of the IAM Identity Center user guide).
    Google: 2,400 a minute together (Directory API limits page).
    Teams: 4 a second for each webhook ("Create an Incoming Webhook" of the Teams documentation).
    """

    def __init__(self, scale: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._scale, self._clock = scale, clock
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, system: str, operation: str) -> None:
        """Count a call against its quota; raises the system's throttling refusal."""
        key, per_second, size = self._rule(system, operation)
        if not per_second:
            return
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(per_second * self._scale, size * self._scale, size * self._scale, now)
        if not bucket.take(now):
            raise Refusal("throttle", "Rate exceeded")

    @staticmethod
    def _rule(system: str, operation: str) -> tuple[tuple[str, str], float, float]:
        match system:
            case "identity_store":
                return (system, operation), 20, 20
            case "scim":
                rate = 40 if operation.startswith(("Get", "List")) else 25
                return (system, operation), rate, rate
            case "sso_admin":
                return (system, "*"), 20, 20
            case "google" if operation != "batch":
                return (system, "*"), 40, 2400
            case "teams":
                return (system, operation), 4, 4
            case _:
                return (system, operation), 0, 0
