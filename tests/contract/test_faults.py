"""Every kind of fault on every operation of every stand-in, as it arrives at a client."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.faults import REFUSED
from tests.support.clients import GOOGLE, GRAPH, OKTA, Call, Clients
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox

Json = dict[str, Any]
WAIT = 0.05  # seconds that slow and hanging answers take here
WRITING = ("Create", "Update", "Put", "Patch", "Delete", "post")
STATUS = {
    "google": {"throttle": 403, "error": 500, "unavailable": 503, "unauthorized": 401, "forbidden": 403},
    "okta": {"throttle": 429, "error": 500, "unavailable": 503, "unauthorized": 401, "forbidden": 403},
    "scim": {"throttle": 429, "error": 500, "unavailable": 503, "unauthorized": 401, "forbidden": 403},
    "identity_sync": {"throttle": 429, "error": 500, "unavailable": 503, "unauthorized": 403, "forbidden": 403},
    "aws": {"throttle": 400, "error": 500, "unavailable": 503, "unauthorized": 400, "forbidden": 400},
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    data = company([person(n) for n in range(3)], [team("a", ["u1", "u2"]), team("b", []), team("c", [])])
    with LiveSandbox(data, tmp_path_factory.mktemp("faults")) as live:
        yield live
        live.sandbox.switchboard.faults.clear()


OPERATIONS = [
    *(
        ("identity_store", f"{verb}{noun}")
        for noun in ("User", "Group")
        for verb in ("Create", "Describe", "Update", "Delete")
    ),
    *(("identity_store", name) for name in ("ListUsers", "ListGroups", "GetUserId", "GetGroupId", "IsMemberInGroups")),
    *(("identity_store", f"{verb}GroupMembership") for verb in ("Create", "Describe", "Delete")),
    *(
        ("identity_store", name)
        for name in ("GetGroupMembershipId", "ListGroupMemberships", "ListGroupMembershipsForMember")
    ),
    *(("sso_admin", name) for name in ("ListInstances", "DescribeInstance", "ListAccountAssignmentsForPrincipal")),
    ("sso_admin", "DescribePermissionSet"),
    *(("scim", f"{verb}User") for verb in ("Get", "Create", "Put", "Patch", "Delete")),
    *(("scim", f"{verb}Group") for verb in ("Get", "Create", "Patch", "Delete")),
    *(("scim", name) for name in ("ListUsers", "ListGroups", "ListResourceTypes", "ListSchemas", "GetSchema")),
    ("scim", "ServiceProviderConfig"),
    *(("google", name) for name in (*GOOGLE, "batch")),
    ("google_oauth", "token"),
    ("google_sts", "token"),
    ("google_iam", "signJwt"),
    *(("entra", name) for name in (*GRAPH, "batch")),
    *(("entra_login", name) for name in ("openid-configuration", "token")),
    *(("identity_sync", name) for name in ("GetSyncProfile", "GetSyncTarget", "StartSync", "CreateSyncTarget")),
    *(("identity_sync", name) for name in ("ListSyncFilters", "CreateSyncFilter", "DeleteSyncFilter")),
    ("directory_service", "DescribeDirectories"),
    ("sts", "GetWebIdentityToken"),
    *(("okta", name) for name in OKTA),
    ("okta_oauth", "token"),
    ("teams", "post_card"),
]
every_operation = pytest.mark.parametrize(("system", "operation"), OPERATIONS, ids=[" ".join(o) for o in OPERATIONS])


def strike(sandbox: LiveSandbox, system: str, operation: str, kind: str, **more: Any) -> tuple[Clients, Call]:
    clients = Clients(sandbox)
    call = clients.operations()[system, operation]
    sandbox.fail(system, operation, kind, seconds=WAIT, **more)
    return clients, call


def test_every_operation_is_listed(sandbox: LiveSandbox) -> None:
    assert set(OPERATIONS) == set(Clients(sandbox).operations())


@every_operation
def test_a_refusal_is_in_the_system_s_own_words_and_nothing_happens(
    sandbox: LiveSandbox, system: str, operation: str
) -> None:
    for kind in REFUSED:
        if kind == "conflict" and not operation.startswith(WRITING):
            continue  # nothing that only reads can conflict
        if kind == "not_found" and operation in {"ListInstances", "DescribeInstance"}:
            continue  # the service model has no such error for these operations
        clients, call = strike(sandbox, system, operation, kind)
        before = clients.state()
        answer = call()
        expected = STATUS.get(system, STATUS["aws"] if system in {"identity_store", "sso_admin"} else {})
        assert answer.status_code == expected.get(kind, answer.status_code), kind
        assert answer.status_code >= 400, kind
        assert "<Code>" in answer.text if system == "sts" else isinstance(answer.json(), dict), kind
        assert clients.state() == before, kind
        assert call().status_code < 300, kind  # it strikes once


@every_operation
def test_a_connection_is_lost_before_or_after_the_effect(sandbox: LiveSandbox, system: str, operation: str) -> None:
    for kind, happens in {"drop": False, "hang": False, "drop_after": True, "hang_after": True}.items():
        clients, call = strike(sandbox, system, operation, kind)
        before, began = clients.state(), time.monotonic()
        with pytest.raises(requests.ConnectionError):
            call()
        assert time.monotonic() - began >= (WAIT if kind.startswith("hang") else 0), kind
        assert (clients.state() != before) == (happens and operation.startswith(WRITING)), kind


@every_operation
def test_an_answer_is_damaged_on_its_way(sandbox: LiveSandbox, system: str, operation: str) -> None:
    whole = Clients(sandbox).operations()[system, operation]().content
    _, call = strike(sandbox, system, operation, "slow")
    began = time.monotonic()
    assert call().status_code < 300
    assert time.monotonic() - began >= WAIT
    _, call = strike(sandbox, system, operation, "truncate")
    assert not whole or abs(len(call().content) - len(whole) // 2) <= 9  # ids and times differ in length by little
    _, call = strike(sandbox, system, operation, "html_page")
    assert call().text.startswith("<!DOCTYPE html>")
    _, call = strike(sandbox, system, operation, "wrong_json")
    assert isinstance(call().json(), list)
    _, call = strike(sandbox, system, operation, "drop_mid_body")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        call()


LISTS = [
    ("sso_admin", "ListInstances", "Instances", "", "IdentityStoreId"),
    ("identity_sync", "ListSyncFilters", "SyncFilters", "NextToken", "Attributes"),
    ("sso_admin", "ListAccountAssignmentsForPrincipal", "AccountAssignments", "NextToken", "PermissionSetArn"),
    ("identity_store", "ListGroupMemberships", "GroupMemberships", "", "MemberId"),
    ("google", "users.list", "users", "", "primaryEmail"),
    ("google", "groups.list", "groups", "", "email"),
    ("google", "members.list", "members", "", "id"),
    ("entra", "users.list", "value", "", "userPrincipalName"),
    ("entra", "groups.list", "value", "@odata.nextLink", "displayName"),
    ("entra", "members.list", "value", "", "id"),
    ("identity_store", "ListUsers", "Users", "NextToken", "UserName"),
    ("identity_store", "ListGroups", "Groups", "NextToken", "DisplayName"),
    ("scim", "ListUsers", "Resources", "nextCursor", "userName"),
    ("scim", "ListGroups", "Resources", "nextCursor", "displayName"),
]


@pytest.mark.parametrize(("system", "operation", "rows", "token", "field"), LISTS)
def test_a_listing_lacks_what_was_asked_for(
    sandbox: LiveSandbox, system: str, operation: str, rows: str, token: str, field: str
) -> None:
    def page(kind: str, **more: Any) -> Json:
        _, call = strike(sandbox, system, operation, kind, **more)
        answer: Json = call().json()
        return answer

    full = page("slow")
    rest = full.keys() - {rows}
    assert rest - {token} == page("last_page").keys() - {rows}
    assert (len(page("empty_page")[rows]), page("empty_page").keys()) == (0, full.keys())
    assert len(page("short_page")[rows]) == len(full[rows]) // 2
    assert not any(field in row for row in page("missing_field", field=field)[rows])
    assert rows not in page("missing_field", field=rows)


def test_what_is_cut_from_rows_waits_for_a_listing(sandbox: LiveSandbox) -> None:
    clients = Clients(sandbox)
    calls = clients.operations()
    sandbox.fail("google", "*", "empty_page")
    assert calls["google", "users.get"]().json()["emails"]
    assert calls["google", "batch"]().status_code == 200
    assert calls["google", "users.list"]().json()["users"] == []


def test_of_several_faults_the_first_strikes_and_the_others_wait(sandbox: LiveSandbox) -> None:
    clients = Clients(sandbox)
    sandbox.fail("scim", "GetUser", "error")
    sandbox.fail("scim", "GetUser", "unavailable")
    call = clients.operations()["scim", "GetUser"]
    assert [call().status_code for _ in range(3)] == [500, 503, 200]


def test_a_fault_strikes_when_and_as_often_as_it_was_asked_to(sandbox: LiveSandbox) -> None:
    def struck(calls: int, **when: Any) -> str:
        clients = Clients(sandbox)
        sandbox.fail("identity_store", "ListUsers", "throttle", **when)
        call = clients.operations()["identity_store", "ListUsers"]
        return "".join("x" if call().status_code == 400 else "." for _ in range(calls))

    assert struck(4) == "x..."
    assert struck(5, nth=3) == "..x.."
    assert struck(5, nth=2, times=2) == ".xx.."
    assert struck(5, nth=2, times=0) == ".xxxx"
    by_chance = struck(30, times=0, chance=0.5, seed=1)
    assert 5 < by_chance.count("x") < 25
    assert struck(30, times=0, chance=0.5, seed=1) == by_chance
    assert struck(30, times=0, chance=0.5, seed=2) != by_chance


def test_a_fault_ends_when_its_time_is_over(sandbox: LiveSandbox) -> None:
    _, call = strike(sandbox, "identity_store", "ListUsers", "unavailable", times=0, lasting=60)
    assert [call().status_code for _ in range(2)] == [503, 503]
    sandbox.sandbox.clock.advance(61)
    assert call().status_code == 200


def test_a_fault_that_makes_no_sense_is_refused_with_a_sentence(sandbox: LiveSandbox) -> None:
    sandbox.sandbox.switchboard.faults.clear()
    for wanted, said in (
        ({"kind": "earthquake"}, "Invalid enum value 'earthquake'"),
        ({"kind": "drop", "nth": 0}, "Expected `int` >= 1"),
        ({"kind": "drop", "often": True}, "unknown field `often`"),
        ({"kind": "drop", "system": "identitystore"}, "there is no system identitystore"),
        ({"kind": "missing_field"}, "has a field if, and only if"),
        ([{"kind": "drop"}, {"kind": "drop", "chance": 2}], "Expected `float` <= 1"),
        ("drop", "Expected `object`"),
    ):
        answer = requests.post(f"{sandbox.url}/faults", json=wanted, timeout=5)
        assert (answer.status_code, said in answer.json()["error"]) == (400, True), answer.text
    assert requests.get(f"{sandbox.url}/faults", timeout=5).json() == []
