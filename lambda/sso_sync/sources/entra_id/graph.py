"""Microsoft Graph: objects and listings read to their end, side by side, in as few calls as pages and batches allow."""

from collections.abc import Iterator, Mapping
from typing import Any

from sso_sync.core.errors import SourceError
from sso_sync.core.records import well_formed
from sso_sync.sources.entra_id.answers import Answer, refused, unusable
from sso_sync.sources.entra_id.wire import BATCH, Request, Wire

PAGE = 999  # rows, the most that directory objects have on one ("Paging" of the Graph documentation)
Row = dict[str, Any]


class Graph:
    """Reads one tenant over a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def read(self, wanted: Mapping[str, Request]) -> Iterator[tuple[str, Row, bool]]:
        """Read objects, and listings to their end, by key; yields key, object or page, and whether it is the last.

        What is added to `wanted` meanwhile is read together with the next pages. An answer that a request allows to
        fail is an empty object. Raises CredentialsError or SourceError.
        """
        begun: set[str] = set()
        seen: set[tuple[str, str]] = set()
        following: list[tuple[str, Request]] = []
        while waiting := following + [(key, request) for key, request in wanted.items() if key not in begun]:
            begun.update(key for key, _ in waiting)
            seen.update((key, request.path) for key, request in waiting)
            following = []
            for key, request, body in self._fetch(waiting):
                after = self._next(request, body)
                if after and (key, after.path) in seen:
                    raise SourceError(
                        f"Cannot {request.doing}: Microsoft Graph sent the same page twice, so the listing is not "
                        "complete; nothing was changed, the next run tries again."
                    )
                if after:
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
