"""The config that the story deploys, for each directory that it can be told of."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

Json = dict[str, Any]
# Where the function would stand in AWS; the local AWS has no networks.
VPC: Json = {
    "id": "vpc-0123456789abcdef0",
    "subnets": ["subnet-0123456789abcdef0"],
    "security_groups": ["sg-0123456789abcdef0"],
}


def write_config(
    path: Path, environment: Mapping[str, str], filters: Sequence[str], *, schedule: str, directory: str = "google"
) -> None:
    """Write it as somebody would who tries the product: a few filters, SCIM, Teams."""
    config = {
        "sources": [source_of(directory, environment, filters)],
        "identity_center": {
            "region": environment["AWS_REGION"],
            "scim": {},
            "quota_scale": float(environment["SSO_SYNC_QUOTA_SCALE"]),
        },
        "teams": {},
        "deployment": {"schedule": schedule} | ({"vpc": VPC} if directory == "ad" else {}),
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(config), indent=2))  # JSON is YAML, too


def source_of(directory: str, environment: Mapping[str, str], filters: Sequence[str]) -> Json:
    """Write one source of the config: google, okta, entra or ad; its secrets are in the deployment's."""
    include = [{"match": pattern, "description": f"Groups called {pattern}"} for pattern in filters]
    return {**_SOURCES[directory](environment), "groups": {"include": include}}


def secrets_of(directory: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the deployment's secrets have to hold for it to reach the sandbox, by their names."""
    return {
        **_SECRETS[directory](environment),
        "scim-endpoint": environment["SSO_SYNC_SCIM_ENDPOINT"],
        "scim-token": environment["SSO_SYNC_SCIM_TOKEN"],
        "teams-webhook": environment["SANDBOX_TEAMS_WEBHOOK"],
    }


def _google(environment: Mapping[str, str]) -> Json:
    return {
        "type": "google_workspace",
        "admin": environment["SSO_SYNC_GOOGLE_ADMIN"],
        "root_url": environment["SSO_SYNC_GOOGLE_ROOT_URL"],
    }


def _okta(environment: Mapping[str, str]) -> Json:
    return {"type": "okta", "url": environment["SSO_SYNC_OKTA_URL"], "api_token": "secret:okta-api-token"}


def _entra(environment: Mapping[str, str]) -> Json:
    return {
        "type": "entra_id",
        "tenant": environment["SSO_SYNC_ENTRA_TENANT"],
        "client_id": environment["SSO_SYNC_ENTRA_CLIENT_ID"],
        "graph_url": environment["SSO_SYNC_ENTRA_GRAPH_URL"],
        "login_url": environment["SSO_SYNC_ENTRA_LOGIN_URL"],
        "client_secret": "secret:entra-client-secret",
        "user_name": "mail",
    }


def _ad(environment: Mapping[str, str]) -> Json:
    return {
        "type": "active_directory",
        "servers": environment["SSO_SYNC_AD_SERVERS"].split(),
        "base": environment["SSO_SYNC_AD_BASE"],
        "ca_certificate": Path(environment["SSO_SYNC_AD_CA_CERTIFICATE"]).read_text(encoding="utf-8"),
    }


def _google_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {"google-credentials": Path(environment["SSO_SYNC_GOOGLE_CREDENTIALS"]).read_text(encoding="utf-8")}


def _okta_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {"okta-api-token": environment["SSO_SYNC_OKTA_API_TOKEN"]}


def _entra_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {"entra-client-secret": environment["SSO_SYNC_ENTRA_CLIENT_SECRET"]}


def _ad_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {"ad-credentials": Path(environment["SSO_SYNC_AD_CREDENTIALS"]).read_text(encoding="utf-8")}


_SOURCES = {"google": _google, "okta": _okta, "entra": _entra, "ad": _ad}
_SECRETS = {"google": _google_secrets, "okta": _okta_secrets, "entra": _entra_secrets, "ad": _ad_secrets}
DIRECTORIES = tuple(_SOURCES)
