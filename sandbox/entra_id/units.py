"""Throttling of Graph's directory: resource units in ten seconds, by the size of the tenant.

"Identity and access service limits" of the page on service-specific throttling limits.
"""

from dataclasses import dataclass, field

SECONDS = 10
TOLD_FROM = 0.8  # of the limit, from there on it is told
COSTS = {"users.list": 2, "members.list": 3}  # all others cost 1


def units_of_tenant(users: int) -> int:
    """Return how many units a tenant has for an app in ten seconds."""
    return 3500 if users < 50 else 5000 if users <= 500 else 8000


def cost(operation: str, *, selects: bool, top: int | None) -> int:
    """Return what a call costs, at least one unit."""
    return max(1, COSTS.get(operation, 1) - selects - (top is not None and top < 20))


@dataclass
class TenSeconds:
    """A bucket that holds what may be spent in ten seconds, and refills steadily."""

    size: float
    left: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.left = self.size

    def take(self, now: float, cost: float) -> float:
        self.left = min(self.size, self.left + max(0.0, now - self.at) * self.size / SECONDS)
        self.at = now
        if self.left < cost:
            return (cost - self.left) * SECONDS / self.size
        self.left -= cost
        return 0.0

    @property
    def used(self) -> float:
        """Return the part of it that is spent."""
        return 1 - self.left / self.size
