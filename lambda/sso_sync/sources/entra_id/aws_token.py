"""A token of AWS about the role that asks: what a federated credential in Entra trusts, in place of a secret."""

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import error_code, plain, translate
from sso_sync.settings.directories.entra_id import TOKEN_ALGORITHM, TOKEN_SECONDS

DOING = "get a token of AWS for Entra ID"
# "Errors" of GetWebIdentityToken in the STS API reference.
REFUSED = {
    "OutboundWebIdentityFederationDisabledException": "the AWS account does not give tokens to its roles; switch it on "
    "with 'aws iam enable-outbound-web-identity-federation'",
    "SessionDurationEscalationException": "the AWS credentials at hand end before the token would; sign in to AWS "
    "again, then run again",
    "JWTPayloadSizeExceededException": "the tags of the AWS session are more than a token can hold; use a role with "
    "fewer session tags",
}


def aws_token(aws: Callable[[], Aws], audience: str) -> str:
    """Ask AWS STS for a token for `audience`; raises CredentialsError, SettingsError or SourceError."""
    try:
        answer = (
            aws()
            .sts()
            .get_web_identity_token(
                Audience=[audience], SigningAlgorithm=TOKEN_ALGORITHM, DurationSeconds=TOKEN_SECONDS
            )
        )
        token = answer["WebIdentityToken"]
    except ClientError as exc:
        why = REFUSED.get(error_code(exc))
        raise CredentialsError(f"Cannot {DOING}: {why}.") if why else translate(exc, DOING, SourceError) from exc
    except BotoCoreError as exc:
        raise translate(exc, DOING, SourceError) from exc
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as exc:
        # What botocore lets out of itself for an answer that does not have the shape of its model.
        raise SourceError(f"Cannot {DOING}: the answer of AWS STS cannot be read ({plain(exc)}).") from exc
    if not isinstance(token, str) or token.count(".") != 2:
        raise SourceError(f"Cannot {DOING}: the answer of AWS STS holds none.")
    return token
