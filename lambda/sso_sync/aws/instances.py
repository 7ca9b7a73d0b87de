"""Which identity store: the one of the config, or of the one organisation instance there is."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import SettingsError, TargetError
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import MISSHAPEN, translate

HINT = "set identity_center.region and identity_center.identity_store_id"


def find_store_id(aws: Aws) -> str:
    """Return the identity store of the only ACTIVE organisation instance of IAM Identity Center.

    ListInstances also returns account instances; DescribeInstance tells them apart, because only an
    organisation instance has permission sets. Raises SettingsError if there is none, or more than one.
    """
    client = aws.sso_admin()
    try:
        pages = client.get_paginator("list_instances").paginate()
        active = [i for page in pages for i in page["Instances"] if i.get("Status", "ACTIVE") == "ACTIVE"]
        details = [client.describe_instance(InstanceArn=instance["InstanceArn"]) for instance in active]
        found = [instance["IdentityStoreId"] for instance in details if _of_organisation(instance)]
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, f"find the IAM Identity Center instance (or {HINT})", TargetError) from exc
    except MISSHAPEN as exc:
        raise TargetError(f"Cannot find the IAM Identity Center instance: AWS's answer is broken; {HINT}.") from exc
    if len(found) == 1:
        return found[0]
    region = client.meta.region_name
    problem = (
        f"several organisation instances are ACTIVE in {region} ({', '.join(sorted(found))})"
        if found
        else f"no organisation instance is ACTIVE in {region}"
    )
    raise SettingsError("IAM Identity Center", [f"{problem}; {HINT}"])


def owner_of(aws: Aws, store_id: str) -> tuple[str, str]:
    """Return partition and account of a store's instance; raises TargetError or CredentialsError."""
    doing = f"find the account of the identity store {store_id}"
    try:
        pages = aws.sso_admin().get_paginator("list_instances").paginate()
        found = [i for page in pages for i in page["Instances"] if i["IdentityStoreId"] == store_id]
        owners = [(i["InstanceArn"].split(":")[1], i["OwnerAccountId"]) for i in found]
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, doing, TargetError) from exc
    except MISSHAPEN as exc:
        raise TargetError(f"Cannot {doing}: AWS's answer is broken; run again.") from exc
    if not owners:
        raise TargetError(f"Cannot {doing}: none in this Region has it; correct identity_center.region.")
    return owners[0]


def _of_organisation(instance: Mapping[str, Any]) -> bool:
    return bool(instance.get("PermissionSetsEnabled", True))
