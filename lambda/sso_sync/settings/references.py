"""References to secrets: where a setting says that a secret is, instead of what it is."""

import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from sso_sync.settings.addresses import is_safe, is_url
from sso_sync.settings.directories.active_directory import CREDENTIALS, PEM
from sso_sync.settings.directories.entra_id import GUID
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
    """Name the secrets of every source, and those that Identity Center is written with."""
    for number in range(len(settings.sources)):
        yield from of_source(settings, number)
    yield from of_identity_center(settings)


def of_source(settings: Settings, number: int) -> Iterator[Reference]:
    """Name the secrets without which one source cannot be read."""
    for setting, text, what in settings.sources[number].secrets():
        yield Reference(f"{source_path(number)}.{setting}", text, what)


def of_identity_center(settings: Settings) -> Iterator[Reference]:
    """Name the secrets without which no run is possible, whatever its sources."""
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
    if setting == "ca_certificate":
        return "" if PEM in text else "it is not a certificate as PEM (-----BEGIN CERTIFICATE-----)"
    if reference.what == CREDENTIALS:
        return _why_not_account(text)
    if setting == "credentials":
        try:
            key = msgspec.json.decode(text)
        except msgspec.MsgspecError:
            key = None
        return "" if isinstance(key, dict) and "type" in key else "it is not the JSON that Google gives for a key"
    if setting in {"client_secret", "certificate"}:
        return _why_not_of_entra(setting, text)
    if setting == "private_key":
        return _why_not_private_key(text)
    if setting in {"token", "api_token"}:
        return "" if re.fullmatch(r"[!-~]+", text) else "a token has no blanks and no line breaks"
    return "" if is_url(text) and is_safe(text) else "it is not an address that begins with https://"


def _why_not_account(text: str) -> str:
    try:
        account = msgspec.json.decode(text, type=dict[str, str])
    except msgspec.MsgspecError:
        account = {}
    good = account.keys() == {"user", "password"} and all(account.values())
    return "" if good else 'it is not JSON such as {"user": "svc@corp.example.com", "password": "…"}'


def _why_not_of_entra(setting: str, text: str) -> str:
    if setting == "certificate":
        parts = re.findall(r"-----BEGIN ([A-Z ]+)-----", text)
        good = "CERTIFICATE" in parts and {"PRIVATE KEY", "RSA PRIVATE KEY"} & set(parts)
        return "" if good else "it is not PEM text with a certificate and its private key without a passphrase"
    if re.fullmatch(GUID, text):
        return "it is the id of a client secret; Entra shows its value once, when it is made"
    return "" if re.fullmatch(r"[!-~]+", text) else "a client secret has no blanks and no line breaks"


def _why_not_private_key(text: str) -> str:
    """Tell PEM and JWK from anything else; whether the key is a good one, the source finds out."""
    try:
        jwk = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        is_pem = re.match(r"-----BEGIN (RSA )?PRIVATE KEY-----\s", text)
        return "" if is_pem else "it is not a private key as PEM (-----BEGIN PRIVATE KEY-----) or JWK"
    return "" if isinstance(jwk, dict) and "d" in jwk else "it is a JWK without the private half ('d')"
