"""Errors as Google's APIs write them."""

from typing import Any

from sandbox.calls import Reply
from sandbox.refusal import Refusal

Json = dict[str, Any]
REALM = 'Bearer realm="https://accounts.google.com/"'
# Status and reason: the Directory API's pages about limits and errors, and the page about errors of
# the global domain that Google's APIs share.
ERRORS = {
    "bad_request": (400, "invalid"),
    "unauthorized": (401, "authError"),
    "forbidden": (403, "insufficientPermissions"),
    "throttle": (403, "userRateLimitExceeded"),
    "not_found": (404, "notFound"),
    "method_not_allowed": (405, "httpMethodNotAllowed"),
    "conflict": (409, "conflict"),
    "error": (500, "backendError"),
    "unavailable": (503, "backendError"),
}


def render_error(refusal: Refusal, throttle: str) -> Reply:
    """Write an error; `throttle` is the reason for too many requests."""
    status, reason = ERRORS[refusal.kind]
    if refusal.kind == "throttle":
        status, reason = (429 if throttle == "rateLimitExceeded" else 403), throttle
    reason = str(refusal.details.get("reason", reason))
    of_usage = refusal.kind == "throttle" or reason == "accessNotConfigured"
    row: Json = {"domain": "usageLimits" if of_usage else "global", "reason": reason}
    row["message"] = refusal.message
    if "parameter" in refusal.details:
        row |= {"locationType": "parameter", "location": refusal.details["parameter"]}
    if status == 401:
        row |= {"locationType": "header", "location": "Authorization"}
    error = {"code": status, "message": refusal.message, "errors": [row]}
    return Reply(status, {"error": error}, _challenge(status, reason, refusal))


def _challenge(status: int, reason: str, refusal: Refusal) -> dict[str, str]:
    """Say how to be let in (RFC 6750, 3: without a token there is no error code)."""
    if status == 401:
        return {"WWW-Authenticate": REALM if reason == "required" else f'{REALM}, error="invalid_token"'}
    if "scopes" in refusal.details:
        scopes = " ".join(refusal.details["scopes"])
        return {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scopes}"'}
    return {}


def not_stood_in_for(what: str) -> Refusal:
    """Refuse what Google has and the sandbox has not, rather than pass over it."""
    return Refusal("bad_request", f"The sandbox does not stand in for {what}.", reason="badRequest")


def wrong_parameter(name: str, message: str) -> Refusal:
    """Refuse the value of a parameter, and name it."""
    return Refusal("bad_request", message, reason="invalidParameter", parameter=name)
