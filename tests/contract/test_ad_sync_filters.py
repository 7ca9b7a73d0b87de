"""Sync filters, kept equal to the config, over real HTTP against the stand-in of identity-sync."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.ad_sync import DOMAIN, Sync, a_company
from tests.support.live import LiveSandbox

Begin = Callable[..., Sync]
SOME_FAILED, REFUSED = 4, 3  # exit codes
FIVE = ["aws-a", "aws-b", "aws-c", "aws-d", "aws-e"]


@pytest.fixture
def begin(
    live: Callable[..., LiveSandbox], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Begin:
    def start(groups: list[str], people: int = 0) -> Sync:
        return Sync(live(a_company(groups, people)), monkeypatch, capsys)

    return start


def test_filters_are_created_with_profile_and_target_and_a_sync_is_started_once(begin: Begin) -> None:
    sync = begin(["aws-admins", "aws-users"], people=1)
    sync.configure(["aws-admins", "aws-users"], ["p0"])
    assert sync.apply() == 0, sync.said
    assert (sync.filters(), sync.filters("USER")) == ({"aws-admins", "aws-users"}, {"p0"})
    assert sync.profile.source == f"arn:aws:ds:us-east-1:000000000000:directory/{sync.store.store_id}"
    assert sync.calls() == {
        "ListSyncFilters": 2,
        "GetSyncProfile": 1,
        "CreateSyncProfile": 1,
        "GetSyncTarget": 1,
        "CreateSyncTarget": 1,
        "CreateSyncFilter": 3,
        "StartSync": 1,
    }
    assert {group["DisplayName"] for group in sync.store.groups.values()} == {
        f"aws-admins@{DOMAIN}",
        f"aws-users@{DOMAIN}",
    }
    assert sync.apply() == 0
    assert sync.calls() == {"ListSyncFilters": 2}


def test_what_is_no_longer_named_is_deleted_and_what_somebody_else_made_stays(begin: Begin) -> None:
    sync = begin(["aws-admins", "aws-old", "by-hand"])
    sync.configure(["aws-admins", "aws-old"])
    assert sync.apply() == 0
    sync.profile.put_filter("GROUP", "by-hand", DOMAIN)
    sync.configure(["aws-admins"])
    assert sync.apply() == 0
    assert "- aws-old no longer named in the config, so AWS stops syncing it" in sync.said
    assert sync.filters() == {"aws-admins", "by-hand"}
    assert sync.calls() == {"ListSyncFilters": 2, "DeleteSyncFilter": 1, "StartSync": 1}


def test_a_plan_writes_nothing_not_even_a_profile(begin: Begin) -> None:
    sync = begin(["aws"])
    assert sync.command("plan") == 0
    assert "+ aws named in the config, not synced by AWS yet" in sync.said
    assert (sync.profile.source, sync.calls()) == ("", {"ListSyncFilters": 2})


def test_a_filter_that_is_there_is_taken_over_however_it_is_written(begin: Begin) -> None:
    sync = begin(["AWS-Admins"])
    sync.start()
    sync.profile.put_filter("GROUP", "AWS-Admins", DOMAIN.upper())
    sync.configure(["aws-admins"])
    assert sync.apply() == 0
    assert "AWS-Admins is managed from now on" in sync.said
    assert sync.filters() == {"AWS-Admins"}
    assert sync.apply() == 0
    assert "nothing to do" in sync.said.lower()


def test_filters_of_other_domains_and_other_effects_are_shown_and_left_alone(begin: Begin) -> None:
    sync = begin(["aws"])
    sync.start()
    sync.profile.put_filter("GROUP", "aws", "other.example.com")
    sync.profile.put_filter("GROUP", "hidden", DOMAIN, "EXCLUDE")
    sync.profile.put_filter("USER", "somebody", DOMAIN)
    assert sync.apply() == 0
    assert sync.profile.shown() == [
        f"EXCLUDE GROUP hidden@{DOMAIN}",
        f"INCLUDE GROUP aws@{DOMAIN}",
        "INCLUDE GROUP aws@other.example.com",
        f"INCLUDE USER somebody@{DOMAIN}",
    ]
    assert sync.command("explain", "hidden@corp.example.com (EXCLUDE)") == 0
    assert "not managed by sso-sync" in sync.said


@pytest.mark.parametrize("count", [99, 100, 101, 201])
def test_filters_are_read_to_the_last_page(begin: Begin, count: int) -> None:
    names = [f"g{number}" for number in range(count)]
    sync = begin([*names, "new"])
    sync.start()
    for name in names:
        sync.profile.put_filter("GROUP", name, DOMAIN)
    sync.configure([*names, "new"])
    assert sync.apply() == 0
    assert sync.filters() == {*names, "new"}
    calls = sync.calls()
    assert calls["CreateSyncFilter"] == 1
    assert calls["ListSyncFilters"] == (count - 1) // 100 + 1 + 1


def test_pages_that_begin_anew_end_the_read(begin: Begin) -> None:
    sync, tokens, left = begin(["aws"]), [""], [5]
    sync.start()
    for number in range(201):
        sync.profile.put_filter("GROUP", f"g{number}", DOMAIN)

    def around(system: str, operation: str, reply: Any) -> Any:
        if (system, operation) != ("identity_sync", "ListSyncFilters") or len(reply.body["SyncFilters"]) == 0:
            return reply
        tokens.append(reply.body.get("NextToken", ""))
        if tokens[-1] or not left[0]:
            return reply
        left[0] -= 1
        return replace(reply, body=reply.body | {"NextToken": tokens[1]})

    sync.live.sandbox.switchboard.spoilers.append(around)
    assert sync.command("plan") == 1
    assert "its NextToken does not go on" in sync.said


def test_an_empty_config_is_refused_and_so_is_one_that_names_what_cannot_be(begin: Begin) -> None:
    sync = begin(["aws"])
    sync.configure([])
    assert sync.command("plan") == 1
    assert "sources[0].groups: name at least one group or user" in sync.said
    sync.configure(["aws*", f"aws@{DOMAIN}", "aws", "AWS"])
    assert sync.command("plan") == 1
    assert sync.said.count("no sAMAccountName is written so") == 2
    assert "'AWS' is named before; Active Directory minds no case" in sync.said
    sync.configure(["aws"], leaving={"unmanaged": "delete"}, identity_center={"scim": {"endpoint": "env:X"}})
    assert sync.command("plan") == 1
    assert "there is no SCIM where AWS syncs an Active Directory" in sync.said
    assert "sync filters that somebody else made are never deleted" in sync.said


def test_only_users_in_place_of_groups_is_not_believed(begin: Begin) -> None:
    sync = begin(["aws"], people=1)
    assert sync.apply() == 0
    sync.configure([], ["p0"])
    assert sync.apply() == REFUSED
    assert "gave no group at all, so nothing was written" in sync.said
    assert sync.filters() == {"aws"}


def test_a_mass_removal_breaks_a_limit_and_nothing_is_deleted(begin: Begin) -> None:
    names = [f"g{number}" for number in range(20)]
    sync = begin(names)
    sync.configure(names)
    assert sync.apply() == 0
    sync.configure(names[:10])
    assert sync.apply() == REFUSED
    assert "it would delete 10 groups (limits.groups_deleted: 20 % of 20)" in sync.said
    assert len(sync.filters()) == 20


def test_the_filter_of_a_group_that_gives_accounts_waits_for_approval(begin: Begin) -> None:
    sync = begin(["aws-admins", "aws-users", "aws-idle"])
    sync.configure(["aws-admins", "aws-users", "aws-idle"])
    assert sync.apply() == 0
    sync.assign("aws-admins")
    sync.configure(["aws-users"])
    assert sync.apply() == 0
    assert "the group 'aws-admins' has 1 assignment in 1 AWS account, so deleting it waits for approval" in sync.said
    assert sync.filters() == {"aws-admins", "aws-users"}


def test_accounts_that_cannot_be_read_hold_the_deletion_back(begin: Begin) -> None:
    sync = begin(["aws-admins", "aws-users"])
    sync.configure(["aws-admins", "aws-users"])
    assert sync.apply() == 0
    sync.configure(["aws-users"])
    sync.live.fail("identity_store", "ListGroups", "forbidden", times=0)
    assert sync.apply() == 0
    assert "may give access to AWS accounts, which could not be read" in sync.said
    assert sync.filters() == {"aws-admins", "aws-users"}


def test_what_is_deleted_by_hand_comes_back(begin: Begin) -> None:
    sync = begin(["aws-a", "aws-b"])
    sync.configure(["aws-a", "aws-b"])
    assert sync.apply() == 0
    gone = next(number for number, row in sync.profile.filters.items() if row["name"] == "aws-b")
    del sync.profile.filters[gone]
    assert sync.apply() == 0
    assert "drift: deleted in Identity Center, not by sso-sync" in sync.said
    assert sync.filters() == {"aws-a", "aws-b"}


@pytest.mark.parametrize("kind", ["truncate", "html_page", "wrong_json", "drop_mid_body"])
def test_half_an_answer_to_a_read_stops_the_run(begin: Begin, kind: str) -> None:
    sync = begin(FIVE)
    sync.configure(FIVE)
    assert sync.apply() == 0
    sync.configure(FIVE[:4])
    sync.live.fail("identity_sync", "ListSyncFilters", kind, times=0)
    assert sync.apply() == 1
    assert sync.said.startswith("Error: Cannot read the sync filters"), sync.said
    assert sync.filters() == set(FIVE)


@pytest.mark.parametrize("field", ["SyncFilters", "SyncFilterId", "FilterType", "Effect", "Attributes"])
def test_a_row_that_lacks_something_stops_the_run(begin: Begin, field: str) -> None:
    sync = begin(FIVE)
    sync.configure(FIVE)
    assert sync.apply() == 0
    sync.live.fail("identity_sync", "ListSyncFilters", "missing_field", field=field, times=0)
    assert sync.apply() == 1
    assert "is not complete, or not as it is known" in sync.said


@pytest.mark.parametrize(
    ("attributes", "is_understood"),
    [
        ('{"objectsid": ["S-1"]}', True),
        ('{"samaccountname": ["a", "b"], "associateddomain": ["x"]}', True),
        ('{"samaccountname": ["plain"], "associateddomain": ["corp.example.com"]}', True),
        ('{"samaccountname": [{"display": "a"}], "associateddomain": ["x"]}', False),
        ('{"samaccountname": "a", "associateddomain": ["x"]}', False),
        ('["samaccountname"]', False),
        ("samaccountname", False),
    ],
)
def test_attributes_of_an_unknown_form_stop_the_run_and_those_without_one_name_do_not(
    begin: Begin, attributes: str, is_understood: bool
) -> None:
    sync = begin(["aws"])
    sync.start()
    sync.profile.put_filter("GROUP", "other", DOMAIN)
    spoil(sync, lambda row: row | {"Attributes": attributes})
    assert sync.command("plan") == (0 if is_understood else 1), sync.said
    assert ("not as it is known" in sync.said) != is_understood


def spoil(sync: Sync, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Let listings of groups show each row changed."""

    def other(system: str, operation: str, reply: Any) -> Any:
        if (system, operation) != ("identity_sync", "ListSyncFilters") or not reply.body:
            return reply
        rows = [change(row) for row in reply.body["SyncFilters"]]
        return replace(reply, body=reply.body | {"SyncFilters": rows})

    sync.live.sandbox.switchboard.spoilers.append(other)


