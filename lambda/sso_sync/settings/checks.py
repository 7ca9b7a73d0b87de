"""What the types of settings cannot say by themselves."""

import re
import zoneinfo

from sso_sync.settings.addresses import is_safe, is_url
from sso_sync.settings.convert import Checks
from sso_sync.settings.directories import CHECKS as OF_DIRECTORIES
from sso_sync.settings.directories import ActiveDirectorySettings, AdSyncSettings, OktaSettings
from sso_sync.settings.places import REFERENCES, WHERE, check_place
from sso_sync.settings.telling import DocumentationSettings, TeamsSettings
from sso_sync.settings.types import LONGEST_NAME, DeploymentSettings, ScimSettings, Settings

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
    _check_okta_tokens(settings, mistakes)
    _check_ad_sync(settings, mistakes)
    if settings.deployment and not settings.deployment.vpc:
        mistakes += [
            "deployment.vpc: the function must run where it reaches the domain controllers; write id, subnets and "
            "security_groups of a VPC that has a way to them"
            for source in settings.sources
            if isinstance(source, ActiveDirectorySettings)
        ][:1]
    if settings.identity_center.scim is None:
        for number, source in enumerate(settings.sources):
            mistakes += [
                f"sources[{number}].{name}: only SCIM can set users inactive; set identity_center.scim"
                for name in source.only_by_scim
            ]
        if settings.leaving.users == "deactivate":
            mistakes.append("leaving.users: only SCIM can deactivate users; set identity_center.scim, or write delete")


def _check_okta_tokens(settings: Settings, mistakes: list[str]) -> None:
    """Keep a token of one organisation from being sent to another, which the default name of its secret would do."""
    urls: dict[str, str] = {}
    for number, source in enumerate(settings.sources):
        if isinstance(source, OktaSettings):
            for name, place, _ in source.secrets():
                if name == "api_token" and urls.setdefault(place, source.url) != source.url:
                    mistakes.append(
                        f"sources[{number}].api_token: '{place}' is the token of {urls[place]}, and would be sent to "
                        "another organisation; keep this one's elsewhere"
                    )


def _check_ad_sync(settings: Settings, mistakes: list[str]) -> None:
    """Check what goes together with sync filters, which stand where AWS itself fills the identity store."""
    synced = [number for number, source in enumerate(settings.sources) if isinstance(source, AdSyncSettings)]
    if not synced:
        return
    if len(settings.sources) > 1:
        mistakes.append(
            f"sources[{synced[0]}]: where AWS syncs an Active Directory, Identity Center takes users and groups from "
            "nowhere else; make it the only source"
        )
    if settings.identity_center.scim:
        mistakes.append("identity_center.scim: there is no SCIM where AWS syncs an Active Directory; leave it out")
    if settings.leaving.unmanaged == "delete":
        mistakes.append("leaving.unmanaged: sync filters that somebody else made are never deleted; write keep")


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
        setting = "prefix" if deployment.parts else "name"
        mistakes.append(f"{path}.{setting}: AWS keeps names that begin with {' and '.join(RESERVED)} to itself")
    _check_parts(deployment, path, mistakes)
    if not re.fullmatch(SCHEDULE, deployment.schedule):
        mistakes.append(f"{path}.schedule: write 15 minutes, 1 hour, 2 days, cron(0 6 * * ? *), or off")
    known = zoneinfo.available_timezones()  # none where the machine has no list of them
    if known and deployment.time_zone not in known:
        mistakes.append(f"{path}.time_zone: there is no '{deployment.time_zone}'; write one such as Europe/Oslo")


def _check_parts(deployment: DeploymentSettings, path: str, mistakes: list[str]) -> None:
    """Check a name in three parts: all of them, nothing beside them, and short enough together."""
    given = {"product": deployment.product, "stage": deployment.stage, "prefix": deployment.prefix}
    missing = [name for name, part in given.items() if part is None]
    if missing and len(missing) < len(given):
        mistakes.append(f"{path}.{missing[0]}: product, stage and prefix make the name together; write all three")
    if deployment.parts and deployment.name != deployment.parts:
        mistakes.append(f"{path}.name: product, stage and prefix make the name {deployment.parts}; leave it out")
    if len(deployment.parts) > LONGEST_NAME:
        mistakes.append(f"{path}.product: the name {deployment.parts} is longer than {LONGEST_NAME} characters")


CHECKS: Checks = {
    Settings: _check_settings,
    ScimSettings: _check_scim,
    **OF_DIRECTORIES,
    TeamsSettings: _check_teams,
    DocumentationSettings: _check_documentation,
    DeploymentSettings: _check_deployment,
}
