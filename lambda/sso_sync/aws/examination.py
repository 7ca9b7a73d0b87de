"""The caller and the instance of IAM Identity Center, looked at one by one; nothing is written."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as UnreachableError
from msgspec import Struct

from sso_sync.aws.caller import identity
from sso_sync.aws.grants import grant_to
from sso_sync.core.errors import PermissionMissing, SsoSyncError, TargetError
from sso_sync.core.findings import Finding, Mark, in_a_line
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import MISSHAPEN, translate
from sso_sync.settings import IdentityCenterSettings

CENTER = "Identity Center"
Json = Mapping[str, Any]


class Instance(Struct, frozen=True):
    """The instance of IAM Identity Center that a run would use; ARNs are empty where AWS does not show them."""

    store_id: str
    arn: str = ""
    store_arn: str = ""


def who(aws: Aws) -> str:
    """Return the caller's ARN; raises CredentialsError."""
    return identity(aws, "find out who calls AWS", hurried=True)


def is_unreachable(error: SsoSyncError) -> bool:
    """Tell whether AWS could not be asked at all, which says nothing about the credentials."""
    return isinstance(error.__cause__, HTTPClientError | UnreachableError)


class InstanceExaminer:
    """Finds the instance and looks at it; `instance` is what was found, None if no run could go on."""

    def __init__(self, aws: Aws, settings: IdentityCenterSettings, caller: str) -> None:
        self._aws, self._settings, self._caller = aws, settings, caller
        store_id = settings.identity_store_id
        self.instance = Instance(store_id) if store_id else None

    def examine(self) -> Iterator[Finding]:
        """Look for the instance, its state, its Region and its key."""
        try:
            shown = self._shown()
        except SsoSyncError as exc:
            yield self._unseen(exc)
            return
        found = [row for row in shown if self._is_wanted(row)]
        if len(found) != 1:
            yield self._not_one(shown, found)
            return
        (row,) = found
        self.instance = Instance(row["IdentityStoreId"], row["InstanceArn"], row.get("IdentityStoreArn", ""))
        yield Finding(f"{CENTER}: instance", Mark.GOOD, f"{row['InstanceArn']} has the store {row['IdentityStoreId']}.")
        yield self._status(row)
        yield self._region(row)
        yield from self._key(row.get("EncryptionConfigurationDetails") or {})

    def _shown(self) -> list[Json]:
        """List all instances, in full as far as DescribeInstance is needed or allowed."""
        client, doing = self._aws.sso_admin(), "find the instance of IAM Identity Center"
        try:
            listed = [row for page in client.get_paginator("list_instances").paginate() for row in page["Instances"]]
            return [self._described(client, row) for row in listed]
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, doing, TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(f"Cannot {doing}: AWS's answer is broken; run again.") from exc

    def _described(self, client: Any, row: Json) -> Json:
        try:
            return {**row, **client.describe_instance(InstanceArn=row["InstanceArn"])}
        except ClientError:
            if self._settings.identity_store_id:  # then a run does without it
                return row
            raise

    def _is_wanted(self, row: Json) -> bool:
        if self._settings.identity_store_id:
            return bool(row["IdentityStoreId"] == self._settings.identity_store_id)
        return bool(row.get("PermissionSetsEnabled", True))

    def _unseen(self, exc: SsoSyncError) -> Finding:
        action = f"sso:{exc.operation}" if isinstance(exc, PermissionMissing) else ""
        if self._settings.identity_store_id and action:
            said = f"{in_a_line(exc)} The config names the store, so that a run does without."
            return Finding(f"{CENTER}: instance", Mark.NOTE, said)
        remedy = f"{grant_to(self._caller, action)} Or set identity_center.identity_store_id." if action else ""
        return Finding(f"{CENTER}: instance", Mark.PROBLEM, in_a_line(exc), remedy)

    def _not_one(self, shown: Sequence[Json], found: Sequence[Json]) -> Finding:
        region, wanted = self._aws.region, self._settings.identity_store_id
        what = f"identity store {wanted}" if wanted else "organisation instance of IAM Identity Center"
        if found:
            said = f"There are several organisation instances in {region}."
            remedy = (
                f"Set identity_center.identity_store_id to one of {', '.join(r['IdentityStoreId'] for r in found)}."
            )
            return Finding(f"{CENTER}: instance", Mark.PROBLEM, said, remedy)
        others = f" (of {len(shown)} that are there)" if shown else ""
        remedy = (
            "Set identity_center.region to the Region that the IAM Identity Center console shows under Settings, and "
            "sign in to the organisation's management account or that of the delegated administrator."
        )
        return Finding(f"{CENTER}: instance", Mark.PROBLEM, f"AWS shows no {what} in {region}{others}.", remedy)

    def _status(self, row: Json) -> Finding:
        status = row.get("Status", "ACTIVE")
        if status == "ACTIVE":
            return Finding(f"{CENTER}: status", Mark.GOOD, "The instance is ACTIVE.")
        return Finding(
            f"{CENTER}: status", Mark.PROBLEM, f"The instance is {status}.", "Wait until it is ACTIVE, or make it anew."
        )

    def _region(self, row: Json) -> Finding:
        here, primary = self._aws.region, row.get("PrimaryRegion")
        if not primary:
            said = f"Calls go to {here}; AWS does not show which Region of the instance is the primary one."
            return Finding(f"{CENTER}: Region", Mark.NOTE, said)
        if primary == here:
            return Finding(f"{CENTER}: Region", Mark.GOOD, f"Calls go to {here}, its primary Region.")
        said = f"Calls go to {here}, and only the primary Region, {primary}, takes changes."
        return Finding(f"{CENTER}: Region", Mark.PROBLEM, said, f"Set identity_center.region to {primary}.")

    def _key(self, encryption: Json) -> Iterator[Finding]:
        """Compare the customer-managed key with the config; whether the caller may use it, the calls tell."""
        if encryption.get("KeyType") != "CUSTOMER_MANAGED_KEY":
            return
        subject, key = f"{CENTER}: key", str(encryption.get("KmsKeyArn", ""))
        if encryption.get("EncryptionStatus") == "UPDATE_FAILED":
            said = f"The key {key} could not be taken into use: {encryption.get('EncryptionStatusReason', '')}"
            yield Finding(subject, Mark.WARNING, said, "Look at it in the IAM Identity Center console under Settings.")
        elif self._settings.kms_key == key:
            yield Finding(subject, Mark.GOOD, f"The store is encrypted with {key}, as the config says.")
        else:
            said = f"The store is encrypted with the customer-managed key {key}, and the config does not name it."
            yield Finding(
                subject, Mark.WARNING, said, "Set identity_center.kms_key to it, so that a deployed run may use it."
            )
