"""Pages of Google's listings: maxResults and pageToken."""

import base64
from collections.abc import Mapping
from typing import Any

from sandbox.clock import Clock
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
TOKEN_LIFETIME = 3 * 24 * 3600  # seconds (users.list: "valid for three days")


class GooglePages:
    """Cuts pages, as short as the switches want them."""

    def __init__(self, switches: Switches, clock: Clock) -> None:
        self._switches, self._clock = switches, clock

    def cut(self, rows: list[Json], query: Mapping[str, str], *, default: int, maximum: int) -> tuple[list[Json], Json]:
        """Return the page that a query asks for, and the token of the next; raises a refusal."""
        asked = query.get("maxResults", str(default))
        if not asked.isdigit() or not 1 <= int(asked) <= maximum:
            raise Refusal("bad_request", f"Invalid value '{asked}'. Values must be within the range: [1, {maximum}]")
        size = max(1, int(asked) // 3) if self._switches.short_pages else int(asked)
        start = self._read(query["pageToken"]) if query.get("pageToken") else 0
        end = start + size
        return rows[start:end], {"nextPageToken": self._make(end)} if end < len(rows) else {}

    def _make(self, position: int) -> str:
        return base64.urlsafe_b64encode(f"{position}:{self._clock.now()}".encode()).decode()

    def _read(self, token: str) -> int:
        try:
            position, issued = base64.urlsafe_b64decode(token.encode()).decode().split(":")
            number, age = int(position), self._clock.now() - float(issued)
        except ValueError as exc:
            raise Refusal("bad_request", "Invalid Input: pageToken") from exc
        if age > TOKEN_LIFETIME:
            raise Refusal("bad_request", "Invalid Input: pageToken")
        return number
