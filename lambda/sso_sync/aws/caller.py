"""Who calls AWS."""

import logging

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import CredentialsError, SsoSyncError
from sso_sync.core.wording import last_part
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import translate

log = logging.getLogger(__name__)


def identity(aws: Aws, doing: str, *, hurried: bool = False) -> str:
    """Return the caller's ARN, or raise CredentialsError; `doing` is for its message, `hurried` as `Aws.sts` has it."""
    try:
        return str(aws.sts(hurried=hurried).get_caller_identity()["Arn"])
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, doing, CredentialsError) from exc


def triggered(how: str, aws: Aws) -> str:
    """Say how a run was started and by whom, if AWS tells at once; such as "command line, ann@example.com"."""
    try:
        return f"{how}, {last_part(identity(aws, 'find out who starts the run', hurried=True))}"
    except SsoSyncError as exc:
        log.info("it is not known who starts the run", extra={"error": str(exc)})
        return how
