"""What the function may do where AWS itself syncs an Active Directory: write sync filters, and nothing else.

Actions, resource types and dependent actions: "Actions, resources, and condition keys for AWS Identity Sync" in
the service authorization reference.
"""

from collections.abc import Iterable

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from sso_sync.http.identity_sync import PROFILE, TARGET
from sso_sync.settings import AdSyncSettings, IdentityCenterSettings, SourceSettings
from sso_sync_stack.permissions import allow

ON_PROFILE = [
    "identity-sync:CreateSyncFilter",
    "identity-sync:CreateSyncTarget",
    "identity-sync:DeleteSyncFilter",
    "identity-sync:GetSyncProfile",
    "identity-sync:GetSyncTarget",
    "identity-sync:ListSyncFilters",
    "identity-sync:StartSync",
]


def grant_sync_filters(
    role: iam.Role, sources: Iterable[SourceSettings], identity_center: IdentityCenterSettings
) -> None:
    """Let a role keep the sync filters of the config, and make profile and target if they are not there."""
    for source in sources:
        if isinstance(source, AdSyncSettings):
            own = f"arn:{Aws.PARTITION}:identity-sync:{Aws.REGION}:{Aws.ACCOUNT_ID}"
            targets = [f"{own}:profile/{PROFILE}", f"{own}:target/{PROFILE}/{TARGET}"]
            allow(role, "KeepSyncFilters", ON_PROFILE, targets)
            because = (
                "CreateSyncProfile knows no resources; the directory that it is for is that of AuthorizeApplication"
            )
            allow(role, "CreateSyncProfile", ["identity-sync:CreateSyncProfile"], ["*"], because=because)
            directory = _directory(source.directory_id or identity_center.identity_store_id or "*")
            because = "the store has the id of its directory, and is not known before it is looked for"
            allow(role, "AuthorizeSync", ["ds:AuthorizeApplication"], [directory], because=because)


def _directory(wanted: str) -> str:
    # The account is that of the organisation's management, which need not be the one deployed to.
    return wanted if wanted.startswith("arn:") else f"arn:{Aws.PARTITION}:ds:{Aws.REGION}:*:directory/{wanted}"
