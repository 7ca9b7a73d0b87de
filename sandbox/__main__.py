"""python -m sandbox: runs the stand-ins in the foreground until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import json
import math
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3
from aiohttp import web

from sandbox.directory import load
from sandbox.environment import REGION, environment_of, write_environment
from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from sandbox.made_up import make_company
from sandbox.ministack import Ministack
from sandbox.server import Sandbox
from sandbox.switches import Switches

BUCKET = "sso-sync-state"


def main() -> int:
    """Parse arguments and run."""
    options = parser().parse_args()
    switches = Switches()
    try:
        directory = load(options.directory) if options.directory else make_company(options.seed)
        switches.change(dict(options.switch))
    except ValueError as exc:
        print(f"sandbox: {exc}", file=sys.stderr)  # noqa: T201 # this is a command
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # until the event loop takes over
    with (
        tempfile.TemporaryDirectory(prefix="sso-sync-sandbox-") as folder,
        Ministack(Path(folder) / "ministack") as aws,
    ):
        return asyncio.run(_serve(directory, switches, Path(folder), aws.url, options))


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m sandbox", description="Local stand-ins for every outside system.")
    made.add_argument("--directory", type=Path, help="the company's directory (default: one of about 120 people)")
    made.add_argument("--seed", type=int, default=7, help="which company is made up (default 7)")
    made.add_argument("--env-file", type=Path, help="where to write the environment as shell export lines")
    made.add_argument("--quota-scale", type=_positive, default=1.0, help="multiple of the real quotas (default 1)")
    made.add_argument("--latency-ms", type=_not_negative, default=0.0, help="delay of every answer (default 0)")
    made.add_argument(
        "--switch",
        type=_switch,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what is otherwise in this company, such as short_pages=true (sandbox/README.md has all); repeatable",
    )
    return made


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError("a number above 0 is expected")
    return value


def _not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError("a number of at least 0 is expected")
    return value


def _switch(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("NAME=VALUE is expected")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


async def _serve(
    directory: dict[str, object], switches: Switches, folder: Path, aws_url: str, options: argparse.Namespace
) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    latency = options.latency_ms / 1000
    sandbox = Sandbox(directory, url, quota_scale=options.quota_scale, latency=latency, switches=switches)
    sandbox.sts.local_aws = aws_url
    runner = web.AppRunner(sandbox.application(), access_log=None, shutdown_timeout=1)  # slow answers are cut
    await runner.setup()
    await web.SockSite(runner, listener, backlog=1024).start()
    await asyncio.to_thread(_make_bucket, aws_url)
    if options.env_file:
        environment = environment_of(sandbox, url, aws_url, folder, options.quota_scale)
        write_environment(options.env_file, environment)
    print(f"sandbox: ready at {url}", file=sys.stderr, flush=True)  # noqa: T201
    print(f"sandbox: cards are shown at {url}/teams", file=sys.stderr, flush=True)  # noqa: T201
    await stop.wait()
    await runner.cleanup()
    if options.env_file:
        options.env_file.unlink(missing_ok=True)
    return 0


def _make_bucket(aws_url: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=aws_url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    client.create_bucket(Bucket=BUCKET)


if __name__ == "__main__":
    sys.exit(main())
