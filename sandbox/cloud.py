"""The CDK command against the sandbox's local AWS, and the deployed stack's own commands."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.terminal import shown_by

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
ACCOUNT, REGION = "000000000000", "us-east-1"
# What the deployed function has to know of the sandbox; everything else is in the config or in secrets.
ENDPOINTS = tuple(f"AWS_ENDPOINT_URL_{service}" for service in ("IDENTITYSTORE", "SSO_ADMIN", "IDENTITY_SYNC", "STS"))


@dataclass(frozen=True)
class Deployment:
    """How a deployment ended: its outputs, or the sentence that CloudFormation gave as the reason."""

    succeeded: bool
    outputs: Mapping[str, str]
    reason: str


class Cloud:
    """Deploys this project's app; `folder` takes what the command writes, `environment` is the sandbox's."""

    def __init__(self, environment: Mapping[str, str], folder: Path, config: Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SSO_SYNC_", "CDK_"))}
        own = {k: v for k, v in environment.items() if not k.startswith("SSO_SYNC_")}
        self._environment = kept | own | {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
        self._folder, self._config = folder, config
        self._context = json.dumps({name: environment[name] for name in ENDPOINTS})

    def bootstrap(self) -> None:
        """Make what CDK itself needs in an account."""
        done = self._cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", "--app", "")
        if done.returncode:
            raise RuntimeError(f"cdk bootstrap failed: {done.stdout[-2000:]}")

    def deploy(self) -> Deployment:
        """Synthesize and deploy."""
        outputs = self._folder / "outputs.json"
        outputs.unlink(missing_ok=True)
        done = self._cdk("deploy", *self._app, "--require-approval", "never", "--outputs-file", str(outputs))
        if done.returncode:
            return Deployment(succeeded=False, outputs={}, reason=_reason(done.stdout))
        stacks = json.loads(outputs.read_text(encoding="utf-8"))
        return Deployment(succeeded=True, outputs=next(iter(stacks.values())), reason="")

    def destroy(self) -> Deployment:
        """Delete the stack that was synthesized last."""
        done = self._cdk("destroy", "--app", str(self._assembly), "--force")
        return Deployment(succeeded=not done.returncode, outputs={}, reason=_reason(done.stdout))

    def sso_sync(self, *arguments: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Run the sso-sync command on the deployed config; `given` is its standard input."""
        started = self.start_sso_sync(*arguments)
        output, said = started.communicate(given)
        return subprocess.CompletedProcess(started.args, started.returncode, output, said)

    def sso_sync_on_terminal(self, *arguments: str, width: int) -> str:
        """Run the sso-sync command on a terminal, and return what it shows there, colours and all."""
        colourful = {name: value for name, value in self._environment.items() if name != "NO_COLOR"}
        return shown_by(self._command(*arguments), colourful, width)

    def start_sso_sync(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start the sso-sync command on the deployed config."""
        command = self._command(*arguments)
        pipe = subprocess.PIPE
        return subprocess.Popen(  # noqa: S603 # this environment's own program
            command, env=self._environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )

    def _command(self, *arguments: str) -> list[str]:
        return [str(PROGRAMS / "sso-sync"), *arguments, "--config", str(self._config)]

    @property
    def _app(self) -> list[str]:
        context = ["-c", f"config={self._config}", "-c", f"local_aws={self._context}"]
        return [*context, "--output", str(self._assembly)]

    @property
    def _assembly(self) -> Path:
        return self._folder / "cdk.out"

    def _cdk(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the CDK command; what it says is kept in cdk.log."""
        command = [str(PROGRAMS / "node"), str(ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"), *arguments]
        running = subprocess.Popen(  # noqa: S603 # the command of the lock file
            [*command, "--no-notices"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a Ctrl-C is for the caller, who ends it with all that it has started
        )
        try:
            output, _ = running.communicate()
        except BaseException:
            os.killpg(running.pid, signal.SIGTERM)
            running.wait()
            raise
        done = subprocess.CompletedProcess(running.args, running.returncode, output)
        with (self._folder / "cdk.log").open("a", encoding="utf-8") as log:
            log.write(f"$ cdk {arguments[0]}\n{done.stdout}\n")
        return done


def _reason(said: str) -> str:
    """Find the sentence of the resource that failed, or the last lines if there is none."""
    found = re.search(r"_FAILED\s+\|\s*Custom::SsoSync\s+\|\s*\S+ \(\w+\) (.+)", said)
    return found[1].strip() if found else said.strip()[-1500:]
