"""Microsoft Entra ID: users, groups, nested members and application assignments from Microsoft Graph."""

from sso_sync.sources.entra_id.source import EntraIdSource, make_source

__all__ = ["EntraIdSource", "make_source"]
