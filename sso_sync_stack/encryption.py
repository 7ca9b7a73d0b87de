"""The key that everything at rest is encrypted with."""

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from sso_sync_stack.permissions import allow


class Encryption(Construct):
    """A customer-managed key that is rotated every year."""

    def __init__(self, scope: Construct, id_: str, *, name: str, keep: bool) -> None:
        super().__init__(scope, id_)
        self.key = kms.Key(
            self,
            "Key",
            description=f"{name}: secrets, state and documentation",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY,
        )

    def grant_use(self, role: iam.Role, *, services: list[str]) -> None:
        """Let a role encrypt and decrypt, through these services alone."""
        self._allow(role, "UseTheKey", ["kms:Decrypt", "kms:GenerateDataKey"], services)

    def grant_decrypt(self, role: iam.Role, *, services: list[str]) -> None:
        """Let a role decrypt, through these services alone."""
        self._allow(role, "DecryptWithTheKey", ["kms:Decrypt"], services)

    def _allow(self, role: iam.Role, sid: str, actions: list[str], services: list[str]) -> None:
        via = [f"{service}.{Aws.REGION}.amazonaws.com" for service in services]
        allow(role, sid, actions, [self.key.key_arn], conditions={"StringEquals": {"kms:ViaService": via}})
