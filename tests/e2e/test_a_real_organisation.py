"""The main job on a real organisation's structure, through the command line and real HTTP, on both targets."""

import copy
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from sso_sync.entrypoints.cli.main import run
from tests.support.browsing import Reader, Scheme
from tests.support.companies import expected_memberships
from tests.support.live import LiveSandbox, writes_in

Json = dict[str, Any]
BOTH = pytest.mark.parametrize(
    "scim", [True, pytest.param(False, marks=pytest.mark.long)], ids=["scim", "identity-store"]
)
LOOKS: list[tuple[Scheme, int]] = [("light", 1280), ("dark", 360)]
VIEWS = ("", "#/groups", "#/people", "#/changes")


@pytest.fixture
def rust(
    live: Callable[[Json], LiveSandbox], rust_directory: Json, scim: bool, monkeypatch: pytest.MonkeyPatch
) -> LiveSandbox:
    """Serve the Rust project's directory, loaded once."""
    sandbox = live(copy.deepcopy(rust_directory))
    for name, value in sandbox.environment(scim=scim).items():
        monkeypatch.setenv(name, value)
    return sandbox


@BOTH
def test_it_ends_exactly_in_identity_center_and_the_next_run_changes_nothing(
    rust: LiveSandbox, rust_directory: Json, scim: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["apply", "--yes"]) == 0
    store = rust.sandbox.store
    assert rust.emails_by_group() == expected_memberships(rust_directory)
    for person in rust_directory["users"]:
        found = next(u for u in store.users.values() if u["UserName"] == person["email"])
        assert found["Emails"] == [{"Value": person["email"], "Type": "work", "Primary": True}]
        assert found["Name"] == {"GivenName": person["givenName"], "FamilyName": person["familyName"] or "-"}
        assert found["DisplayName"] == f"{person['givenName']} {person['familyName']}".strip()
        assert [e["Id"] for e in found.get("ExternalIds", [])] == ([person["id"]] if scim else [])
    assert len(store.users) == len(rust_directory["users"])
    first = rust.calls()
    if scim:
        groups = expected_memberships(rust_directory).values()
        assert sum(writes_in(first).values()) <= len(rust_directory["users"]) + sum(
            ceil(max(len(people), 1) / 100) for people in groups
        )
        assert first["identity_store"].keys() == {"ListUsers", "ListGroups", "DescribeUser"}

    capsys.readouterr()
    assert run(["plan", "--detailed-exitcode"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    rust.calls()
    assert run(["apply", "--yes"]) == 0
    idle = rust.calls()
    assert writes_in(idle) == {}
    assert set(idle["identity_store"]) == {"ListUsers", "ListGroups", "ListGroupMemberships"}
    assert idle["identity_store"]["ListUsers"] == ceil(len(rust_directory["users"]) / 100)
    _assert_google_requests_at_the_minimum(idle["google"], rust_directory)


def _assert_google_requests_at_the_minimum(google: dict[str, int], data: Json) -> None:
    """Listings at their page size, every visited group in batches of at least 100, and follow-up pages."""
    users, groups = len(data["users"]), len(data["groups"])
    follow_up_pages = sum(ceil(len(g["members"]) / 200) - 1 for g in data["groups"] if g["members"])
    assert google["users.list"] == ceil(users / 500)
    assert google["groups.list"] == ceil(groups / 200)
    assert sum(google.values()) <= ceil(users / 500) + ceil(groups / 200) + ceil(groups / 100) + follow_up_pages


@BOTH
def test_joiners_leavers_movers_and_renames_are_followed(rust: LiveSandbox, rust_directory: Json) -> None:
    assert run(["apply", "--yes"]) == 0
    ids = {u["UserName"]: u["UserId"] for u in rust.sandbox.store.users.values()}
    group_ids = {g["DisplayName"]: g["GroupId"] for g in rust.sandbox.store.groups.values()}
    changed = copy.deepcopy(rust_directory)
    users, groups = {u["id"]: u for u in changed["users"]}, {g["name"]: g for g in changed["groups"]}
    changed["users"].append({"id": "new", "email": "new@rust.example.org", "givenName": "New", "familyName": "Person"})
    groups["cargo"]["members"].append({"type": "USER", "id": "new"})
    _remove_person(changed, leaver := groups["compiler"]["members"][0]["id"])
    mover = groups["clippy"]["members"].pop(0)
    groups["book"]["members"].append(mover)
    renamed = users[groups["cargo"]["members"][0]["id"]]
    old_email = renamed["email"]
    renamed |= {"email": "other.name@rust.example.org", "givenName": "Other", "familyName": "Name"}
    groups["core"]["name"] = "core-alumni"
    rust.replace(changed)

    assert run(["apply", "--yes"]) == 0
    assert rust.emails_by_group() == expected_memberships(changed)
    now = {u["UserName"]: u["UserId"] for u in rust.sandbox.store.users.values()}
    assert now["other.name@rust.example.org"] == ids[old_email]
    left = [u for u in rust.sandbox.store.users.values() if u["UserName"] == users[leaver]["email"]]
    assert all(user["UserStatus"] == "DISABLED" for user in left), "switched off with SCIM, deleted without"
    assert "new@rust.example.org" in now
    renamed_group = next(g for g in rust.sandbox.store.groups.values() if g["DisplayName"] == "core-alumni")
    assert renamed_group["GroupId"] == group_ids["core"]
    rust.calls()
    assert run(["apply", "--yes"]) == 0
    assert writes_in(rust.calls()) == {}


@pytest.mark.parametrize("scim", [True])
def test_its_documentation_is_for_everybody(rust: LiveSandbox, browser: Browser, tmp_path: Path) -> None:
    assert run(["apply", "--yes"]) == 0
    assert run(["docs", "--output", str(tmp_path / "site"), "--no-open"]) == 0
    compiler = next(g["GroupId"] for g in rust.sandbox.store.groups.values() if g["DisplayName"] == "compiler")
    for scheme, width in LOOKS:
        reader = Reader(browser, tmp_path / "site" / "index.html", width=width, scheme=scheme)
        views = (*VIEWS, f"#/groups/{compiler}")
        assert {view: found for view in views if reader.open(view) and (found := reader.faults())} == {}
        expect(reader.page.locator("h1:visible")).to_have_text("compiler")


def _remove_person(data: Json, user_id: str) -> None:
    data["users"] = [u for u in data["users"] if u["id"] != user_id]
    for group in data["groups"]:
        group["members"] = [m for m in group["members"] if m["id"] != user_id]