def test_a_run_that_dies_half_way_is_finished_by_the_next(begin: Begin) -> None:
    sync = begin(FIVE)
    sync.configure(FIVE)
    sync.live.fail("identity_sync", "CreateSyncFilter", "forbidden", nth=3, times=0)
    assert sync.apply() == 1
    assert "lacks the permission CreateSyncFilter" in sync.said
    assert 0 < len(sync.filters()) < 5
    sync.live.sandbox.switchboard.faults.clear()
    assert sync.apply() == 0
    assert sync.filters() == set(FIVE)
    sync.configure(FIVE[:4])
    assert sync.apply() == 0
    assert sync.filters() == set(FIVE[:4]), "what the run that died had created is ours, too"


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "drop", "slow"])
def test_what_passes_is_waited_out(begin: Begin, kind: str) -> None:
    sync = begin(["aws"])
    for operation in ("ListSyncFilters", "CreateSyncFilter", "CreateSyncProfile"):
        sync.live.fail("identity_sync", operation, kind, seconds=0.01)
    assert sync.apply() == 0, sync.said
    assert sync.filters() == {"aws"}


def test_a_creation_without_an_answer_is_not_announced_and_is_found_by_the_next_run(begin: Begin) -> None:
    sync = begin(["aws"])
    sync.live.fail("identity_sync", "CreateSyncFilter", "drop_after")
    assert sync.apply() == SOME_FAILED
    assert "ConflictException" in sync.said
    assert sync.apply() == 0
    assert "created by an earlier run that did not see the answer" in sync.said
    assert sync.filters() == {"aws"}


