"""What an examination finds where AWS itself syncs an Active Directory."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sso_sync.core.findings import Finding, Mark
from sso_sync.settings import AdSyncSettings, settings_of
from sso_sync.sources.ad_sync import make_source
from sso_sync.sources.tools import Tools
from tests.support.ad_sync import DOMAIN, Sync, a_company
from tests.support.live import LiveSandbox

DIRECTORY, SOURCE = "AWS Directory Service: the directory", "IAM Identity Center: the identity source"
PROFILE, TARGET = "identity-sync: the profile", "identity-sync: the target"
GROUPS, USERS, WRITING = (f"identity-sync: {what}" for what in ("filters for groups", "filters for users", "writing"))


@pytest.fixture
def sync(live: Callable[..., LiveSandbox], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sync:
    return Sync(live(a_company(["aws"])), monkeypatch, capsys)


def found(**changed: Any) -> Mapping[str, Finding]:
    source = {"type": "ad_sync", "domain": DOMAIN, "groups": [{"name": "aws"}]} | changed
    (settings,) = settings_of({"sources": [source]}, "the test", {}).sources
    assert isinstance(settings, AdSyncSettings)
    return {finding.subject: finding for finding in make_source(settings, {}, Tools()).examine()}


def test_everything_is_good_once_it_is_set_up(sync: Sync) -> None:
    sync.start()
    sync.profile.put_filter("GROUP", "aws", DOMAIN)
    seen = found()
    assert [*seen] == [DIRECTORY, SOURCE, PROFILE, TARGET, GROUPS, USERS, WRITING]
    assert {subject for subject, finding in seen.items() if finding.mark is not Mark.GOOD} == {WRITING}
    assert seen[GROUPS].said == "They can be listed: 1 filter so far."
    assert "identity-sync:CreateSyncFilter" in seen[WRITING].said


def test_a_profile_that_is_not_there_yet_is_no_problem_where_the_directory_is_associated(sync: Sync) -> None:
    assert sync.profile.source == ""
    seen = found()
    assert (seen[SOURCE].mark, seen[PROFILE].mark) == (Mark.GOOD, Mark.NOTE)
    assert TARGET not in seen


def test_a_directory_that_is_not_associated_is_a_step_in_the_console(sync: Sync) -> None:
    sync.live.switch(active_directory_associated=False)
    seen = found()
    assert (seen[DIRECTORY].mark, seen[SOURCE].mark) == (Mark.GOOD, Mark.PROBLEM)
    assert "Settings, tab Identity source, Actions, Change identity source" in seen[SOURCE].remedy


def test_no_directory_at_all_is_a_problem_of_its_own(sync: Sync) -> None:
    sync.live.switch(active_directory="")
    seen = found()
    assert (seen[DIRECTORY].mark, seen[SOURCE].mark) == (Mark.PROBLEM, Mark.PROBLEM)
    assert "There is no directory for the domain corp.example.com in this account" in seen[DIRECTORY].said


def test_what_was_not_looked_at_is_no_proof_of_anything(sync: Sync) -> None:
    sync.live.fail("directory_service", "DescribeDirectories", "forbidden", times=0)
    seen = found()
    assert (seen[DIRECTORY].mark, seen[SOURCE].mark, seen[PROFILE].mark) == (Mark.NOTE, Mark.NOTE, Mark.NOTE)


def test_a_trusted_domain_is_told_from_a_mistake_by_the_profile(sync: Sync) -> None:
    sync.start()
    seen = found(domain="trusted.example.com")
    assert seen[DIRECTORY].mark is Mark.WARNING
    assert "that is right for a trusted domain alone" in seen[DIRECTORY].said
    assert (seen[SOURCE].mark, seen[PROFILE].mark) == (Mark.GOOD, Mark.GOOD)


def test_a_directory_that_is_not_the_profiles_is_warned_of(sync: Sync) -> None:
    sync.start()
    seen = found(directory_id="d-1111111111")
    assert (seen[DIRECTORY].mark, seen[PROFILE].mark) == (Mark.NOTE, Mark.WARNING)
    assert "the config names d-1111111111" in seen[PROFILE].said


def test_a_domain_that_is_not_the_directorys_is_warned_of(sync: Sync) -> None:
    sync.start()
    seen = found(domain="other.example.com", directory_id=sync.store.store_id)
    assert seen[DIRECTORY].mark is Mark.WARNING
    assert "the config names the domain other.example.com" in seen[DIRECTORY].said


@pytest.mark.parametrize(
    ("system", "operation", "subject", "mark", "remedy"),
    [
        ("directory_service", "DescribeDirectories", DIRECTORY, Mark.NOTE, "ds:DescribeDirectories"),
        ("identity_sync", "GetSyncProfile", PROFILE, Mark.PROBLEM, "identity-sync:GetSyncProfile"),
        ("identity_sync", "GetSyncTarget", TARGET, Mark.NOTE, "identity-sync:GetSyncTarget"),
        ("identity_sync", "ListSyncFilters", GROUPS, Mark.PROBLEM, "identity-sync:ListSyncFilters"),
    ],
)
def test_a_permission_that_is_missing_is_named_and_the_rest_is_looked_at(
    sync: Sync, system: str, operation: str, subject: str, mark: Mark, remedy: str
) -> None:
    sync.start()
    sync.live.fail(system, operation, "forbidden", times=0)
    seen = found()
    assert (seen[subject].mark, remedy in seen[subject].remedy) == (mark, True)
    assert WRITING in seen


def test_without_the_right_to_list_instances_the_identity_source_is_not_known(sync: Sync) -> None:
    sync.live.fail("sso_admin", "ListInstances", "forbidden", times=0)
    assert "sso:ListInstances" in found()[SOURCE].remedy


@pytest.mark.parametrize("kind", ["truncate", "html_page", "wrong_json"])
def test_broken_answers_are_findings_and_no_tracebacks(sync: Sync, kind: str) -> None:
    sync.start()
    for system in ("identity_sync", "directory_service"):
        sync.live.fail(system, "*", kind, times=0)
    seen = found()
    assert Mark.PROBLEM in {finding.mark for finding in seen.values()}
    assert not any("Allow" in finding.remedy for finding in seen.values()), "no permission is missing"
