"""What a role may do that cannot be tried without doing it: IAM's policy simulator is asked instead.

It looks at the policies, the permissions boundary and the organisation's control policies of a role or
user; not at policies of buckets and keys ("SimulatePrincipalPolicy" of the IAM API reference).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from sso_sync.aws.grants import grant_to
from sso_sync.core.errors import CredentialsError, SsoSyncError
from sso_sync.core.findings import Finding, Mark
from sso_sync.core.once import once
from sso_sync.core.wording import counted
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import MISSHAPEN, translate

DOING = "ask IAM's policy simulator"
UNTRIED = "Writing was not tried, because that would write"
TO_ASK = "To have it simulated, allow iam:GetRole and iam:SimulatePrincipalPolicy; the first write tells as well."


class Wanted(Struct, frozen=True):
    """Actions that a run takes on resources."""

    actions: Sequence[str]
    resources: Sequence[str]


class Simulator:
    """Asks what one principal may do: a role, a user, or whoever has assumed a role; see `examine`."""

    def __init__(self, aws: Aws, principal: str) -> None:
        self._aws, self._principal = aws, principal

    def examine(self, subject: str, wanted: Sequence[Wanted]) -> Finding:
        """Say whether everything that is wanted is allowed, as far as the simulator knows."""
        if self._principal.endswith(":root"):
            return Finding(subject, Mark.NOTE, f"{UNTRIED}; the account's root user is signed in, whom IAM allows all.")
        try:
            denied = sorted({action for one in wanted for action in self._denied(one)})
        except SsoSyncError as exc:
            return Finding(subject, Mark.NOTE, f"{UNTRIED}, and {_decapitalised(str(exc))}", TO_ASK)
        if denied:
            said = f"IAM's policy simulator says that {self._principal} may not {', '.join(denied)}."
            return Finding(subject, Mark.PROBLEM, said, grant_to(self._principal, *denied))
        number = counted(sum(len(one.actions) for one in wanted), "action")
        return Finding(subject, Mark.GOOD, f"IAM's policy simulator allows {self._principal} {number} that write.")

    def _denied(self, wanted: Wanted) -> Iterator[str]:
        try:
            pages = self._iam.get_paginator("simulate_principal_policy").paginate(
                PolicySourceArn=self._source, ActionNames=wanted.actions, ResourceArns=wanted.resources
            )
            rows = [row for page in pages for row in page["EvaluationResults"]]
            yield from (row["EvalActionName"] for row in rows if row["EvalDecision"] != "allowed")
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, DOING, CredentialsError) from exc
        except MISSHAPEN as exc:
            raise CredentialsError(f"Cannot {DOING}: its answer is broken.") from exc

    @once
    def _iam(self) -> Any:
        return self._aws.client("iam")

    @once
    def _source(self) -> str:
        """Return the ARN that the simulator takes: of an assumed role that of the role, whose path only IAM knows."""
        assumed = re.fullmatch(r"arn:[^:]+:sts::\d+:assumed-role/([^/]+)/.*", self._principal)
        if not assumed:
            return self._principal
        return str(self._iam.get_role(RoleName=assumed[1])["Role"]["Arn"])


def _decapitalised(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
