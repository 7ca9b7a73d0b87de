"""Answers of the SCIM endpoint that are no success, and answers that never came, as sentences."""

import requests
from requests.exceptions import ChunkedEncodingError, ContentDecodingError
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

from sso_sync.core.errors import ChangeRefused, ChangeUnknown, CredentialsError, TargetError, ValueRefused
from sso_sync.http.causes import cause_of
from sso_sync.targets.scim_format import error_text


def refuse_errors(answer: requests.Response, doing: str) -> None:
    """Raise what an answer that is no success means."""
    status = answer.status_code
    if status < 300:
        return
    said = error_text(answer.text)
    if status == 401:
        raise CredentialsError(
            f"Cannot {doing}: the SCIM endpoint refused the token (401 {said}); create a new access token in "
            "IAM Identity Center (Settings, Automatic provisioning), store it, and run again (an endpoint of "
            "another instance refuses it, too)."
        )
    if status == 403:
        raise CredentialsError(f"Cannot {doing}: the SCIM token does not permit it (403 {said}).")
    if status == 429 or status >= 500:
        raise ChangeUnknown(f"Cannot {doing}: the SCIM endpoint answered {status} after every retry ({said}).")
    if status < 400:
        raise TargetError(
            f"Cannot {doing}: the SCIM endpoint answered with a redirect ({status}); check scim.endpoint."
        )
    refused = ValueRefused if status == 400 else ChangeRefused
    raise refused(f"Cannot {doing}: the SCIM endpoint answered {status} {said}.")


def no_answer(exc: requests.RequestException, doing: str) -> TargetError:
    """Return what a request means that got no answer: without a connection, no other can do better."""
    if isinstance(exc, ChunkedEncodingError | ContentDecodingError):
        return ChangeUnknown(f"Cannot {doing}: the SCIM endpoint's answer broke off ({type(exc).__name__}).")
    if not isinstance(exc, requests.ConnectionError | requests.Timeout):
        return TargetError(f"Cannot {doing}: scim.endpoint is not an address that can be used ({type(exc).__name__}).")
    kind = TargetError if _never_connected(exc) else ChangeUnknown
    return kind(
        f"Cannot {doing}: the SCIM endpoint does not answer ({cause_of(exc)}); check the "
        "endpoint and the network, then run again."
    )


def _never_connected(exc: requests.RequestException) -> bool:
    """Tell whether not even a connection came about, so that no other request can do better."""
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | SSLError)
