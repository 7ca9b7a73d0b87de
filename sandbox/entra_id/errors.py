"""Errors as Microsoft Graph and Entra's login write them."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sandbox.calls import Reply
from sandbox.refusal import Refusal

Json = dict[str, Any]
# Status and code: "Microsoft Graph error responses and resource types", and for the directory what it answers.
ERRORS = {
    "bad_request": (400, "Request_BadRequest"),
    "unauthorized": (401, "InvalidAuthenticationToken"),
    "forbidden": (403, "Authorization_RequestDenied"),
    "not_found": (404, "Request_ResourceNotFound"),
    "method_not_allowed": (405, "Request_BadRequest"),
    "conflict": (409, "Request_Conflict"),
    "throttle": (429, "TooManyRequests"),
    "error": (500, "InternalServerError"),
    "unavailable": (503, "ServiceUnavailable"),
}
# Status, OAuth error and AADSTS code: RFC 6749, 5.2, and Microsoft's page of error codes. Open, and our choice: all
# that has no code of its own.
LOGIN_ERRORS = {
    "bad_request": (400, "invalid_request", 900144),
    "unauthorized": (401, "invalid_client", 7000215),
    "forbidden": (400, "unauthorized_client", 7000112),
    "not_found": (400, "unauthorized_client", 700016),
    "conflict": (400, "invalid_request", 90000),
    "throttle": (429, "temporarily_unavailable", 90033),
    "error": (500, "server_error", 90000),
    "unavailable": (503, "temporarily_unavailable", 90033),
}


def render_error(refusal: Refusal) -> Reply:
    """Write an error of Graph (OData)."""
    status, code = ERRORS[refusal.kind]
    request_id = str(uuid.uuid4())
    inner = {"date": _now().isoformat(), "request-id": request_id, "client-request-id": request_id}
    error = {"code": refusal.details.get("code", code), "message": refusal.message, "innerError": inner}
    headers = {"request-id": request_id, "client-request-id": request_id}
    if status == 429:
        headers["Retry-After"] = str(refusal.details.get("retry_after", 1))
    return Reply(status, {"error": error}, headers)


def login_refusal(kind: str, code: int, message: str) -> Refusal:
    """Refuse to sign in, with a code of Entra's own."""
    return Refusal(kind, message, code=code)


def render_login_error(refusal: Refusal) -> Reply:
    """Write an error of the login."""
    status, error, code = LOGIN_ERRORS[refusal.kind]
    code = refusal.details.get("code", code)
    trace, correlation, now = str(uuid.uuid4()), str(uuid.uuid4()), f"{_now():%Y-%m-%d %H:%M:%SZ}"
    described = f"AADSTS{code}: {refusal.message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}"
    body = {
        "error": refusal.details.get("error", error),
        "error_description": described,
        "error_codes": [code],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
    }
    return Reply(status, body)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
