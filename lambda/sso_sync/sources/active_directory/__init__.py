"""Active Directory: users, groups and nested members, by LDAPS from one domain controller at a time."""

from sso_sync.sources.active_directory.source import ActiveDirectorySource, make_source

__all__ = ["ActiveDirectorySource", "make_source"]
