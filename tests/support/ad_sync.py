"""Sync filters in tests: a config that names them, and what there is of them in the sandbox."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from sandbox.identity_center.assignments import replace_assignments
from sso_sync.entrypoints.cli.main import run
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox

Json = dict[str, Any]
DOMAIN = "corp.example.com"


def a_company(groups: Iterable[str], people: int = 0) -> Json:
    """Make a company whose Active Directory has these groups, and people called p0, p1, …"""
    return company([person(number) for number in range(people)], [team(name, []) for name in groups])


def config(groups: Iterable[str | Json] = (), users: Iterable[str | Json] = (), more: Json | None = None) -> str:
    """Write a config, as JSON, which is YAML, too."""
    source = {"type": "ad_sync", "domain": DOMAIN, "groups": _named(groups), "users": _named(users)}
    return json.dumps({"sources": [source]} | (more or {}))


def _named(names: Iterable[str | Json]) -> list[Json]:
    return [{"name": name} if isinstance(name, str) else name for name in names]


class Sync:
    """One sandbox whose identity source is an Active Directory, and the command line on it."""

    def __init__(self, live: LiveSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.live, self._monkeypatch, self._capsys = live, monkeypatch, capsys
        self.profile, self.store = live.sandbox.sync_profile, live.sandbox.store
        self.said = ""
        live.switch(active_directory=DOMAIN)
        monkeypatch.setenv("SSO_SYNC_IDENTITY_STORE_ID", live.sandbox.store.store_id)
        self.configure()

    def configure(self, groups: Iterable[str | Json] = ("aws",), users: Iterable[str | Json] = (), **more: Any) -> None:
        """Put a config in place."""
        for name, value in self.live.environment(scim=False, config=config(groups, users, more)).items():
            if not name.startswith("SSO_SYNC_GOOGLE"):
                self._monkeypatch.setenv(name, value)

    def start(self) -> None:
        """Let there be a profile and its target, as the console makes them."""
        store_id = self.store.store_id
        self.profile.source = f"arn:aws:ds:us-east-1:000000000000:directory/{store_id}"
        self.profile.create_target("IdentityStoreForSSO", f"identitystore/{store_id}")

    def command(self, *arguments: str) -> int:
        """Run a command and return its exit code; `said` is what it said."""
        self._capsys.readouterr()
        self.live.calls()
        code = run(arguments)
        told = self._capsys.readouterr()
        self.said = " ".join((told.out + told.err).split())
        return code

    def apply(self) -> int:
        return self.command("apply", "--yes")

    def calls(self) -> dict[str, int]:
        """Count the calls of identity-sync of the last command."""
        return self.live.calls().get("identity_sync", {})

    def filters(self, kind: str = "GROUP") -> set[str]:
        """Return the names in the filters of a kind, whatever their domain and effect."""
        return {row["name"] for row in self.profile.filters.values() if row["FilterType"] == kind}

    def assign(self, *groups: str) -> None:
        """Let AWS sync, and give groups an AWS account."""
        self.profile.sync()
        rows = [
            {"principal": f"{name}@{DOMAIN}", "kind": "group", "account": "1" * 12, "permission_set": "Admin"}
            for name in groups
        ]
        arn = self.live.sandbox.instances.organisation_arn
        replace_assignments(self.store, arn, rows)
