"""An Active Directory that AWS itself syncs: what the config names, and AWS is to sync."""

from sso_sync.sources.ad_sync.source import AdSyncSource, make_source

__all__ = ["AdSyncSource", "make_source"]
