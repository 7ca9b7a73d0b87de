"""Reads the sources and the target side by side."""

import logging
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any

from sso_sync.core.errors import CredentialsError, Interrupted, SourceError, SsoSyncError
from sso_sync.core.findings import Credential
from sso_sync.core.joining import Part
from sso_sync.core.model import Directory
from sso_sync.core.ports import IdentitySource, Target
from sso_sync.core.wording import listed

log = logging.getLogger(__name__)
STOP_NOTICED = 0.5  # seconds until a reading run sees that it is to stop


class Reading:
    """Everything that a run reads."""

    def __init__(self, sources: Sequence[IdentitySource], target: Target) -> None:
        self._sources, self._target = sources, target

    @property
    def name(self) -> str:
        """Name the sources for people."""
        return listed([source.name for source in self._sources])

    def credentials(self) -> tuple[list[Credential], bool]:
        """List with what the sources sign in, and tell whether every one of them could say."""
        found: list[Credential] = []
        all_known = True
        for source in self._sources:
            try:
                found += source.credentials()
            except SsoSyncError as exc:
                all_known = False
                log.info("it is not known when credentials expire", extra={"source": source.name, "error": str(exc)})
        return found, all_known

    def read(self, stop: Event) -> tuple[list[Part], Directory]:
        """Return what each source gave, or why it gave nothing, and what the target holds.

        If the target fails, or the only source, nobody is waited for. Raises their errors, or Interrupted.
        """
        pool = ThreadPoolExecutor(len(self._sources) + 1)
        try:
            actual = pool.submit(self._target.read)
            parts = [pool.submit(self._part, source) for source in self._sources]
            unread: set[Future[Any]] = {actual, *parts}
            while unread:
                done, unread = wait(unread, timeout=STOP_NOTICED, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                if stop.is_set():
                    raise Interrupted("Stopped on request while reading; nothing was written. Run again.")
            return [part.result() for part in parts], actual.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _part(self, source: IdentitySource) -> Part:
        try:
            return Part(source.name, source.read())
        except (SourceError, CredentialsError) as exc:
            if len(self._sources) == 1:
                raise
            return Part(source.name, error=exc)
