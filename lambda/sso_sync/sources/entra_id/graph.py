"""Microsoft Graph: objects and listings read to their end, side by side, in as few calls as pages and batches allow."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from sso_sync.core.errors import SourceError
from sso_sync.core.records import well_formed
from sso_sync.sources.entra_id.answers import AGAIN, Answer, refused, unusable
from sso_sync.sources.entra_id.wire import BATCH, Request, Wire

PAGE = 999  # rows, the most that directory objects have on one ("Paging" of the Graph documentation)
MOST_IDLE_PAGES = 100  # one after the other, each with a link to more: Graph may send empty ones
Row = dict[str, Any]


class _Course(Struct):
    """How the reading of one listing went so far: what was asked for, what came, and how many pages brought nothing."""

    paths: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    idle: int = 0

    def check(self, body: Row, after: Request) -> None:
        """Raise SourceError for a listing that comes round, or does not come to an end, with the page `after` this."""
        if after.path in self.paths:
            raise SourceError(
                f"Cannot {after.doing}: Microsoft Graph sent the same page twice, so the listing is not complete; "
                f"{AGAIN}."
            )
        fresh = {str(row.get("id")) for row in rows(body, after.doing)} - self.ids
        self.ids |= fresh
        self.idle = 0 if fresh else self.idle + 1
        if self.idle > MOST_IDLE_PAGES:
            raise unusable(after.doing, "pages without anything new, and no end of them")


class Graph:
    """Reads one tenant over a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def read(self, wanted: Mapping[str, Request]) -> Iterator[tuple[str, Row, bool]]:
        """Read objects, and listings to their end, by key; yields key, object or page, and whether it is the last.

        What is added to `wanted` meanwhile is read together with the next pages. An answer that a request allows to
        fail is an empty object. Raises CredentialsError or SourceError.
        """
        courses: defaultdict[str, _Course] = defaultdict(_Course)
        following: list[tuple[str, Request]] = []
        while waiting := following + [(key, request) for key, request in wanted.items() if key not in courses]:
            for key, request in waiting:
                courses[key].paths.add(request.path)
            following = []
            for key, request, body in self._fetch(waiting):
                after = self._next(request, body)
                if after:
                    courses[key].check(body, after)
                    following.append((key, after))
                yield key, body, after is None

    def _fetch(self, waiting: list[tuple[str, Request]]) -> Iterator[tuple[str, Request, Row]]:
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH]
            answers = self._wire.answers([request for _, request in batch])
            for (key, request), answer in zip(batch, answers, strict=True):
                yield key, request, _body(answer, request)

    def _next(self, request: Request, body: Row) -> Request | None:
        """Return the request for the page after this one, at the address that Graph gives."""
        link = body.get("@odata.nextLink")
        if link is None:
            return None
        if not isinstance(link, str) or not link.startswith(f"{self._wire.root}/") or well_formed(link) != link:
            raise SourceError(
                f"Cannot {request.doing}: Microsoft Graph names a next page that is not at {self._wire.root}, so the "
                "listing is not complete; correct 'graph_url' if the tenant is in another cloud."
            )
        return request.following(link.removeprefix(self._wire.root))


def rows(body: Row, doing: str) -> list[Row]:
    """Return the rows of a page; raises SourceError for a page without a list of objects."""
    found = body.get("value")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise unusable(doing, "a page without a list")
    return found


def _body(answer: Answer, request: Request) -> Row:
    if answer.status in request.may_fail:
        return {}
    if answer.status != 200:
        raise refused(answer, request.doing, request.permission)
    if not isinstance(answer.body, dict) or not answer.body:  # an empty one would stand for what is not there
        raise unusable(request.doing, "an answer of another shape")
    return answer.body
