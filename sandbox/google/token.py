"""Google's token endpoint for service accounts with domain-wide delegation."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.clock import Clock
from sandbox.google.project import SERVICE_ACCOUNT, Project
from sandbox.refusal import Refusal

Json = dict[str, Any]
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ROOT = "https://www.googleapis.com/auth/admin.directory."
DELEGATED_SCOPES = frozenset(
    ROOT + name
    for name in (
        "user.readonly",
        "group.readonly",
        "group.member.readonly",
        "domain.readonly",
        "rolemanagement.readonly",
        "userschema.readonly",
    )
)
AUDIENCE = "https://oauth2.googleapis.com/token"  # whatever the token_uri: Google's clients always sign for this
LIFETIME = 3599  # seconds
LONGEST = 3600  # seconds that an assertion may be good for ("Preparing to make an authorized API call")
# Status and code of refusals: RFC 6749, 5.2, and for the last two what google-auth tries again
# (google.oauth2._client). Open, and our choice: forbidden and throttle.
ERRORS = {
    "bad_request": (400, "invalid_request"),
    "unauthorized": (401, "invalid_client"),
    "forbidden": (403, "access_denied"),
    "not_found": (400, "invalid_grant"),
    "conflict": (400, "invalid_grant"),
    "throttle": (429, "rate_limit_exceeded"),
    "error": (500, "internal_failure"),
    "unavailable": (503, "temporarily_unavailable"),
}


@dataclass(frozen=True)
class Token:
    """An access token that was given out."""

    scopes: frozenset[str]
    until: float


class TokenEndpoint:
    """Gives access tokens for assertions that a key of the service account has signed: its own, or Google's for it."""

    def __init__(
        self,
        url: str,
        admin: str,
        switchboard: Switchboard,
        clock: Clock,
        project: Project,
    ) -> None:
        self._url, self.admin, self._switchboard, self._clock = url, admin, switchboard, clock
        self.delegated, self._project = DELEGATED_SCOPES, project
        self._tokens: dict[str, Token] = {}

    def key_file(self) -> Json:
        """Return the service account's key, as Google Cloud would let it be downloaded."""
        return self._project.key_file(self._url)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        form = [(name, str(value)) for name, value in (await request.post()).items()]
        reply = await self._switchboard.call("google_oauth", "token", render_error, lambda: self._answer(form))
        return await send(request, reply, "application/json")

    def _answer(self, form: Sequence[tuple[str, str]]) -> Reply:
        values = dict(form)
        if len(values) < len(form) or not values.get("grant_type"):
            raise _refused("invalid_request", "A parameter is missing or comes twice")
        if values["grant_type"] != GRANT_TYPE:
            raise _refused("unsupported_grant_type", "Invalid grant_type")
        if not values.get("assertion"):
            raise _refused("invalid_request", "Missing required parameter: assertion")
        scopes = self._granted(self._claims(values["assertion"]))
        token = "ya29." + secrets.token_urlsafe(24)
        self._tokens[token] = Token(scopes, self._clock.now() + LIFETIME)
        return Reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME})

    def _claims(self, assertion: str) -> Json:
        """Read an assertion; its times are held to the real time, in which its signer lives."""
        try:
            key = self._project.key_of(jwt.get_unverified_header(assertion).get("kid"))
            claims: Json = jwt.decode(
                assertion,
                key.public_key(),
                algorithms=["RS256"],
                audience=AUDIENCE,
                options={"require": ["iss", "exp", "iat", "aud"]},
            )
        except jwt.InvalidSignatureError as exc:
            raise _refused("invalid_grant", "Invalid JWT Signature.") from exc
        except jwt.PyJWTError as exc:
            raise _refused("invalid_grant", f"Invalid JWT: {exc}") from exc
        times = [claims["iat"], claims["exp"]]
        if not all(isinstance(time, int) for time in times) or not 0 < times[1] - times[0] <= LONGEST:
            raise _refused("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)")
        return claims

    def _granted(self, claims: Json) -> frozenset[str]:
        """Return the scopes that are asked for, if this account may have them all for this person."""
        if claims["iss"] != SERVICE_ACCOUNT:
            raise _refused("invalid_grant", "Invalid grant: account not found")
        if claims.get("sub") != self.admin:
            raise _refused("invalid_grant", "Invalid email or User ID")
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise _refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        if not scopes <= self.delegated:
            raise Refusal(
                "unauthorized",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any "
                "of the scopes requested.",
                error="unauthorized_client",
            )
        return scopes

    def check(self, authorization: str, scopes: Iterable[str]) -> None:
        """Raise a refusal unless the header carries a token that has at least one of the scopes."""
        if not authorization:
            raise Refusal("unauthorized", "Login Required.", reason="required")
        scheme, _, given = authorization.partition(" ")
        token = self._tokens.get(given)
        if scheme.casefold() != "bearer" or token is None or token.until < self._clock.now():
            raise Refusal("unauthorized", "Request had invalid authentication credentials.")
        if token.scopes.isdisjoint(scopes):
            raise Refusal("forbidden", "Request had insufficient authentication scopes.", scopes=scopes)


def _refused(error: str, message: str) -> Refusal:
    return Refusal("bad_request", message, error=error)


def render_error(refusal: Refusal) -> Reply:
    """Write an error of OAuth 2 (RFC 6749, 5.2)."""
    status, error = ERRORS[refusal.kind]
    return Reply(status, {"error": refusal.details.get("error", error), "error_description": refusal.message})