def test_a_filter_that_excludes_what_the_config_names_is_said_to_be_in_the_way(begin: Begin) -> None:
    sync = begin(["aws"])
    sync.start()
    sync.profile.put_filter("GROUP", "aws", DOMAIN, "EXCLUDE")
    assert sync.apply() == SOME_FAILED
    assert "there is one already, perhaps one that excludes it" in sync.said
    assert "IAM Identity Center, Settings, Manage sync" in sync.said
    assert sync.profile.shown() == [f"EXCLUDE GROUP aws@{DOMAIN}"]


def test_a_name_that_the_directory_does_not_have_costs_only_itself(begin: Begin) -> None:
    sync = begin(["aws"])
    sync.configure(["aws", "aws-typo"])
    assert sync.apply() == SOME_FAILED
    assert "Cannot create the sync filter for the group 'aws-typo'" in sync.said
    assert "was not found in the domain corp.example.com" in sync.said
    assert sync.filters() == {"aws"}


def test_a_filter_whose_deletion_finds_nothing_is_not_believed_while_it_is_listed(begin: Begin) -> None:
    sync = begin(["aws", "old"])
    sync.configure(["aws", "old"])
    assert sync.apply() == 0
    sync.configure(["aws"])
    sync.live.fail("identity_sync", "DeleteSyncFilter", "not_found")
    assert sync.apply() == SOME_FAILED
    assert "it was answered that there is none, but it is listed" in sync.said
    assert sync.apply() == 0
    assert sync.filters() == {"aws"}


