"""The source: groups and users as the config names them; nothing is read but the config itself."""

from collections.abc import Iterator, Mapping, Sequence

from sso_sync.core.findings import Credential, Finding
from sso_sync.core.model import Directory, Kind
from sso_sync.core.provenance import ChosenBy, Named, Provenance
from sso_sync.core.sync_filters import SyncFilter, as_group, as_user
from sso_sync.settings import AdSyncSettings
from sso_sync.settings.directories.ad_sync import SyncedName
from sso_sync.sources.ad_sync.examination import Examination
from sso_sync.sources.tools import Tools


def make_source(settings: AdSyncSettings, secrets: Mapping[str, str], tools: Tools) -> "AdSyncSource":
    """Make the source from its settings; it has no secrets."""
    del secrets
    return AdSyncSource(settings, tools)


class AdSyncSource:
    """Knows what the config names; see `core.ports.IdentitySource`."""

    def __init__(self, settings: AdSyncSettings, tools: Tools) -> None:
        self._settings, self._tools = settings, tools

    @property
    def name(self) -> str:
        return self._settings.label

    def read(self) -> Directory:
        groups, users = self._filters("group", self._settings.groups), self._filters("user", self._settings.users)
        return Directory.of(
            [as_user(key, of.name, external_id=key, email=of.full_name) for key, (of, _) in users.items()],
            [as_group(key, of.name, external_id=key, description=said) for key, (of, said) in groups.items()],
            {},
            synced_by_aws=True,
            provenance=Provenance(
                groups={key: Named(of.name, of.full_name) for key, (of, _) in groups.items()},
                chosen_groups={key: ChosenBy(of.name, said) for key, (of, said) in groups.items()},
                chosen_people={key: ChosenBy(of.name, said) for key, (of, said) in users.items()},
            ),
        )

    def credentials(self) -> Sequence[Credential]:
        return ()  # the directory's are with AWS Directory Service

    def examine(self) -> Iterator[Finding]:
        yield from Examination(self._settings, self._tools.aws, self._tools.patience).findings()

    def _filters(self, kind: Kind, named: Sequence[SyncedName]) -> dict[str, tuple[SyncFilter, str]]:
        """Return what the config names and what it is for, by source id."""
        filters = [(SyncFilter(kind, one.name, self._settings.domain), one.description) for one in named]
        return {of.key: (of, description) for of, description in filters}
