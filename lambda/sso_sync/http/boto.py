"""boto3 clients with one behaviour: bounded waiting, patient retries."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import boto3
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, NoCredentialsError, NoRegionError

from sso_sync.core.errors import SettingsError
from sso_sync.http.boto_errors import plain
from sso_sync.http.boto_watch import count_calls, watch_pauses, watch_retries
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_identitystore import IdentityStoreClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sso_admin import SSOAdminClient

ATTEMPTS = 8
# An id of nobody, for calls that are made to see whether they are allowed: AWS looks at that before the object.
NOBODY = "00000000-0000-4000-8000-000000000000"
LONGEST_FUNCTION = 900 + 30  # seconds
SHORTEST_SESSION = 900  # seconds ("AssumeRole" of the STS API reference)
Made = TypeVar("Made")


class Aws:
    """Makes boto3 clients for one region and with one identity (None: as the environment says).

    Those of a hurried one give up after seconds: somebody waits before a terminal.
    """

    def __init__(
        self,
        region: str | None = None,
        *,
        attempts: int = ATTEMPTS,
        keys: Mapping[str, Any] | None = None,
        calls: Calls | None = None,
        hurried: bool = False,
    ) -> None:
        self._attempts, self._keys, self.calls, self._hurried = attempts, keys, calls or Calls(), hurried
        self._session = _checked(lambda: boto3.session.Session(region_name=region, **(keys or {})))
        count_calls(self._session.events, self.calls)
        watch_pauses(self._session.events, self.calls)

    @property
    def region(self) -> str:
        """Return the region that calls go to."""
        return self._session.region_name or ""

    def in_region(self, region: str) -> "Aws":
        """Return the same for another region."""
        return Aws(region, attempts=self._attempts, keys=self._keys, calls=self.calls, hurried=self._hurried)

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

    def kms(self) -> "KMSClient":
        """Make a KMS client."""
        return _checked(lambda: self._session.client("kms", config=self._config()))

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

    def client(self, service: Literal["ds", "iam", "lambda", "organizations"]) -> Any:
        """Make a client of a service that is looked at only."""
        return _checked(lambda: self._session.client(service, config=self._config()))

    def credentials(self) -> Credentials:
        """Return the credentials of the moment, for requests that boto3 does not sign; lets its errors through."""
        known = self._session.get_credentials()
        frozen = known.get_frozen_credentials() if known else None
        if frozen is None or not (frozen.access_key and frozen.secret_key):
            raise NoCredentialsError
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

    def _config(self, connections: int = 10) -> Config:
        return Config(
            retries={"mode": "standard", "total_max_attempts": self._attempts},
            connect_timeout=3 if self._hurried else 5,
            read_timeout=8 if self._hurried else 30,
            max_pool_connections=connections,
        )


def _checked(make: Callable[[], Made]) -> Made:
    """Make a session or client; an AWS set-up that cannot work is a mistake in the settings."""
    try:
        return make()
    except NoRegionError as exc:
        raise SettingsError("The AWS set-up", ["no region is known; set identity_center.region or AWS_REGION"]) from exc
    except (BotoCoreError, ValueError) as exc:
        raise SettingsError("The AWS set-up", [plain(exc)]) from exc
