"""The config: typed, checked as a whole, all mistakes reported at once with their paths."""

from sso_sync.settings.directories import (
    ActiveDirectorySettings,
    AdSyncSettings,
    DirectorySettings,
    EntraIdSettings,
    GoogleWorkspaceSettings,
    OktaSettings,
    PeopleSettings,
    SourceSettings,
)
from sso_sync.settings.loading import load_settings, settings_of
from sso_sync.settings.telling import DocumentationSettings
from sso_sync.settings.types import IdentityCenterSettings, ScimSettings, Settings

__all__ = [
    "ActiveDirectorySettings",
    "AdSyncSettings",
    "DirectorySettings",
    "DocumentationSettings",
    "EntraIdSettings",
    "GoogleWorkspaceSettings",
    "IdentityCenterSettings",
    "OktaSettings",
    "PeopleSettings",
    "ScimSettings",
    "Settings",
    "SourceSettings",
    "load_settings",
    "settings_of",
]
