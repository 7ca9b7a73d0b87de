"""The directories that people come from: one module for each type, with its settings and what they must hold to."""

from sso_sync.settings.convert import Checks
from sso_sync.settings.directories import active_directory, ad_sync, entra_id, google_workspace, okta
from sso_sync.settings.directories.active_directory import ActiveDirectorySettings
from sso_sync.settings.directories.ad_sync import AdSyncSettings
from sso_sync.settings.directories.common import DirectorySettings
from sso_sync.settings.directories.entra_id import EntraIdSettings
from sso_sync.settings.directories.google_workspace import GoogleWorkspaceSettings
from sso_sync.settings.directories.okta import OktaSettings
from sso_sync.settings.directories.people import PeopleSettings

SourceSettings = GoogleWorkspaceSettings | OktaSettings | EntraIdSettings | ActiveDirectorySettings | AdSyncSettings
CHECKS: Checks = {
    GoogleWorkspaceSettings: google_workspace.check,
    OktaSettings: okta.check,
    EntraIdSettings: entra_id.check,
    ActiveDirectorySettings: active_directory.check,
    AdSyncSettings: ad_sync.check,
}

__all__ = [
    "CHECKS",
    "ActiveDirectorySettings",
    "AdSyncSettings",
    "DirectorySettings",
    "EntraIdSettings",
    "GoogleWorkspaceSettings",
    "OktaSettings",
    "PeopleSettings",
    "SourceSettings",
]