def test_a_sync_that_cannot_be_started_fails_nothing(begin: Begin) -> None:
    sync = begin(["aws"])
    sync.live.fail("identity_sync", "StartSync", "forbidden", times=0)
    assert sync.apply() == 0
    assert "no sync was started; AWS starts one by itself" in sync.said


def test_a_directory_that_is_not_the_identity_source_is_said_with_the_step_in_the_console(begin: Begin) -> None:
    sync = begin(["aws"])
    sync.live.switch(active_directory_associated=False)
    assert sync.apply() == 1
    assert "Cannot create the sync profile for arn:aws:ds:us-east-1:000000000000:directory/" in sync.said
    assert "choose the directory in the console first: IAM Identity Center, Settings, Identity source" in sync.said
    assert sync.filters() == set()


def test_the_directory_of_the_config_is_the_one_that_is_synced(begin: Begin) -> None:
    sync = begin(["aws"])
    wanted = f"arn:aws:ds:us-east-1:444455556666:directory/{sync.store.store_id}"
    source = {"type": "ad_sync", "domain": DOMAIN, "groups": [{"name": "aws"}], "directory_id": wanted}
    sync.configure(sources=[source])
    assert sync.apply() == 0
    assert sync.profile.source == wanted


@pytest.mark.parametrize(
    "switches",
    [
        {"sync_filter_id_answered": False},
        {"sync_target_shown": False},
        {"sync_filters_any_name": True},
        {"short_pages": True},
    ],
    ids=str,
)
def test_what_no_document_settles_changes_nothing(begin: Begin, switches: dict[str, Any]) -> None:
    names = [f"g{number}" for number in range(40)]
    sync = begin(names)
    sync.live.switch(**switches)
    sync.configure(names)
    assert sync.apply() == 0
    assert sync.filters() == set(names)
    assert len(sync.profile.targets) == 1
    assert {group["DisplayName"] for group in sync.store.groups.values()} == {f"{name}@{DOMAIN}" for name in names}
    sync.configure(names[:38])
    assert sync.apply() == 0
    assert sync.filters() == set(names[:38])


