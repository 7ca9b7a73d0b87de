"""Google's Security Token Service: federated tokens for identities of AWS (RFC 8693).

Parameters and their values are those of its discovery document; codes of errors are RFC 6749's (5.2) and RFC 8693's
(2.2.2), the texts for audience and condition as they have been seen. Open, and our choice: all else.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.clock import Clock
from sandbox.google.aws_subject import check_subject
from sandbox.google.project import AUDIENCE, AWS_CALLER
from sandbox.google.token import LIFETIME, Token, render_error
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 # a kind of token
AWS_TOKEN = "urn:ietf:params:aws:token-type:aws4_request"  # noqa: S105 # another
NEEDED = ("grant_type", "audience", "scope", "requested_token_type", "subject_token", "subject_token_type")
KNOWN = {*NEEDED, "options"}
FORM = re.compile(
    r"(https:)?//iam\.googleapis\.com/projects/[^/]+/locations/global/workloadIdentityPools/[^/]+/providers/[^/]+"
)
SCOPE = re.compile(r"https://www\.googleapis\.com/auth/[\w.-]+")


class SecurityTokenService:
    """Gives federated tokens for signed requests of AWS."""

    def __init__(self, switchboard: Switchboard, switches: Switches, clock: Clock) -> None:
        self._switchboard, self._switches, self._clock = switchboard, switches, clock
        self._tokens: dict[str, Token] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        form = [(name, str(value)) for name, value in (await request.post()).items()]
        has_header = "Authorization" in request.headers

        def answer() -> Reply:
            if has_header:  # "do not send the Authorization HTTP header": that it is refused is our choice
                raise _refused("invalid_request", "The Authorization header must not be sent.")
            return self._answer(form)

        reply = await self._switchboard.call("google_sts", "token", render_error, answer)
        return await send(request, reply, "application/json")

    def _answer(self, form: Sequence[tuple[str, str]]) -> Reply:
        values = self._checked(form)
        scopes = frozenset(values["scope"].split())
        if not scopes or not all(map(SCOPE.fullmatch, scopes)):
            raise _refused("invalid_scope", "Invalid scope.")
        check_subject(values["subject_token"], values["audience"], self._switches.google_aws_account)
        if AWS_CALLER.split("/")[1] != self._switches.google_aws_role:
            raise _refused("unauthorized_client", "The given credential is rejected by the attribute condition.")
        token = "ya29.d." + secrets.token_urlsafe(24)
        self._tokens[token] = Token(scopes, self._clock.now() + LIFETIME)
        body = {"access_token": token, "issued_token_type": ACCESS_TOKEN, "token_type": "Bearer"}
        return Reply(200, body | {"expires_in": LIFETIME})

    def _checked(self, form: Sequence[tuple[str, str]]) -> dict[str, str]:
        values = dict(form)
        wrong = [name for name in NEEDED if not values.get(name)] + sorted(values.keys() - KNOWN)
        if wrong or len(values) < len(form):
            raise _refused("invalid_request", f"Parameters are missing, unknown or come twice: {', '.join(wrong)}")
        if values["grant_type"] != GRANT_TYPE:
            raise _refused("unsupported_grant_type", 'Invalid value for "grant_type".')
        for name, only in (("requested_token_type", ACCESS_TOKEN), ("subject_token_type", AWS_TOKEN)):
            if values[name] != only:
                raise _refused("invalid_request", f'Invalid value for "{name}".')
        if not FORM.fullmatch(values["audience"]):
            raise _refused(
                "invalid_request",
                'Invalid value for "audience". This value should be the full resource name of the Identity Provider.',
            )
        if values["audience"].removeprefix("https:") != AUDIENCE:
            raise _refused(
                "invalid_target",
                'The target service indicated by the "audience" parameters is invalid. This might either be because '
                "the pool or provider is disabled or deleted or because it doesn't exist.",
            )
        return values

    def scopes_of(self, authorization: str) -> frozenset[str] | None:
        """Return the scopes of a federated token, None if it is not one of ours, or too old."""
        scheme, _, given = authorization.partition(" ")
        token = self._tokens.get(given)
        is_good = scheme.casefold() == "bearer" and token is not None and token.until >= self._clock.now()
        return token.scopes if token and is_good else None


def _refused(error: str, message: str) -> Refusal:
    return Refusal("bad_request", message, error=error)
