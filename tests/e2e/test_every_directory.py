"""The same organisation in every directory comes to the same users, groups and memberships in Identity Center."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.active_directory.environment import environment_of
from sandbox.demo.config import source_of
from sso_sync.entrypoints.cli.main import run
from tests.support.companies import expected_memberships
from tests.support.live import LiveSandbox
from tests.support.samba import domain_controller

Json = dict[str, Any]
# Where each directory keeps its secret, in place of the deployment's.
SECRETS = {
    "google": ("credentials", "env:SSO_SYNC_GOOGLE_CREDENTIALS"),
    "okta": ("api_token", "env:SSO_SYNC_OKTA_API_TOKEN"),
    "entra": ("client_secret", "env:SSO_SYNC_ENTRA_CLIENT_SECRET"),
    "ad": ("credentials", "env:SSO_SYNC_AD_CREDENTIALS"),
}


@pytest.fixture
def environment(
    kind: str, live: Callable[[Json], LiveSandbox], rust_directory: Json, tmp_path: Path
) -> Iterator[tuple[LiveSandbox, dict[str, str]]]:
    """Serve the organisation in a directory of a kind; return the stand-ins and how they are reached."""
    sandbox = live(copy.deepcopy(rust_directory))
    if kind != "ad":
        yield sandbox, sandbox.environment(scim=True)
        return
    with domain_controller(tmp_path / "ad") as controller:
        controller.load(rust_directory)
        yield sandbox, sandbox.environment(scim=True) | environment_of(controller)


@pytest.mark.parametrize("kind", SECRETS)
def test_the_same_organisation_comes_to_the_same(
    kind: str,
    environment: tuple[LiveSandbox, dict[str, str]],
    rust_directory: Json,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox, variables = environment
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    setting, place = SECRETS[kind]
    source = source_of(kind, variables, ["*"]) | {setting: place}
    (sandbox.folder / "sso-sync.yaml").write_text(str({"sources": [source]}), encoding="utf-8")
    assert run(["apply", "--yes", "--quiet"]) == 0
    assert sandbox.emails_by_group() == expected_memberships(rust_directory)
    found = {user["UserName"]: _shown(user) for user in sandbox.sandbox.store.users.values()}
    assert found == {one["email"]: _wanted(one, kind) for one in rust_directory["users"]}
    assert run(["plan", "--detailed-exitcode", "--quiet"]) == 0


def _shown(user: Json) -> tuple[str, ...]:
    return (*user["Name"].values(), user["DisplayName"], user["Emails"][0]["Value"], user["UserStatus"])


def _wanted(person: Json, kind: str) -> tuple[str, ...]:
    """Say what somebody has to be in Identity Center; Okta and Identity Center demand names."""
    family = person["familyName"] or "-"
    shown = f"{person['givenName']} {person['familyName'] or ('-' if kind == 'okta' else '')}".strip()
    return (person["givenName"], family, shown, person["email"], "ENABLED")
