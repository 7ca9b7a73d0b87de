"""Reads the config file and the environment, checks everything, and reports all mistakes together."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sso_sync.core.errors import SettingsError
from sso_sync.settings.checks import CHECKS
from sso_sync.settings.convert import convert_all, did_you_mean
from sso_sync.settings.deployed import DEPLOYMENT_VARIABLE
from sso_sync.settings.types import Settings

DEFAULT_FILE = "sso-sync.yaml"
PREFIX = "SSO_SYNC_"
CONFIG_VARIABLE = "SSO_SYNC_CONFIG"
# Environment variables that override the file; `sources` means the first source of that type.
OVERRIDES: Mapping[str, tuple[str, ...]] = {
    "SSO_SYNC_GOOGLE_CREDENTIALS": ("google_workspace", "credentials"),
    "SSO_SYNC_GOOGLE_ADMIN": ("google_workspace", "admin"),
    "SSO_SYNC_GOOGLE_ROOT_URL": ("google_workspace", "root_url"),
    "SSO_SYNC_OKTA_URL": ("okta", "url"),
    "SSO_SYNC_OKTA_API_TOKEN": ("okta", "api_token"),
    "SSO_SYNC_ENTRA_TENANT": ("entra_id", "tenant"),
    "SSO_SYNC_ENTRA_CLIENT_ID": ("entra_id", "client_id"),
    "SSO_SYNC_ENTRA_CLIENT_SECRET": ("entra_id", "client_secret"),
    "SSO_SYNC_ENTRA_GRAPH_URL": ("entra_id", "graph_url"),
    "SSO_SYNC_ENTRA_LOGIN_URL": ("entra_id", "login_url"),
    "SSO_SYNC_AD_SERVERS": ("active_directory", "servers"),
    "SSO_SYNC_AD_BASE": ("active_directory", "base"),
    "SSO_SYNC_AD_CREDENTIALS": ("active_directory", "credentials"),
    "SSO_SYNC_AD_CA_CERTIFICATE": ("active_directory", "ca_certificate"),
    "SSO_SYNC_SCIM_ENDPOINT": ("identity_center", "scim", "endpoint"),
    "SSO_SYNC_SCIM_TOKEN": ("identity_center", "scim", "token"),
    "SSO_SYNC_IDENTITY_STORE_ID": ("identity_center", "identity_store_id"),
    "SSO_SYNC_REGION": ("identity_center", "region"),
    "SSO_SYNC_QUOTA_SCALE": ("identity_center", "quota_scale"),
    "SSO_SYNC_STATE": ("state",),
}
# These hold the secret itself or an ARN, so that no secret has to be written to a file.
SECRET_VARIABLES = frozenset(
    {
        "SSO_SYNC_AD_CA_CERTIFICATE",
        "SSO_SYNC_AD_CREDENTIALS",
        "SSO_SYNC_ENTRA_CLIENT_SECRET",
        "SSO_SYNC_GOOGLE_CREDENTIALS",
        "SSO_SYNC_OKTA_API_TOKEN",
        "SSO_SYNC_SCIM_TOKEN",
    }
)
# What the parser lets out of itself for a text such as "!!float" or "? {}".
PARSER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)
SOURCE_TYPES = frozenset({"google_workspace", "okta", "entra_id", "active_directory", "ad_sync"})


def load_settings(path: str | None, environment: Mapping[str, str] = os.environ) -> tuple[Settings, Path]:
    """Load the config from `path`, else from SSO_SYNC_CONFIG, else from ./sso-sync.yaml.

    Environment variables named in OVERRIDES win over the file. Returns the settings and the folder
    that relative paths in them start from. Raises SettingsError with every mistake found.
    """
    file = Path(path or environment.get(CONFIG_VARIABLE) or DEFAULT_FILE)
    return settings_of(_read(file), str(file), environment), file.resolve().parent


def settings_of(raw: object, where: str, environment: Mapping[str, str]) -> Settings:
    """Check plain data from `where`, with the environment's overrides; raises SettingsError."""
    mistakes = _unknown_variables(environment)
    if not isinstance(raw, dict):
        raise SettingsError(where, ["the file must hold a mapping of settings; see config/example.yaml"])
    _override(raw, environment)
    settings = convert_all(raw, Settings, CHECKS, mistakes)
    if mistakes or not settings:
        raise SettingsError(where, mistakes)
    return settings


def _read(file: Path) -> Any:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise SettingsError(
            str(file),
            ["there is no such file; copy config/example.yaml, or name yours: --config FILE, with cdk -c config=FILE"],
        ) from exc
    except (OSError, ValueError) as exc:  # a ValueError is a text that is not UTF-8, or a path that cannot be
        raise SettingsError(str(file), [f"the file cannot be read ({exc})"]) from exc
    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 0
        raise SettingsError(str(file), [f"line {line}: {str(exc.problem).splitlines()[0]}"]) from exc
    except (YAMLError, *PARSER_ERRORS) as exc:
        first = (str(exc) or type(exc).__name__).splitlines()[0]
        raise SettingsError(str(file), [f"this is not YAML: {first}"]) from exc


def _unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """A mistyped variable must not silently do nothing: somebody counts on it."""
    known = {*OVERRIDES, CONFIG_VARIABLE, DEPLOYMENT_VARIABLE}
    return [
        f"environment variable {name}: there is no such setting{did_you_mean(name, known)}"
        for name in sorted(environment)
        if name.startswith(PREFIX) and name not in known
    ]


def _override(raw: dict[str, Any], environment: Mapping[str, str]) -> None:
    for variable, (head, *rest) in OVERRIDES.items():
        value: object = environment.get(variable, "")
        if not value:
            continue
        if variable in SECRET_VARIABLES and not str(value).startswith("arn:"):
            value = f"env:{variable}"
        if variable == "SSO_SYNC_QUOTA_SCALE":
            value = _number(str(value))
        if variable == "SSO_SYNC_AD_SERVERS":
            value = str(value).split()
        if head in SOURCE_TYPES:
            _set(_source(raw, head), rest, value)
        else:
            _set(raw, [head, *rest], value)


def _set(place: Any, path: Sequence[str], value: object) -> None:
    """Set a value deep in plain data; data of another shape is left for the checks to complain about."""
    for key in path[:-1]:
        if isinstance(place, dict):
            place[key] = place.get(key) or {}
            place = place[key]
    if isinstance(place, dict):
        place[path[-1]] = value


def _source(raw: dict[str, Any], kind: str) -> Any:
    sources = raw.get("sources")
    found = [s for s in sources if isinstance(s, dict) and s.get("type") == kind] if isinstance(sources, list) else []
    return found[0] if found else None


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
