"""The sandbox as a program of its own, started and ended by another."""

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.environment import read_environment

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT = 60.0  # seconds


class SandboxProcess:
    """Runs `python -m sandbox` with options while the context lasts; its log is in `folder`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._env_file, self._log = folder / "sandbox.env", folder / "sandbox.log"
        self._env_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "sandbox", "--env-file", str(self._env_file), *options]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stderr=log)  # noqa: S603 # our own module
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        deadline = time.monotonic() + START_TIMEOUT
        while not self._env_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__(None, None, None)
                raise SystemExit(f"the sandbox did not start: {self._log.read_text(errors='replace')[-500:]}")
            time.sleep(0.05)
        self.environment = read_environment(self._env_file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(15)
