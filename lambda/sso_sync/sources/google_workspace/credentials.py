"""A service account that acts for an administrator (domain-wide delegation)."""

import json
from collections.abc import Sequence

from google.auth.exceptions import GoogleAuthError, MalformedError, RefreshError
from google.oauth2.service_account import Credentials

from sso_sync.core.errors import CredentialsError, SourceError

ROOT = "https://www.googleapis.com/auth/admin.directory"
READ_SCOPES = (f"{ROOT}.user.readonly", f"{ROOT}.group.readonly", f"{ROOT}.group.member.readonly")
DOMAIN_SCOPE = f"{ROOT}.domain.readonly"  # optional: without it, externals are told by their missing status


def make_credentials(key: str, admin: str, scopes: Sequence[str]) -> Credentials:
    """Make credentials from a service account's key (its JSON text); raises CredentialsError."""
    try:
        info = json.loads(key)
        if not isinstance(info, dict) or info.get("type") != "service_account":
            raise MalformedError("it is not the key of a service account")
        made: Credentials = Credentials.from_service_account_info(info, scopes=list(scopes), subject=admin)
    except json.JSONDecodeError as exc:
        raise CredentialsError(
            "The Google credentials are not JSON; give the service account's key file, as Google Cloud "
            "(IAM, Service accounts, Keys) made it."
        ) from exc
    except (MalformedError, ValueError) as exc:
        raise CredentialsError(
            f"The Google credentials cannot be used ({str(exc).splitlines()[0].rstrip('.')}); create a JSON key for "
            "the service account."
        ) from exc
    return made


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
