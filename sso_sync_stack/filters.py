"""The group filters, where people can see them; what they hold is changed by a deployment alone."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from sso_sync_stack.permissions import allow


class GroupFilters(Construct):
    """An SSM parameter with the filters as JSON."""

    def __init__(self, scope: Construct, id_: str, *, deployment: str, filters: str) -> None:
        super().__init__(scope, id_)
        self.name = f"/{deployment}/group-filters"
        self._parameter = ssm.StringParameter(
            self,
            "Parameter",
            parameter_name=self.name,
            string_value=filters,
            tier=ssm.ParameterTier.INTELLIGENT_TIERING,
            description=f"{deployment}: which groups are synced. Change it by a deployment; a change here is refused.",
        )

    def grant_read(self, role: iam.Role) -> None:
        """Let a role read the parameter and nothing else."""
        allow(role, "GetGroupFilters", ["ssm:GetParameter"], [self._parameter.parameter_arn])
