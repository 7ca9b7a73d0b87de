"""What is known of Identity Center and the directory, kept for runs that end before they know it."""

import logging
from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from sso_sync.core.errors import SsoSyncError
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.ports import Notes
from sso_sync.core.provenance import Provenance
from sso_sync.core.report import RunReport
from sso_sync.reporters.discretion import names_in
from sso_sync.reporters.docs_site.about import About

log = logging.getLogger(__name__)
NOTE = "snapshot"


class Snapshot(Struct, frozen=True, kw_only=True):
    """One state of things. `read` is when Identity Center was read, before the changes of the same run were made."""

    read: datetime
    source: str
    about: About
    identity_center: Directory
    ledger: Ledger
    set_aside: tuple[SetAside, ...] = ()
    provenance: Provenance | None = None

    @classmethod
    def of(cls, report: RunReport, about: About) -> "Snapshot | None":
        """Take what a run knows, None if it ended before it knew."""
        if report.identity_center is None or report.ledger is None or report.plan is None:
            return None
        return cls(
            read=report.started,
            source=report.source,
            about=about,
            identity_center=report.identity_center,
            ledger=report.ledger,
            set_aside=report.plan.set_aside,
            provenance=report.desired.provenance if report.desired else None,
        )

    def names(self) -> Iterator[str]:
        """List the names of all people, who have an account or not."""
        yield from names_in(self.identity_center)
        yield from (record.name for record in self.set_aside if record.kind == "user")
        if self.provenance:
            yield from (text for named in self.provenance.people.values() for text in (named.name, named.email))


class SnapshotNote:
    """Keeps the last snapshot; a reporter itself."""

    name = "the snapshot for pages"

    def __init__(self, notes: Notes, about: About) -> None:
        self._notes, self._about = notes, about

    def report(self, report: RunReport) -> None:
        snapshot = Snapshot.of(report, self._about)
        if snapshot:
            encoded = msgspec.json.encode(snapshot)
            self._notes.amend(NOTE, lambda _: encoded)

    def load(self) -> Snapshot | None:
        """Return the last snapshot, None if there is none that can be read; raises StateError or CredentialsError."""
        stored = self._notes.read(NOTE)
        if stored is None:
            return None
        try:
            return msgspec.json.decode(stored, type=Snapshot)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            log.warning("what was known after the last run is damaged; the next run writes it anew")
            return None

    def load_if_possible(self) -> Snapshot | None:
        """Return the last snapshot, None if it cannot be read."""
        try:
            return self.load()
        except SsoSyncError as exc:
            log.warning("what an earlier run knew cannot be read", extra={"error": str(exc)})
            return None
