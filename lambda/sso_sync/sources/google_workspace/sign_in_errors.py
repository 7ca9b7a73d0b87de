"""Errors of a sign-in to Google, as sentences: each step of it refuses in words of its own."""

import json
from typing import Any

from google.auth.exceptions import GoogleAuthError, OAuthError, RefreshError, TransportError

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.sources.google_workspace.scopes import READ_SCOPES

SIGNING = "Unable to acquire impersonated credentials"  # what google-auth says of every refusal to sign
CONSOLE = "Google Cloud console (IAM & Admin, Workload Identity Federation)"


class DelegationMissing(CredentialsError):
    """The service account may not act for the administrator with a scope that was asked for."""


def translate_auth(error: GoogleAuthError, account: str, admin: str) -> CredentialsError | SourceError:
    """Turn an error of a sign-in into a sentence."""
    said = _words(error)
    if isinstance(error, TransportError) or error.retryable:
        return SourceError(f"Google's token endpoint cannot be reached ({said}); check the network and run again.")
    if isinstance(error, OAuthError):
        return _not_federated(said)
    if isinstance(error, RefreshError) and error.args[:1] and str(error.args[0]).startswith(SIGNING):
        return _not_signed(_body(error), account)
    return _no_token(said, account, admin)


def _no_token(said: str, account: str, admin: str) -> CredentialsError:
    """Say what the token endpoint has against an assertion."""
    if "unauthorized_client" in said:
        return DelegationMissing(
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


def _not_federated(said: str) -> CredentialsError:
    """Say what the Security Token Service has against the caller's identity in AWS (RFC 8693, 2.2.2)."""
    if "attribute condition" in said:
        return CredentialsError(
            f"The attribute condition of Google's workload identity provider does not let this AWS role in ({said}); "
            f"run as the role of the deployment, or change the condition in the {CONSOLE}."
        )
    if "invalid_target" in said or "audience" in said:
        return CredentialsError(
            f"Google has no such workload identity provider ({said}); correct workload_identity.audience, or look for "
            f"the pool and the provider in the {CONSOLE}: they may be disabled or deleted."
        )
    if "127 bytes" in said:
        return CredentialsError(
            f"Google cannot map who is calling ({said}); map google.subject to the name of the AWS role alone, as "
            f"docs/google-workspace.md has it, in the {CONSOLE}."
        )
    if "account" in said.lower():
        return CredentialsError(
            f"Google's workload identity provider trusts another AWS account ({said}); make one for this account in "
            f"the {CONSOLE}."
        )
    return CredentialsError(
        f"Google did not accept who AWS says is calling ({said}); the AWS credentials may have expired, or this "
        "machine's clock is wrong; sign in to AWS again and run again."
    )


def _not_signed(body: dict[str, Any], account: str) -> CredentialsError | SourceError:
    """Say why the IAM Service Account Credentials API does not sign for the service account."""
    error = body.get("error")
    error = error if isinstance(error, dict) else {}
    said = " ".join(str(error.get("message", "without a word")).split())[:300].rstrip(".")
    if "has not been used" in said or "SERVICE_DISABLED" in str(error.get("details")):
        told = said.partition(" before or")[0]
        return CredentialsError(
            f"Google's API that signs for service accounts is off in Google Cloud ({told}); switch it on: gcloud "
            "services enable iamcredentials.googleapis.com --project PROJECT"
        )
    if error.get("code") == 403:
        return CredentialsError(
            f"Google does not sign for the service account {account} ({said}); give the AWS role "
            "roles/iam.serviceAccountTokenCreator on it (Google Cloud console, IAM & Admin, Service accounts, "
            "Principals with access), and check the name."
        )
    if not error:
        return SourceError(f"Google's answer when it was to sign for {account} cannot be read; run again.")
    return CredentialsError(f"Google did not sign for the service account {account} ({said}).")


def _body(error: GoogleAuthError) -> dict[str, Any]:
    """Return the JSON of the answer, which google-auth keeps as the second argument."""
    try:
        body = json.loads(str(error.args[1]))
    except (IndexError, ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _words(error: GoogleAuthError) -> str:
    first = error.args[0] if error.args else error
    return " ".join(str(first).split())[:300].rstrip(".")
