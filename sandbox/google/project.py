"""The made-up Google Cloud project: its service account, its keys, and who in AWS may sign in as it."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.identity_center.instances import ACCOUNT
from sandbox.keys import key_of, pem_of

Json = dict[str, Any]
NUMBER, NAME = "123456789012", "sandbox-project"
SERVICE_ACCOUNT = f"sso-sync@{NAME}.iam.gserviceaccount.com"
AWS_CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/sso-sync/sandbox"  # as whom the sandbox's AWS keys call
AUDIENCE = f"//iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/aws-pool/providers/sso-sync"
USER_KEY, SYSTEM_KEY = "sandbox", hashlib.sha256(b"system-managed").hexdigest()[:40]
USER_OWNER, SYSTEM_OWNER = f"{SERVICE_ACCOUNT}, downloaded", f"{SERVICE_ACCOUNT}, of Google"


class Project:
    """The keys of its service account: one that somebody has made and downloaded, and one that Google keeps."""

    @property
    def system_key(self) -> rsa.RSAPrivateKey:
        """Return the key that Google keeps, and signs with for whoever may have it sign."""
        return key_of(SYSTEM_OWNER)

    def key_of(self, key_id: object) -> rsa.RSAPrivateKey:
        """Return the key that a signature should be by."""
        return self.system_key if key_id == SYSTEM_KEY else key_of(USER_OWNER)

    def key_file(self, token_uri: str) -> Json:
        """Return the service account's own key, as Google Cloud would let it be downloaded."""
        return {
            "type": "service_account",
            "project_id": NAME,
            "private_key_id": USER_KEY,
            "private_key": pem_of(USER_OWNER),
            "client_email": SERVICE_ACCOUNT,
            "client_id": "100000000000000000001",
            "token_uri": token_uri,
        }

    def credential_configuration(self) -> Json:
        """Return what ``gcloud iam workload-identity-pools create-cred-config --aws`` writes."""
        metadata = "http://169.254.169.254/latest"
        return {
            "universe_domain": "googleapis.com",
            "type": "external_account",
            "audience": AUDIENCE,
            "subject_token_type": "urn:ietf:params:aws:token-type:aws4_request",
            "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
            f"{SERVICE_ACCOUNT}:generateAccessToken",
            "token_url": "https://sts.googleapis.com/v1/token",
            "credential_source": {
                "environment_id": "aws1",
                "region_url": f"{metadata}/meta-data/placement/availability-zone",
                "url": f"{metadata}/meta-data/iam/security-credentials",
                "regional_cred_verification_url": "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity"
                "&Version=2011-06-15",
            },
        }


def api_off(title: str, service: str) -> str:
    """Say that an API of the project is not in use."""
    return (
        f"{title} has not been used in project {NUMBER} before or it is disabled. Enable it by visiting "
        f"https://console.developers.google.com/apis/api/{service}/overview?project={NUMBER} then retry. If you "
        "enabled this API recently, wait a few minutes for the action to propagate to our systems and retry."
    )
