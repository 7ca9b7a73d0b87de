"""Builds runs, and hands on what else is built."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from sso_sync.aws.approvals import ApprovalParameters
from sso_sync.aws.caller import triggered
from sso_sync.aws.instances import find_store_id
from sso_sync.bootstrap import ad_sync
from sso_sync.bootstrap.credentials import of_writing
from sso_sync.bootstrap.doctor import Examination
from sso_sync.bootstrap.ground import Ground, safe_url
from sso_sync.bootstrap.telling import Telling
from sso_sync.core.errors import CredentialsAwaited, CredentialsError
from sso_sync.core.model import ENTERPRISE_ATTRIBUTES
from sso_sync.core.ports import IdentitySource, Reporter, Target
from sso_sync.core.scope import Scope
from sso_sync.engine.consent import Consent
from sso_sync.engine.nobody import Nobody
from sso_sync.engine.run import Run
from sso_sync.engine.unbuilt import Unbuilt
from sso_sync.http.boto import Aws
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.http.session import Session
from sso_sync.settings import Settings, SourceSettings
from sso_sync.settings.deployed import Deployment
from sso_sync.settings.policy import policy_of, removal_policy
from sso_sync.settings.references import of_identity_center, of_source, required, source_path
from sso_sync.sources.tools import MakeSource, Tools
from sso_sync.state.keeper import StateKeeper
from sso_sync.targets import identity_store, identity_store_reader, scim
from sso_sync.targets.identity_store_reader import IdentityStoreReader
from sso_sync.targets.scim_token import Token

SOURCES = "sso_sync.sources"
QUOTA_SHARE = 0.9  # of AWS's documented rates: the console and other tools live on the same quota


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
        self._settings = settings
        self._ground = Ground(settings, folder, deployment, aws, patience)
        self._secrets = self._ground.secrets

    @property
    def calls(self) -> Calls:
        """Return the counts of all calls of what this builder has built."""
        return self._ground.calls

    def triggered(self, how: str) -> str:
        """Say how a run is started, and by whom."""
        return triggered(how, self._ground.aws)

    def run(self, scope: Scope | None = None, reviewed: Iterable[str] = ()) -> Run:
        """Build a run; `reviewed` are the keys of changes that may break limits.

        Raises CredentialsError, SettingsError, StateError or TargetError.
        """
        sources = self._sources()
        target = self._target(self._secrets.read_all(of_identity_center(self._settings)))
        return Run(
            sources,
            target,
            self._ground.state(),
            policy_of(self._settings),
            merge_by=self._settings.merge_people_by,
            scope=scope,
            consent=Consent(self.approvals(), reviewed),
            assignments=self._ground.assignments(target.store_id),
            reporters=self.reporters,
            calls=self._ground.calls.counts,
            credentials=lambda: of_writing(self._settings, self._secrets),
        )

    def removal(self) -> Run:
        """Build a run that deletes everything this deployment has created; raises as `run` does."""
        target = self._target(self._secrets.read_all(of_identity_center(self._settings)))
        return Run(
            [Nobody()],
            target,
            self._ground.state(),
            removal_policy(self._settings),
            scope=Scope(created=True),
            assignments=self._ground.assignments(target.store_id),
            reporters=self.reporters,
            calls=self._ground.calls.counts,
        )

    def reader(self, store_id: str = "") -> IdentityStoreReader:
        """Build what reads Identity Center, and may find it first; raises CredentialsError or TargetError."""
        store_id = store_id or self._settings.identity_center.identity_store_id or find_store_id(self._ground.aws)
        governor = RateGovernor(identity_store_reader.REQUESTS_PER_SECOND * self._share)
        client = self._ground.aws.identity_store(governor, identity_store_reader.CONNECTIONS, self._ground.patience)
        mapped = {name for source in self._settings.sources for name in source.mapped_attributes}
        enterprise = not mapped.isdisjoint(ENTERPRISE_ATTRIBUTES)
        return IdentityStoreReader(client, store_id, enterprise=enterprise, calls=self._ground.calls)

    @property
    def _share(self) -> float:
        """Return how much of AWS's documented rates may be used."""
        return QUOTA_SHARE * self._settings.identity_center.quota_scale

    def _target(self, texts: Mapping[str, str]) -> Target:
        center, reader = self._settings.identity_center, self.reader()
        filters = self._ground.filters(reader.store_id)
        if filters:
            return ad_sync.make_target(self._settings, self._ground.aws, filters)
        if center.scim is None:
            return identity_store.IdentityStoreTarget(reader)
        endpoint = safe_url(texts.get("identity_center.scim.endpoint", center.scim.endpoint), "the SCIM endpoint")
        scim_governor = RateGovernor(scim.REQUESTS_PER_SECOND * self._share)
        session = Session(
            connections=scim.CONNECTIONS,
            system="scim",
            operation_of=scim.operation_of,
            calls=self._ground.calls,
            governor=scim_governor,
            patience=self._ground.patience,
        )
        reference = center.scim.token
        token = Token(texts["identity_center.scim.token"], lambda: self._secrets.read(reference, "the SCIM token"))
        return scim.ScimTarget(reader, endpoint, token, scim_governor, session)

    def examination(self) -> Examination:
        """Build what looks at everything that a run needs."""
        return Examination(self._ground, self._source, self.reader)

    def state(self) -> StateKeeper:
        """Build what is kept between runs; raises SettingsError or StateError."""
        return self._ground.state()

    def approvals(self) -> ApprovalParameters | None:
        """Build what people have approved; without a deployment nobody can. Raises as `state` does."""
        path = self._ground.deployment.approvals if self._ground.is_deployed else ""
        return ApprovalParameters(self._ground.aws, path) if path else None

    def _sources(self) -> list[IdentitySource]:
        """Build every source of the config; only their own modules are loaded. One of several may be unusable."""
        sources: list[IdentitySource] = []
        errors: list[CredentialsError] = []
        for number, source in enumerate(self._settings.sources):
            try:
                texts = self._secrets.read_all(of_source(self._settings, number))
                sources.append(self._source(source, f"{source_path(number)}.", texts))
            except CredentialsError as exc:
                errors.append(exc)
                sources.append(Unbuilt(source.label, exc))
        if len(errors) == len(sources):
            self._raise(errors)
        return sources

    def _raise(self, errors: Sequence[CredentialsError]) -> NoReturn:
        """Raise what keeps every source from being built; if secrets are awaited, with all that are."""
        awaited = [error for error in errors if isinstance(error, CredentialsAwaited)]
        if len(awaited) == len(errors):
            self._secrets.read_all(required(self._settings))
        raise next((error for error in errors if error not in awaited), errors[0])

    def _source(self, source: SourceSettings, path: str, texts: Mapping[str, str]) -> IdentitySource:
        make: MakeSource = import_module(f"{SOURCES}.{source.kind}").make_source
        own = {name.removeprefix(path): text for name, text in texts.items() if name.startswith(path)}
        tools = Tools(calls=self._ground.calls, patience=self._ground.patience, aws=lambda: self._ground.aws)
        return make(source, own, tools)

    def reporters(self) -> Sequence[Reporter]:
        """Build whoever tells people, the history first; one that cannot be built is left out with a warning."""
        return Telling(self._ground).reporters()

    def site(self) -> Iterator[tuple[str, bytes, str]]:
        """Read Identity Center and make the files of the documentation; raises as `Telling.site` does."""
        reader = self.reader()
        return Telling(self._ground).site(self._ground.filters(reader.store_id) or reader)
