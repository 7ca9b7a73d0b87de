"""Faults that somebody asked for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "throttle": "the system's own answer to too many requests",
    "error": "an internal error (500)",
    "unavailable": "the service is unavailable (503)",
    "bad_request": "the request is refused (400)",
    "unauthorized": "the credential is refused (401)",
    "forbidden": "the permission is missing (403)",
    "not_found": "the object is not there (404)",
    "slow": "the answer comes after `seconds`",
    "drop": "the connection is closed, and nothing happens",
    "drop_after": "it happens, and then the connection is closed",
    "truncate": "it happens, and half of the answer arrives",
    "empty_page": "lists in the answer are empty",
}


@dataclass
class Fault:
    """Strikes the `nth` matching call from now on, `times` in a row (0: for ever)."""

    system: str
    operation: str
    kind: str
    nth: int = 1
    times: int = 1
    seconds: float = 1.0
    seen: int = 0

    def strikes(self, system: str, operation: str) -> bool:
        """Count a call; tell whether it is struck."""
        if self.system not in {system, "*"} or self.operation not in {operation, "*"}:
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)


class Faults:
    """All faults that are waiting."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def strike(self, system: str, operation: str) -> Fault | None:
        """Return the fault that strikes this call."""
        struck = [fault for fault in self._waiting if fault.strikes(system, operation)]
        return struck[0] if struck else None

    def add(self, wanted: Mapping[str, Any]) -> None:
        """Add a fault; raises ValueError with a sentence if it makes no sense."""
        unknown = set(wanted) - {"system", "operation", "kind", "nth", "times", "seconds"}
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        if wanted.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        self._waiting.append(
            Fault(
                str(wanted.get("system", "*")),
                str(wanted.get("operation", "*")),
                str(wanted["kind"]),
                int(wanted.get("nth", 1)),
                int(wanted.get("times", 1)),
                float(wanted.get("seconds", 1.0)),
            )
        )

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """Show all faults, and how many matching calls each has seen."""
        return [asdict(fault) for fault in self._waiting]
