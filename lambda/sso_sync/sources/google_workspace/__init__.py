"""Google Workspace: users, groups and nested members from the Directory API."""

from sso_sync.sources.google_workspace.source import GoogleWorkspaceSource, make_source

__all__ = ["GoogleWorkspaceSource", "make_source"]
