"""What groups give, as a builder puts it together: Identity Center, the organisation's accounts, and a note."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.directory import Json
from sandbox.identity_center.assignments import replace_assignments
from sso_sync.bootstrap.ground import Ground
from sso_sync.bootstrap.telling import Telling
from sso_sync.reporters.access import GroupAccess
from sso_sync.settings import settings_of
from tests.support.companies import company
from tests.support.live import LiveSandbox


class Stage:
    """An identity store with two groups, one of which gives the account `account`."""

    def __init__(self, live: LiveSandbox, folder: Path) -> None:
        self.live, self._folder, store = live, folder, live.sandbox.store
        self.admins, self.users = (
            store.create_group({"DisplayName": name}, "test")["GroupId"] for name in ("admins", "users")
        )
        organizations: Any = boto3.Session().client("organizations")  # of this test's own credentials
        self.account = organizations.describe_organization()["Organization"]["MasterAccountId"]
        row = {"kind": "group", "principal": "admins", "account": self.account, "permission_set": "Admin"}
        replace_assignments(store, live.sandbox.instances.organisation_arn, [row])

    def refresh(self, **documentation: object) -> GroupAccess:
        source = {"type": "google_workspace", "admin": "a@example.com", "groups": {"include": ["*"]}}
        center = {"quota_scale": 1000.0}
        raw = {"sources": [source], "identity_center": center, "documentation": documentation}
        ground = Ground(settings_of(raw, "the test", {}), self._folder, None, None, None)
        return Telling(ground).access().refresh(self.live.sandbox.store.store_id, [self.admins, self.users], 100)


@pytest.fixture
def stage(
    live: Callable[[Json], LiveSandbox], local_aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Stage:
    started = live(company([], []))
    for name, value in started.environment(scim=False).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws)
    return Stage(started, tmp_path)


def test_groups_give_accounts_by_name_and_a_second_run_asks_nothing(stage: Stage) -> None:
    first = stage.refresh()
    assert {group: held.assignments for group, held in first.groups.items()} == {
        stage.admins: ((stage.account, "Admin"),),
        stage.users: (),
    }
    assert (first.account_names, first.why_not) == ({stage.account: "Master Account"}, "")
    asked = {"ListInstances": 1, "ListAccountAssignmentsForPrincipal": 2, "DescribePermissionSet": 1}
    assert stage.live.calls() == {"sso_admin": asked}
    assert stage.refresh() == first
    assert stage.live.calls() == {}


def test_where_it_is_not_allowed_pages_say_so_and_the_next_run_asks_nothing(stage: Stage) -> None:
    stage.live.fail("sso_admin", "ListAccountAssignmentsForPrincipal", "forbidden", times=0)
    why = "The AWS role lacks the permission sso:ListAccountAssignmentsForPrincipal."
    assert stage.refresh() == GroupAccess(why_not=why)
    stage.live.calls()
    assert stage.refresh() == GroupAccess(why_not=why)
    assert stage.live.calls() == {}


def test_a_config_that_wants_none_asks_nothing(stage: Stage) -> None:
    assert "documentation.accounts" in stage.refresh(accounts=False).why_not
    assert stage.live.calls() == {}
