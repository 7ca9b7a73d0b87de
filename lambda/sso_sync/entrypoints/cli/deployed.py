"""Commands for what is deployed: its secrets, and a run of its function."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sso_sync.aws.caller import triggered
from sso_sync.aws.function import invoke_sync
from sso_sync.aws.secrets import Secrets, store_secret
from sso_sync.aws.stacks import find_deployment
from sso_sync.core.errors import CredentialsError, Interrupted, SettingsError
from sso_sync.entrypoints.cli.options import ConfigOption
from sso_sync.entrypoints.cli.progress import Drawing
from sso_sync.entrypoints.cli.terminal import errors, plain, results
from sso_sync.http.boto import Aws
from sso_sync.settings import Settings, load_settings
from sso_sync.settings.convert import did_you_mean
from sso_sync.settings.deployed import Deployment
from sso_sync.settings.references import optional, required, why_not_value

LARGEST_SECRET = 65_536  # bytes ("AWS Secrets Manager quotas")
secrets_app = typer.Typer(no_args_is_help=True, help="Store the secrets of a deployment, and see which are missing.")


@secrets_app.command("put")
def put_secret(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which secret, such as google-credentials.")],
    file: Annotated[
        str, typer.Option("--file", "-f", metavar="FILE", help="The file that holds it; - reads standard input.")
    ],
    config: ConfigOption = None,
) -> None:
    """Store a secret of the deployment, from a file.

    [bold]Examples[/]
    [dim]sso-sync secrets put google-credentials --file key.json
    pass show scim-token | sso-sync secrets put scim-token --file -[/]
    """
    settings, aws, deployment = find(config)
    if name not in deployment.secrets:
        unknown = f"the deployment has no secret '{name}'{did_you_mean(name, deployment.secrets)}"
        raise SettingsError("The command line", [unknown])
    text = _read(file).strip()
    if not text:
        raise CredentialsError(f"{file} is empty, so nothing was stored.")
    if len(text.encode()) > LARGEST_SECRET:
        raise CredentialsError(f"{file} is larger than a secret may be (64 KB), so nothing was stored.")
    for reference in (*required(settings), *optional(settings)):
        problem = why_not_value(reference, text) if reference.secret_name == name else ""
        if problem:
            raise CredentialsError(f"{file} cannot be {reference.what}: {problem}; nothing was stored.")
    store_secret(aws, deployment.secrets[name], text, f"the secret {name}")
    results().print(f"Stored {name}. The next run uses it; sso-sync invoke starts one now.")


@secrets_app.command("list")
def list_secrets(*, config: ConfigOption = None) -> None:
    """Say which secrets the deployment has, and which hold a value.

    [bold]Examples[/]
    [dim]sso-sync secrets list --config production.yaml[/]
    """
    _, aws, deployment = find(config)
    secrets = Secrets(aws, Path(), lambda: deployment)
    console = results()
    for name in sorted(deployment.secrets):
        stored = secrets.is_stored(name)
        console.print("✓ " if stored else "✗ ", plain(name), "" if stored else "  nothing is stored yet", sep="")


def invoke(*, config: ConfigOption = None) -> int:
    """Start a run of the deployed function now, and wait for its end.

    [bold]Examples[/]
    [dim]sso-sync invoke
    sso-sync invoke --config production.yaml[/]
    """
    _, aws, deployment = find(config)
    try:
        with Drawing(lambda: "The deployed function is at work …", tuple, aws.calls):
            ended = invoke_sync(aws, deployment.function, triggered("sso-sync invoke", aws))
    except KeyboardInterrupt:
        raise Interrupted(
            "No longer waiting. The run goes on in the function; its card and its log say how it ends."
        ) from None
    (errors() if ended.failed else results()).print(plain(ended.sentence))
    return 1 if ended.failed else 0


def find(config: str | None) -> tuple[Settings, Aws, Deployment]:
    """Load the config and find what it has deployed; raises SettingsError, StateError or CredentialsError."""
    settings, _ = load_settings(config)
    if settings.deployment is None:
        raise SettingsError("The config", ["deployment: this section is missing, so there is no deployment to look at"])
    aws = Aws(settings.identity_center.region)
    return settings, aws, find_deployment(aws, settings.deployment.name)


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).expanduser().read_text(encoding="utf-8")
    except OSError as exc:
        raise CredentialsError(f"{file} cannot be read ({exc.strerror}), so nothing was stored.") from exc
    except UnicodeDecodeError as exc:
        raise CredentialsError(f"{file} is not text, so nothing was stored.") from exc
    except (RuntimeError, ValueError) as exc:
        raise CredentialsError(f"{file} is not a path, so nothing was stored.") from exc
