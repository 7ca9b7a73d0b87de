"""Whether what is deployed is what the config says; nothing is written."""

import os
from collections.abc import Iterator, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.aws.deployed_config import parameter_text
from sso_sync.aws.grants import grant_to
from sso_sync.core.errors import ConfigAltered, CredentialsError, SettingsError
from sso_sync.core.findings import Finding, Mark, look_at
from sso_sync.core.wording import listed
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import MISSHAPEN, translate
from sso_sync.settings import Settings
from sso_sync.settings.deployed import Deployment, sha256, split
from sso_sync.settings.loading import OVERRIDES

DUE = "Run cdk deploy with this config; until then runs use what was deployed."


def examine_deployment(
    aws: Aws,
    settings: Settings,
    deployment: Deployment,
    caller: str,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[Finding]:
    """Compare the config with what was deployed, and the parameter with what it was then."""
    yield Finding("Deployment: stack", Mark.GOOD, f"The stack {deployment.name} is there.")
    yield _config(settings, deployment, environment)
    name = deployment.filters_parameter
    if name:
        yield look_at(
            "Deployment: filters",
            lambda: _filters(aws, name, deployment),
            grant=grant_to(caller, "ssm:GetParameter"),
        )
    yield _schedule(settings, deployment)


def _config(settings: Settings, deployment: Deployment, environment: Mapping[str, str]) -> Finding:
    subject = "Deployment: config"
    try:
        parts = split(settings, "The config")
    except SettingsError as exc:
        said = f"It cannot be deployed as it is: {'; '.join(exc.mistakes)}"
        return Finding(subject, Mark.WARNING, said, "Correct it, and run cdk deploy.")
    other = [
        what
        for what, part, deployed in (
            ("its group filters", parts.filters, deployment.filters_sha256),
            ("its other settings", parts.rest, deployment.config_sha256),
        )
        if sha256(part) != deployed
    ]
    if not other:
        return Finding(subject, Mark.GOOD, "What is deployed is this config.")
    variables = sorted(OVERRIDES.keys() & environment.keys())
    also = f" {listed(variables)} changed it here." if variables else ""
    return Finding(subject, Mark.WARNING, f"This is not the deployed config: {listed(other)} differ.{also}", DUE)


def _filters(aws: Aws, name: str, deployment: Deployment) -> str:
    if sha256(parameter_text(aws, name)) != deployment.filters_sha256:
        said = f"The parameter {name} does not hold the group filters that were deployed, so that runs do nothing"
        raise ConfigAltered(f"{said}; put its earlier version back, or run cdk deploy.")
    return f"The parameter {name} holds what was deployed."


def _schedule(settings: Settings, deployment: Deployment) -> Finding:
    subject, wanted = "Deployment: schedule", settings.deployment
    deployed = (deployment.schedule, deployment.time_zone)
    if wanted and deployed != (wanted.schedule, wanted.time_zone):
        said = f"It is '{deployment.schedule}', and the config says '{wanted.schedule}'."
        if deployment.schedule == wanted.schedule:
            said = f"Its time zone is {deployment.time_zone}, and the config says {wanted.time_zone}."
        return Finding(subject, Mark.WARNING, said, DUE)
    if deployment.schedule == "off":
        said = "There is none: a run is started by a deployment, or by 'sso-sync invoke'."
        return Finding(subject, Mark.NOTE, said)
    every = deployment.schedule if deployment.schedule.startswith("cron") else f"every {deployment.schedule}"
    return Finding(subject, Mark.GOOD, f"A run is started {every}.")


def function_role(aws: Aws, function: str) -> str:
    """Return the ARN of the role that the deployed function has; raises CredentialsError."""
    doing = f"look at the function {function}"
    try:
        return str(aws.client("lambda").get_function_configuration(FunctionName=function)["Role"])
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, doing, CredentialsError) from exc
    except MISSHAPEN as exc:
        raise CredentialsError(f"Cannot {doing}: AWS's answer is broken.") from exc
