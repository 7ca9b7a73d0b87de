"""Refuses every connection that would leave this machine; Python imports it at start from PYTHONPATH."""

import ipaddress
import os
import sys


def _stays_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if _stays_here(host):
        return
    log = os.environ.get("LOOPBACK_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123 # pathlib would be one more import at start
            file.write(f"{event} {host} {sys.argv}\n")
    raise ConnectionRefusedError(f"a test tried to reach {host!s}, which is not on this machine")


sys.addaudithook(_guard)
