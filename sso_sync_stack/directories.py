"""What the sync may do in AWS for the sake of its directories: sign in to them without a stored key."""

from collections.abc import Iterable

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_iam as iam

from sso_sync.settings import EntraIdSettings, OktaSettings, SourceSettings
from sso_sync.settings.directories.entra_id import TOKEN_ALGORITHM, TOKEN_SECONDS
from sso_sync_stack.permissions import allow

SUBJECT = "EntraSubject"  # an output


def grant_sign_in(role: iam.Role, sources: Iterable[SourceSettings]) -> None:
    """Allow what the sources of the config need to sign in."""
    for source in sources:
        match source:
            case OktaSettings(kms_key=str(key)):
                _allow_signing(role, key)
            case EntraIdSettings():
                _tell_subject(role)
                if source.federated:
                    _allow_token(role, source.audience)
            case _:
                pass


def _allow_signing(role: iam.Role, key: str) -> None:
    """Let a key in KMS sign as RS256, which is all that a service app of Okta needs ("AWS KMS condition keys")."""
    how = {"StringEquals": {"kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256", "kms:MessageType": "DIGEST"}}
    allow(role, f"SignInToOkta{key.rpartition('/')[2].replace('-', '')}", ["kms:Sign"], [key], conditions=how)


def _allow_token(role: iam.Role, audience: str) -> None:
    """Let the role get a token about itself for Entra ID alone ("Controlling access with IAM policies", outbound)."""
    sid = f"SignInToEntra{''.join(filter(str.isalnum, audience))}"
    how = {
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": [audience]},
        "StringEquals": {"sts:SigningAlgorithm": TOKEN_ALGORITHM},
        "NumericLessThanEquals": {"sts:DurationSeconds": TOKEN_SECONDS},
    }
    because = "GetWebIdentityToken has no resource: a token is about the role itself, and the conditions confine it"
    allow(role, sid, ["sts:GetWebIdentityToken"], ["*"], conditions=how, because=because)


def _tell_subject(role: iam.Role) -> None:
    """Tell which subject a federated credential needs, before anybody signs in with it."""
    stack = Stack.of(role)
    if not stack.node.try_find_child(SUBJECT):
        about = "Subject that a federated credential in Entra ID has to have"
        CfnOutput(stack, SUBJECT, value=role.role_arn, description=about)
