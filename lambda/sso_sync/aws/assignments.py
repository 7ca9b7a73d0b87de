"""Which AWS accounts users and groups have been given, read from IAM Identity Center.

ListAccountAssignmentsForPrincipal answers in an organisation's management account. What a user has
through a group is in the answer too, under the group's own id.
"""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import CredentialsError, SsoSyncError, TargetError
from sso_sync.core.model import Assignment, Kind
from sso_sync.core.once import once
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import MISSHAPEN, translate
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience

if TYPE_CHECKING:
    from mypy_boto3_sso_admin import SSOAdminClient

# All operations of sso-admin have 20 a second together ("Quotas and limits" of the IAM Identity Center
# user guide), and whoever manages assignments by program lives on the same.
REQUESTS_PER_SECOND = 10.0
SYSTEM = "sso-admin"  # as calls are counted
SIDE_BY_SIDE = 4
MOST_ERRORS = 3  # of single principals, until the service itself is taken to be unwell
TYPES: dict[Kind, Literal["USER", "GROUP"]] = {"user": "USER", "group": "GROUP"}


class AssignmentReader:
    """Reads assignments in the instance that a store belongs to; see `core.ports.AccountAssignments`."""

    def __init__(
        self, aws: Aws, store_id: str, per_second: float = REQUESTS_PER_SECOND, patience: Patience | None = None
    ) -> None:
        self._aws, self._store_id, self._patience = aws, store_id, patience
        self._governor = RateGovernor(per_second)

    def of(self, kind: Kind, aws_ids: Collection[str]) -> Mapping[str, tuple[Assignment, ...]]:
        if not aws_ids:
            return {}
        with self._reading(kind, aws_ids) as reading:
            return {aws_id: read.result() for aws_id, read in reading.items()}

    def as_far_as_possible(
        self, kind: Kind, aws_ids: Collection[str]
    ) -> tuple[Mapping[str, tuple[Assignment, ...]], SsoSyncError | None]:
        """Return the assignments of those whose can be read, and the last error of the others."""
        found: dict[str, tuple[Assignment, ...]] = {}
        errors: list[SsoSyncError] = []
        try:
            with self._reading(kind, aws_ids) as reading:
                for aws_id, read in reading.items():
                    try:
                        found[aws_id] = read.result()
                    except TargetError as exc:
                        errors.append(exc)
                        if len(errors) == MOST_ERRORS:
                            break
        except (CredentialsError, TargetError) as exc:
            errors.append(exc)
        return found, errors[-1] if errors else None

    def permission_set(self, arn: str) -> str:
        """Return the name of a permission set; raises TargetError or CredentialsError."""
        doing = f"read the permission set {arn}"
        try:
            answer = self._client.describe_permission_set(InstanceArn=self._instance, PermissionSetArn=arn)
            return str(answer["PermissionSet"]["Name"])
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, doing, TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(f"Cannot {doing}: the answer is not complete; run again.") from exc

    @contextmanager
    def _reading(self, kind: Kind, aws_ids: Collection[str]) -> Iterator[Mapping[str, Future[tuple[Assignment, ...]]]]:
        instance = self._instance
        self._aws.calls.expect(SYSTEM, f"{kind}s", len(aws_ids))
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            try:
                yield {aws_id: pool.submit(self._read, instance, kind, aws_id) for aws_id in aws_ids}
            finally:
                pool.shutdown(wait=False, cancel_futures=True)  # after a failure no other answer is of use

    @once
    def _client(self) -> "SSOAdminClient":
        return self._aws.sso_admin(self._governor, self._patience)

    @once
    def _instance(self) -> str:
        """Find the ARN of the store's instance; raises TargetError or CredentialsError."""
        doing = "find the instance of IAM Identity Center"
        try:
            pages = self._client.get_paginator("list_instances").paginate()
            found = [i["InstanceArn"] for page in pages for i in page["Instances"] if self._is_of_store(i)]
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, doing, TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(f"Cannot {doing}: AWS's answer is broken; run again.") from exc
        if not found:
            raise TargetError(f"Cannot {doing}: none in this Region has the identity store {self._store_id}.")
        return found[0]

    def _is_of_store(self, instance: Mapping[str, object]) -> bool:
        return instance["IdentityStoreId"] == self._store_id

    def _read(self, instance: str, kind: Kind, aws_id: str) -> tuple[Assignment, ...]:
        doing = "read the account assignments"
        try:
            pages = self._client.get_paginator("list_account_assignments_for_principal").paginate(
                InstanceArn=instance, PrincipalId=aws_id, PrincipalType=TYPES[kind]
            )
            rows = [row for page in pages for row in page["AccountAssignments"]]
            self._aws.calls.finish(SYSTEM, f"{kind}s")
            own = [row for row in rows if (row["PrincipalType"], row["PrincipalId"]) == (TYPES[kind], aws_id)]
            return tuple(sorted({Assignment(row["AccountId"], row["PermissionSetArn"]) for row in own}))
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, f"{doing} of the {kind} {aws_id}", TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(f"Cannot {doing} of the {kind} {aws_id}: the answer is not complete; run again.") from exc
