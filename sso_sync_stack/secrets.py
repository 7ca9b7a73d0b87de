"""Secrets without values: these are stored later, by `sso-sync secrets put`, and never pass through a template."""

from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from sso_sync.settings.references import Reference
from sso_sync_stack.acknowledge import acknowledge
from sso_sync_stack.names import in_camel_case


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

    def grant_read(self, grantee: iam.IGrantable, references: Iterable[Reference]) -> None:
        """Let a role read what is referred to: secrets of the deployment, and what the config names by ARN."""
        wanted = list(references)
        own = [self._arns[r.secret_name] for r in wanted if r.secret_name]
        foreign = sorted({r.text for r in wanted if r.text.startswith("arn:") and ":secretsmanager:" in r.text})
        parameters = sorted({r.text for r in wanted if r.text.startswith("arn:") and ":ssm:" in r.text})
        if own or foreign:
            _allow(grantee, "GetSecrets", "secretsmanager:GetSecretValue", [*own, *foreign])
        if parameters:
            _allow(grantee, "GetSecretParameters", "ssm:GetParameter", parameters)
        # The keys of others are theirs to allow as well; the context confines each to the secret that it was used for.
        contexts = (("SecretARN", foreign), ("PARAMETER_ARN", parameters))
        for name, arns in contexts:
            if arns:
                condition = {"StringEquals": {f"kms:EncryptionContext:{name}": arns}}
                _allow(grantee, f"Decrypt{in_camel_case(name)}", "kms:Decrypt", [ANY_KEY], condition)


ANY_KEY = f"arn:{Aws.PARTITION}:kms:*:*:key/*"


def _allow(
    grantee: iam.IGrantable,
    sid: str,
    action: str,
    resources: Sequence[str],
    conditions: Mapping[str, object] | None = None,
) -> None:
    grantee.grant_principal.add_to_principal_policy(
        iam.PolicyStatement(sid=sid, actions=[action], resources=list(resources), conditions=conditions)
    )
