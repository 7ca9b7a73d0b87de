"""Builds what reads and writes sync filters, where AWS itself syncs an Active Directory."""

from sso_sync.aws.instances import owner_of
from sso_sync.http.boto import Aws
from sso_sync.http.identity_sync import REQUESTS_PER_SECOND, IdentitySync
from sso_sync.http.patience import Patience
from sso_sync.settings import AdSyncSettings, Settings
from sso_sync.targets.ad_sync_filters import AdSyncTarget
from sso_sync.targets.ad_sync_profile import SyncProfile
from sso_sync.targets.ad_sync_reader import SyncFilterReader


def is_synced_by_aws(settings: Settings) -> bool:
    """Tell whether sync filters take the place of users and groups."""
    return isinstance(settings.sources[0], AdSyncSettings)


def make_reader(settings: Settings, aws: Aws, store_id: str, patience: Patience) -> SyncFilterReader:
    """Make what reads the filters of the config's domain."""
    source = _source(settings)
    api = IdentitySync(aws, patience, REQUESTS_PER_SECOND * settings.identity_center.quota_scale)
    return SyncFilterReader(api, store_id, source.domain)


def make_target(settings: Settings, aws: Aws, reader: SyncFilterReader) -> AdSyncTarget:
    """Make what writes filters, and the profile and target that they need."""
    source = _source(settings)

    def directory_arn() -> str:
        wanted = source.directory_id or reader.store_id  # a store that is filled from a directory has its id
        if wanted.startswith("arn:"):
            return wanted
        partition, account = owner_of(aws, reader.store_id)  # the directory has to be in the same account
        return f"arn:{partition}:ds:{aws.region}:{account}:directory/{wanted}"

    return AdSyncTarget(reader, SyncProfile(reader.api, reader.store_id, directory_arn))


def _source(settings: Settings) -> AdSyncSettings:
    source = settings.sources[0]
    assert isinstance(source, AdSyncSettings)
    return source
