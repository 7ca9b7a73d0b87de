"""boto3 clients with one behaviour: bounded waiting, patient retries, errors as sentences."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from sso_sync.core.errors import CredentialsError, PermissionMissing, SettingsError, SsoSyncError
from sso_sync.http.boto_watch import count_calls, minutes_of_patience, watch_pauses, watch_retries
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience, impatient

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_identitystore import IdentityStoreClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sso_admin import SSOAdminClient

ATTEMPTS = 8
LONGEST_FUNCTION = 900 + 30  # seconds
LONGEST_WORDS = 400  # characters of what AWS says
SHORTEST_SESSION = 900  # seconds ("AssumeRole" of the STS API reference)
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
Made = TypeVar("Made")


class Aws:
    """Makes boto3 clients for one region and with one identity (None: as the environment says)."""

    def __init__(
        self,
        region: str | None = None,
        *,
        attempts: int = ATTEMPTS,
        keys: Mapping[str, Any] | None = None,
        calls: Calls | None = None,
    ) -> None:
        self._attempts, self._keys, self.calls = attempts, keys, calls or Calls()
        self._session = _checked(lambda: boto3.session.Session(region_name=region, **(keys or {})))
        count_calls(self._session.events, self.calls)
        watch_pauses(self._session.events, self.calls)

    @property
    def region(self) -> str:
        """Return the region that calls go to."""
        return self._session.region_name or ""

    def in_region(self, region: str) -> "Aws":
        """Return the same for another region."""
        return Aws(region, attempts=self._attempts, keys=self._keys, calls=self.calls)

    def assuming(self, role: str, session_name: str) -> "Aws":
        """Return the same with the identity of a role, for a quarter of an hour; lets boto3's errors through."""
        answer = self.sts().assume_role(RoleArn=role, RoleSessionName=session_name, DurationSeconds=SHORTEST_SESSION)
        given = answer["Credentials"]
        keys = {"access_key_id": "AccessKeyId", "secret_access_key": "SecretAccessKey", "session_token": "SessionToken"}
        by_name = {f"aws_{name}": given[theirs] for name, theirs in keys.items()}
        return Aws(self.region, attempts=self._attempts, keys=by_name, calls=self.calls)

    def identity_store(
        self, governor: RateGovernor, connections: int, patience: Patience | None = None
    ) -> "IdentityStoreClient":
        """Make an Identity Store client whose every attempt, retries too, waits its turn.

        Who throttles one call slows all of them, and no retry outlasts the run's patience.
        """
        client = _checked(lambda: self._session.client("identitystore", config=self._config(connections)))

        def take_turn(operation_name: str, **_: object) -> None:
            governor.wait(operation_name)

        client.meta.events.register("request-created.identitystore", take_turn)
        watch_retries(client.meta.events, "identitystore", governor, patience or Patience())
        return client

    def sso_admin(self, governor: RateGovernor | None = None, patience: Patience | None = None) -> "SSOAdminClient":
        """Make an sso-admin client; its operations have one quota together, so that all of them wait for one turn."""
        client: SSOAdminClient = self._governed("sso-admin", governor, patience)
        return client

    def organizations(self, governor: RateGovernor, patience: Patience) -> Any:
        """Make an Organizations client, all of whose operations wait for one turn."""
        return self._governed("organizations", governor, patience)

    def events(self) -> Any:
        """Make an EventBridge client."""
        return _checked(lambda: self._session.client("events", config=self._config()))

    def _governed(
        self, service: Literal["organizations", "sso-admin"], governor: RateGovernor | None, patience: Patience | None
    ) -> Any:
        client = _checked(lambda: self._session.client(service, config=self._config()))

        def take_turn(**_: object) -> None:
            if governor:
                governor.wait(service)

        client.meta.events.register(f"request-created.{service}", take_turn)
        if governor:
            watch_retries(client.meta.events, service, governor, patience or Patience())
        return client

    def sts(self, *, hurried: bool = False) -> Any:
        """Make a client that knows who is calling, and takes on roles; a hurried one tries once and does not wait."""
        once = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 1}) if hurried else None
        return _checked(lambda: self._session.client("sts", config=self._config().merge(once or Config())))

    def s3(self) -> "S3Client":
        """Make an S3 client."""
        return _checked(lambda: self._session.client("s3", config=self._config()))

    def secrets_manager(self) -> "SecretsManagerClient":
        """Make a Secrets Manager client."""
        return _checked(lambda: self._session.client("secretsmanager", config=self._config()))

    def ssm(self) -> "SSMClient":
        """Make a Systems Manager client."""
        return _checked(lambda: self._session.client("ssm", config=self._config()))

    def cloudformation(self) -> "CloudFormationClient":
        """Make a CloudFormation client."""
        return _checked(lambda: self._session.client("cloudformation", config=self._config()))

    def functions(self) -> "LambdaClient":
        """Make a Lambda client that waits for a run to its end and never starts a second one."""
        config = self._config().merge(Config(read_timeout=LONGEST_FUNCTION, retries={"total_max_attempts": 1}))
        return _checked(lambda: self._session.client("lambda", config=config))

    def _config(self, connections: int = 10) -> Config:
        return Config(
            retries={"mode": "standard", "total_max_attempts": self._attempts},
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=connections,
        )


def _checked(make: Callable[[], Made]) -> Made:
    """Make a session or client; an AWS set-up that cannot work is a mistake in the settings."""
    try:
        return make()
    except NoRegionError as exc:
        raise SettingsError("The AWS set-up", ["no region is known; set identity_center.region or AWS_REGION"]) from exc
    except (BotoCoreError, ValueError) as exc:
        raise SettingsError("The AWS set-up", [_plain(exc)]) from exc


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
        return otherwise(f"Cannot {doing}: {_plain(error)}; check the network and the region, then run again.")
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


def _plain(error: Exception) -> str:
    return str(error).rstrip(".").replace("\n", " ")
