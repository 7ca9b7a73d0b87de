"""What Okta answers when it does not give what was asked for, as sentences.

Error codes: "Error codes" of Okta's reference. Scopes that a token lacks are named in the challenge
(WWW-Authenticate), those that an app lacks by the token endpoint.
"""

import re
from collections.abc import Collection
from typing import Any

import requests

from sso_sync.core.errors import CredentialsError, PermissionMissing, SourceError, SsoSyncError
from sso_sync.http.patience import Patience, impatient
from sso_sync.http.session import TRANSIENT

LATER = "nothing was changed, the next run tries again"
CONSOLE = "Okta Admin Console"
APP_SCOPES = f"{CONSOLE}, Applications, the service app, Okta API Scopes"
APP_ROLES = f"{CONSOLE}, Applications, the service app, Admin roles"
TOKENS = f"{CONSOLE}, Security, API, Tokens"
ROLE = "Read-only Administrator"
NO_SCOPE = {"invalid_scope", "access_denied", "consent_required"}


def no_answer(error: requests.RequestException, doing: str, patience: Patience) -> SourceError:
    """Say that no usable answer came."""
    said = type(error).__name__
    if patience.used_up:
        return SourceError(impatient(doing, "Okta", patience.minutes, said))
    return SourceError(f"Cannot {doing}: Okta gave no usable answer ({said}); {LATER}.")


def refused(answer: requests.Response, doing: str, patience: Patience, *, app: bool) -> SsoSyncError:
    """Say what an answer of the API means; `app` tells a service app from an API token."""
    said = f"{answer.status_code} {words_of(answer)}".strip()
    match answer.status_code:
        case 401 if app:
            return CredentialsError(f"Cannot {doing}: Okta refused an access token that it has just given ({said}).")
        case 401:
            return CredentialsError(
                f"Cannot {doing}: Okta refused the API token ({said}); it ends after 30 days without use, and with the "
                f"account of who made it. Create another ({TOKENS}) and store it."
            )
        case 403:
            return _forbidden(answer, doing, said, app=app)
        case status if status in TRANSIENT and patience.used_up:
            return SourceError(impatient(doing, "Okta", patience.minutes, said))
        case status if 300 <= status < 400:
            return SourceError(
                f"Cannot {doing}: Okta sends on to another address ({said}); correct 'url' in the config."
            )
        case _:
            return SourceError(f"Cannot {doing}: Okta answered {said}; {LATER}.")


def _forbidden(answer: requests.Response, doing: str, said: str, *, app: bool) -> PermissionMissing:
    challenge = answer.headers.get("WWW-Authenticate", "")
    scope = re.search(r'scope="([^"]*)"', challenge) if "insufficient_scope" in challenge else None
    if scope:
        return scopes_missing([scope[1]], doing)
    whom = (
        f"the service app ({APP_ROLES})"
        if app
        else f"the person who made the API token ({CONSOLE}, Security, Administrators)"
    )
    return PermissionMissing(f"Cannot {doing}: Okta refused it ({said}); give {whom} the role {ROLE}.", ROLE)


def scopes_missing(scopes: Collection[str], doing: str = "sign in to Okta") -> PermissionMissing:
    """Say which scopes the service app lacks."""
    named = " and ".join(scopes)
    return PermissionMissing(
        f"Cannot {doing}: the service app was not granted {named}; grant it ({APP_SCOPES}).", named
    )


def refused_token(answer: requests.Response, client_id: str, scopes: Collection[str]) -> SsoSyncError:
    """Say why the token endpoint gave no token."""
    body = json_of(answer)
    error, said = str(body.get("error", "")), words_of(answer)
    if error in NO_SCOPE:
        return scopes_missing(scopes)
    if "kid" in said:
        return CredentialsError(
            f"Cannot sign in to Okta: the service app {client_id} has no key with the id that was sent ({said}); set "
            "key_id to the KID that the Okta Admin Console shows (Applications, the service app, Public keys)."
        )
    if error == "invalid_client":
        return CredentialsError(
            f"Cannot sign in to Okta: the service app {client_id} was refused ({said}); client_id, the public key that "
            "is registered with the app, or this machine's clock is wrong."
        )
    if error in {"invalid_dpop_proof", "use_dpop_nonce"}:
        return CredentialsError(f"Cannot sign in to Okta: it does not accept the proofs that it asks for ({said}).")
    if answer.status_code == 404:
        return CredentialsError("Cannot sign in to Okta: there is no Okta organisation at 'url'; correct it.")
    if error and answer.status_code < 500 and answer.status_code != 429:
        return CredentialsError(f"Cannot sign in to Okta: the service app {client_id} was refused ({error}: {said}).")
    return SourceError(f"Cannot sign in to Okta: it answered {answer.status_code} {said}".rstrip() + f"; {LATER}.")


def words_of(answer: requests.Response) -> str:
    """Return what an error says in Okta's words, on one line; nothing if it says nothing in its form."""
    body = json_of(answer)
    code, summary = (
        body.get("errorCode") or body.get("error"),
        body.get("errorSummary") or body.get("error_description"),
    )
    if not summary:
        return str(code or "")[:300]
    said = f"{code}: {summary}" if body.get("errorCode") else str(summary)
    return " ".join(said.split())[:300].rstrip(".")


def json_of(answer: requests.Response) -> dict[str, Any]:
    """Return a JSON object that was answered, an empty one for anything else."""
    try:
        body = answer.json()
    except (RecursionError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}
