"""The config of a deployed function: filters from the parameter, everything else from a file in S3."""

import time
from collections.abc import Callable, Mapping, Sequence

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import MsgspecError

from sso_sync.aws.stacks import decode_deployment
from sso_sync.core.errors import ConfigAltered, CredentialsError, SettingsError, StateError
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import translate
from sso_sync.settings import Settings, settings_of
from sso_sync.settings.deployed import DEPLOYMENT_VARIABLE, Deployment, join, sha256
from sso_sync.settings.loading import CONFIG_VARIABLE

# IAM needs a moment until a role may read the file that a deployment has just named.
PATIENCE = (2.0, 4.0, 8.0, 16.0)  # seconds


class DeployedConfig:
    """What a function was deployed with: `rest` is the config without its filters, which a parameter holds."""

    def __init__(self, aws: Aws, deployment: Deployment, rest: str) -> None:
        self._aws, self.deployment, self._rest = aws, deployment, rest

    def settings(self) -> Settings:
        """Return the settings of a run.

        Raises ConfigAltered if the parameter or the file is not as it was deployed, CredentialsError,
        SettingsError or StateError.
        """
        name = self.deployment.filters_parameter
        filters = parameter_text(self._aws, name)
        if sha256(filters) != self.deployment.filters_sha256:
            raise ConfigAltered(
                f"The parameter {name} does not hold the group filters that were deployed, so nothing was done: access "
                "is changed by a deployment and not by whoever may write a parameter. Put the earlier version of the "
                "parameter back, or put the change into the config and run cdk deploy."
            )
        return self._settings(filters)

    def settings_without_filters(self) -> Settings:
        """Return the settings for those who select nobody; raises ConfigAltered or SettingsError."""
        return self._settings(None)

    def _settings(self, filters: str | None) -> Settings:
        if sha256(self._rest) != self.deployment.config_sha256:
            raise ConfigAltered(
                "The file with the deployed config is not the one that was deployed, so nothing was done; see who may "
                "write CDK's asset bucket, and run cdk deploy."
            )
        try:
            return settings_of(join(self._rest, filters), "the deployed config", {})
        except (MsgspecError, ValueError, KeyError, TypeError) as exc:
            raise SettingsError("The deployed config", [f"it is damaged ({exc}); run cdk deploy"]) from exc


def load_deployed_config(
    aws: Aws, environment: Mapping[str, str], patience: Sequence[float] = PATIENCE
) -> DeployedConfig:
    """Load what the environment of the function names; raises CredentialsError, SettingsError or StateError."""
    deployment = decode_deployment(environment.get(DEPLOYMENT_VARIABLE, "{}"))
    bucket, _, key = environment.get(CONFIG_VARIABLE, "").removeprefix("s3://").partition("/")
    return DeployedConfig(aws, deployment, _patiently(lambda: _file(aws, bucket, key), patience))


def _patiently(read: Callable[[], str], patience: Sequence[float]) -> str:
    for pause in patience:
        try:
            return read()
        except CredentialsError:
            time.sleep(pause)
    return read()


def _file(aws: Aws, bucket: str, key: str) -> str:
    try:
        return aws.s3().get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, f"read the deployed config s3://{bucket}/{key}", StateError) from exc


def parameter_text(aws: Aws, name: str) -> str:
    """Return what a parameter holds; raises CredentialsError or StateError."""
    try:
        return aws.ssm().get_parameter(Name=name)["Parameter"].get("Value", "")
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, f"read the group filters in {name}", StateError) from exc
