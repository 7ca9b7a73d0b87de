"""python -m sandbox: runs the stand-ins in the foreground until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import json
import os
import shlex
import signal
import socket
import sys
import tempfile
from pathlib import Path

import boto3
from aiohttp import web

from sandbox.directory import load, make_company
from sandbox.ministack import Ministack
from sandbox.server import Sandbox

REGION = "us-east-1"
BUCKET = "sso-sync-state"
CONFIG = Path(__file__).resolve().parent.parent / "config" / "sandbox.yaml"


def main() -> int:
    """Parse arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Local stand-ins for every outside system.")
    parser.add_argument("--directory", type=Path, help="the company's directory (default: one of about 120 people)")
    parser.add_argument("--env-file", type=Path, help="where to write the environment as shell export lines")
    parser.add_argument("--quota-scale", type=float, default=1.0, help="multiple of the real quotas (default 1)")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="delay of every answer (default 0)")
    parser.add_argument("--seed", type=int, default=7, help="which company is made up")
    options = parser.parse_args()
    try:
        directory = load(options.directory) if options.directory else make_company(options.seed)
    except ValueError as exc:
        print(f"sandbox: {exc}", file=sys.stderr)  # noqa: T201 # this is a command
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # until the event loop takes over
    with (
        tempfile.TemporaryDirectory(prefix="sso-sync-sandbox-") as folder,
        Ministack(Path(folder) / "ministack") as aws,
    ):
        return asyncio.run(_serve(directory, Path(folder), aws.url, options))


async def _serve(directory: dict[str, object], folder: Path, aws_url: str, options: argparse.Namespace) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sandbox = Sandbox(directory, url, quota_scale=options.quota_scale, latency=options.latency_ms / 1000)
    runner = web.AppRunner(sandbox.application(), access_log=None, shutdown_timeout=1)  # slow answers are cut
    await runner.setup()
    await web.SockSite(runner, listener, backlog=1024).start()
    environment = _environment(sandbox, url, aws_url, folder, options.quota_scale)
    await asyncio.to_thread(_make_bucket, aws_url)
    if options.env_file:
        _write_atomically(options.env_file, _as_shell(environment))
    print(f"sandbox: ready at {url}", file=sys.stderr, flush=True)  # noqa: T201
    print(f"sandbox: cards are shown at {url}/teams", file=sys.stderr, flush=True)  # noqa: T201
    await stop.wait()
    await runner.cleanup()
    if options.env_file:
        options.env_file.unlink(missing_ok=True)
    return 0


def _environment(sandbox: Sandbox, url: str, aws_url: str, folder: Path, quota_scale: float) -> dict[str, str]:
    key = folder / "google-key.json"
    key.touch(mode=0o600)
    key.write_text(json.dumps(sandbox.tokens.key_file()), encoding="utf-8")
    return {
        "SANDBOX_URL": url,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ENDPOINT_URL_S3": aws_url,
        "AWS_ENDPOINT_URL_IDENTITYSTORE": f"{url}/identitystore",
        "AWS_ENDPOINT_URL_SSO_ADMIN": f"{url}/sso-admin",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SSO_SYNC_CONFIG": str(CONFIG),
        "SSO_SYNC_GOOGLE_CREDENTIALS": str(key),
        "SSO_SYNC_GOOGLE_ADMIN": sandbox.admin,
        "SSO_SYNC_GOOGLE_ROOT_URL": f"{url}/google/",
        "SSO_SYNC_SCIM_ENDPOINT": sandbox.scim_endpoint,
        "SSO_SYNC_SCIM_TOKEN": sandbox.scim_token,
        "SSO_SYNC_QUOTA_SCALE": str(quota_scale),
        "SANDBOX_TEAMS_WEBHOOK": sandbox.teams_webhook,
    }


def _as_shell(environment: dict[str, str]) -> str:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    return "\n".join([*lines, "unset AWS_PROFILE AWS_SESSION_TOKEN", ""])


def _make_bucket(aws_url: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=aws_url,
        region_name=REGION,
        aws_access_key_id="000000000000",
        aws_secret_access_key="sandbox",  # noqa: S106 # opens nothing
    )
    client.create_bucket(Bucket=BUCKET)


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
