"""The config: typed, checked as a whole, all mistakes reported at once with their paths."""

from sso_sync.settings.loading import load_settings
from sso_sync.settings.types import GoogleWorkspaceSettings, IdentityCenterSettings, ScimSettings, Settings

__all__ = [
    "GoogleWorkspaceSettings",
    "IdentityCenterSettings",
    "ScimSettings",
    "Settings",
    "load_settings",
]
