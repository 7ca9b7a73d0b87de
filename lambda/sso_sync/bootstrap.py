"""The composition root: from settings to live objects. Nothing else in the program builds them."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from sso_sync.aws import assignments
from sso_sync.aws.approvals import ApprovalParameters
from sso_sync.aws.assignments import AssignmentReader
from sso_sync.aws.caller import triggered
from sso_sync.aws.events import EventBridgeBus
from sso_sync.aws.instances import find_store_id
from sso_sync.aws.organization import account_names
from sso_sync.aws.publishing import BucketPublisher
from sso_sync.aws.secrets import Secrets
from sso_sync.aws.stacks import find_deployment
from sso_sync.core.errors import CredentialsError, SettingsError, SsoSyncError
from sso_sync.core.model import ENTERPRISE_ATTRIBUTES
from sso_sync.core.ports import IdentitySource, Notes, Reporter, Target
from sso_sync.core.report import RunReport
from sso_sync.core.scope import Scope
from sso_sync.engine.consent import Consent
from sso_sync.engine.nobody import Nobody
from sso_sync.engine.run import Run
from sso_sync.http.boto import Aws
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
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
from sso_sync.settings import DocumentationSettings, GoogleWorkspaceSettings, Settings
from sso_sync.settings.deployed import Deployment
from sso_sync.settings.policy import policy_of, removal_policy
from sso_sync.settings.references import is_safe, is_url, required
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.storage import S3_SCHEME, FolderStorage, S3Storage, Storage
from sso_sync.targets import identity_store, identity_store_reader, scim
from sso_sync.targets.identity_store_reader import IdentityStoreReader
from sso_sync.targets.scim_token import Token

log = logging.getLogger(__name__)
FOR_PAGES = 30.0  # seconds that calls for pages may wait to be tried again
QUOTA_SHARE = 0.9  # of AWS's documented rates: the console and other tools live on the same quota
LOCAL_STATE = ".sso-sync"
LOCAL_NAME = "local"  # of the ledger, where nothing is deployed


class Builder:
    """Builds what a run is made of.

    `folder` is where relative paths in the settings start. `deployment` is what the stack has
    created; None asks CloudFormation, and only if something is to be found there. `aws` is for
    whoever is not the environment's identity, `patience` for whoever waits longer or shorter than a
    run does.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        deployment: Deployment | None = None,
        aws: Aws | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._settings, self._folder = settings, folder
        self._aws = aws or Aws(settings.identity_center.region)
        self._calls, self._patience = self._aws.calls, patience or Patience()
        self._known = deployment
        self._secrets = Secrets(self._aws, folder, lambda: self._deployment)

    @property
    def calls(self) -> Calls:
        """Return the counts of all calls of what this builder has built."""
        return self._calls

    def triggered(self, how: str) -> str:
        """Say how a run is started, and by whom."""
        return triggered(how, self._aws)

    def run(self, scope: Scope | None = None, reviewed: Iterable[str] = ()) -> Run:
        """Build a run; `reviewed` are the keys of changes that may break limits.

        Raises CredentialsError, SettingsError, StateError or TargetError.
        """
        texts = self._secrets.read_all(required(self._settings))
        target = self._target(texts)
        return Run(
            _source(self._settings.sources[0], texts["sources[0].credentials"], self._calls, self._patience),
            target,
            self.state(),
            policy_of(self._settings),
            scope=scope,
            consent=Consent(self.approvals(), reviewed),
            assignments=self._assignments(target.store_id),
            reporters=self.reporters,
            calls=self._calls.counts,
        )

    def removal(self) -> Run:
        """Build a run that deletes everything this deployment has created; raises as `run` does."""
        texts = self._secrets.read_all(r for r in required(self._settings) if r.path.startswith("identity_center"))
        target = self._target(texts)
        return Run(
            Nobody(),
            target,
            self.state(),
            removal_policy(self._settings),
            scope=Scope(created=True),
            assignments=self._assignments(target.store_id),
            reporters=self.reporters,
            calls=self._calls.counts,
        )

    def reporters(self) -> Sequence[Reporter]:
        """Build whoever tells people, the history first; one that cannot be built is left out with a warning."""
        made: list[Reporter] = []
        for build in (self._notes, self._docs_site, self._teams, self._events):
            try:
                made += build()
            except SsoSyncError as exc:
                log.warning("nobody is told this way", extra={"way": build.__name__.strip("_"), "error": str(exc)})
        return made

    @cached_property
    def _deployment(self) -> Deployment:
        if self._known:
            return self._known
        if self._settings.deployment is None:
            raise SettingsError(
                "The config", ["secret:NAME is a secret of the deployment, and there is no section 'deployment'"]
            )
        return find_deployment(self._aws, self._settings.deployment.name)

    @property
    def _name(self) -> str:
        """Return the name under which the ledger is kept."""
        if self._known:
            return self._known.name
        return self._settings.deployment.name if self._settings.deployment else LOCAL_NAME

    @property
    def _deployed(self) -> bool:
        return bool(self._known or self._settings.deployment)

    def reader(self) -> IdentityStoreReader:
        """Build what reads Identity Center, and may find it first; raises CredentialsError or TargetError."""
        store_id = self._settings.identity_center.identity_store_id or find_store_id(self._aws)
        governor = RateGovernor(identity_store_reader.REQUESTS_PER_SECOND * self._share)
        client = self._aws.identity_store(governor, identity_store_reader.CONNECTIONS, self._patience)
        mapped = {name for source in self._settings.sources for name in source.attributes}
        enterprise = not mapped.isdisjoint(ENTERPRISE_ATTRIBUTES)
        return IdentityStoreReader(client, store_id, enterprise=enterprise, calls=self._calls)

    @property
    def _share(self) -> float:
        """Return how much of AWS's documented rates may be used."""
        return QUOTA_SHARE * self._settings.identity_center.quota_scale

    def _target(self, texts: Mapping[str, str]) -> Target:
        center, reader = self._settings.identity_center, self.reader()
        if center.scim is None:
            return identity_store.IdentityStoreTarget(reader)
        endpoint = _safe_url(texts.get("identity_center.scim.endpoint", center.scim.endpoint), "the SCIM endpoint")
        scim_governor = RateGovernor(scim.REQUESTS_PER_SECOND * self._share)
        session = Session(
            connections=scim.CONNECTIONS,
            system="scim",
            operation_of=scim.operation_of,
            calls=self._calls,
            governor=scim_governor,
            patience=self._patience,
        )
        reference = center.scim.token
        token = Token(texts["identity_center.scim.token"], lambda: self._secrets.read(reference, "the SCIM token"))
        return scim.ScimTarget(reader, endpoint, token, scim_governor, session)

    def state(self) -> StateKeeper:
        """Build what is kept between runs; raises SettingsError or StateError."""
        place = self._settings.state or (self._deployment.state if self._deployed else LOCAL_STATE)
        storage: Storage
        if place.startswith(S3_SCHEME):
            bucket, _, prefix = place.removeprefix(S3_SCHEME).partition("/")
            storage = S3Storage(self._aws.s3(), bucket, prefix)
        else:
            try:
                storage = FolderStorage(self._folder / Path(place).expanduser())
            except RuntimeError as exc:
                raise SettingsError("The config", [f"state: {place} has no home directory to start from"]) from exc
        return StateKeeper(storage, place, self._name)

    def approvals(self) -> ApprovalParameters | None:
        """Build what people have approved; without a deployment nobody can. Raises as `state` does."""
        path = self._deployment.approvals if self._deployed else ""
        return ApprovalParameters(self._aws, path) if path else None

    def _assignments(self, store_id: str, patience: Patience | None = None) -> AssignmentReader:
        per_second = assignments.REQUESTS_PER_SECOND * self._settings.identity_center.quota_scale
        return AssignmentReader(self._aws, store_id, per_second, patience or self._patience)

    def site(self) -> Iterator[tuple[str, bytes, str]]:
        """Read Identity Center and make the files of the documentation: name, content, type.

        What only a run knows comes from the last one. Raises CredentialsError, SettingsError, StateError or
        TargetError.
        """
        reader, state = self.reader(), self.state()
        read, directory = datetime.now(UTC), reader.read()
        known = SnapshotNote(state.notes, self._about()).load()
        snapshot = Snapshot(
            read=read,
            source=known.source if known else "",
            about=known.about if known else self._about(),
            identity_center=directory,
            ledger=state.load_ledger(reader.store_id),
            set_aside=known.set_aside if known else (),
            provenance=known.provenance if known else None,
        )
        settings, _ = self._documentation()
        return Site(self.access(), names=settings.names).files(snapshot, HistoryNote(state.notes).load())

    def _notes(self) -> Iterator[Reporter]:
        notes = self.state().notes
        yield HistoryNote(notes)
        yield SnapshotNote(notes, self._about())

    def _about(self) -> About:
        """Put the config into words; the schedule is not in that of a deployed function."""
        local = self._settings.deployment
        title = self._name if self._deployed else "IAM Identity Center"
        if self._known:
            return about(self._settings, title, self._known.schedule, self._known.time_zone)
        return about(self._settings, title, local.schedule if local else "", local.time_zone if local else "")

    def access(self) -> Access:
        """Build what knows which AWS accounts groups give; raises SettingsError or StateError."""
        if not self._documentation()[0].accounts:
            return Hidden()
        # With a patience of its own, and a short one: pages do without what AWS does not give away at once.
        return AccessNote(
            self.state().notes,
            lambda store_id: self._assignments(store_id, Patience(FOR_PAGES)),
            lambda: account_names(self._aws, Patience(FOR_PAGES)),
        )

    def _docs_site(self) -> Iterator[Reporter]:
        settings, bucket = self._documentation()
        if bucket:
            notes = self.state().notes
            publisher = BucketPublisher(self._aws.s3(), bucket, settings.folder)
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
            yield self._channel(main, Audience(notify=settings.notify, problems=problems is None), MAIN)

    def _webhook(self, reference: str, what: str) -> TeamsWebhook | None:
        """Build what posts to an address; one that is not there leaves its news to the other, and a warning."""
        try:
            url = _safe_url(self._secrets.read(reference, what), what)
        except SsoSyncError as exc:
            log.warning("nobody is told this way", extra={"way": what, "error": str(exc)})
            return None
        # With a patience of its own: people are told of a run that has lost its own, too.
        return TeamsWebhook(url, Session(system="teams", calls=self._calls))

    def _channel(self, webhook: TeamsWebhook, audience: Audience, note: str) -> Reporter:
        try:
            notes: Notes | None = self.state().notes
        except SsoSyncError as exc:
            log.warning("it is not known what Teams was told", extra={"error": str(exc)})
            notes = None
        by_function = self._known is not None
        return TeamsChannel(webhook, audience, notes, note=note, links=self._links, by_function=by_function)

    def _events(self) -> Iterator[Reporter]:
        if self._settings.events:
            bus, names = EventBridgeBus(self._aws.events(), self._settings.events.bus), self._documentation()[0].names
            yield RunEvents(bus, self._name, names=names, links=self._links)

    def _documentation(self) -> tuple[DocumentationSettings, str]:
        """Return the settings of the pages and the bucket they are published in, if they are."""
        settings = self._settings.documentation or DocumentationSettings()
        if settings.bucket or not self._deployed:
            return settings, settings.bucket or ""
        return settings, self._deployment.bucket

    def _links(self, report: RunReport) -> list[tuple[str, str]]:
        """Link a card to the pages: on their website, else in the console of S3, never by an address that is a key."""
        settings, bucket = self._documentation()
        if settings.website:
            begins = f"{settings.website.rstrip('/')}/"
        elif bucket:
            console = f"https://{self._aws.region}.console.aws.amazon.com/s3/object/{bucket}"
            begins = f"{console}?prefix={settings.folder}"
        else:
            return []
        return [("This run", f"{begins}runs/{report.run_id}.html"), ("Who is in what", f"{begins}index.html")]


def _source(settings: GoogleWorkspaceSettings, credentials: str, calls: Calls, patience: Patience) -> IdentitySource:
    from sso_sync.sources.google_workspace import make_source  # noqa: PLC0415 # only the chosen source is loaded

    return make_source(settings, credentials, calls, patience)


def _safe_url(text: str, what: str) -> str:
    if not (is_url(text) and is_safe(text)):
        raise CredentialsError(
            f"{what[0].upper()}{what[1:]} is not an address that begins with https://; store it again."
        )
    return text
