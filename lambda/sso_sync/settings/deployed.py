"""The config as a deployment carries it: the group filters in a parameter, everything else in a file beside it."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from sso_sync.core.errors import SettingsError
from sso_sync.settings.directories import AdSyncSettings
from sso_sync.settings.places import OF_DEPLOYMENT
from sso_sync.settings.references import optional, required
from sso_sync.settings.types import Settings

DEPLOYMENT_VARIABLE = "SSO_SYNC_DEPLOYMENT"
# What GroupFilters may hold at most: "advanced" of the parameter tiers, which Intelligent-Tiering moves to.
MAX_FILTERS = 8 * 1024  # bytes


DEPLOYABLE = (
    r"secret:[a-z0-9]+(-[a-z0-9]+)*"
    r"|arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}"
    r"|arn:[\w-]+:ssm:[\w-]+:\d{12}:parameter/[\w./-]+"
)


class Deployment(Struct, frozen=True, kw_only=True):
    """What a stack created: the function has it in its environment, the stack shows it as an output.

    `stack` is its ARN, `secrets` maps names to ARNs; the hashes are of the parameter's value and
    of the config file as they were deployed. `approvals` is the path of the parameters that approve,
    `approver` the ARN of the role that may write them. `schedule` and `time_zone` are as the config has them.
    """

    stack: str
    bucket: str
    secrets: Mapping[str, str] = {}
    filters_parameter: str = ""
    filters_sha256: str = ""
    config_sha256: str = ""
    function: str = ""
    approvals: str = ""
    approver: str = ""
    schedule: str = ""
    time_zone: str = ""

    @property
    def name(self) -> str:
        """Return the stack's name, out of its ARN."""
        return self.stack.split("/")[1] if "/" in self.stack else self.stack

    @property
    def state(self) -> str:
        """Return where the state lives."""
        return f"s3://{self.bucket}/state"


class Parts(Struct, frozen=True):
    """A config in two parts, both JSON."""

    filters: str
    rest: str


def split(settings: Settings, where: str) -> Parts:
    """Part the config; equal settings give equal parts, however they were written.

    Raises SettingsError if the config cannot be deployed.
    """
    mistakes = _not_deployable(settings)
    plain = msgspec.to_builtins(settings)
    del plain["deployment"]  # changes what is deployed and not what is synced
    filters = _json([{"type": source["type"], "groups": source.pop("groups")} for source in plain["sources"]])
    size = len(filters.encode())
    if size > MAX_FILTERS:
        by_name_alone = all(isinstance(source, AdSyncSettings) for source in settings.sources)
        mistakes.append(
            f"sources: the group filters take {size:,} bytes and an SSM parameter holds {MAX_FILTERS:,}; shorten "
            f"descriptions, or {'name fewer groups' if by_name_alone else 'say more with fewer patterns'}"
        )
    if mistakes:
        raise SettingsError(where, mistakes)
    return Parts(filters, _json(plain))


def join(rest: str, filters: str | None) -> dict[str, Any]:
    """Put the parts together again, as plain data to be checked; raises ValueError if they do not fit.

    Without filters every group is selected: for those who only tell people, and never sync.
    """
    whole = msgspec.json.decode(rest)
    everything = [{"groups": _any_groups(source)} for source in whole["sources"]]
    parts = everything if filters is None else msgspec.json.decode(filters)
    if not isinstance(parts, list) or len(parts) != len(whole["sources"]):
        raise ValueError("the filters are not those of the sources")
    for source, of_source in zip(whole["sources"], parts, strict=True):
        source["groups"] = of_source["groups"]
    return dict(whole)


def _any_groups(source: Mapping[str, Any]) -> object:
    """Return group filters that are none: every group, or, where groups are named one by one, some name."""
    return [{"name": "unknown"}] if source["type"] == AdSyncSettings.__struct_config__.tag else {"include": ["*"]}


def sha256(text: str) -> str:
    """Return a text's hash in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _not_deployable(settings: Settings) -> list[str]:
    mistakes = []
    if "${Token[" in str(msgspec.to_builtins(settings)):
        mistakes.append("the config: the text '${Token[' has a meaning of its own for CDK; write it differently")
    if settings.deployment is None:
        mistakes.append("deployment: this section is missing; write 'deployment: {}' to deploy with the defaults")
    for reference in (*required(settings), *optional(settings)):
        if not reference.text.startswith((OF_DEPLOYMENT, "arn:")):
            mistakes.append(
                f"{reference.path}: {reference.text} is on this machine, where the function cannot read it; write "
                f"{OF_DEPLOYMENT}NAME or the ARN of a secret"
            )
        elif not re.fullmatch(DEPLOYABLE, reference.text):
            mistakes.append(
                f"{reference.path}: write {OF_DEPLOYMENT}NAME with small letters, digits and hyphens, the whole ARN of "
                "a secret with the six characters at its end, or the ARN of an SSM parameter"
            )
    if settings.state is not None and not settings.state.startswith("s3://"):
        mistakes.append(
            "state: a deployed function keeps nothing in a folder; leave it out, or write s3://bucket/prefix"
        )
    return mistakes


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
