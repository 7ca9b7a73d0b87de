"""Secrets: from the environment, a file, Secrets Manager or Parameter Store, never from the config itself."""

import os
import string
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from sso_sync.core.errors import CredentialsAwaited, CredentialsError
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import error_code, translate
from sso_sync.settings.deployed import Deployment
from sso_sync.settings.places import OF_DEPLOYMENT
from sso_sync.settings.references import Reference


class Kept(Struct, frozen=True):
    """A secret's text, and since when it is kept; None where nobody tells."""

    text: str
    since: datetime | None = None


class Secrets:
    """Fetches secrets by reference: secret:NAME of the deployment, env:VARIABLE, an ARN, or the path of a file.

    `deployment` is asked only for the first kind.
    """

    def __init__(
        self,
        aws: Aws,
        folder: Path,
        deployment: Callable[[], Deployment],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._aws, self._folder, self._deployment, self._environment = aws, folder, deployment, environment
        self._since: dict[str, datetime] = {}

    def read_all(self, references: Iterable[Reference]) -> dict[str, str]:
        """Return the secrets by the path of their setting.

        Raises CredentialsAwaited with every secret that holds no value yet, or CredentialsError.
        """
        texts: dict[str, str] = {}
        awaited: list[str] = []
        for reference in references:
            try:
                texts[reference.path] = self.read(reference.text, reference.what)
            except CredentialsAwaited as exc:
                awaited += exc.names
        if awaited:
            raise CredentialsAwaited(awaited)
        return texts

    def read(self, reference: str, what: str) -> str:
        """Return the secret's text; `what` names it in errors, such as "the SCIM token".

        Raises CredentialsError, or CredentialsAwaited if it is the deployment's and nobody has stored it yet.
        """
        kept = self._find(reference, what)
        if not kept.text.strip():
            raise CredentialsError(f"Cannot read {what}: {reference} is empty; store the secret there and run again.")
        if kept.since:
            self._since[reference] = kept.since.astimezone(UTC)
        return kept.text.strip()

    def since(self, reference: str) -> datetime | None:
        """Say when a secret that was read had been stored, None if nobody tells; makes no call."""
        return self._since.get(reference)

    def is_stored(self, name: str) -> bool:
        """Tell whether a secret of the deployment holds a value; raises CredentialsError."""
        try:
            return bool(self._from_deployment(name, f"the secret {name}").text)
        except CredentialsAwaited:
            return False

    def _find(self, reference: str, what: str) -> Kept:
        if reference.startswith(OF_DEPLOYMENT):
            return self._from_deployment(reference.removeprefix(OF_DEPLOYMENT), what)
        if reference.startswith("env:"):
            return self._from_environment(reference.removeprefix("env:"), what)
        if reference.startswith("arn:"):
            return self._from_aws(reference, what)
        return Kept(self._from_file(reference, what))

    def _from_deployment(self, name: str, what: str) -> Kept:
        arn = self._deployment().secrets.get(name)
        if arn is None:
            raise CredentialsError(
                f"Cannot read {what}: the deployment has no secret '{name}'; run cdk deploy with this config first."
            )
        kept = _fetch_secret(self._aws, arn, what)
        if not kept.text.strip() or is_placeholder(kept.text.strip()):
            raise CredentialsAwaited([name])
        return kept

    def _from_environment(self, variable: str, what: str) -> Kept:
        """Return the variable's value; one that is an ARN or the path of an existing file is followed."""
        value = self._environment.get(variable, "")
        if not value:
            raise CredentialsError(f"Cannot read {what}: the environment variable {variable} is not set.")
        if value.startswith("arn:"):
            return self._from_aws(value, what)
        return Kept(self._from_file(str(Path(value).expanduser().absolute()), what) if _is_file(value) else value)

    def _from_file(self, name: str, what: str) -> str:
        try:
            return (self._folder / Path(name).expanduser()).read_text(encoding="utf-8")
        except OSError as exc:
            raise CredentialsError(f"Cannot read {what} from {name} ({exc.strerror}).") from exc
        except UnicodeDecodeError as exc:
            raise CredentialsError(f"Cannot read {what} from {name} (it is not text).") from exc
        except (RuntimeError, ValueError) as exc:
            raise CredentialsError(f"Cannot read {what} from {name} (it is not a path).") from exc

    def _from_aws(self, arn: str, what: str) -> Kept:
        try:
            service, region = arn.split(":")[2:4]
        except ValueError as exc:
            raise CredentialsError(f"Cannot read {what}: '{arn}' is not a whole ARN.") from exc
        aws = self._aws.in_region(region)
        if service == "secretsmanager":
            return _fetch_secret(aws, arn, what)
        if service == "ssm":
            return _fetch_parameter(aws, arn, what)
        raise CredentialsError(f"Cannot read {what}: '{arn}' is neither a secret nor an SSM parameter.")


def _fetch_secret(aws: Aws, secret: str, what: str) -> Kept:
    """Return a secret of Secrets Manager by its ARN, empty if it has no value; its version says since when."""
    try:
        answer = aws.secrets_manager().get_secret_value(SecretId=secret)
        return Kept(answer.get("SecretString", ""), answer.get("CreatedDate"))
    except ClientError as exc:
        # AWS says the same of a secret without a value and of one that does not exist, except in the message.
        if error_code(exc) == "ResourceNotFoundException" and "AWSCURRENT" in str(exc):
            return Kept("")
        raise translate(exc, f"read {what} from {secret}", CredentialsError) from exc
    except BotoCoreError as exc:
        raise translate(exc, f"read {what} from {secret}", CredentialsError) from exc


def _fetch_parameter(aws: Aws, arn: str, what: str) -> Kept:
    try:
        parameter = aws.ssm().get_parameter(Name=arn, WithDecryption=True)["Parameter"]
        return Kept(parameter.get("Value", ""), parameter.get("LastModifiedDate"))
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, f"read {what} from {arn}", CredentialsError) from exc


def store_secret(aws: Aws, secret: str, text: str, what: str) -> None:
    """Store a secret's value; raises CredentialsError."""
    try:
        aws.secrets_manager().put_secret_value(SecretId=secret, SecretString=text)
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, f"store {what}", CredentialsError) from exc


def is_placeholder(text: str) -> bool:
    """Tell the random text that CloudFormation generates into a secret from one that somebody stored.

    GetRandomPassword's defaults: 32 characters without blanks, of all four classes.
    """
    classes = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
    return (
        len(text) == 32
        and text.isascii()
        and text.isprintable()
        and " " not in text
        and not text.startswith(("{", "http"))
        and all(any(char in group for char in text) for group in classes)
    )


def _is_file(value: str) -> bool:
    try:
        return Path(value).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):
        return False  # too long for a path, or not one at all: a secret
