"""The command in a process of its own, on a terminal of a given width."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping
from types import TracebackType

COMMAND = [sys.executable, "-c", "from sso_sync.entrypoints.cli import main; main()"]
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
LONGEST = 60.0  # seconds until whatever is waited for counts as missing


class Terminal:
    """A terminal on which one command runs; what the command writes to a pipe instead is in `piped`."""

    def __init__(
        self, *arguments: str, environment: Mapping[str, str], width: int = 80, pipe_output: bool = False
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=theirs,
            stdout=subprocess.PIPE if pipe_output else theirs,
            stderr=theirs,
            env={**_without_size(os.environ), "TERM": "xterm-256color", **environment},
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 # nothing else runs in the child yet
        )
        os.close(theirs)
        self._seen, self.piped = b"", b""
        self._threads = [threading.Thread(target=self._listen), threading.Thread(target=self._drain)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self.wait()
        os.close(self._ours)

    @property
    def text(self) -> str:
        """Return all that was written to the terminal so far, with its control sequences."""
        return self._seen.decode(errors="replace").replace("\r\n", "\n")

    def wait_for(self, text: str) -> None:
        """Wait until something was written; fails if it never is."""
        end = time.monotonic() + LONGEST
        while text not in self.text:
            assert time.monotonic() < end, f"{text!r} is not in {self.text!r}"
            time.sleep(0.02)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def wait(self) -> int:
        """Wait for the command's end, and return its exit code."""
        code = self._process.wait(LONGEST)
        for thread in self._threads:
            thread.join(LONGEST)
        return code

    def _listen(self) -> None:
        try:
            while more := os.read(self._ours, 65536):
                self._seen += more
        except OSError:
            pass  # how Linux says that the other side is closed

    def _drain(self) -> None:
        if self._process.stdout:
            self.piped = self._process.stdout.read()


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _without_size(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out what would win over the terminal's own size; a library that a test uses may have set it."""
    return {name: value for name, value in environment.items() if name not in {"COLUMNS", "LINES"}}
