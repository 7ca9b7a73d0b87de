"""A Workflows webhook of Teams ("When a Teams webhook request is received"), as Logic Apps serves it."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.refusal import Refusal
from sandbox.teams.message import cards_of

Json = dict[str, Any]
LARGEST = 28 * 1024  # bytes of a request's body
PERMISSION, VERSION = "/triggers/manual/run", "1.0"
ERRORS = {
    "bad_request": (400, "InvalidRequestContent"),
    "unauthorized": (401, "AuthorizationFailed"),
    "forbidden": (403, "Forbidden"),
    "conflict": (409, "Conflict"),
    "not_found": (404, "WorkflowNotFound"),
    "too_large": (413, "RequestEntityTooLarge"),
    "throttle": (429, "TooManyRequests"),
    "error": (500, "InternalServerError"),
    "unavailable": (503, "ServiceUnavailable"),
}


@dataclass(frozen=True)
class Post:
    """A card in the channel, and when it came."""

    at: datetime
    card: Json


class TeamsWebhook:
    """Takes cards for one channel and keeps them, newest last."""

    def __init__(self, base_url: str, switchboard: Switchboard) -> None:
        self._base_url, self._switchboard = base_url, switchboard
        self._workflow, self._signature = secrets.token_hex(16), secrets.token_urlsafe(32)
        self.posts: list[Post] = []

    @property
    def url(self) -> str:
        """Return the whole URL, which is a secret."""
        signed = {"sp": PERMISSION, "sv": VERSION, "sig": self._signature}
        query = urlencode({"api-version": "2016-06-01", **signed})
        return f"{self._base_url}/teams/workflows/{self._workflow}/triggers/manual/paths/invoke?{query}"

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [web.post("/teams/workflows/{id}/triggers/manual/paths/invoke", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        body = await request.read()
        reply = await self._switchboard.call("teams", "post_card", render_error, lambda: self._answer(request, body))
        return await send(request, reply, "application/json; charset=utf-8")

    def _answer(self, request: web.Request, body: bytes) -> Reply:
        self._authorize(request)
        if len(body) > LARGEST:
            raise Refusal("too_large", f"The request content has {len(body)} bytes; at most {LARGEST} are taken.")
        if request.content_type != "application/json":
            raise Refusal("bad_request", f"The content type is {request.content_type}, not application/json.")
        cards, now = cards_of(body), datetime.now(UTC)
        self.posts.extend(Post(now, card) for card in cards)
        return Reply(202, None)

    def _authorize(self, request: web.Request) -> None:
        if "api-version" not in request.query:
            missing = "The api-version query parameter (?api-version=) is required for all requests."
            raise Refusal("bad_request", missing, code="MissingApiVersionParameter")
        if request.match_info["id"] != self._workflow:
            raise Refusal("not_found", "The workflow could not be found.")
        if not {"sp", "sv", "sig"} <= request.query.keys():
            need = "The request must be authenticated only by Shared Access scheme."
            raise Refusal("unauthorized", need, code="DirectApiAuthorizationRequired")
        if "Authorization" in request.headers:
            both = "The request has both SAS authentication scheme and another authorization scheme."
            raise Refusal("unauthorized", both, code="DirectApiRequestHasMoreThanOneAuthorization")
        given, right = (request.query["sp"], request.query["sv"]), (PERMISSION, VERSION)
        if given != right or not secrets.compare_digest(request.query["sig"].encode(), self._signature.encode()):
            raise Refusal("unauthorized", "The signature of the request is not valid.")


def render_error(refusal: Refusal) -> Reply:
    """Write an error as Logic Apps does."""
    status, code = ERRORS[refusal.kind]
    body = {"error": {"code": refusal.details.get("code", code), "message": refusal.message}}
    return Reply(
        status, body, {"Retry-After": str(refusal.details.get("retry_after", 1))} if refusal.kind == "throttle" else {}
    )
