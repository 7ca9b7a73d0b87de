"""The environment under which tools reach the sandbox, as a file that a shell can source."""

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from sandbox.server import Sandbox

REGION = "us-east-1"
CONFIG = Path(__file__).resolve().parent.parent / "config" / "sandbox.yaml"


def environment_of(sandbox: Sandbox, url: str, aws_url: str, folder: Path, quota_scale: float) -> dict[str, str]:
    """Return the variables; the key of the Google service account is written into `folder`."""
    key = folder / "google-key.json"
    key.touch(mode=0o600)
    key.write_text(json.dumps(sandbox.tokens.key_file()), encoding="utf-8")
    return {
        "SANDBOX_URL": url,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ENDPOINT_URL_S3": aws_url,
        "AWS_ENDPOINT_URL_IDENTITYSTORE": f"{url}/identitystore",
        "AWS_ENDPOINT_URL_SSO_ADMIN": f"{url}/sso-admin",
        "AWS_ENDPOINT_URL_IDENTITY_SYNC": f"{url}/identity-sync",
        "AWS_ENDPOINT_URL_DIRECTORY_SERVICE": f"{url}/directory-service",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SSO_SYNC_CONFIG": str(CONFIG),
        "SSO_SYNC_GOOGLE_CREDENTIALS": str(key),
        "SSO_SYNC_GOOGLE_ADMIN": sandbox.admin,
        "SSO_SYNC_GOOGLE_ROOT_URL": f"{url}/google/",
        "SSO_SYNC_OKTA_URL": sandbox.okta.url,
        "SSO_SYNC_OKTA_API_TOKEN": sandbox.okta.api_token,
        "SANDBOX_OKTA_CLIENT_ID": sandbox.okta.app.client_id,
        "AWS_ENDPOINT_URL_STS": f"{url}/sts",
        "SSO_SYNC_ENTRA_TENANT": sandbox.entra.tenant_id,
        "SSO_SYNC_ENTRA_CLIENT_ID": sandbox.entra.app.client_id,
        "SSO_SYNC_ENTRA_CLIENT_SECRET": sandbox.entra.app.secrets[0].text,
        "SSO_SYNC_ENTRA_GRAPH_URL": sandbox.entra.graph_url,
        "SSO_SYNC_ENTRA_LOGIN_URL": sandbox.entra.login_url,
        "SSO_SYNC_SCIM_ENDPOINT": sandbox.scim_endpoint,
        "SSO_SYNC_SCIM_TOKEN": sandbox.scim_token,
        "SSO_SYNC_QUOTA_SCALE": str(quota_scale),
        "SANDBOX_TEAMS_WEBHOOK": sandbox.teams_webhook,
    }


def write_environment(file: Path, environment: Mapping[str, str]) -> None:
    """Write shell lines, all at once; nobody else may read them."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.touch(mode=0o600)
    part.write_text("\n".join([*lines, "unset AWS_PROFILE AWS_SESSION_TOKEN", ""]), encoding="utf-8")
    part.replace(file)


def read_environment(file: Path) -> dict[str, str]:
    """Read the shell lines that the sandbox writes when it is ready."""
    lines = file.read_text(encoding="utf-8").splitlines()
    words = [shlex.split(line.removeprefix("export "))[0] for line in lines if line.startswith("export ")]
    return dict(word.split("=", 1) for word in words)
