"""Pages of a listing: a Link header that says where it goes on ("Pagination" of Okta's reference)."""

import base64
import hashlib
import hmac
import secrets
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from sandbox.okta.errors import wrong_parameter
from sandbox.switches import Switches

Json = dict[str, Any]


class OktaPages:
    """Cuts pages, as short as the switches want them."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._secret = secrets.token_bytes(16)

    def cut(self, rows: Sequence[Json], limit: int, query: Mapping[str, str], url: str) -> tuple[list[Json], str]:
        """Return the page of the listing at `url` that a query asks for, and the address of the next ("": none).

        Rows are ordered by id, so that what comes or goes meanwhile moves no page. Raises a refusal for a cursor
        that is none of this listing's.
        """
        listing = f"{url} {query.get('filter', '')}"
        ordered = sorted(rows, key=_id)
        start = bisect_right(ordered, self._read(query["after"], listing), key=_id) if query.get("after") else 0
        end = start + self._switches.page_size(limit)
        if end >= len(ordered):
            return ordered[start:end], ""
        following = {**query, "after": self._make(_id(ordered[end - 1]), listing), "limit": str(limit)}
        return ordered[start:end], f"{url}?{urlencode(following)}"

    def _make(self, position: str, listing: str) -> str:
        return base64.urlsafe_b64encode(f"{position}:{self._seal(position, listing)}".encode()).decode()

    def _read(self, cursor: str, listing: str) -> str:
        try:
            position, seal = base64.urlsafe_b64decode(cursor.encode()).decode().split(":")
        except ValueError as exc:
            raise wrong_parameter("after", "it is no cursor") from exc
        if seal != self._seal(position, listing):
            raise wrong_parameter("after", "it is a cursor of another listing")
        return position

    def _seal(self, position: str, listing: str) -> str:
        return hmac.new(self._secret, f"{position} {listing}".encode(), hashlib.sha256).hexdigest()[:16]


def links(here: str, following: str) -> str:
    """Write the Link header: every page names itself, and all but the last the one after it."""
    return f'<{here}>; rel="self"' + (f', <{following}>; rel="next"' if following else "")


def _id(row: Json) -> str:
    return str(row["id"])
