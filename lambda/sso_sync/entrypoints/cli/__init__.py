"""The `sso-sync` command."""

from sso_sync.entrypoints.cli.main import main

__all__ = ["main"]
