"""Pages of Google's listings: maxResults and pageToken."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.clock import Clock
from sandbox.google.discovery import method
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
# Seconds. users.list documents three days; that the tokens of other listings last as long is our choice.
TOKEN_LIFETIME = 3 * 24 * 3600
UNSAID = 100  # rows of a page of roles or assignments, whose document has no default: our choice
# What may change from page to page (AIP-158 lets the page size, and asks all else to stay as it was).
MAY_CHANGE = {"pageToken", "maxResults", "fields", "alt", "key", "prettyPrint", "quotaUser"}


class GooglePages:
    """Cuts pages, as short as the switches want them."""

    def __init__(self, switches: Switches, clock: Clock) -> None:
        self._switches, self._clock = switches, clock
        self._secret = secrets.token_bytes(16)

    def cut(
        self, rows: Sequence[Json], operation: str, key: str, query: Mapping[str, str]
    ) -> tuple[Sequence[Json], Json]:
        """Return the page that a checked query asks for, and the token of the next; raises a refusal."""
        default = method(operation)["parameters"]["maxResults"].get("default", UNSAID)
        asked = int(query.get("maxResults") or default)
        kept = sorted((name, value) for name, value in query.items() if name not in MAY_CHANGE)
        listing = json.dumps([operation, key.casefold(), kept])
        start = self._read(query["pageToken"], listing) if query.get("pageToken") else 0
        end = start + self._switches.page_size(asked)
        return rows[start:end], {"nextPageToken": self._make(end, listing)} if end < len(rows) else {}

    def _make(self, position: int, listing: str) -> str:
        text = f"{position}:{self._clock.now()}"
        return base64.urlsafe_b64encode(f"{text}:{self._seal(text, listing)}".encode()).decode()

    def _read(self, token: str, listing: str) -> int:
        """Return where a token goes on, if it is one of ours, of this listing, and young enough."""
        try:
            position, issued, seal = base64.urlsafe_b64decode(token.encode()).decode().split(":")
            number, age = int(position), self._clock.now() - float(issued)
        except ValueError as exc:
            raise _refused() from exc
        if seal != self._seal(f"{position}:{issued}", listing) or age > TOKEN_LIFETIME:
            raise _refused()
        return number

    def _seal(self, text: str, listing: str) -> str:
        return hmac.new(self._secret, f"{text}:{listing}".encode(), hashlib.sha256).hexdigest()[:16]


def _refused() -> Refusal:
    return Refusal("bad_request", "Invalid Input: pageToken", parameter="pageToken")
