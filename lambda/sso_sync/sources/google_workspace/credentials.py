"""A service account's key, with which it acts for an administrator (domain-wide delegation)."""

from collections.abc import Mapping
from typing import Any

from google.auth.exceptions import MalformedError
from google.oauth2.service_account import Credentials

from sso_sync.core.errors import CredentialsError
from sso_sync.settings.addresses import is_safe


def make_credentials(info: Mapping[str, Any], admin: str) -> Credentials:
    """Make credentials, yet without scopes, from the JSON of a service account's key; raises CredentialsError."""
    try:
        if info.get("type") != "service_account":
            raise MalformedError("it is not the key of a service account")
        _check_texts(info)
        made: Credentials = Credentials.from_service_account_info(info, subject=admin)
        _check_signing(made)
    except (MalformedError, ValueError) as exc:
        raise unusable(str(exc)) from exc
    return made


def unusable(why: str) -> CredentialsError:
    """Say why credentials cannot be used, and what can be."""
    return CredentialsError(
        f"The Google credentials cannot be used ({why.splitlines()[0].rstrip('.')}); create a JSON key for the service "
        "account, or sign in without one (docs/google-workspace.md)."
    )


def _check_signing(made: Credentials) -> None:
    """Raise MalformedError for a key that would fail only when the first token is asked for."""
    try:
        made.sign_bytes(b"")
    except TypeError as exc:  # google-auth signs as RSA keys do, whatever the key is
        raise MalformedError("its private_key is not an RSA key") from exc


def _check_texts(info: Mapping[str, Any]) -> None:
    """Raise MalformedError for values that would be found wrong only when they are used."""
    for name in ("client_email", "private_key", "token_uri"):
        if not isinstance(info.get(name), str):
            raise MalformedError(f"its {name} is not text")
    if not is_safe(info["token_uri"]):
        raise MalformedError("its token_uri is not an address that begins with https://")
