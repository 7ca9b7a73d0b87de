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
from sso_sync.core.report import RunReport, Verdict
from sso_sync.reporters.discretion import names_in
from sso_sync.reporters.docs_site.about import About
from sso_sync.reporters.notes import decoded

log = logging.getLogger(__name__)
NOTE = "snapshot"


class Snapshot(Struct, frozen=True, kw_only=True):
    """One state of things.

    `read` is when Identity Center was read, before the changes of the same run were made; None if it never was.
    `removed` says that what the deployment had created is removed, and nothing is kept equal any more.
    """

    read: datetime | None
    source: str
    about: About
    identity_center: Directory
    ledger: Ledger
    set_aside: tuple[SetAside, ...] = ()
    provenance: Provenance | None = None
    removed: bool = False

    @classmethod
    def of_nothing(cls, about: About) -> "Snapshot":
        """Make one for a run that ended before anything was known."""
        return cls(
            read=None, source="", about=about, identity_center=Directory.of([], [], {}), ledger=Ledger(store_id="")
        )

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
            removed=report.removes,
        )

    def beside(self, earlier: "Snapshot | None", report: RunReport) -> "Snapshot":
        """Take over from an earlier one what this run does not know: of a directory that was not believed, anything."""
        if earlier is None:
            return self
        if report.unread and earlier.provenance and self.provenance:
            return msgspec.structs.replace(self, provenance=earlier.provenance.under(self.provenance))
        if report.verdict is not Verdict.REFUSED:
            return self
        return msgspec.structs.replace(self, provenance=earlier.provenance, set_aside=earlier.set_aside)

    def names(self) -> Iterator[str]:
        """List the names of all people, who have an account or not."""
        return names_in(self.identity_center.users.values(), self.set_aside, self.provenance)


class SnapshotNote:
    """Keeps the last snapshot; a reporter itself."""

    name = "the snapshot for pages"

    def __init__(self, notes: Notes, about: About) -> None:
        self._notes, self._about = notes, about

    def report(self, report: RunReport) -> None:
        snapshot = Snapshot.of(report, self._about)
        if snapshot:
            self._notes.amend(NOTE, lambda stored: _newer(_decoded(stored), snapshot, report))

    def load(self) -> Snapshot | None:
        """Return the last snapshot, None if there is none that can be read; raises StateError or CredentialsError."""
        return _decoded(self._notes.read(NOTE))

    def load_if_possible(self) -> Snapshot | None:
        """Return the last snapshot, None if it cannot be read."""
        try:
            return self.load()
        except SsoSyncError as exc:
            log.warning("what an earlier run knew cannot be read", extra={"error": str(exc)})
            return None


def _newer(earlier: Snapshot | None, snapshot: Snapshot, report: RunReport) -> bytes:
    """Encode what is newer: of two runs at once, the one that began first may be told of last."""
    if earlier and earlier.read and snapshot.read and earlier.read > snapshot.read:
        return msgspec.json.encode(earlier)
    return msgspec.json.encode(snapshot.beside(earlier, report))


def _decoded(stored: bytes | None) -> Snapshot | None:
    return decoded(stored, Snapshot, "what was known after the last run")
