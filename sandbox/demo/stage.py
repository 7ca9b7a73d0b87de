"""The stage of the story: the sandbox as a program of its own, asked over HTTP."""

import json
import shlex
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
READY_TIMEOUT = 60.0  # seconds


class Stage:
    """Runs the sandbox while the context lasts."""

    def __init__(self, folder: Path, directory: str) -> None:
        self._env_file = folder / "sandbox.env"
        self._env_file.unlink(missing_ok=True)
        options = ["--env-file", str(self._env_file), "--quota-scale", "10"]
        options += ["--directory", str(Path(directory).absolute())] if directory else []
        command = [sys.executable, "-m", "sandbox", *options]
        with (folder / "sandbox.log").open("wb") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stderr=log)  # noqa: S603 # our own module
        self._log = folder / "sandbox.log"
        self.environment: dict[str, str] = {}

    def __enter__(self) -> "Stage":
        deadline = time.monotonic() + READY_TIMEOUT
        while not self._env_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__(None, None, None)
                raise SystemExit(f"demo: the sandbox did not start: {self._log.read_text(errors='replace')[-500:]}")
            time.sleep(0.05)
        self.environment = read_environment(self._env_file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(15)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Call the sandbox's own API."""
        return json.loads(self._answer(method, self.environment["SANDBOX_URL"] + path, body) or b"null")

    def page(self, bucket: str, key: str) -> tuple[str, bytes]:
        """Return the address and the content of a page in the local S3."""
        url = f"{self.environment['AWS_ENDPOINT_URL']}/{bucket}/{key}"
        return url, self._answer("GET", url, None)

    @staticmethod
    def _answer(method: str, url: str, body: Any) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, method=method)  # noqa: S310 # loopback
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 # loopback
            content: bytes = answer.read()
        return content


def read_environment(file: Path) -> dict[str, str]:
    """Read the shell lines that the sandbox writes when it is ready."""
    lines = file.read_text(encoding="utf-8").splitlines()
    words = [shlex.split(line.removeprefix("export "))[0] for line in lines if line.startswith("export ")]
    return dict(word.split("=", 1) for word in words)
