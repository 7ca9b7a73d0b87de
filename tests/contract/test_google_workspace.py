"""The Google source over real HTTP, by the unmodified vendor client: complete, or it raises."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from sandbox.keys import pem_of
from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.model import Directory
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.google_workspace.retries import Pauses
from sso_sync.sources.google_workspace.scopes import READ_SCOPES
from sso_sync.sources.google_workspace.sign_in import stored
from sso_sync.sources.google_workspace.source import GoogleWorkspaceSource
from tests.support.companies import company, expected_memberships, person, team
from tests.support.google_source import google_source
from tests.support.live import LiveSandbox

Json = dict[str, Any]
Live = Callable[[Json], LiveSandbox]
EVERYTHING = SelectionSettings(include=["*"])


def source(sandbox: LiveSandbox, *, pauses: Pauses | None = None, **settings: Any) -> GoogleWorkspaceSource:
    """Build the source with retries that do not wait long."""
    defaults = GoogleWorkspaceSettings(
        admin=sandbox.sandbox.admin,
        credentials="unused",
        groups=EVERYTHING,
        root_url=f"{sandbox.url}/google/",
    )
    chosen = msgspec.structs.replace(defaults, **settings)
    sign_in = stored(sandbox.key, chosen.admin)
    return google_source(chosen, sign_in, pauses=pauses)


def emails(directory: Directory) -> dict[str, set[str]]:
    return {
        group.display_name: {directory.users[user_id].email for user_id in directory.members[group.id]}
        for group in directory.groups.values()
    }


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 499, 500, 501, 1001])
def test_every_page_of_users_and_members_is_read(live: Live, count: int) -> None:
    users = [person(n) for n in range(count)]
    sandbox = live(company(users, [team("all", [u["id"] for u in users])]))
    assert emails(source(sandbox).read()) == {"all": {u["email"] for u in users}}


@pytest.mark.parametrize("count", [99, 100, 101, 200, 201, 1001])
def test_every_group_is_read_in_batches(live: Live, count: int) -> None:
    data = company([person(1)], [team(f"t{n}", ["u1"]) for n in range(count)])
    sandbox = live(data)
    assert emails(source(sandbox).read()) == expected_memberships(data)
    calls = sandbox.calls()
    assert calls["google_in_batch"]["members.list"] + calls["google"].get("members.list", 0) == count


def test_nested_groups_are_flattened_and_cycles_end(live: Live) -> None:
    data = company(
        [person(n) for n in range(4)],
        [
            team("a", ["u0"], ["g-b", "g-c"]),
            team("b", ["u1"], ["g-c"]),
            team("c", ["u2"], ["g-a"]),
            team("self", ["u3"], ["g-self"]),
        ],
    )
    assert emails(source(live(data)).read()) == expected_memberships(data)


def test_only_selected_groups_are_walked_but_sub_groups_count(live: Live) -> None:
    data = company([person(1), person(2)], [team("aws-x", [], ["g-inner"]), team("inner", ["u1"]), team("y", ["u2"])])
    sandbox = live(data)
    read = source(sandbox, groups=SelectionSettings(include=["aws-*"])).read()
    assert emails(read) == {"aws-x": {"p1@example.com"}}
    assert set(read.users) == {"u1"}
    assert read.left_out["u2"] == "in no selected group"
    assert read.left_out["g-y"] == "matched by no include filter"


@pytest.mark.parametrize("role", ["OWNER", "MANAGER", "MEMBER"])
def test_every_role_is_a_member(live: Live, role: str) -> None:
    group = team("a", [])
    group["members"] = [{"type": "USER", "id": "u1", "role": role}]
    assert emails(source(live(company([person(1)], [group]))).read()) == {"a": {"p1@example.com"}}


@pytest.mark.parametrize("typed", [False, True], ids=["as users", "by their own type"])
def test_external_members_are_left_out_and_counted(live: Live, typed: bool) -> None:
    group = team("a", ["u1"])
    group["members"].append({"type": "USER", "id": "x1", "email": "someone@partner.example", "status": "ACTIVE"})
    sandbox = live(company([person(1)], [group]))
    sandbox.switch(google_typed_externals=typed)
    read = source(sandbox).read()
    assert emails(read) == {"a": {"p1@example.com"}}
    assert read.warnings == ("1 member from outside the company was left out",)


def test_a_member_whom_google_calls_external_is_one_whatever_the_address(live: Live) -> None:
    group = team("a", ["u1"])
    group["members"].append({"type": "EXTERNAL", "id": "x1", "email": "private@example.com"})
    read = source(live(company([person(1)], [group]))).read()
    assert emails(read) == {"a": {"p1@example.com"}}
    assert read.warnings == ("1 member from outside the company was left out",)


def test_an_alias_domain_of_the_company_is_not_external(live: Live) -> None:
    sandbox = live(company([person(1, email="p1@sub.example")], [team("a", ["u1"])], domains=["sub.example"]))
    assert emails(source(sandbox).read()) == {"a": {"p1@sub.example"}}


def test_without_the_right_to_read_domains_a_missing_status_tells_externals(live: Live) -> None:
    group = team("a", ["u1"])
    group["members"].append({"type": "USER", "id": "x1", "email": "someone@partner.example"})
    sandbox = live(company([person(1)], [group]))
    sandbox.fail("google", "domains.list", "forbidden")
    assert emails(source(sandbox).read()) == {"a": {"p1@example.com"}}


def test_an_internal_member_that_nobody_knows_makes_the_read_fail(live: Live) -> None:
    group = team("a", ["u1"])
    group["members"].append({"type": "USER", "id": "ghost", "email": "ghost@example.com", "status": "ACTIVE"})
    sandbox = live(company([person(1)], [group]))
    with pytest.raises(SourceError, match=r"ghost@example\.com"):
        source(sandbox).read()
    assert sandbox.calls()["google"]["users.get"] == 1


def test_a_member_newer_than_the_listing_is_fetched_once(live: Live) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"]), team("b", ["u1"])]))
    sandbox.fail("google", "users.list", "empty_page")
    assert emails(source(sandbox).read()) == {"a": {"p1@example.com"}, "b": {"p1@example.com"}}
    assert sandbox.calls()["google"]["users.get"] == 1


def test_a_list_that_comes_back_empty_although_google_counts_members_is_asked_for_again(live: Live) -> None:
    data = company([person(1), person(2)], [team("a", ["u1"]), team("b", ["u2"])])
    sandbox = live(data)
    sandbox.fail("google", "members.list", "empty_page")
    assert emails(source(sandbox).read()) == expected_memberships(data)


def test_a_group_that_goes_on_listing_nobody_is_not_believed(live: Live) -> None:
    sandbox = live(company([person(1), person(2)], [team("a", ["u1"]), team("b", [])]))
    sandbox.fail("google", "members.list", "empty_page", times=0)
    with pytest.raises(SourceError, match="Google counts 1 in the group 'a' and lists nobody"):
        source(sandbox).read()


def test_a_list_that_is_shorter_than_google_counts_is_asked_for_again(live: Live) -> None:
    data = company([person(n) for n in range(8)], [team("a", [f"u{n}" for n in range(8)]), team("b", ["u1"])])
    sandbox = live(data)
    sandbox.fail("google", "members.list", "short_page", times=1)
    with pytest.raises(SourceError, match="two different lists of the members of the group 'a'"):
        source(sandbox).read()
    assert emails(source(sandbox).read()) == expected_memberships(data)


def test_a_list_that_comes_back_the_same_is_believed_whatever_google_counts(live: Live) -> None:
    sandbox = live(company([person(n) for n in range(8)], [team("a", [f"u{n}" for n in range(8)])]))
    sandbox.fail("google", "members.list", "short_page", times=0)
    sandbox.calls()
    assert emails(source(sandbox).read()) == {"a": {f"p{n}@example.com" for n in range(4)}}
    assert sandbox.calls()["google"]["members.list"] == 2


def test_a_company_without_domains_is_not_believed(live: Live) -> None:
    group = team("a", ["u1"])
    group["members"].append({"type": "USER", "id": "x1", "email": "someone@partner.example"})
    sandbox = live(company([person(1)], [group]))
    sandbox.fail("google", "domains.list", "empty_page", times=0)
    with pytest.raises(SourceError, match="lists no domain"):
        source(sandbox).read()


def test_an_expression_that_fails_on_one_person_costs_only_that_value(live: Live) -> None:
    people = [person(1), person(2, google={"notes": {"value": "abc"}})]
    sandbox = live(company(people, [team("a", ["u1", "u2"])]))
    users = source(sandbox, attributes={"title": "length(notes.value)"}).read().users
    assert [users["u1"].attributes, users["u2"].attributes] == [{}, {"title": "3"}]


def test_invisible_characters_in_a_name_are_dropped(live: Live) -> None:
    sandbox = live(company([person(1, givenName="A\u200bnn\u200d")], [team("a\u200e", ["u1"])]))
    read = source(sandbox).read()
    assert (read.users["u1"].given_name, set(emails(read))) == ("Ann", {"a"})


def test_a_customer_as_member_means_everyone(live: Live) -> None:
    group = team("a", [])
    group["members"] = [{"type": "CUSTOMER", "id": "C01"}]
    outer = team("b", [], ["g-a"])
    read = source(live(company([person(1), person(2)], [group, outer]))).read()
    assert emails(read) == {name: {"p1@example.com", "p2@example.com"} for name in ("a", "b")}


@pytest.mark.parametrize("kind", ["suspended", "archived"])
def test_suspended_and_archived_people_are_left_out_with_the_reason(live: Live, kind: str) -> None:
    data = company([person(1, **{kind: True}), person(2)], [team("a", ["u1", "u2"])])
    read = source(live(data)).read()
    assert set(read.users) == {"u2"}
    assert read.left_out["u1"] == f"{kind} in Google Workspace"


def test_suspended_people_can_be_kept_as_inactive_users(live: Live) -> None:
    data = company([person(1, suspended=True)], [team("a", ["u1"])])
    assert not source(live(data), include_suspended=True).read().users["u1"].active


def test_missing_names_get_the_stated_stand_in(live: Live) -> None:
    people = [person(1, familyName=""), person(2, givenName=""), person(3, givenName="", familyName="")]
    users = source(live(company(people, [team("a", ["u1", "u2", "u3"])]))).read().users
    assert [(u.given_name, u.family_name, u.display_name) for u in users.values()] == [
        ("Given1", "-", "Given1"),
        ("-", "Family2", "Family2"),
        ("-", "-", "p3@example.com"),
    ]


def test_people_select_themselves_by_address_unit_and_custom_field(live: Live) -> None:
    people = [
        person(1, orgUnitPath="/Sales/North"),
        person(2, orgUnitPath="/SalesOps"),
        person(3, customSchemas={"AWS": {"access": True}}),
        person(4, email="boss@example.com"),
        person(5, orgUnitPath="/Sales", email="ignored@example.com"),
    ]
    wanted = SelectionSettings(
        include=["org_unit:/Sales", "custom.AWS.access=true", "email:boss@*"], exclude=["email=ignored@example.com"]
    )
    data = company(people, [team("a", ["u1", "u2"])])
    read = source(live(data), method="users_groups", users=wanted).read()
    assert set(read.users) == {"u1", "u3", "u4"}
    assert emails(read) == {"a": {"p1@example.com"}}


def test_attributes_are_mapped_by_jmespath(live: Live) -> None:
    google = {
        "organizations": [{"title": "Chief", "primary": True, "department": "IT"}],
        "phones": [{"type": "home", "value": "1"}, {"type": "work", "value": "+1 555 0100"}],
        "customSchemas": {"HR": {"nick": "Bo"}},
        "languages": [{"languageCode": "sv"}],
    }
    mapping = {
        "title": "organizations[?primary].title | [0]",
        "department": "organizations[0].department",
        "phone_number": "phones[?type=='work'].value | [0]",
        "nick_name": "customSchemas.HR.nick",
        "timezone": "customSchemas.HR.zone",
    }
    sandbox = live(company([person(1, google=google)], [team("a", ["u1"])]))
    user = source(sandbox, attributes=mapping, user_name="customSchemas.HR.nick").read().users["u1"]
    assert user.user_name == "Bo"
    assert user.attributes == {
        "title": "Chief",
        "department": "IT",
        "phone_number": "+1 555 0100",
        "nick_name": "Bo",
        "timezone": "",
    }


def test_a_user_without_a_user_name_is_set_aside_alone(live: Live) -> None:
    sandbox = live(company([person(1), person(2)], [team("a", ["u1", "u2"])]))
    read = source(sandbox, user_name="name.nothing").read()
    assert read.users == {}
    assert {(r.name, r.reason) for r in read.set_aside} == {
        (f"p{n}@example.com", "it has no user name") for n in (1, 2)
    }


def test_groups_can_be_named_by_their_address(live: Live) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    assert set(emails(source(sandbox, group_name="email").read())) == {"a@example.com"}


def test_a_filter_that_matches_nothing_is_a_warning(live: Live) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    read = source(sandbox, groups=SelectionSettings(include=["a", "aws-*"])).read()
    assert read.warnings == ("the filter 'aws-*' matches no group",)


@pytest.mark.parametrize("kind", ["throttle", "error", "unavailable", "drop", "truncate"])
@pytest.mark.parametrize("operation", ["users.list", "groups.list", "members.list", "batch"])
def test_a_passing_fault_is_retried_and_nothing_is_lost(live: Live, operation: str, kind: str) -> None:
    data = company([person(n) for n in range(3)], [team(f"t{n}", ["u0", "u1", "u2"]) for n in range(5)])
    sandbox = live(data)
    sandbox.fail("google", operation, kind, nth=1)
    assert emails(source(sandbox).read()) == expected_memberships(data)


@pytest.mark.parametrize("kind", ["throttle", "error", "drop", "truncate"])
@pytest.mark.parametrize("operation", ["users.list", "groups.list", "members.list"])
def test_a_lasting_fault_makes_the_read_fail_in_one_sentence(live: Live, operation: str, kind: str) -> None:
    sandbox = live(company([person(n) for n in range(3)], [team(f"t{n}", ["u0"]) for n in range(3)]))
    sandbox.fail("google", operation, kind, times=0)
    with pytest.raises(SourceError) as caught:
        source(sandbox, pauses=Pauses(first=0.01, longest=0.05, in_all=0.1)).read()
    assert "\n" not in str(caught.value)
    assert "nothing was changed" in str(caught.value)


def test_a_failure_on_the_second_page_of_one_group_fails_the_whole_read(live: Live) -> None:
    users = [person(n) for n in range(250)]
    sandbox = live(company(users, [team("big", [u["id"] for u in users]), team("b", ["u1"]), team("c", ["u2"])]))
    sandbox.fail("google", "members.list", "unavailable", nth=4, times=0)
    with pytest.raises(SourceError, match="503"):
        source(sandbox).read()


def test_failed_parts_of_a_batch_are_retried_one_by_one(live: Live) -> None:
    data = company([person(1)], [team(f"t{n}", ["u1"]) for n in range(10)])
    sandbox = live(data)
    sandbox.fail("google", "members.list", "throttle", nth=4, times=2)
    assert emails(source(sandbox).read()) == expected_memberships(data)
    calls = sandbox.calls()
    assert (calls["google"]["batch"], calls["google"]["members.list"]) == (1, 2)


@pytest.mark.parametrize("operation", ["users.list", "groups.list", "members.list"])
def test_a_missing_permission_names_the_administrator(live: Live, operation: str) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    sandbox.fail("google", operation, "forbidden", times=0)
    with pytest.raises(CredentialsError, match=r"admin@example\.com"):
        source(sandbox).read()


def test_a_broken_answer_of_the_token_endpoint_is_one_sentence(live: Live) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    sandbox.fail("google_oauth", "token", "truncate", times=0)
    with pytest.raises(SourceError, match="no usable answer"):
        source(sandbox).read()


def test_an_unknown_administrator_is_said(live: Live) -> None:
    with pytest.raises(CredentialsError, match=r"knows no administrator nobody@example\.com"):
        source(live(company([], [])), admin="nobody@example.com").read()


def test_a_key_that_google_does_not_know_is_said(live: Live) -> None:
    stranger = live(company([], []))
    key = stranger.sandbox.tokens.key_file() | {"private_key": pem_of("somebody else")}
    stranger.sandbox.tokens.key_file = lambda: key  # type: ignore[method-assign] # the key that a user would hold
    with pytest.raises(CredentialsError, match="Invalid JWT Signature"):
        source(stranger).read()


def test_a_missing_delegation_lists_the_scopes(live: Live) -> None:
    sandbox = live(company([], []))
    sandbox.sandbox.tokens.delegated = frozenset()
    with pytest.raises(CredentialsError, match="Domain-wide delegation") as caught:
        source(sandbox).read()
    assert all(scope in str(caught.value) for scope in READ_SCOPES)
