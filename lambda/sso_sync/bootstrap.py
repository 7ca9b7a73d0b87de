"""The composition root: from settings to live objects. Nothing else in the program builds them."""

from pathlib import Path

from sso_sync.aws.instances import find_store_id
from sso_sync.aws.secrets import Secrets
from sso_sync.core.errors import SettingsError
from sso_sync.core.model import ENTERPRISE_ATTRIBUTES
from sso_sync.core.ports import IdentitySource, Target
from sso_sync.engine.run import Run, Scope
from sso_sync.http.boto import Aws
from sso_sync.http.governor import RateGovernor
from sso_sync.http.session import Session
from sso_sync.settings import GoogleWorkspaceSettings, Settings
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.storage import S3_SCHEME, FolderStorage, S3Storage, Storage
from sso_sync.targets import identity_store, scim

QUOTA_SHARE = 0.9  # of AWS's documented rates: the console and other tools live on the same quota


def build_run(settings: Settings, folder: Path, scope: Scope) -> Run:
    """Build a run; `folder` is where relative paths in the settings start.

    Raises CredentialsError, SettingsError or TargetError.
    """
    aws = Aws(settings.identity_center.region)
    secrets = Secrets(aws, folder)
    return Run(
        _source(settings.sources[0], secrets),
        _target(settings, aws, secrets),
        _state(settings.state, folder, aws),
        settings.limits,
        scope=scope,
        protected=tuple(settings.identity_center.protected),
    )


def _source(settings: GoogleWorkspaceSettings, secrets: Secrets) -> IdentitySource:
    from sso_sync.sources.google_workspace import make_source  # noqa: PLC0415 # only the chosen source is loaded

    return make_source(settings, secrets.read(settings.credentials, "the Google credentials"))


def _target(settings: Settings, aws: Aws, secrets: Secrets) -> Target:
    center = settings.identity_center
    token = secrets.read(center.scim.token, "the SCIM token") if center.scim else ""
    store_id = center.identity_store_id or find_store_id(aws)
    share = QUOTA_SHARE * center.quota_scale
    client = aws.identity_store(RateGovernor(identity_store.REQUESTS_PER_SECOND * share), identity_store.CONNECTIONS)
    mapped = {name for source in settings.sources for name in source.attributes}
    reader = identity_store.IdentityStoreReader(
        client, store_id, enterprise=not mapped.isdisjoint(ENTERPRISE_ATTRIBUTES)
    )
    if center.scim:
        governor = RateGovernor(scim.REQUESTS_PER_SECOND * share)
        session = Session(connections=scim.CONNECTIONS)
        return scim.ScimTarget(reader, center.scim.endpoint, token, governor, session)
    return identity_store.IdentityStoreTarget(reader)


def _state(place: str, folder: Path, aws: Aws) -> StateKeeper:
    storage: Storage
    if place.startswith(S3_SCHEME):
        bucket, _, prefix = place.removeprefix(S3_SCHEME).partition("/")
        storage = S3Storage(aws.s3(), bucket, prefix)
    else:
        try:
            storage = FolderStorage(folder / Path(place).expanduser())
        except RuntimeError as exc:
            raise SettingsError("The config", [f"state: {place} has no home directory to start from"]) from exc
    return StateKeeper(storage, place)
