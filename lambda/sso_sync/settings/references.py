"""References to secrets: where a setting says that a secret is, instead of what it is."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from sso_sync.settings.types import Settings

OF_DEPLOYMENT = "secret:"
REFERENCES = (OF_DEPLOYMENT, "env:", "arn:", "/", "./", "../", "~/")


class Reference(Struct, frozen=True):
    """Where one secret is; `path` is the setting's, `what` names the secret for people."""

    path: str
    text: str
    what: str

    @property
    def secret_name(self) -> str:
        """Return the name of the deployment's secret, or nothing if it is kept elsewhere."""
        return self.text.removeprefix(OF_DEPLOYMENT) if self.text.startswith(OF_DEPLOYMENT) else ""


def required(settings: Settings) -> Iterator[Reference]:
    """Name the secrets without which no run is possible."""
    for number, source in enumerate(settings.sources):
        yield Reference(f"sources[{number}].credentials", source.credentials, "the Google credentials")
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


def is_url(text: str) -> bool:
    """Tell an address from a reference to one."""
    return text.lower().startswith(("http://", "https://"))


def is_possible(url: str) -> bool:
    """Tell whether an address has a host, and a port that there can be."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0  # the port raises if it is no number, or too high
    except ValueError:
        return False


def is_safe(url: str) -> bool:
    """Tell whether secrets may be sent to an address: by TLS, or without it on this machine."""
    if not is_possible(url):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"})
