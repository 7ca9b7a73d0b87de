"""The role that approves, taken on by a person."""

import re

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.aws.caller import identity
from sso_sync.core.errors import CredentialsError
from sso_sync.core.wording import last_part
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import DENIED, error_code, translate

WHO = "find out who approves"
DOING = "take on the role that approves"


def become_approver(aws: Aws, role: str) -> tuple[Aws, str]:
    """Return AWS with the role's identity, and that identity's ARN, named for the caller; raises CredentialsError."""
    caller = identity(aws, WHO)
    try:
        approver = aws.assuming(role, session_name(caller))
    except ClientError as exc:
        if error_code(exc) in DENIED:
            raise CredentialsError(
                f"You are {caller} and may not approve: you need sts:AssumeRole on {role}, and deployment.approvers, "
                "if the deployment has it, has to name you."
            ) from exc
        raise translate(exc, DOING, CredentialsError) from exc
    except BotoCoreError as exc:
        raise translate(exc, DOING, CredentialsError) from exc
    return approver, identity(approver, WHO)


def session_name(caller: str) -> str:
    """Name a session for the last part of the caller's ARN, in 2 to 64 of the characters that STS takes."""
    return re.sub(r"[^A-Za-z0-9_+=,.@-]", "-", last_part(caller))[:64].ljust(2, "-")
