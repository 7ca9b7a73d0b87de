"""Pages of a listing, by an opaque token that belongs to it and expires."""

import base64
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.clock import Clock
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]


class Pages:
    """Cuts pages, as short as the switches want them."""

    def __init__(self, switches: Switches, clock: Clock) -> None:
        self._switches, self._clock = switches, clock

    def cut(
        self, rows: Sequence[Json], size: int, token: str, listing: str, number_of: Callable[[Json], int]
    ) -> tuple[list[Json], str]:
        """Return the page after a token ("": the first), and the token of the page after it ("": there is none).

        Rows are ordered by `number_of`, so that what comes or goes meanwhile moves no page. Raises a
        refusal if the token is of another listing or has expired.
        """
        start = bisect_right(rows, self._read(token, listing), key=number_of) if token else 0
        end = start + self._switches.page_size(size)
        return list(rows[start:end]), self._make(number_of(rows[end - 1]), listing) if end < len(rows) else ""

    def _make(self, position: int, listing: str) -> str:
        return base64.urlsafe_b64encode(f"{position}:{self._clock.now()}:{listing}".encode()).decode()

    def _read(self, token: str, listing: str) -> int:
        try:
            position, issued, of = base64.urlsafe_b64decode(token.encode()).decode().split(":", 2)
            number, age = int(position), self._clock.now() - float(issued)
        except ValueError as exc:
            raise invalid_token() from exc
        if of != listing or age > self._switches.token_lifetime:
            raise invalid_token()
        return number


def invalid_token() -> Refusal:
    return Refusal("bad_request", "The pagination token is not valid.")
