"""Calls that are made only to see whether they are allowed; nothing is written."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.aws.examination import Instance
from sso_sync.aws.grants import grant_to
from sso_sync.core.errors import PermissionMissing, SettingsError, TargetError
from sso_sync.core.findings import Finding, Mark, look_at
from sso_sync.http.boto import NOBODY, Aws
from sso_sync.http.boto_errors import MISSHAPEN, error_code, translate

NO_SET = "ps-0000000000000000"
# What AWS says of ids of nobody, and of an organisation where there is none.
_NO_SUCH = {"ResourceNotFoundException", "AWSOrganizationsNotInUseException"}


def examine_accounts(aws: Aws, instance: Instance, group_id: str, caller: str, *, pages: bool) -> Iterator[Finding]:
    """Look at what tells which AWS accounts a group gives; with `pages` also at the names that pages show.

    Without a group, an id of nobody is asked for.
    """
    if not instance.arn:
        return
    client = aws.sso_admin()

    def assignments() -> str:
        _call(
            client,
            "list_account_assignments_for_principal",
            "read the account assignments",
            InstanceArn=instance.arn,
            PrincipalId=group_id or NOBODY,
            PrincipalType="GROUP",
            MaxResults=1,
        )
        return "Account assignments can be read, so that what gives access waits for approval before it is deleted."

    action = "sso:ListAccountAssignmentsForPrincipal"
    yield _with_effect(
        look_at("Accounts: assignments", assignments, otherwise=Mark.WARNING, grant=grant_to(caller, action)),
        "Until then every group that is adopted or deleted waits for approval. AWS documents the call for the "
        "organisation's management account alone.",
    )
    if pages:
        yield from _examine_names(aws, client, instance, caller)


def _examine_names(aws: Aws, client: Any, instance: Instance, caller: str) -> Iterator[Finding]:
    def sets() -> str:
        arn = f"{instance.arn.replace(':instance/', ':permissionSet/')}/{NO_SET}"
        _call(
            client,
            "describe_permission_set",
            "read the names of permission sets",
            InstanceArn=instance.arn,
            PermissionSetArn=arn,
        )
        return "The names of permission sets can be read."

    def accounts() -> str:
        _call(aws.client("organizations"), "list_accounts", "list the AWS accounts", MaxResults=1)
        return "The names of AWS accounts can be read."

    effect = "Until then pages show ids instead of names; documentation.accounts: false does without."
    for subject, look, action in (
        ("Accounts: permission sets", sets, "sso:DescribePermissionSet"),
        ("Accounts: names", accounts, "organizations:ListAccounts"),
    ):
        yield _with_effect(look_at(subject, look, otherwise=Mark.NOTE, grant=grant_to(caller, action)), effect)


def _with_effect(finding: Finding, effect: str) -> Finding:
    if finding.mark is Mark.GOOD:
        return finding
    return Finding(finding.subject, finding.mark, finding.said, f"{finding.remedy} {effect}".strip())


def _call(client: Any, operation: str, doing: str, **parameters: Any) -> None:
    """Make one call of which only matters whether it is allowed."""
    try:
        getattr(client, operation)(**parameters)
    except ClientError as exc:
        if error_code(exc) not in _NO_SUCH:
            raise translate(exc, doing, TargetError) from exc
    except BotoCoreError as exc:
        raise translate(exc, doing, TargetError) from exc
    except MISSHAPEN as exc:
        raise TargetError(f"Cannot {doing}: AWS's answer is broken; run again.") from exc


def bucket_answers(aws: Aws, bucket: str) -> str:
    """Say that a bucket is there; raises CredentialsError or SettingsError, or TargetError."""
    try:
        aws.s3().head_bucket(Bucket=bucket)
    except ClientError as exc:
        if error_code(exc) in {"403", "AccessDenied"}:
            raise PermissionMissing(f"The bucket {bucket} is there, and may not be looked at.", "ListBucket") from exc
        if error_code(exc) in {"404", "NoSuchBucket"}:
            raise SettingsError("The config", [f"there is no bucket {bucket}"]) from exc
        raise translate(exc, f"look at the bucket {bucket}", TargetError) from exc
    except BotoCoreError as exc:
        raise translate(exc, f"look at the bucket {bucket}", TargetError) from exc
    return f"The bucket {bucket} is there."