def test_a_profile_that_somebody_else_makes_meanwhile_is_fine(begin: Begin) -> None:
    sync = begin(["aws"])
    sync.live.fail("identity_sync", "CreateSyncProfile", "drop_after")
    sync.live.fail("identity_sync", "CreateSyncTarget", "drop_after")
    assert sync.apply() == 0, sync.said
    assert sync.filters() == {"aws"}


def test_without_the_service_there_is_one_sentence(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = begin(["aws"])
    monkeypatch.setenv("AWS_ENDPOINT_URL_IDENTITY_SYNC", "http://127.0.0.1:9")
    assert sync.apply() == 1
    assert "Cannot read the sync filters for users: identity-sync does not answer" in sync.said


@pytest.mark.parametrize("kind", ["forbidden", "unauthorized"])
def test_what_aws_does_not_let_us_do_is_said(begin: Begin, kind: str) -> None:
    sync = begin(["aws"])
    sync.live.fail("identity_sync", "ListSyncFilters", kind, times=0)
    assert sync.command("plan") == 1
    expected = {"forbidden": "lacks the permission ListSyncFilters", "unauthorized": "AWS refused the credentials"}
    assert expected[kind] in sync.said


def test_the_card_says_what_happened_to_filters_and_no_more(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = begin(["aws-admins", "aws-old"])
    monkeypatch.setenv("TEAMS_WEBHOOK", sync.live.sandbox.teams_webhook)
    sync.configure(["aws-admins", "aws-old"], teams={"webhook": "env:TEAMS_WEBHOOK"})
    assert sync.apply() == 0
    sync.configure(["aws-admins"], teams={"webhook": "env:TEAMS_WEBHOOK"})
    assert sync.apply() == 0
    first, second = (str(post.card) for post in sync.live.sandbox.teams.posts)
    assert "Group **aws-admins** is new'" in first
    assert "Group **aws-old** was deleted – no longer named in the config, so AWS stops syncing it" in second
    assert "member" not in first + second


def test_explanations_claim_nothing_of_members(begin: Begin) -> None:
    sync = begin(["aws-admins", "aws-old"], people=1)
    sync.configure(["aws-admins", "aws-old"], ["p0"])
    assert sync.apply() == 0
    assert sync.command("explain", "aws-admins") == 0
    assert "aws-admins (aws-admins@corp.example.com) is in AWS. Directory" in sync.said
    assert "Members known to AWS alone, which syncs them" in sync.said
    assert sync.command("explain", "p0") == 0
    assert "is in AWS, in groups that AWS syncs, too." in sync.said
    sync.configure(["aws-admins"], ["p0"])
    assert sync.command("explain", "aws-old") == 0
    assert "leaves AWS with the next run: no longer named in the config, so AWS stops syncing it" in sync.said


def test_the_page_shows_filters_with_descriptions_and_accounts_and_no_members(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = begin(["aws-admins"])
    # Names of accounts are not of interest; what is signed for another service is refused at once.
    monkeypatch.setenv("AWS_ENDPOINT_URL_ORGANIZATIONS", f"{sync.live.url}/sso-admin")
    sync.configure([{"name": "aws-admins", "description": "Administrators"}])
    assert sync.apply() == 0
    sync.assign("aws-admins")
    assert sync.command("docs", "--output", str(tmp_path / "pages"), "--no-open") == 0
    facts = json.loads((tmp_path / "pages" / "facts.json").read_text())
    (group,) = facts["groups"]
    assert group["filter"] == {"text": "aws-admins", "description": "Administrators"}
    assert group["accounts"] == [["111111111111", "Admin"]]
    assert facts["synced_by_aws"]
    assert [
        "Directory",
        "Active Directory, synced by AWS, of which AWS syncs what the filters name (corp.example.com)",
    ] in (facts["config"])
    overview = (tmp_path / "pages" / "index.html").read_text()
    assert "<dt>Memberships</dt>" not in overview
    assert "sso-sync-members" not in (tmp_path / "pages" / "group-monitoring.html").read_text()
