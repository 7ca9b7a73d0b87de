"""Faults that somebody asked for."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

Refused = Literal[
    "throttle", "error", "unavailable", "bad_request", "unauthorized", "forbidden", "not_found", "conflict"
]
Wire = Literal["drop", "drop_after", "hang", "hang_after", "drop_mid_body", "truncate", "html_page", "wrong_json"]
Content = Literal["empty_page", "short_page", "last_page", "missing_field"]
Kind = Literal[Refused, "slow", Wire, Content]
KINDS: dict[str, str] = {
    "throttle": "refused: too many requests, in the system's own words",
    "error": "refused: an internal error (500)",
    "unavailable": "refused: the service is unavailable (503)",
    "bad_request": "refused: the request is not valid (400)",
    "unauthorized": "refused: the credential is not valid (401); with times 0, from now on",
    "forbidden": "refused: the permission is missing (403)",
    "not_found": "refused: the object is not there (404)",
    "conflict": "refused: somebody else is changing the object (409)",
    "slow": "the answer comes `seconds` late, or once the fault is forgotten",
    "drop": "nothing happens, and the connection is closed",
    "drop_after": "it happens, and the connection is closed without an answer",
    "hang": "nothing happens, and after `seconds` the connection is closed",
    "hang_after": "it happens, and after `seconds` the connection is closed",
    "drop_mid_body": "it happens, and the connection is closed in the middle of the answer",
    "truncate": "it happens, and half of the answer arrives as though it were whole",
    "html_page": "it happens, and a page of HTML arrives with the status of a success",
    "wrong_json": "it happens, and JSON of another shape arrives (a list)",
    "empty_page": "the rows of a listing are missing; its token is there",
    "short_page": "the second half of the rows of a listing is missing; its token is there",
    "last_page": "the token of a listing is missing, so that it ends early",
    "missing_field": "`field` is missing from the answer and from each of its rows",
}
REFUSED: tuple[str, ...] = get_args(Refused)
SYSTEMS = (
    "*",
    "identity_store",
    "sso_admin",
    "identity_sync",
    "directory_service",
    "scim",
    "google",
    "google_oauth",
    "google_sts",
    "google_iam",
    "okta",
    "okta_oauth",
    "entra",
    "entra_login",
    "sts",
    "teams",
)
LISTINGS = ("empty_page", "short_page", "last_page")
ROWS = frozenset({
    "Users", "Groups", "GroupMemberships", "Instances", "AccountAssignments", "Resources", "SyncFilters",
    "users", "groups", "members", "domains", "items", "schemas", "value",
})  # fmt: skip
STEP = 0.05  # seconds after which a call that waits looks whether it still has to
TOKENS = ("NextToken", "nextCursor", "nextPageToken", "next", "@odata.nextLink")  # the last one: in a header of Okta's


class Fault(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Strikes calls of one operation of one system; `*` is any.

    The `nth` matching call is the first that may be struck. From then on each is struck with the
    probability `chance` (repeatable by `seed`), until `times` calls were (0: without end) or until
    `lasting` seconds have passed since the first (0: without end).
    """

    kind: Kind
    system: str = "*"
    operation: str = "*"
    nth: Annotated[int, Meta(ge=1)] = 1
    times: Annotated[int, Meta(ge=0)] = 1
    lasting: Annotated[float, Meta(ge=0)] = 0.0
    chance: Annotated[float, Meta(gt=0, le=1)] = 1.0
    seed: int = 0
    seconds: Annotated[float, Meta(ge=0, le=3600)] = 1.0
    field: str = ""

    def matches(self, system: str, operation: str) -> bool:
        """Tell whether a call is meant; what is cut from rows is meant for listings only."""
        if self.system not in {system, "*"} or self.operation not in {operation, "*"}:
            return False
        return self.kind not in LISTINGS or "list" in operation.casefold()


class _Waiting:
    """A fault, and what it has seen."""

    def __init__(self, fault: Fault, clock: Callable[[], float]) -> None:
        self.fault, self._clock = fault, clock
        self.seen = self.struck = 0
        self._until = 0.0
        self._random = random.Random(fault.seed)  # noqa: S311 # a repeatable chance, not a secret

    def strikes(self) -> bool:
        """Tell whether the call that was seen last is struck, and count it if it is."""
        fault = self.fault
        if self.seen < fault.nth or (fault.times and self.struck >= fault.times):
            return False
        now = self._clock()
        if fault.lasting and self.struck and now > self._until:
            return False
        if fault.chance < 1 and self._random.random() >= fault.chance:
            return False
        self._until = self._until or now + fault.lasting
        self.struck += 1
        return True


class Faults:
    """All faults that are waiting."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: list[_Waiting] = []

    def strike(self, system: str, operation: str) -> Fault | None:
        """Return the fault that strikes this call: the first that was asked for, if several could."""
        meant = [waiting for waiting in self._waiting if waiting.fault.matches(system, operation)]
        for waiting in meant:
            waiting.seen += 1
        return next((waiting.fault for waiting in meant if waiting.strikes()), None)

    def add(self, wanted: Any) -> None:
        """Add a fault, or a list of them: all or none; raises ValueError with a sentence."""
        faults = msgspec.convert(wanted if isinstance(wanted, list) else [wanted], list[Fault])
        for fault in faults:
            if fault.system not in SYSTEMS:
                raise ValueError(f"there is no system {fault.system}; there are {', '.join(SYSTEMS)}")
            if (fault.kind == "missing_field") != bool(fault.field):
                raise ValueError("a fault has a field if, and only if, its kind is missing_field")
        self._waiting += [_Waiting(fault, self._clock) for fault in faults]

    async def pause(self, fault: Fault) -> None:
        """Keep a call waiting for the fault's seconds, or until the fault is forgotten."""
        end = time.monotonic() + fault.seconds
        while (left := end - time.monotonic()) > 0 and any(waiting.fault is fault for waiting in self._waiting):
            await asyncio.sleep(min(left, STEP))

    def clear(self) -> None:
        """Forget all faults; calls that one of them keeps waiting go on."""
        self._waiting.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """Show all faults, and how many calls each has seen and struck."""
        return [
            msgspec.to_builtins(waiting.fault) | {"seen": waiting.seen, "struck": waiting.struck}
            for waiting in self._waiting
        ]


def cut(body: dict[str, Any], fault: Fault) -> dict[str, Any]:
    """Take out of an answer what a fault of its content wants to be missing."""
    match fault.kind:
        case "empty_page":
            return {name: [] if name in ROWS else value for name, value in body.items()}
        case "short_page":
            return {name: value[: len(value) // 2] if name in ROWS else value for name, value in body.items()}
        case "last_page":
            return {name: value for name, value in body.items() if name not in TOKENS}
        case "missing_field":
            return {
                name: [_without(row, fault.field) for row in value] if name in ROWS else value
                for name, value in body.items()
                if name != fault.field
            }
        case _:
            return body


def _without(row: Any, field: str) -> Any:
    return {name: value for name, value in row.items() if name != field} if isinstance(row, dict) else row
