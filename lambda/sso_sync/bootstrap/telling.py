"""Builds whoever tells people: the notes, the documentation, Teams, the event bus."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sso_sync.aws.events import EventBridgeBus
from sso_sync.aws.organization import account_names
from sso_sync.aws.publishing import BucketPublisher
from sso_sync.bootstrap.ground import Ground, safe_url
from sso_sync.core.errors import SsoSyncError
from sso_sync.core.ports import Notes, Reporter
from sso_sync.core.report import RunReport
from sso_sync.http.patience import Patience
from sso_sync.http.session import Session
from sso_sync.reporters.access import Access
from sso_sync.reporters.access_note import AccessNote
from sso_sync.reporters.docs_site import DocsSite
from sso_sync.reporters.docs_site.about import About, about
from sso_sync.reporters.docs_site.site import Hidden, Site
from sso_sync.reporters.docs_site.snapshot import Snapshot, SnapshotNote
from sso_sync.reporters.events import RunEvents
from sso_sync.reporters.history import HistoryNote
from sso_sync.reporters.teams import MAIN, PROBLEMS, Audience, TeamsChannel, TeamsWebhook
from sso_sync.settings import DocumentationSettings
from sso_sync.targets.ad_sync_reader import SyncFilterReader
from sso_sync.targets.identity_store_reader import IdentityStoreReader

log = logging.getLogger(__name__)
FOR_PAGES = 30.0  # seconds that calls for pages may wait to be tried again
CONSOLE = "console.aws.amazon.com"
CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}  # by how Regions begin


class Telling:
    """Builds reporters on a ground, and the site that one of them publishes."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._settings = ground, ground.settings

    def reporters(self) -> Sequence[Reporter]:
        """Build whoever tells people, the history first; one that cannot be built is left out with a warning."""
        made: list[Reporter] = []
        for build in (self._notes, self._docs_site, self._teams, self._events):
            try:
                made += build()
            except SsoSyncError as exc:
                log.warning("nobody is told this way", extra={"way": build.__name__.strip("_"), "error": str(exc)})
        return made

    def site(self, reader: IdentityStoreReader | SyncFilterReader) -> Iterator[tuple[str, bytes, str]]:
        """Read Identity Center and make the files of the documentation: name, content, type.

        What only a run knows comes from the last one. Raises CredentialsError, SettingsError, StateError or
        TargetError.
        """
        state, about_now = self._ground.state(), self._about()
        read, directory = datetime.now(UTC), reader.read()
        known = SnapshotNote(state.notes, about_now).load()
        snapshot = Snapshot(
            read=read,
            source=known.source if known else "",
            about=known.about if known else about_now,
            identity_center=directory,
            ledger=state.load_ledger(reader.store_id),
            set_aside=known.set_aside if known else (),
            provenance=known.provenance if known else None,
        )
        return Site(self.access(), names=self._documentation.names).files(snapshot, HistoryNote(state.notes).load())

    def _notes(self) -> Iterator[Reporter]:
        notes = self._ground.state().notes
        yield HistoryNote(notes)
        yield SnapshotNote(notes, self._about())

    def _about(self) -> About:
        """Put the config into words; the schedule is not in that of a deployed function."""
        local = self._settings.deployment
        title = self._ground.name if self._ground.is_deployed else "IAM Identity Center"
        if self._ground.known:
            return about(self._settings, title, self._ground.known.schedule, self._ground.known.time_zone)
        return about(self._settings, title, local.schedule if local else "", local.time_zone if local else "")

    def access(self) -> Access:
        """Build what knows which AWS accounts groups give; raises SettingsError or StateError."""
        if not self._documentation.accounts:
            return Hidden()
        # With a patience of its own, and a short one: pages do without what AWS does not give away at once.
        return AccessNote(
            self._ground.state().notes,
            lambda store_id: self._ground.assignments(store_id, Patience(FOR_PAGES)),
            lambda: account_names(self._ground.aws, Patience(FOR_PAGES)),
        )

    def _docs_site(self) -> Iterator[Reporter]:
        settings, bucket = self._documentation, self._bucket()
        if bucket:
            notes = self._ground.state().notes
            publisher = BucketPublisher(self._ground.aws.s3(), bucket, settings.folder)
            history, last = HistoryNote(notes).load_if_possible, SnapshotNote(notes, self._about()).load_if_possible
            yield DocsSite(publisher, history, last, self._about(), access=self.access(), names=settings.names)

    def _teams(self) -> Iterator[Reporter]:
        settings = self._settings.teams
        if settings is None:
            return
        problems = self._webhook(settings.problems, "the Teams webhook for problems") if settings.problems else None
        if problems:
            yield self._channel(problems, Audience(notify="problems"), PROBLEMS)
        main = self._webhook(settings.webhook, "the Teams webhook")
        if main:
            # An address that cannot be read is no channel that is no more: it hears of the end later.
            left = "" if settings.problems else PROBLEMS
            yield self._channel(main, Audience(notify=settings.notify, problems=problems is None), MAIN, left)

    def _webhook(self, reference: str, what: str) -> TeamsWebhook | None:
        """Build what posts to an address; one that is not there leaves its news to the other, and a warning."""
        try:
            url = safe_url(self._ground.secrets.read(reference, what), what)
        except SsoSyncError as exc:
            log.warning("nobody is told this way", extra={"way": what, "error": str(exc)})
            return None
        # With a patience of its own: people are told of a run that has lost its own, too.
        return TeamsWebhook(url, Session(system="teams", calls=self._ground.calls))

    def _channel(self, webhook: TeamsWebhook, audience: Audience, note: str, left: str = "") -> Reporter:
        try:
            notes: Notes | None = self._ground.state().notes
        except SsoSyncError as exc:
            log.warning("it is not known what Teams was told", extra={"error": str(exc)})
            notes = None
        by_function = self._ground.known is not None
        return TeamsChannel(
            webhook, audience, notes, note=note, takes_over=left, links=self._links, by_function=by_function
        )

    def _events(self) -> Iterator[Reporter]:
        if self._settings.events:
            bus = EventBridgeBus(self._ground.aws.events(), self._settings.events.bus)
            yield RunEvents(bus, self._ground.name, names=self._documentation.names, links=self._links)

    @property
    def _documentation(self) -> DocumentationSettings:
        return self._settings.documentation or DocumentationSettings()

    def _bucket(self) -> str:
        """Return the bucket that the pages are published in, empty if they are not; raises as `Ground.deployment`."""
        if self._documentation.bucket or not self._ground.is_deployed:
            return self._documentation.bucket or ""
        return self._ground.deployment.bucket

    def _links(self, report: RunReport) -> list[tuple[str, str]]:
        """Link a card to the pages: on their website, else in the console of S3, never by an address that is a key."""
        try:
            begins = self._address()
        except SsoSyncError as exc:
            log.warning("it is not known where the pages are", extra={"error": str(exc)})
            return []
        if not begins:
            return []
        return [("This run", f"{begins}runs/{report.run_id}.html"), ("Who is in what", f"{begins}index.html")]

    def _address(self) -> str:
        """Return what the addresses of all pages begin with, empty if there are none; raises as `_bucket` does."""
        settings = self._documentation
        if settings.website:
            return f"{settings.website.rstrip('/')}/"
        bucket, region = self._bucket(), self._ground.aws.region
        return f"https://{region}.{_console_in(region)}/s3/object/{bucket}?prefix={settings.folder}" if bucket else ""


def _console_in(region: str) -> str:
    """Return the domain of the AWS console in a Region's partition."""
    return next((domain for begins, domain in CONSOLES.items() if region.startswith(begins)), CONSOLE)
