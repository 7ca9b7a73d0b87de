"""What everything that is built stands on: settings, AWS, secrets, what is deployed, the state."""

from pathlib import Path

from sso_sync.aws import assignments
from sso_sync.aws.assignments import AssignmentReader
from sso_sync.aws.secrets import Secrets
from sso_sync.aws.stacks import find_deployment
from sso_sync.bootstrap import ad_sync
from sso_sync.core.errors import CredentialsError, SettingsError
from sso_sync.core.once import once
from sso_sync.http.boto import Aws
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.settings import Settings
from sso_sync.settings.addresses import is_safe, is_url
from sso_sync.settings.deployed import Deployment
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.storage import S3_SCHEME, FolderStorage, S3Storage, Storage
from sso_sync.targets import identity_store_reader
from sso_sync.targets.ad_sync_reader import SyncFilterReader
from sso_sync.targets.identity_store_reader import IdentityStoreReader
from sso_sync.targets.synced_assignments import Assignments, SyncedAssignments

LOCAL_STATE = ".sso-sync"
LOCAL_NAME = "local"  # of the ledger, where nothing is deployed


class Ground:
    """The ground of one builder, as its constructor describes it; `known` is what the stack has created."""

    def __init__(
        self, settings: Settings, folder: Path, known: Deployment | None, aws: Aws | None, patience: Patience | None
    ) -> None:
        self.settings, self._folder, self.known = settings, folder, known
        self.aws = aws or Aws(settings.identity_center.region)
        self.calls, self.patience = self.aws.calls, patience or Patience()
        self.secrets = Secrets(self.aws, folder, lambda: self.deployment)
        self._filters: SyncFilterReader | None = None

    @once
    def deployment(self) -> Deployment:
        """Return what is deployed; raises SettingsError, StateError or CredentialsError."""
        if self.known:
            return self.known
        if self.settings.deployment is None:
            raise SettingsError(
                "The config", ["secret:NAME is a secret of the deployment, and there is no section 'deployment'"]
            )
        return find_deployment(self.aws, self.settings.deployment.name)

    @property
    def name(self) -> str:
        """Return the name under which the ledger is kept."""
        if self.known:
            return self.known.name
        return self.settings.deployment.name if self.settings.deployment else LOCAL_NAME

    @property
    def is_deployed(self) -> bool:
        """Tell whether there is a deployment, or will be one."""
        return bool(self.known or self.settings.deployment)

    def state(self) -> StateKeeper:
        """Build what is kept between runs; raises SettingsError or StateError."""
        place = self.settings.state or (self.deployment.state if self.is_deployed else LOCAL_STATE)
        storage: Storage
        if place.startswith(S3_SCHEME):
            bucket, _, prefix = place.removeprefix(S3_SCHEME).partition("/")
            storage = S3Storage(self.aws.s3(), bucket, prefix)
        else:
            try:
                storage = FolderStorage(self._folder / Path(place).expanduser())
            except RuntimeError as exc:
                raise SettingsError("The config", [f"state: {place} has no home directory to start from"]) from exc
        return StateKeeper(storage, place, self.name)

    def filters(self, store_id: str) -> SyncFilterReader | None:
        """Build what reads sync filters, once, where AWS itself syncs the directory; None elsewhere."""
        if self._filters is None and ad_sync.is_synced_by_aws(self.settings):
            self._filters = ad_sync.make_reader(self.settings, self.aws, store_id, self.patience)
        return self._filters

    def assignments(self, store_id: str, patience: Patience | None = None) -> Assignments:
        """Build what reads the account assignments in a store's instance."""
        scale, patience = self.settings.identity_center.quota_scale, patience or self.patience
        reader = AssignmentReader(self.aws, store_id, assignments.REQUESTS_PER_SECOND * scale, patience)
        filters = self.filters(store_id)
        if filters is None:
            return reader
        governor = RateGovernor(identity_store_reader.REQUESTS_PER_SECOND * scale)
        client = self.aws.identity_store(governor, identity_store_reader.CONNECTIONS, patience)
        return SyncedAssignments(reader, filters, IdentityStoreReader(client, store_id, calls=self.calls).names)


def safe_url(text: str, what: str) -> str:
    """Return an address that secrets may be sent to; raises CredentialsError for any other."""
    if not (is_url(text) and is_safe(text)):
        raise CredentialsError(
            f"{what[0].upper()}{what[1:]} is not an address that begins with https://; store it again."
        )
    return text
