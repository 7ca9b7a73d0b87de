"""Errors as Okta's management API writes them ("Error codes" of its reference)."""

import secrets
from typing import Any

from sandbox.calls import Reply
from sandbox.refusal import Refusal

Json = dict[str, Any]
# Status, code and summary. Open, and our choice: conflict, which nothing that only reads answers.
ERRORS = {
    "bad_request": (400, "E0000001", "Api validation failed"),
    "unauthorized": (401, "E0000011", "Invalid token provided"),
    "forbidden": (403, "E0000006", "You do not have permission to perform the requested action"),
    "not_found": (404, "E0000007", "Not found: Resource not found"),
    "method_not_allowed": (405, "E0000022", "The endpoint does not support the provided HTTP method"),
    "conflict": (409, "E0000157", "The request conflicts with another"),
    "throttle": (429, "E0000047", "API call exceeded rate limit due to too many requests."),
    "error": (500, "E0000009", "Internal Server Error"),
    "unavailable": (503, "E0000010", "Service is in read only mode"),
}
ALGORITHMS = "RS256 RS384 RS512 ES256 ES384 ES512"


def render_error(refusal: Refusal, url: str) -> Reply:
    """Write an error; what is wrong with a request stands in its causes."""
    status, code, summary = ERRORS[refusal.kind]
    summary = f"{summary}: {refusal.details['about']}" if "about" in refusal.details else summary
    causes = [{"errorSummary": refusal.message}] if refusal.kind == "bad_request" else []
    body = {
        "errorCode": refusal.details.get("code", code),
        "errorSummary": summary,
        "errorLink": refusal.details.get("code", code),
        "errorId": f"oae{secrets.token_hex(8)}",
        "errorCauses": causes,
    }
    return Reply(refusal.details.get("status", status), body, _challenge(refusal, url))


def _challenge(refusal: Refusal, url: str) -> dict[str, str]:
    """Say what is wrong with an access token, as public reports show it (okta/okta-sdk-nodejs#453)."""
    error = refusal.details.get("error")
    if not error:
        return {}
    scheme = f'DPoP algs="{ALGORITHMS}",' if "dpop" in error else "Bearer"
    parts = {
        "authorization_uri": f"{url}/oauth2/v1/authorize",
        "realm": url,
        "scope": refusal.details.get("scope", ""),
        "error": error,
        "error_description": refusal.message,
        "resource": refusal.details.get("resource", ""),
    }
    nonce = {"DPoP-Nonce": refusal.details["nonce"]} if "nonce" in refusal.details else {}
    written = ", ".join(f'{name}="{text}"' for name, text in parts.items() if text)
    return {"WWW-Authenticate": f"{scheme} {written}", **nonce}


def wrong_parameter(name: str, message: str) -> Refusal:
    """Refuse the value of a parameter."""
    return Refusal("bad_request", f"{name}: {message}", about=name)


def bad_proof(message: str, **details: Any) -> Refusal:
    """Refuse a proof of possession at the API: with 400, where the RFC would have 401 (devforum.okta.com, 30239)."""
    return Refusal("unauthorized", message, status=400, error=details.pop("error", "invalid_dpop_proof"), **details)
