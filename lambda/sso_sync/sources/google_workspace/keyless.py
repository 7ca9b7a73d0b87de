"""Signing in without a key: AWS says who asks, and Google signs for the service account.

Three calls give a token: the Security Token Service takes a signed GetCallerIdentity request of AWS and gives a
federated token; with it the IAM Service Account Credentials API signs an assertion that the service account acts
for the administrator; the token endpoint takes that, as it takes one that a stored key has signed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError
from google.auth import aws, impersonated_credentials
from google.auth.aws import AwsSecurityCredentials, AwsSecurityCredentialsSupplier

from sso_sync.core.errors import CredentialsError
from sso_sync.http import boto_errors
from sso_sync.http.boto import Aws
from sso_sync.settings.directories.google_workspace import WorkloadIdentitySettings, mistakes_of
from sso_sync.sources.google_workspace.credentials import unusable

SUBJECT_TOKEN = "urn:ietf:params:aws:token-type:aws4_request"  # noqa: S105 # a kind of token
TOKEN_URL = "https://sts.googleapis.com/v1/token"  # noqa: S105 # where tokens are given
IMPERSONATED = re.compile(r"/serviceAccounts/([^/:]+):generateAccessToken$")


def identity_of(info: Mapping[str, Any]) -> WorkloadIdentitySettings:
    """Read a credential configuration as gcloud writes it; raises CredentialsError.

    Its addresses are not used: whoever can change the file could have tokens sent elsewhere with them.
    """
    if info.get("subject_token_type") != SUBJECT_TOKEN:
        raise unusable("it is a credential configuration of another provider than AWS")
    found = IMPERSONATED.search(str(info.get("service_account_impersonation_url")))
    if not found:
        raise unusable("its service_account_impersonation_url names no service account: make it with --service-account")
    identity = WorkloadIdentitySettings(audience=str(info.get("audience")), service_account=found[1])
    for mistake in mistakes_of(identity):
        raise unusable(mistake)
    return identity


def make_credentials(
    identity: WorkloadIdentitySettings, admin: str, scopes: Sequence[str], aws_account: Callable[[], Aws]
) -> impersonated_credentials.Credentials:
    """Make credentials that sign in with the AWS identity of the moment; nothing is asked for yet."""
    federated = aws.Credentials(
        identity.audience,
        SUBJECT_TOKEN,
        token_url=TOKEN_URL,
        aws_security_credentials_supplier=_Keys(aws_account),
    )
    return impersonated_credentials.Credentials(
        federated, target_principal=identity.service_account, target_scopes=list(scopes), subject=admin
    )


class _Keys(AwsSecurityCredentialsSupplier):
    """Gives the keys that boto3 finds: of a function, a profile, or a sign-in."""

    def __init__(self, aws_account: Callable[[], Aws]) -> None:
        self._aws = aws_account

    def get_aws_security_credentials(self, _context: object, _request: object) -> AwsSecurityCredentials:
        """Return the keys of this moment; raises CredentialsError."""
        try:
            keys = self._aws().credentials()
        except BotoCoreError as exc:
            raise boto_errors.translate(exc, "sign in to Google with AWS", CredentialsError) from exc
        return AwsSecurityCredentials(keys.access_key, keys.secret_key, keys.token)

    def get_aws_region(self, _context: object, _request: object) -> str:
        """Return the region whose STS is to say who asks; raises CredentialsError."""
        region = self._aws().region
        if not region:
            raise CredentialsError(
                "Cannot sign in to Google with AWS: no AWS region is known; set identity_center.region."
            )
        return region
