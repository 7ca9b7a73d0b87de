"""Request quotas at the documented rates, times a scale."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.refusal import Refusal

MINUTE = 60


class Allowance(Protocol):
    """Lets so much through and no more."""

    def take(self, now: float, cost: float) -> float:
        """Take from what is left; returns 0, or how many seconds to wait if it is not enough."""
        ...


@dataclass
class Bucket:
    """A token bucket: holds a second's worth and refills steadily."""

    per_second: float
    tokens: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self._size = max(1.0, self.per_second)

    def take(self, now: float, cost: float) -> float:
        self.tokens = min(self._size, self.tokens + max(0.0, now - self.at) * self.per_second)
        self.at = now
        if self.tokens < min(cost, self._size):  # more than fits is let through when it is full
            return (min(cost, self._size) - self.tokens) / self.per_second
        self.tokens -= cost
        return 0.0


@dataclass
class SlidingMinute:
    """At most so many in any sixty seconds, counted by the second."""

    per_minute: float
    seconds: dict[int, float] = field(default_factory=dict)

    def take(self, now: float, cost: float) -> float:
        second = math.floor(now)
        # A second counts until its last moment is a minute old.
        self.seconds = {then: taken for then, taken in self.seconds.items() if then + 1 + MINUTE > now}
        if sum(self.seconds.values()) + cost > self.per_minute:
            return min(self.seconds, default=second) + 1 + MINUTE - now
        self.seconds[second] = self.seconds.get(second, 0) + cost
        return 0.0


@dataclass
class FixedMinute:
    """So many from the first until a minute after it; then the next minute begins with the first that comes."""

    per_window: int
    begun: float = -math.inf
    taken: float = 0.0

    def take(self, now: float, cost: float) -> float:
        if now >= self.ends(now):
            self.begun, self.taken = now, 0.0
        if self.taken + cost > self.per_window:
            return self.ends(now) - now
        self.taken += cost
        return 0.0

    def left(self, now: float) -> int:
        """Return how many may still be taken."""
        return self.per_window - (int(self.taken) if now < self.begun + MINUTE else 0)

    def ends(self, now: float) -> float:
        """Return when the present window ends, or now if none is running."""
        return max(now, self.begun + MINUTE)


class Quotas:
    """One allowance for each system and operation.

    Identity Store: 20 a second for each API; SCIM: 25 writes and 40 reads a second for each API;
    sso-admin: 20 a second together ("Quotas and limits" of the IAM Identity Center user guide).
    Google: 2,400 a minute together ("Limits and quotas" of the Directory API).
    identity-sync: 20 a second together (open: our choice).
    Okta: 600 a minute for users, 500 for groups ("Management rate limits", a workforce organisation).
    Teams: 4 a second for each webhook ("Create an Incoming Webhook" of the Teams documentation).
    """

    def __init__(self, scale: float, clock: Callable[[], float]) -> None:
        self.scale, self._clock = scale, clock
        self._allowances: dict[str, Allowance] = {}
        self._okta: dict[str, FixedMinute] = {}

    def take(self, system: str, operation: str) -> None:
        """Count a call against its quota; raises the system's throttling refusal."""
        match system:
            case "identity_store":
                self.take_from(f"{system} {operation}", lambda: Bucket(20 * self.scale))
            case "scim":
                rate = 40 if operation.startswith(("Get", "List", "ServiceProvider")) else 25
                self.take_from(f"{system} {operation}", lambda: Bucket(rate * self.scale))
            case "sso_admin":
                self.take_from(system, lambda: Bucket(20 * self.scale))
            case "identity_sync":
                self.take_from(system, lambda: Bucket(20 * self.scale))
            case "google":
                self.take_from(system, lambda: SlidingMinute(2400 * self.scale))
            case "okta":
                self.take_from(f"{system} {_okta_window(operation)}", lambda: self.okta_window(operation))
            case "teams":
                self.take_from(f"{system} {operation}", lambda: Bucket(4 * self.scale))

    def okta_window(self, operation: str) -> FixedMinute:
        """Return the window that an operation of Okta's counts in."""
        name = _okta_window(operation)
        per_minute = {"users": 600, "groups": 500}[name]
        return self._okta.setdefault(name, FixedMinute(max(1, int(per_minute * self.scale))))

    def take_from(self, name: str, make: Callable[[], Allowance], cost: float = 1) -> None:
        """Take from the named allowance, which is made when it is first needed."""
        if name not in self._allowances:
            self._allowances[name] = make()
        wait = self._allowances[name].take(self._clock(), cost)
        if wait:
            raise Refusal("throttle", "Rate exceeded", retry_after=math.ceil(wait))


def _okta_window(operation: str) -> str:
    """Members of a group count as groups: our reading of "/api/v1/groups except /api/v1/groups/{id}"."""
    return "users" if operation == "listUsers" else "groups"
