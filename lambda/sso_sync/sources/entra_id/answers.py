"""Answers of Microsoft Graph: what they ask for, which may pass, and what each refusal means in a sentence."""

from collections.abc import Container, Mapping
from typing import Any

from msgspec import Struct

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.wording import one_line
from sso_sync.http.session import MAX_RETRY_AFTER, TRANSIENT
from sso_sync.sources.mapping import object_of, text_of

GRANT = (
    "Entra admin center, App registrations, the app, API permissions, Add a permission, Microsoft Graph, Application "
    "permissions, then 'Grant admin consent'"
)
AGAIN = "nothing was changed, the next run tries again"


class Answer(Struct, frozen=True):
    """One answer, alone or out of a batch.

    `retry_after` is in seconds, 0 if Graph asks for no pause; `used` is the used part of the quota, 0 if not told.
    """

    status: int
    body: Any
    retry_after: float = 0.0
    used: float = 0.0

    @classmethod
    def of(cls, status: Any, headers: Any, body: Any) -> "Answer":
        """Make one from what arrived, whatever it is."""
        told = {str(name).lower(): value for name, value in headers.items()} if isinstance(headers, Mapping) else {}
        asked, used = _number(told.get("retry-after")), _number(told.get("x-ms-throttle-limit-percentage"))
        return cls(status if isinstance(status, int) else 0, body, min(asked, MAX_RETRY_AFTER), used)


def is_passing(answer: Answer, may_fail: Container[int] = ()) -> bool:
    """Tell whether the same request may succeed in a moment, and should: it may not fail so."""
    return answer.status in TRANSIENT and answer.status not in may_fail


def refused(answer: Answer, doing: str, permission: str) -> CredentialsError | SourceError:
    """Say what a refusal means."""
    error = object_of(object_of(answer.body).get("error"))
    code, message = text_of(error.get("code")), one_line(text_of(error.get("message")), 200).rstrip(".")
    said = ": ".join(filter(None, (code, message))) or f"status {answer.status}"
    if answer.status == 401:
        return CredentialsError(f"Cannot {doing}: Microsoft Graph refused the access token ({said}).")
    if answer.status == 403:
        return missing(permission, doing, said)
    return SourceError(f"Cannot {doing}: Microsoft Graph answered {answer.status} ({said}); {AGAIN}.")


def missing(permission: str, doing: str, said: str) -> CredentialsError:
    """Say that a permission is missing, and where it is granted."""
    return CredentialsError(
        f"Cannot {doing}: {said}; the app registration lacks the application permission {permission} ({GRANT})."
    )


def unusable(doing: str, why: str) -> SourceError:
    """Say that an answer came to nothing."""
    return SourceError(f"Cannot {doing}: Microsoft Graph gave no usable answer ({why}); {AGAIN}.")


def _number(value: Any) -> float:
    """Read a number out of a header; 0 for a date, and for whatever is no number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if 0 <= number < float("inf") else 0.0
