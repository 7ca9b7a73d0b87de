"""Pages of Graph's listings: @odata.nextLink with a $skiptoken that belongs to one listing and its query."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from sandbox.entra_id.queries import Query
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]


class GraphPages:
    """Cuts pages, as short as the switches want them."""

    def __init__(self, root: str, switches: Switches) -> None:
        self._root, self._switches = root, switches
        self._secret = secrets.token_bytes(16)

    def cut(self, rows: Sequence[Any], path: str, text: str, query: Query) -> tuple[Sequence[Any], Json]:
        """Return the rows of the page that is asked for, and the link to the next; raises a refusal."""
        kept = [(name, value) for name, value in parse_qsl(text, keep_blank_values=True) if name != "$skiptoken"]
        listing = f"{path}?{sorted(kept)}"
        start = self._read(query.token, listing) if query.token else 0
        end = start + self._switches.page_size(query.top)
        if end >= len(rows):
            return rows[start:end], {}
        following = urlencode([*kept, ("$skiptoken", self._make(end, listing))], safe="$,", quote_via=quote)
        return rows[start:end], {"@odata.nextLink": f"{self._root}{path}?{following}"}

    def _make(self, position: int, listing: str) -> str:
        return base64.urlsafe_b64encode(f"{position}:{self._seal(position, listing)}".encode()).decode()

    def _read(self, token: str, listing: str) -> int:
        """Return where a token goes on, if it is one of ours and of this listing."""
        try:
            position, seal = base64.urlsafe_b64decode(token.encode()).decode().split(":")
            if hmac.compare_digest(seal, self._seal(int(position), listing)):
                return int(position)
        except ValueError:
            pass
        raise Refusal(
            "bad_request",
            "The specified page token value has expired and is not valid.",
            code="Directory_ExpiredPageToken",
        )

    def _seal(self, position: int, listing: str) -> str:
        return hmac.new(self._secret, f"{position}:{listing}".encode(), hashlib.sha256).hexdigest()[:24]
