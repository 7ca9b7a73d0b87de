"""What a command writes on a terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence

LINES = 60


def shown_by(command: Sequence[str], environment: Mapping[str, str], width: int) -> str:
    """Run a command on a terminal of `width` characters, and return its output there; errors and progress are not."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, width, 0, 0))
    running = subprocess.Popen(  # noqa: S603 # the caller's own program
        command,
        env={**environment, "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    written = b""
    try:
        while chunk := os.read(ours, 65_536):
            written += chunk
    except OSError:
        pass  # how Linux says that nobody writes any more
    finally:
        os.close(ours)
        running.wait()
    return written.decode(errors="replace").replace("\r\n", "\n")
