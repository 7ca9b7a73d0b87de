"""What the types of settings cannot say by themselves."""

import re
import zoneinfo

import jmespath
from jmespath.exceptions import JMESPathError, UnknownFunctionError

from sso_sync.core.selection import GROUP_FIELDS, USER_FIELDS
from sso_sync.settings.convert import Checks
from sso_sync.settings.directories import GoogleWorkspaceSettings
from sso_sync.settings.references import REFERENCES, is_possible, is_safe, is_url
from sso_sync.settings.selection import build_selection
from sso_sync.settings.telling import DocumentationSettings, TeamsSettings
from sso_sync.settings.types import DeploymentSettings, ScimSettings, Settings

# As EventBridge Scheduler takes rates: "Schedule types" in its user guide.
SCHEDULE = r"off|1 (minute|hour|day)|([2-9]|[1-9]\d{1,4}) (minutes|hours|days)|cron\([^()\s]+( [^()\s]+){5}\)"
RESERVED = ("aws", "ssm")  # what names of SSM parameters must not begin with
BUCKET = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.'()/-]*)?"
WHERE = (
    "secret:NAME of the deployment, env:VARIABLE, the path of a file that starts with ./ or /, or the ARN of a secret"
)
NOT_HERE = f"a secret does not belong in the config; write {WHERE}"


def _check_settings(settings: Settings, _path: str, mistakes: list[str]) -> None:
    place = settings.state or ""
    if (place.startswith("s3:") or "://" in place) and not re.fullmatch(BUCKET, place):
        mistakes.append("state: write s3://bucket/prefix")
    if settings.identity_center.scim is None:
        for number, source in enumerate(settings.sources):
            inactive = [name for name in ("include_suspended", "include_archived") if getattr(source, name)]
            where = f"sources[{number}]"
            mistakes += [
                f"{where}.{name}: only SCIM can set users inactive; set identity_center.scim" for name in inactive
            ]
        if settings.leaving.users == "deactivate":
            mistakes.append("leaving.users: only SCIM can deactivate users; set identity_center.scim, or write delete")


def _check_scim(scim: ScimSettings, path: str, mistakes: list[str]) -> None:
    if not scim.token.startswith(REFERENCES):
        mistakes.append(f"{path}.token: {NOT_HERE}")
    if is_url(scim.endpoint):
        if not is_safe(scim.endpoint):
            mistakes.append(f"{path}.endpoint: the token would travel in clear; write https://")
    elif not scim.endpoint.startswith(REFERENCES):
        mistakes.append(f"{path}.endpoint: write https://…, or where it is kept: {WHERE}")


def _check_teams(teams: TeamsSettings, path: str, mistakes: list[str]) -> None:
    for name, webhook in (("webhook", teams.webhook), ("problems", teams.problems)):
        if webhook and not webhook.startswith(REFERENCES):
            mistakes.append(f"{path}.{name}: {NOT_HERE}")


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


def _check_google(source: GoogleWorkspaceSettings, path: str, mistakes: list[str]) -> None:
    build_selection(source.groups, GROUP_FIELDS, custom=False, path=f"{path}.groups", mistakes=mistakes)
    if "{" in source.credentials or "\n" in source.credentials:
        mistakes.append(f"{path}.credentials: {NOT_HERE}")
    if is_url(source.root_url) and not is_possible(source.root_url):
        mistakes.append(f"{path}.root_url: it has no host, or a port that cannot be")
    elif not is_safe(source.root_url):
        mistakes.append(f"{path}.root_url: access tokens would travel in clear; write https://")
    if source.users:
        build_selection(source.users, USER_FIELDS, custom=True, path=f"{path}.users", mistakes=mistakes)
    if source.method == "users_groups" and not source.users:
        mistakes.append(f"{path}.users: the method users_groups needs it; write include: ['*'] for everybody")
    mapped = {f"attributes.{name}": expression for name, expression in source.attributes.items()}
    for name, expression in {"user_name": source.user_name, **mapped}.items():
        if problem := _why_not_jmespath(expression):
            mistakes.append(f"{path}.{name}: '{expression}' is not JMESPath ({problem})")


def _why_not_jmespath(expression: str) -> str:
    """Say what is wrong with an expression, or nothing; the parser lets some of Python's own errors out."""
    try:
        compiled = jmespath.compile(expression)
    except RecursionError:
        return "it is nested too deeply"
    except (JMESPathError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as exc:
        return (str(exc) or type(exc).__name__).splitlines()[0]
    try:
        compiled.search({})  # because unknown functions compile
    except UnknownFunctionError as exc:
        return str(exc).splitlines()[0]
    except RecursionError:
        return "it is nested too deeply"
    except (JMESPathError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        pass  # a function that does not like an empty record may like real ones
    return ""


CHECKS: Checks = {
    Settings: _check_settings,
    ScimSettings: _check_scim,
    GoogleWorkspaceSettings: _check_google,
    TeamsSettings: _check_teams,
    DocumentationSettings: _check_documentation,
    DeploymentSettings: _check_deployment,
}
