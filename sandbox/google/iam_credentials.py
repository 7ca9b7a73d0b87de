"""Google's IAM Service Account Credentials API: signs for a service account (`signJwt`).

Path, body and the limits of `exp` are those of its discovery document; errors have the form that AIP-193 gives them.
"""

import json
import time
from typing import Any

import jwt
from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.google.project import SERVICE_ACCOUNT, SYSTEM_KEY, Project, api_off
from sandbox.google.security_token_service import SecurityTokenService
from sandbox.json_body import parse
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
AUTH = "https://www.googleapis.com/auth/"
SCOPES = frozenset({f"{AUTH}cloud-platform", f"{AUTH}iam"})  # the second: what google-auth asks for
LONGEST = 12 * 3600  # seconds that a claim `exp` may lie ahead
TITLE, SERVICE = "IAM Service Account Credentials API", "iamcredentials.googleapis.com"
ERRORS = {
    "bad_request": (400, "INVALID_ARGUMENT"),
    "unauthorized": (401, "UNAUTHENTICATED"),
    "forbidden": (403, "PERMISSION_DENIED"),
    "not_found": (404, "NOT_FOUND"),
    "conflict": (409, "ABORTED"),
    "throttle": (429, "RESOURCE_EXHAUSTED"),
    "error": (500, "INTERNAL"),
    "unavailable": (503, "UNAVAILABLE"),
}


class IamCredentials:
    """Signs with the system-managed key of the one service account."""

    def __init__(
        self, project: Project, tokens: SecurityTokenService, switchboard: Switchboard, switches: Switches
    ) -> None:
        self._project, self._tokens, self._switchboard, self._switches = project, tokens, switchboard, switches

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        authorization, body = request.headers.get("Authorization", ""), await request.read()
        path = request.match_info["path"]
        reply = await self._switchboard.call(
            "google_iam", "signJwt", render_error, lambda: self._answer(path, authorization, body)
        )
        return await send(request, reply, "application/json; charset=UTF-8")

    def _answer(self, path: str, authorization: str, body: bytes) -> Reply:
        name, _, verb = path.rpartition(":")
        if verb != "signJwt":
            raise Refusal("not_found", "The sandbox stands in for signJwt only.")
        self._check_caller(authorization)
        if not name.startswith("projects/-/serviceAccounts/"):
            raise Refusal("bad_request", "Invalid form of account ID; write projects/-/serviceAccounts/EMAIL.")
        payload = _payload(body)
        # Whoever may not look is told the same of an account that is not there.
        if name != f"projects/-/serviceAccounts/{SERVICE_ACCOUNT}" or not self._switches.google_token_creator:
            permission = "iam.serviceAccounts.signJwt"
            message = f"Permission '{permission}' denied on resource (or it may not exist)."
            raise Refusal("forbidden", message, info=("IAM_PERMISSION_DENIED", {"permission": permission}))
        signed = jwt.encode(payload, self._project.system_key, "RS256", headers={"kid": SYSTEM_KEY})
        return Reply(200, {"keyId": SYSTEM_KEY, "signedJwt": signed})

    def _check_caller(self, authorization: str) -> None:
        scopes = self._tokens.scopes_of(authorization)
        if scopes is None:
            raise Refusal(
                "unauthorized",
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
                "valid authentication credential.",
            )
        if scopes.isdisjoint(SCOPES):
            message = "Request had insufficient authentication scopes."
            raise Refusal("forbidden", message, info=("ACCESS_TOKEN_SCOPE_INSUFFICIENT", {"service": SERVICE}))
        if not self._switches.google_iam_credentials_api:
            raise Refusal("forbidden", api_off(TITLE, SERVICE), info=("SERVICE_DISABLED", {"service": SERVICE}))


def _payload(body: bytes) -> Json:
    """Return the claims that are to be signed; raises a refusal."""
    try:
        request = parse(body)
    except ValueError as exc:
        raise Refusal("bad_request", "Invalid JSON payload received.") from exc
    if not isinstance(request, dict) or not request.keys() <= {"delegates", "payload"}:
        raise Refusal("bad_request", "Invalid JSON payload received. Unknown name: Cannot find field.")
    if request.get("delegates"):
        raise Refusal("bad_request", "The sandbox does not stand in for delegates.")
    try:
        claims = json.loads(request.get("payload", ""))
    except (RecursionError, TypeError, ValueError) as exc:
        raise Refusal("bad_request", "Invalid JWT payload: it is not a serialized JSON object.") from exc
    if not isinstance(claims, dict):
        raise Refusal("bad_request", "Invalid JWT payload: it is not a serialized JSON object.")
    end, now = claims.get("exp", time.time()), time.time()
    if isinstance(end, bool) or not isinstance(end, int | float) or not now - 1 <= end <= now + LONGEST:
        raise Refusal("bad_request", "Invalid JWT payload: exp must not be in the past or more than 12 hours ahead.")
    return claims


def render_error(refusal: Refusal) -> Reply:
    """Write an error as Google Cloud's APIs do."""
    status, name = ERRORS[refusal.kind]
    error: Json = {"code": status, "message": refusal.message, "status": name}
    if "info" in refusal.details:
        reason, metadata = refusal.details["info"]
        domain = "iam.googleapis.com" if reason.startswith("IAM_") else "googleapis.com"
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": reason, "domain": domain, "metadata": metadata}]
    challenge = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'} if status == 401 else {}
    return Reply(status, {"error": error}, challenge)
