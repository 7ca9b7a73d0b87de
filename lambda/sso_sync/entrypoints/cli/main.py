"""Starts the command line and turns whatever happens into output and an exit code.

Exit codes: 0 done, or nothing to do; 1 error or wrong usage; 2 changes are pending (only
`plan --detailed-exitcode`); 3 refused by a safety limit; 4 some changes failed.
"""

import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import typer
from rich.text import Text

from sso_sync.core.errors import Interrupted, SsoSyncError
from sso_sync.entrypoints.cli.commands import app
from sso_sync.entrypoints.cli.terminal import errors, is_terminal, plain, print_error, print_hanging
from sso_sync.settings.convert import nearest

ERROR = 1
INTERRUPTED = 130  # what Typer returns for Ctrl-C


def main() -> NoReturn:
    """Run the command and leave at once, even if a read is still under way in another thread."""
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # names are not ASCII, terminals may be
    code = run(sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        if is_terminal(sys.stderr):
            errors().show_cursor()  # a drawing that was interrupted twice may have left it hidden
        for stream in (sys.stdout, sys.stderr):
            if stream:  # None where the caller closed it
                stream.flush()
    except OSError:
        code = code or ERROR  # a full disk or a closed pipe
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code; never lets an exception out."""
    try:
        result = app(args=list(arguments), prog_name="sso-sync", standalone_mode=False)
    except Interrupted as exc:
        print_hanging(errors(), Text(), plain(str(exc)))
        return exc.exit_code
    except SsoSyncError as exc:
        print_error(str(exc))
        return exc.exit_code
    except (typer.Abort, KeyboardInterrupt):
        result = INTERRUPTED
    except typer.TyperException as exc:
        if exc.format_message():  # empty when there was no command at all: the help has been printed
            print_error(_usage(exc))
        return ERROR
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERROR
    except OSError as exc:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print_error(f"The result cannot be written ({exc.strerror}).")
        return ERROR
    except Exception as exc:  # noqa: BLE001 # the last line of defence: no traceback for users
        if "--debug" in arguments:
            traceback.print_exc()
        print_error(
            f"This is a bug in sso-sync ({type(exc).__name__}: {exc}). Run again with --debug, and report what "
            "it prints."
        )
        return ERROR
    if result == INTERRUPTED:
        errors().print("Stopped on request; what was done before is on record.")
        return ERROR
    return int(result or 0)


def _usage(exc: typer.TyperException) -> str:
    """Say what is wrong with a command line, what may have been meant, and where to read more."""
    said = exc.format_message().replace("Value error, ", "")
    known = getattr(exc, "possibilities", None)  # of a mistyped option; its class is not public
    if known:
        option = getattr(exc, "option_name", "")
        said = f"There is no option {option}; did you mean {nearest(option, known) or ', '.join(sorted(known))}?"
    path = getattr(getattr(exc, "ctx", None), "command_path", "sso-sync")
    end = "" if said.endswith(("?", ".")) else "."
    return f"{said}{end} See '{path} --help'."


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
