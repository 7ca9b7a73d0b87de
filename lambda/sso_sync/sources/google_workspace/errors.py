"""Errors of Google's client: which may pass, and what each means in a sentence."""

import http.client
from typing import Any

from google.auth.exceptions import GoogleAuthError
from googleapiclient.errors import BatchError, HttpError

from sso_sync.core.errors import CredentialsError, SourceError, SsoSyncError
from sso_sync.sources.google_workspace.sign_in_errors import translate_auth

RATE_REASONS = {"userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded"}


class Unreadable(Exception):
    """An answer arrived, but broken."""


class Forbidden(CredentialsError):
    """The administrator may not do it, or the token does not have the scope."""


class ApiOff(CredentialsError):
    """The Admin SDK API is off in the service account's project."""


def is_transient(error: BaseException) -> bool:
    """Tell whether the same request may succeed in a moment.

    403 quotaExceeded is not in the client's own retries, although it means too many at once.
    """
    if isinstance(error, HttpError) and not isinstance(error, BatchError):
        if error.status_code == 403:
            return bool(_reasons(error) & RATE_REASONS)
        return bool(error.status_code == 429 or error.status_code >= 500)
    if isinstance(error, GoogleAuthError):
        return bool(getattr(error, "retryable", False))
    # The client's parser raises LookupError for a batch answer in which a part is missing.
    broken = (http.client.HTTPException, ConnectionError, TimeoutError, Unreadable, BatchError, LookupError)
    return isinstance(error, broken)


def words_of(error: BaseException) -> str:
    """Say in a few words what went wrong, for a sentence."""
    said = str(error)
    if isinstance(error, HttpError) and not isinstance(error, BatchError):
        said = f"{error.status_code} {error.reason}"
    return " ".join(said.split())[:200].rstrip(".") or type(error).__name__


def status_of(error: BaseException) -> int:
    """Return the status that Google answered with, 0 if there was no answer with one."""
    return int(error.status_code) if isinstance(error, HttpError) and not isinstance(error, BatchError) else 0


def is_throttled(error: BaseException) -> bool:
    """Tell whether Google wants fewer requests, whatever they are for."""
    if not isinstance(error, HttpError) or isinstance(error, BatchError):
        return False
    if error.status_code == 403:
        return bool(_reasons(error) & RATE_REASONS)
    return error.status_code == 429 or (error.status_code == 503 and asked_pause(error) > 0)


def asked_pause(error: BaseException) -> float:
    """Return for how many seconds an answer asks to wait; 0 if it does not, or asks by a date."""
    asked = str(error.resp.get("retry-after", "")) if isinstance(error, HttpError) else ""
    return float(asked) if asked.isascii() and asked.isdigit() else 0.0


def _reasons(error: HttpError) -> set[str]:
    details: Any = error.error_details
    rows = details if isinstance(details, list) else []
    return {str(row.get("reason")) for row in rows if isinstance(row, dict)}


def translate(error: BaseException, doing: str, account: str, admin: str) -> SsoSyncError:
    """Turn whatever the client raised into a sentence."""
    if isinstance(error, GoogleAuthError):
        return translate_auth(error, account, admin)
    if not isinstance(error, HttpError) or isinstance(error, BatchError):
        return SourceError(
            f"Cannot {doing}: Google Workspace gave no usable answer ({words_of(error)}); nothing was changed, the "
            "next run tries again."
        )
    said = str(error.reason).strip().rstrip(".")
    if error.status_code == 401:
        return CredentialsError(f"Cannot {doing}: Google refused the access token ({said}).")
    if error.status_code == 403 and "accessNotConfigured" in _reasons(error):
        told = said.partition(" before or")[0]
        return ApiOff(
            f"Cannot {doing}: the Admin SDK API is off in the service account's project ({told}); switch it on: gcloud "
            "services enable admin.googleapis.com --project PROJECT"
        )
    if error.status_code == 403 and not is_transient(error):
        return Forbidden(
            f"Cannot {doing}: Google refused it to {admin} ({said}); the administrator needs the right to read "
            "users and groups of the whole organisation, and the Admin SDK API must be switched on."
        )
    return SourceError(
        f"Cannot {doing}: Google Workspace answered {error.status_code} ({said}); nothing was changed, the next "
        "run tries again."
    )
