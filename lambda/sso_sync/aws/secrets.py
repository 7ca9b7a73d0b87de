"""Secrets: from the environment, a file, Secrets Manager or Parameter Store, never from the config itself."""

import os
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import CredentialsError
from sso_sync.http.boto import Aws, translate


class Secrets:
    """Fetches secrets by reference: env:VARIABLE, an ARN, or the path of a file."""

    def __init__(self, aws: Aws, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._aws, self._folder, self._environment = aws, folder, environment

    def read(self, reference: str, what: str) -> str:
        """Return the secret's text; `what` names it in errors, such as "the SCIM token".

        Raises CredentialsError.
        """
        if reference.startswith("env:"):
            text = self._from_environment(reference.removeprefix("env:"), what)
        elif reference.startswith("arn:"):
            text = self._from_aws(reference, what)
        else:
            text = self._from_file(reference, what)
        if not text.strip():
            raise CredentialsError(f"Cannot read {what}: {reference} is empty; store the secret there and run again.")
        return text.strip()

    def _from_environment(self, variable: str, what: str) -> str:
        """Return the variable's value; one that is an ARN or the path of an existing file is followed."""
        value = self._environment.get(variable, "")
        if not value:
            raise CredentialsError(f"Cannot read {what}: the environment variable {variable} is not set.")
        if value.startswith("arn:"):
            return self._from_aws(value, what)
        return self._from_file(str(Path(value).expanduser().absolute()), what) if _is_file(value) else value

    def _from_file(self, name: str, what: str) -> str:
        try:
            return (self._folder / Path(name).expanduser()).read_text(encoding="utf-8")
        except OSError as exc:
            raise CredentialsError(f"Cannot read {what} from {name} ({exc.strerror}).") from exc
        except UnicodeDecodeError as exc:
            raise CredentialsError(f"Cannot read {what} from {name} (it is not text).") from exc
        except (RuntimeError, ValueError) as exc:
            raise CredentialsError(f"Cannot read {what} from {name} (it is not a path).") from exc

    def _from_aws(self, arn: str, what: str) -> str:
        try:
            service, region = arn.split(":")[2:4]
        except ValueError as exc:
            raise CredentialsError(f"Cannot read {what}: '{arn}' is not a whole ARN.") from exc
        aws = self._aws.in_region(region)
        try:
            if service == "secretsmanager":
                return aws.secrets_manager().get_secret_value(SecretId=arn).get("SecretString", "")
            if service == "ssm":
                return aws.ssm().get_parameter(Name=arn, WithDecryption=True)["Parameter"].get("Value", "")
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, f"read {what} from {arn}", CredentialsError) from exc
        raise CredentialsError(f"Cannot read {what}: '{arn}' is neither a secret nor an SSM parameter.")


def _is_file(value: str) -> bool:
    try:
        return Path(value).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):
        return False  # too long for a path, or not one at all: a secret
