"""A local AWS (ministack) as a child process: S3 and what else is not stood in for here."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY

START_TIMEOUT = 30.0  # seconds


class Ministack:
    """Runs while the context lasts; `url` is its endpoint."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Ministack":
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        program = Path(sys.executable).parent / "ministack"
        self._folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "LAMBDA_EXECUTOR": "local",
            "S3_DATA_DIR": str(self._folder / "s3"),
            "STATE_DIR": str(self._folder / "state"),
            "TMPDIR": str(self._folder),
            # What functions are given as their role's credentials: the stand-ins check what is signed with them.
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }
        with (self._folder / "ministack.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 # the path of this environment's own program
                [str(program)], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait_until_ready()
        except BaseException:  # a signal, too: nothing may stay behind
            self.__exit__(None, None, None)
            raise
        return self

    def _wait_until_ready(self) -> None:
        assert self._process
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1):  # noqa: S310 # loopback
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        said = (self._folder / "ministack.log").read_text(errors="replace")[-500:]
        raise RuntimeError(f"the local AWS did not start: {said}")

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
