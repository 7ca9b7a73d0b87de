"""References to secrets: where a setting says that a secret is, instead of what it is."""

import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from sso_sync.settings.addresses import is_safe, is_url
from sso_sync.settings.places import OF_DEPLOYMENT
from sso_sync.settings.types import Settings


class Reference(Struct, frozen=True):
    """Where one secret is; `path` is the setting's, `what` names the secret for people."""

    path: str
    text: str
    what: str

    @property
    def secret_name(self) -> str:
        """Return the name of the deployment's secret, or nothing if it is kept elsewhere."""
        return self.text.removeprefix(OF_DEPLOYMENT) if self.text.startswith(OF_DEPLOYMENT) else ""


def source_path(number: int) -> str:
    """Return what mistakes and secrets of a source are named by."""
    return f"sources[{number}]"


def required(settings: Settings) -> Iterator[Reference]:
    """Name the secrets without which no run is possible."""
    for number, source in enumerate(settings.sources):
        for setting, text, what in source.secrets():
            yield Reference(f"{source_path(number)}.{setting}", text, what)
    scim = settings.identity_center.scim
    if scim:
        if not is_url(scim.endpoint):
            yield Reference("identity_center.scim.endpoint", scim.endpoint, "the SCIM endpoint")
        yield Reference("identity_center.scim.token", scim.token, "the SCIM token")


def optional(settings: Settings) -> Iterator[Reference]:
    """Name the secrets that a run can do without."""
    if settings.teams:
        yield Reference("teams.webhook", settings.teams.webhook, "the Teams webhook")
        if settings.teams.problems:
            yield Reference("teams.problems", settings.teams.problems, "the Teams webhook for problems")


def why_not_value(reference: Reference, text: str) -> str:
    """Say why a text cannot be the secret that is referred to, or nothing: a wrong file is better found early."""
    setting = reference.path.rpartition(".")[2]
    if setting == "credentials":
        try:
            key = msgspec.json.decode(text)
        except msgspec.MsgspecError:
            key = None
        return "" if isinstance(key, dict) and "type" in key else "it is not the JSON that Google gives for a key"
    if setting == "token":
        return "" if re.fullmatch(r"[!-~]+", text) else "a token has no blanks and no line breaks"
    return "" if is_url(text) and is_safe(text) else "it is not an address that begins with https://"
