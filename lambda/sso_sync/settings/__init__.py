"""The config: typed, checked as a whole, all mistakes reported at once with their paths."""

from sso_sync.settings.directories import GoogleWorkspaceSettings
from sso_sync.settings.loading import load_settings, settings_of
from sso_sync.settings.telling import DocumentationSettings
from sso_sync.settings.types import IdentityCenterSettings, ScimSettings, Settings

__all__ = [
    "DocumentationSettings",
    "GoogleWorkspaceSettings",
    "IdentityCenterSettings",
    "ScimSettings",
    "Settings",
    "load_settings",
    "settings_of",
]
