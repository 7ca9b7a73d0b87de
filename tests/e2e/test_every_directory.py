"""The same organisation in every directory comes to the same users, groups and memberships in Identity Center."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.demo.config import source_of
from sso_sync.entrypoints.cli.main import run
from tests.support.companies import expected_memberships
from tests.support.live import LiveSandbox

Json = dict[str, Any]
# Where each directory keeps its secret, in place of the deployment's.
SECRETS = {
    "google": ("credentials", "env:SSO_SYNC_GOOGLE_CREDENTIALS"),
    "okta": ("api_token", "env:SSO_SYNC_OKTA_API_TOKEN"),
    "entra": ("client_secret", "env:SSO_SYNC_ENTRA_CLIENT_SECRET"),
}


@pytest.mark.parametrize("kind", SECRETS)
def test_the_same_organisation_comes_to_the_same(
    kind: str,
    live: Callable[[Json], LiveSandbox],
    rust_directory: Json,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = live(copy.deepcopy(rust_directory))
    environment = sandbox.environment(scim=True)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    setting, place = SECRETS[kind]
    source = source_of(kind, environment, ["*"]) | {setting: place}
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
