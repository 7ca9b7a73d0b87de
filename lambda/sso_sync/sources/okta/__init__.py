"""Okta: users, groups and members, read by an API token or a service app."""

from sso_sync.sources.okta.source import OktaSource, make_source

__all__ = ["OktaSource", "make_source"]
