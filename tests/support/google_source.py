"""The Google source as it is built for a run, with the waits that a test wants."""

from typing import Any

from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.sources.google_workspace.api import DirectoryApi
from sso_sync.sources.google_workspace.caller import Caller
from sso_sync.sources.google_workspace.retries import Pauses
from sso_sync.sources.google_workspace.scopes import READ_SCOPES
from sso_sync.sources.google_workspace.sign_in import SignIn
from sso_sync.sources.google_workspace.source import GoogleWorkspaceSource


def google_api(
    settings: GoogleWorkspaceSettings,
    sign_in: SignIn,
    *,
    governor: RateGovernor | None = None,
    patience: Patience | None = None,
    pauses: Pauses | None = None,
    **how: Any,
) -> DirectoryApi:
    """Make calls that no rate holds back, and whose retries do not wait long.

    What ends the retries is the sum of their pauses, and no time on a clock: a busy machine has as many.
    """
    caller = Caller(
        sign_in.scoped(READ_SCOPES),
        admin=settings.admin,
        root_url=settings.root_url,
        governor=governor or RateGovernor(1_000_000, burst=1_000_000),
        patience=patience or Patience(0.3),
        pauses=pauses or Pauses(first=0.01, longest=0.05),
        **how,
    )
    return DirectoryApi(caller, settings.customer)


def google_source(settings: GoogleWorkspaceSettings, sign_in: SignIn, **how: Any) -> GoogleWorkspaceSource:
    """Build the source on such calls."""
    return GoogleWorkspaceSource(settings, google_api(settings, sign_in, **how), sign_in)
