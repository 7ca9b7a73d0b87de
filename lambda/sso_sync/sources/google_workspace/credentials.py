"""A service account that acts for an administrator (domain-wide delegation)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from google.auth.exceptions import GoogleAuthError, MalformedError, RefreshError
from google.oauth2.service_account import Credentials

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.settings.addresses import is_safe

ROOT = "https://www.googleapis.com/auth/admin.directory"
READ_SCOPES = (f"{ROOT}.user.readonly", f"{ROOT}.group.readonly", f"{ROOT}.group.member.readonly")
DOMAIN_SCOPE = f"{ROOT}.domain.readonly"  # optional: without it, externals are told by their missing status


def make_credentials(key: str, admin: str, scopes: Sequence[str]) -> Credentials:
    """Make credentials from a service account's key (its JSON text); raises CredentialsError."""
    try:
        info = json.loads(key)
        if not isinstance(info, dict) or info.get("type") != "service_account":
            raise MalformedError("it is not the key of a service account")
        _check_texts(info)
        made: Credentials = Credentials.from_service_account_info(info, scopes=list(scopes), subject=admin)
        _check_signing(made)
    except json.JSONDecodeError as exc:
        raise CredentialsError(
            "The Google credentials are not JSON, nor the path of a file that is there; give the service account's "
            "key file, as Google Cloud (IAM, Service accounts, Keys) made it."
        ) from exc
    except (MalformedError, ValueError) as exc:
        raise CredentialsError(
            f"The Google credentials cannot be used ({str(exc).splitlines()[0].rstrip('.')}); create a JSON key for "
            "the service account."
        ) from exc
    return made


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


def translate_auth(error: GoogleAuthError, account: str, admin: str) -> CredentialsError | SourceError:
    """Turn an error of the token endpoint into a sentence."""
    if not isinstance(error, RefreshError):
        return SourceError(
            f"Google's token endpoint cannot be reached ({_words(error)}); check the network and run again."
        )
    said = _words(error)
    if "unauthorized_client" in said:
        return CredentialsError(
            f"Google does not let the service account {account} act for {admin}; in the Google Admin console "
            "(Security, API controls, Domain-wide delegation) grant its client id these scopes: "
            + ", ".join(READ_SCOPES)
        )
    if "Invalid email" in said:
        return CredentialsError(f"Google knows no administrator {admin}; correct 'admin' in the config.")
    if "Signature" in said or "invalid_grant" in said:
        return CredentialsError(
            f"Google refused the key of {account} ({said}); it may have been deleted, or this machine's clock is "
            "wrong; create a new key if it was."
        )
    return CredentialsError(f"Google refused the credentials of {account} ({said}).")


def _words(error: GoogleAuthError) -> str:
    first = error.args[0] if error.args else error
    return " ".join(str(first).split())[:300].rstrip(".")
