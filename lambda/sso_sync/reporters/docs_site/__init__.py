"""The documentation: pages that say who is in Identity Center, and what every run did."""

from sso_sync.reporters.docs_site.site import DocsSite

__all__ = ["DocsSite"]
