"""How the source signs in to Google: with a service account's key, or without one."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from sso_sync.core.errors import CredentialsError
from sso_sync.core.findings import Credential
from sso_sync.http.boto import Aws
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.directories.google_workspace import WorkloadIdentitySettings
from sso_sync.sources.google_workspace import credentials, keyless
from sso_sync.sources.google_workspace.transport import Credentials
from sso_sync.sources.tools import Tools

WHAT = "the Google credentials"


class SignIn(Struct, frozen=True, kw_only=True):
    """As which service account the source signs in, with what, and how it gets credentials for scopes."""

    account: str
    credential: Credential
    scoped: Callable[[Sequence[str]], Credentials]


def make_sign_in(settings: GoogleWorkspaceSettings, secrets: Mapping[str, str], tools: Tools) -> SignIn:
    """Make what the settings say; raises CredentialsError for a secret that cannot be used."""
    if settings.workload_identity:
        return without_key(settings.workload_identity, settings.admin, tools.aws)
    return stored(secrets["credentials"], settings.admin, tools.aws)


def stored(text: str, admin: str, aws: Callable[[], Aws] = Aws) -> SignIn:
    """Take what is stored: a key, or a credential configuration, which holds no secret; raises CredentialsError."""
    try:
        info = json.loads(text)
    except ValueError as exc:
        raise CredentialsError(
            "The Google credentials are not JSON, nor the path of a file that is there; give the service account's "
            "key file, as Google Cloud (IAM, Service accounts, Keys) made it."
        ) from exc
    if not isinstance(info, dict):
        raise credentials.unusable("it is not the key of a service account")
    if info.get("type") == "external_account":
        return without_key(keyless.identity_of(info), admin, aws)
    return _with_key(info, admin)


def without_key(identity: WorkloadIdentitySettings, admin: str, aws: Callable[[], Aws]) -> SignIn:
    """Sign in by workload identity federation."""
    kind = "workload identity federation from AWS, no key"
    return SignIn(
        account=identity.service_account,
        credential=Credential(what=WHAT, kind=kind, stored=False),
        scoped=lambda scopes: keyless.make_credentials(identity, admin, scopes, aws),
    )


def _with_key(info: Mapping[str, Any], admin: str) -> SignIn:
    """Sign in with a key, which is tried at once."""
    made = credentials.make_credentials(info, admin)
    return SignIn(
        account=made.service_account_email,
        credential=Credential(
            what=WHAT,
            kind="a service account's key, stored",
            stored=True,
            renewal="sign in without a key (docs/google-workspace.md), or make a new key in Google Cloud (IAM & Admin, "
            "Service accounts, Keys) and delete the old one",
        ),
        scoped=made.with_scopes,  # the key is read once: that takes as long as a call
    )
