"""Secrets without values: these are stored later, by `sso-sync secrets put`, and never pass through a template."""

from collections.abc import Iterable, Mapping

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from sso_sync.settings.references import Reference
from sso_sync_stack.names import in_camel_case
from sso_sync_stack.permissions import acknowledge, allow


class Secrets(Construct):
    """One empty secret for each name; `arns` maps names to ARNs."""

    def __init__(
        self, scope: Construct, id_: str, *, names: Iterable[str], key: kms.IKey, deployment: str, keep: bool
    ) -> None:
        super().__init__(scope, id_)
        self._arns: dict[str, str] = {}
        for name in sorted(set(names)):
            # Not the Secret construct: it has CloudFormation generate a random value wherever none is given.
            secret = secretsmanager.CfnSecret(
                self,
                in_camel_case(name),
                description=f"{deployment}: {name}; stored by sso-sync secrets put {name}",
                kms_key_id=key.key_arn,
            )
            secret.apply_removal_policy(RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY)
            acknowledge(secret, "SMG4", "Google, AWS SCIM and Teams have no way to rotate these by program")
            self._arns[name] = secret.ref

    @property
    def arns(self) -> Mapping[str, str]:
        """Map names to ARNs."""
        return self._arns

    def grant_read(self, role: iam.Role, references: Iterable[Reference]) -> None:
        """Let a role read what is referred to: secrets of the deployment, and what the config names by ARN."""
        wanted = list(references)
        own = [self._arns[r.secret_name] for r in wanted if r.secret_name]
        foreign = sorted({r.text for r in wanted if r.text.startswith("arn:") and ":secretsmanager:" in r.text})
        parameters = sorted({r.text for r in wanted if r.text.startswith("arn:") and ":ssm:" in r.text})
        if own or foreign:
            allow(role, "GetSecrets", ["secretsmanager:GetSecretValue"], [*own, *foreign])
        if parameters:
            allow(role, "GetSecretParameters", ["ssm:GetParameter"], parameters)
        for context, arns in (("SecretARN", foreign), ("PARAMETER_ARN", parameters)):
            if arns:
                allow(
                    role,
                    f"Decrypt{in_camel_case(context)}",
                    ["kms:Decrypt"],
                    [f"arn:{Aws.PARTITION}:kms:*:*:key/*"],
                    conditions={"StringEquals": {f"kms:EncryptionContext:{context}": arns}},
                    because="the key is its owner's, who has to allow it too; the context names the one secret",
                )
