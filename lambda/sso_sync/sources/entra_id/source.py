"""The source: a tenant of Microsoft Entra ID as the settings want it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from sso_sync.core.errors import SourceError, SsoSyncError
from sso_sync.core.findings import Credential, Finding
from sso_sync.core.model import Directory
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
from sso_sync.http.session import Session
from sso_sync.settings import EntraIdSettings
from sso_sync.settings.directories.entra_id import GROUP_FIELDS, USER_FIELDS
from sso_sync.sources.entra_id.examination import examine
from sso_sync.sources.entra_id.graph import Graph
from sso_sync.sources.entra_id.keys import Key, make_key
from sso_sync.sources.entra_id.login import Login, login_operation_of
from sso_sync.sources.entra_id.reading import Reader, Tenant
from sso_sync.sources.entra_id.wire import ATTEMPTS, QUOTA_SHARE, SYSTEM, UNITS_PER_SECOND, Wire, operation_of
from sso_sync.sources.listing import Filters, assemble
from sso_sync.sources.tools import Tools

log = logging.getLogger(__name__)
BURST = 10  # seconds whose resource units may be spent at once: Graph counts them over as many


def make_source(
    settings: EntraIdSettings, secrets: Mapping[str, str], tools: Tools, attempts: int = ATTEMPTS
) -> "EntraIdSource":
    """Make the source from its settings and the secret that it signs in with; raises CredentialsError."""
    governor = RateGovernor(UNITS_PER_SECOND * QUOTA_SHARE, burst=int(UNITS_PER_SECOND * QUOTA_SHARE * BURST))
    calls, patience = tools.calls, tools.patience
    shared = partial(Session, attempts=attempts, system=SYSTEM, calls=calls, patience=patience)
    session = shared(operation_of=operation_of, governor=governor)
    key = make_key(settings, secrets, tools.aws)
    login = Login(settings, key, shared(operation_of=login_operation_of))
    wire = Wire(settings.graph_url, session, login.token, governor, calls, attempts)
    return EntraIdSource(settings, key, login, Graph(wire), calls)


class EntraIdSource:
    """Reads one tenant; see `core.ports.IdentitySource`."""

    def __init__(self, settings: EntraIdSettings, key: Key, login: Login, graph: Graph, calls: Calls) -> None:
        self._settings, self._key, self._login = settings, key, login
        self._filters = Filters.of(settings, GROUP_FIELDS, USER_FIELDS)
        self._reader = Reader(settings, graph, login, self._filters.groups, calls)
        self._was_read = False
        self._ends: Mapping[str, datetime] | None = None  # of client secrets, once somebody has told

    @property
    def name(self) -> str:
        return self._settings.label

    def read(self) -> Directory:
        return self._directory(self._reader.tenant())

    def _directory(self, found: Tenant) -> Directory:
        self._was_read, self._ends = True, found.ends
        listing, warnings = self._reader.listing(found)
        return assemble(listing, self._settings, self._filters, warnings)

    def credentials(self) -> Sequence[Credential]:
        if self._ends is None and self._was_read:
            # To pass over it would say that nothing ends, and so that a warning of before is over.
            raise SourceError("Microsoft Graph did not tell this time when the client secret ends.")
        if self._ends is None:
            try:
                self._ends = self._reader.ends_of_secrets()
            except SsoSyncError:
                self._ends = {}  # nobody tells, and the next read says why
        return [self._key.credential(self._ends)]

    def examine(self) -> Iterator[Finding]:
        yield from examine(self._settings, lambda: self._login.roles, self._reader.tenant, self._directory)
