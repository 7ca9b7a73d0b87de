"""The lease: at most one run writes at a time, and a dead one frees its place by itself."""

import getpass
import logging
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType

import msgspec
from msgspec import Struct

from sso_sync.core.errors import RunInProgress, SsoSyncError, StateError
from sso_sync.state.storage import Storage

log = logging.getLogger(__name__)
KEY = "lease.json"
LASTS = 120.0  # seconds; it is renewed every third of that


class Holder(Struct):
    """Who holds the lease, and until when (Unix time)."""

    run_id: str
    who: str
    since: float
    until: float


class HeldLease:
    """Holds the lease while the context lasts and renews it in the background."""

    def __init__(self, storage: Storage, run_id: str, now: Callable[[], float] = time.time) -> None:
        self._storage, self._run_id, self._now = storage, run_id, now
        self._since = now()
        self._tag = ""
        self._lost = ""
        self._until = 0.0
        self._done = threading.Event()
        self._renewer = threading.Thread(target=self._keep_renewing, daemon=True)

    def __enter__(self) -> "HeldLease":
        present = self._storage.get(KEY)
        holder = holder_in(present.body) if present else None
        if holder and holder.until > self._now():
            since, until = clock_time(holder.since), clock_time(holder.until)
            raise RunInProgress(
                f"Another run is at work ({holder.run_id} by {holder.who}, since {since}); wait for it to end. "
                f"If it died, its place is free after {until}."
            )
        tag = self._write(present.tag if present else None)
        if tag is None:
            raise RunInProgress("Another run started at the same moment; wait for it to end.")
        self._tag = tag
        self._renewer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._renewer.join()
        if not self._lost:
            try:
                self._storage.delete_if(KEY, self._tag)
            except SsoSyncError as error:
                log.warning("the lease could not be given back and will expire", extra={"error": str(error)})

    def check(self) -> None:
        """Raise StateError if the lease was lost or has run out."""
        if self._lost:
            raise StateError(self._lost)
        if self._now() >= self._until:
            raise StateError("The lease ran out before it could be renewed, so the run stopped; run again.")

    def _write(self, tag: str | None) -> str | None:
        until = self._now() + LASTS
        body = msgspec.json.encode(Holder(self._run_id, _who(), self._since, until))
        new = self._storage.put_if(KEY, body, tag)
        if new is None:
            # A write whose answer was lost is refused when it is repeated, because it has happened.
            present = self._storage.get(KEY)
            if present and present.body == body:
                new = present.tag
        if new is not None:
            self._until = until
        return new

    def _keep_renewing(self) -> None:
        while not self._done.wait(LASTS / 3):
            try:
                tag = self._write(self._tag)
            except SsoSyncError as error:
                log.warning("the lease could not be renewed yet", extra={"error": str(error)})
                continue
            if tag is None:
                self._lost = "Another run took the lease over, so this one stopped; run again when it is done."
                return
            self._tag = tag


def holder_in(body: bytes) -> Holder | None:
    """Read who holds the lease, None if it is damaged."""
    try:
        return msgspec.json.decode(body, type=Holder)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None  # whoever wrote that does not renew it either


def clock_time(moment: float) -> str:
    """Write a Unix time as a clock of this machine shows it."""
    try:
        return time.strftime("%H:%M:%S", time.localtime(moment))
    except (OverflowError, ValueError, OSError):
        return "a moment that no clock shows"


def _who() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):
        return socket.gethostname()
