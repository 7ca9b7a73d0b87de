"""The names of AWS accounts, from AWS Organizations.

ListAccounts answers in the organisation's management account and in those of delegated administrators.
"""

from collections.abc import Mapping
from itertools import islice

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import TargetError
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import MISSHAPEN, error_code, translate
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience

REQUESTS_PER_SECOND = 5.0  # the quota of ListAccounts is not documented, and others live on it too
MOST_PAGES = 100  # of 20 accounts each: twenty seconds, because a run waits for them
DOING = "list the AWS accounts"


def account_names(aws: Aws, patience: Patience, per_second: float = REQUESTS_PER_SECOND) -> Mapping[str, str]:
    """Return the names of the organisation's accounts by id; of a very large one, of a part.

    Raises PermissionMissing, another CredentialsError, or TargetError.
    """
    client = aws.organizations(RateGovernor(per_second), patience)
    try:
        pages = islice(client.get_paginator("list_accounts").paginate(), MOST_PAGES)
        return {str(row["Id"]): str(row["Name"]) for page in pages for row in page["Accounts"]}
    except (ClientError, BotoCoreError) as exc:
        if isinstance(exc, ClientError) and error_code(exc) == "AWSOrganizationsNotInUseException":
            return {}
        raise translate(exc, DOING, TargetError) from exc
    except MISSHAPEN as exc:
        raise TargetError(f"Cannot {DOING}: AWS's answer is broken; run again.") from exc
