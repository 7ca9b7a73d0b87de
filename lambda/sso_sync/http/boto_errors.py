"""What boto3 raises, as sentences about what was being done."""

from typing import TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from sso_sync.core.errors import CredentialsError, PermissionMissing, SsoSyncError
from sso_sync.http.boto_watch import minutes_of_patience
from sso_sync.http.patience import impatient

LONGEST_WORDS = 400  # characters of what AWS says
DENIED = {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation"}
BAD_CREDENTIALS = {
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "InvalidToken",
}
# What botocore lets out of itself for an answer that does not have the shape of its model.
MISSHAPEN = (ResponseParserError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
AwsError = TypeVar("AwsError", bound=SsoSyncError)


def error_code(error: ClientError) -> str:
    """Return the service's code of an error, such as ConflictException."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_reason(error: ClientError) -> str:
    """Return the Reason of an error of IAM Identity Center, such as CONCURRENT_MODIFICATION, or ""."""
    return str(error.response.get("Reason", ""))


def is_key_problem(error: ClientError) -> bool:
    """Tell whether a customer-managed KMS key stands in the way; one that is only busy does not."""
    return error_reason(error).startswith("KMS_") and error_reason(error) != "KMS_THROTTLING"


def is_absent(error: ClientError, *kinds: str) -> bool:
    """Tell whether an error says that an object of one of these kinds (USER, GROUP …) is not there.

    A KMS key that is not there has the same code, and says nothing about the object. An error that
    names no kind is about the object of the call, not about the store.
    """
    kind = error.response.get("ResourceType", "")
    of_kind = kind in kinds or (not kind and "IDENTITY_STORE" not in kinds)
    return error_code(error) == "ResourceNotFoundException" and not error_reason(error) and of_kind


def translate(error: ClientError | BotoCoreError, doing: str, otherwise: type[AwsError]) -> AwsError | CredentialsError:
    """Turn a boto3 error into a sentence about what was being done, such as "list users"."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return CredentialsError(
            f"Cannot {doing}: no AWS credentials were found; sign in (aws sso login, or set AWS_PROFILE) and run again."
        )
    if isinstance(error, SSOError | TokenRetrievalError | CredentialRetrievalError):
        return CredentialsError(f"Cannot {doing}: the sign-in to AWS is not valid (any more); run aws sso login first.")
    if not isinstance(error, ClientError):
        return otherwise(f"Cannot {doing}: {plain(error)}; check the network and the region, then run again.")
    code, message = error_code(error), str(error.response.get("Error", {}).get("Message") or "")[:LONGEST_WORDS]
    if is_key_problem(error):
        return _key_problem(error_reason(error), doing, otherwise)
    if is_absent(error, "IDENTITY_STORE"):
        return otherwise(
            f"Cannot {doing}: there is no such identity store in this Region ({message}); correct "
            "identity_center.region and identity_center.identity_store_id."
        )
    if code in BAD_CREDENTIALS:
        return CredentialsError(f"Cannot {doing}: AWS refused the credentials ({code}); sign in again and run again.")
    if code in DENIED:
        operation = error.operation_name
        return PermissionMissing(
            f"Cannot {doing}: the AWS role lacks the permission {operation} ({message}).", operation
        )
    said = f"{code}: {message.rstrip('.') or 'no message'}"
    waited = minutes_of_patience(error)
    if waited is not None:
        return otherwise(impatient(doing, "AWS", waited, said))
    return otherwise(f"Cannot {doing}: AWS answered {said}.")


def _key_problem(reason: str, doing: str, otherwise: type[AwsError]) -> AwsError | CredentialsError:
    """Say what the customer-managed key of IAM Identity Center needs ("Reason" of the API's exceptions)."""
    if reason in {"KMS_ACCESS_DENIED", "KMS_AccessDeniedException"}:  # of identitystore, of sso-admin
        return CredentialsError(
            f"Cannot {doing}: IAM Identity Center is encrypted with a customer-managed KMS key that this role may not "
            "use; set identity_center.kms_key and deploy, and allow the role kms:Decrypt in the key's policy."
        )
    return otherwise(
        f"Cannot {doing}: the customer-managed KMS key of IAM Identity Center cannot be used ({reason}); mend the key "
        "in AWS KMS, then run again."
    )


def plain(error: Exception) -> str:
    """Write what botocore says on one line, without a full stop."""
    return str(error).rstrip(".").replace("\n", " ")
