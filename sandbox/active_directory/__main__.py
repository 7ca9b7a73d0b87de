"""python -m sandbox.active_directory: runs a domain controller with a company in it until SIGTERM or Ctrl-C.

SIGHUP puts what the directory file then holds in place.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from sandbox.active_directory.domain_controller import DomainController
from sandbox.active_directory.environment import environment_of
from sandbox.directory import load
from sandbox.environment import write_environment
from sandbox.made_up import make_company

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


def main() -> int:
    """Parse arguments and run."""
    options = parser().parse_args()
    # Whatever comes while a company is loaded waits until it is.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    with tempfile.TemporaryDirectory(prefix="sso-sync-ad-") as folder:
        try:
            with DomainController(Path(folder)) as controller:
                return _serve(controller, options)
        except (OSError, RuntimeError, ValueError) as exc:
            print(f"sandbox: {exc}", file=sys.stderr)  # noqa: T201 # this is a command
            return 1


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m sandbox.active_directory", description="A real domain controller (Samba) on this machine."
    )
    made.add_argument("--directory", type=Path, help="the company's directory (default: one of about 120 people)")
    made.add_argument("--seed", type=int, default=7, help="which company is made up (default 7)")
    made.add_argument("--env-file", type=Path, help="where to write the environment as shell export lines")
    return made


def _serve(controller: DomainController, options: argparse.Namespace) -> int:
    controller.load(load(options.directory) if options.directory else make_company(options.seed))
    if options.env_file:
        write_environment(options.env_file, environment_of(controller))
    print(f"sandbox: ready at {controller.url}", file=sys.stderr, flush=True)  # noqa: T201
    while signal.sigwait(SIGNALS) == signal.SIGHUP:
        if options.directory:
            controller.load(load(options.directory))
            print("sandbox: loaded", file=sys.stderr, flush=True)  # noqa: T201
    if options.env_file:
        options.env_file.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
