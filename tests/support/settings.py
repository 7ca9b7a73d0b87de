"""Settings as tests look at them."""

from sso_sync.settings import GoogleWorkspaceSettings, Settings


def google_of(settings: Settings) -> GoogleWorkspaceSettings:
    """Return the first source, which is a Google Workspace."""
    source = settings.sources[0]
    assert isinstance(source, GoogleWorkspaceSettings)
    return source
