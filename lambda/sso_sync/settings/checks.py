"""What the types of settings cannot say by themselves."""

import re
import zoneinfo

from sso_sync.settings.addresses import is_safe, is_url
from sso_sync.settings.convert import Checks
from sso_sync.settings.directories import CHECKS as OF_DIRECTORIES
from sso_sync.settings.places import REFERENCES, WHERE, check_place
from sso_sync.settings.telling import DocumentationSettings, TeamsSettings
from sso_sync.settings.types import DeploymentSettings, ScimSettings, Settings

# As EventBridge Scheduler takes rates: "Schedule types" in its user guide.
SCHEDULE = r"off|1 (minute|hour|day)|([2-9]|[1-9]\d{1,4}) (minutes|hours|days)|cron\([^()\s]+( [^()\s]+){5}\)"
RESERVED = ("aws", "ssm")  # what names of SSM parameters must not begin with
BUCKET = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.'()/-]*)?"


def _check_settings(settings: Settings, _path: str, mistakes: list[str]) -> None:
    labels = [source.label for source in settings.sources]
    mistakes += [
        f"sources[{number}].name: another source is called '{label}', too; give each a name of its own"
        for number, label in enumerate(labels)
        if label in labels[:number]
    ]
    place = settings.state or ""
    if (place.startswith("s3:") or "://" in place) and not re.fullmatch(BUCKET, place):
        mistakes.append("state: write s3://bucket/prefix")
    if settings.identity_center.scim is None:
        for number, source in enumerate(settings.sources):
            mistakes += [
                f"sources[{number}].{name}: only SCIM can set users inactive; set identity_center.scim"
                for name in source.only_by_scim
            ]
        if settings.leaving.users == "deactivate":
            mistakes.append("leaving.users: only SCIM can deactivate users; set identity_center.scim, or write delete")


def _check_scim(scim: ScimSettings, path: str, mistakes: list[str]) -> None:
    check_place(scim.token, f"{path}.token", mistakes)
    if is_url(scim.endpoint):
        if not is_safe(scim.endpoint):
            mistakes.append(f"{path}.endpoint: the token would travel in clear; write https://")
    elif not scim.endpoint.startswith(REFERENCES):
        mistakes.append(f"{path}.endpoint: write https://…, or where it is kept: {WHERE}")


def _check_teams(teams: TeamsSettings, path: str, mistakes: list[str]) -> None:
    for name, webhook in (("webhook", teams.webhook), ("problems", teams.problems)):
        if webhook:
            check_place(webhook, f"{path}.{name}", mistakes)


def _check_documentation(documentation: DocumentationSettings, path: str, mistakes: list[str]) -> None:
    if documentation.prefix.startswith("/"):
        mistakes.append(f"{path}.prefix: keys in S3 do not begin with a slash")
    if documentation.folder.startswith("state/") and documentation.bucket is None:
        mistakes.append(f"{path}.prefix: the deployment keeps its state there; choose another")


def _check_deployment(deployment: DeploymentSettings, path: str, mistakes: list[str]) -> None:
    if deployment.name.lower().startswith(RESERVED):
        mistakes.append(f"{path}.name: AWS keeps names that begin with {' and '.join(RESERVED)} to itself")
    if not re.fullmatch(SCHEDULE, deployment.schedule):
        mistakes.append(f"{path}.schedule: write 15 minutes, 1 hour, 2 days, cron(0 6 * * ? *), or off")
    known = zoneinfo.available_timezones()  # none where the machine has no list of them
    if known and deployment.time_zone not in known:
        mistakes.append(f"{path}.time_zone: there is no '{deployment.time_zone}'; write one such as Europe/Oslo")


CHECKS: Checks = {
    Settings: _check_settings,
    ScimSettings: _check_scim,
    **OF_DIRECTORIES,
    TeamsSettings: _check_teams,
    DocumentationSettings: _check_documentation,
    DeploymentSettings: _check_deployment,
}
