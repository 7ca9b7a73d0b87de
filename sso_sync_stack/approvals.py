"""Who may approve what a safety limit refused, and where approvals are: beyond the reach of the function itself."""

from collections.abc import Sequence

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from sso_sync_stack.permissions import allow


class Approvals(Construct):
    """The path of the parameters that approve, and the role that writes them.

    Without `approvers` the account's own IAM policies say who may assume the role.
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: str, approvers: Sequence[str] | None) -> None:
        super().__init__(scope, id_)
        self.path = f"/{deployment}/approvals"
        self._arn = f"arn:{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}:parameter{self.path}"
        self.role = iam.Role(
            self,
            "Approver",
            assumed_by=(
                iam.CompositePrincipal(*map(iam.ArnPrincipal, approvers)) if approvers else iam.AccountRootPrincipal()
            ),
            description=f"{deployment}: approves what a safety limit refused (sso-sync approve)",
        )
        because = "an approval is named for what it approves"
        allow(self.role, "Approve", ["ssm:PutParameter"], [f"{self._arn}/*"], because=because)

    def grant_read(self, role: iam.Role) -> None:
        """Let a role read approvals, and who gave them."""
        actions = ["ssm:GetParameterHistory", "ssm:GetParametersByPath"]
        because = "an approval is named for what it approves"
        allow(role, "ReadApprovals", actions, [self._arn, f"{self._arn}/*"], because=because)
