"""Ways to disturb a run at its k-th call of something outside: over HTTP, or of the place where state is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from sandbox.faults import Fault, Faults
from sso_sync.core.errors import StateError
from sso_sync.state.storage import FolderStorage, Stored

Answer = TypeVar("Answer")


class Disturbance(Struct, frozen=True):
    """What happens at the k-th call: a fault of the stand-ins, what follows it, and who gives up.

    `kind` is a kind of sandbox.faults, `then` one for all later calls. With `dies`, nothing is kept from
    that moment on; with `stops`, somebody asks the run to stop. A `patient` run tries again.
    """

    name: str
    kind: str
    then: str = ""
    dies: bool = False
    stops: bool = False
    patient: bool = False

    def faults(self, number: int) -> list[dict[str, Any]]:
        """Write the faults as the sandbox takes them."""
        wanted: list[dict[str, Any]] = [{"kind": self.kind, "nth": number, "seconds": 0}]
        return wanted + ([{"kind": self.then, "nth": number + 1, "times": 0}] if self.then else [])


OVER_HTTP = (
    Disturbance("somebody asks it to stop", "slow", stops=True),
    Disturbance("the process dies before the call", "drop", then="drop", dies=True),
    Disturbance("the process dies after the call", "drop_after", then="drop", dies=True),
    Disturbance("the network is gone from then on", "drop", then="drop"),
    Disturbance("the call is refused", "bad_request"),
    Disturbance("the call fails", "error"),
    Disturbance("the call fails once", "error", patient=True),
    Disturbance("the call happens without an answer", "drop_after"),
    Disturbance("the call happens without an answer once", "drop_after", patient=True),
    Disturbance("the call is throttled", "throttle"),
    Disturbance("the call is throttled once", "throttle", patient=True),
)
OF_STATE = ("fails before", "fails after", "fails from then on", "dies before", "dies after")


class CountedFaults(Faults):
    """The stand-ins' faults, which name every call and tell when the first one strikes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.calls: list[str] = []
        self.struck: list[str] = []
        self.on_strike: Callable[[], object] = bool

    def strike(self, system: str, operation: str) -> Fault | None:
        fault = super().strike(system, operation)
        self.calls.append(f"{system} {operation}")
        if fault:
            self.struck.append(self.calls[-1])
            if len(self.struck) == 1:
                self.on_strike()
        return fault

    def clear(self) -> None:
        """Forget all faults, and what was called."""
        super().clear()
        self.calls.clear()
        self.struck.clear()
        self.on_strike = bool


class CountedStorage:
    """State in a folder, which fails at the k-th call of it, or for good when the process has died."""

    def __init__(self, folder: Path, how: str = "", number: int = 0, on_death: Callable[[], object] = bool) -> None:
        self._inner, self._how, self._number = FolderStorage(folder), how, number
        self._on_death, self._dead = on_death, False
        self.calls: list[str] = []
        self.struck: list[str] = []

    def die(self) -> None:
        """Let nothing be kept any more."""
        self._dead = True

    def get(self, key: str) -> Stored | None:
        return self._call("get", key, lambda: self._inner.get(key))

    def put(self, key: str, body: bytes) -> None:
        return self._call("put", key, lambda: self._inner.put(key, body))

    def put_if(self, key: str, body: bytes, tag: str | None) -> str | None:
        return self._call("put_if", key, lambda: self._inner.put_if(key, body, tag))

    def delete_if(self, key: str, tag: str) -> None:
        return self._call("delete_if", key, lambda: self._inner.delete_if(key, tag))

    def _call(self, operation: str, key: str, make: Callable[[], Answer]) -> Answer:
        if self._dead:
            raise StateError("Nobody is there any more.")
        self.calls.append(f"{operation} {key.partition('/')[0]}")
        number = len(self.calls)
        goes_on = self._how.endswith("from then on") and number > self._number
        if not self._how or not (number == self._number or goes_on):
            return make()
        self.struck.append(self.calls[-1])
        if self._how.endswith("after"):
            make()
        if self._how.startswith("dies"):
            self.die()
            self._on_death()
        raise StateError("The place of the state does not answer.")
