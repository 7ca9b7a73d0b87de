"""The rules of the stand-in for Microsoft Graph: what a client can do wrong, what it is told, and who says so.

"open: our choice" marks what no document settles; there the stand-in is as strict as it may be.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from sandbox.entra_id.company import APPLICATION_ID, SERVICE_PRINCIPAL_ID, guid
from sandbox.entra_id.registration import ROLES
from tests.support.clients import ask_for_entra_token
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox

Json = dict[str, Any]
ODATA = "Graph: use query parameters to customize responses"
PAGING = "Graph: paging"
BATCHING = "Graph: combine multiple HTTP requests using JSON batching"
ERRORS = "Graph: error responses and resource types"
PERMISSIONS = "Graph: permissions reference, and limited information returned for inaccessible member objects"
THROTTLING = "Graph: service-specific throttling limits, identity and access"
CHOICE = "open: our choice"
U1, G_A = guid("u1"), guid("g-a")


def people() -> Json:
    users = [person(n) for n in (1, 2)] + [person(3, suspended=True, givenName="", entra={"jobTitle": "Chief"})]
    hidden = team("hidden", ["u1"], entra={"visibility": "HiddenMembership"})
    mixed = team("mixed", ["u1"], ["g-a"], entra={"members": [{"type": "device", "id": "d1"}]})
    groups = [team("a", ["u1", "u2"], ["g-b"]), team("b", ["u3"]), hidden, mixed]
    assigned = [{"type": "USER", "id": "u1"}, {"type": "GROUP", "id": "g-a"}, {"type": "SERVICE_PRINCIPAL", "id": "s"}]
    return company(users, groups, application=assigned)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    with LiveSandbox(people(), tmp_path_factory.mktemp("entra")) as live:
        yield live


@pytest.fixture(autouse=True)
def _as_before(sandbox: LiveSandbox) -> Iterator[None]:
    yield
    sandbox.sandbox.entra.app.roles = set(ROLES)
    sandbox.sandbox.switchboard.faults.clear()


def get(sandbox: LiveSandbox, path: str, *roles: str) -> requests.Response:
    """Ask Graph for something, as somebody who may do what is named (all there is, by default)."""
    sandbox.sandbox.entra.app.roles = set(roles or (*ROLES, "Organization.Read.All"))
    token = ask_for_entra_token(sandbox).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{sandbox.sandbox.entra.graph_url}/v1.0/{path}", headers=headers, timeout=5)


def batch(sandbox: LiveSandbox, *parts: Json, **whole: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {ask_for_entra_token(sandbox).json()['access_token']}"}
    url = f"{sandbox.sandbox.entra.graph_url}/v1.0/$batch"
    return requests.post(url, json={"requests": list(parts)} | whole, headers=headers, timeout=5)


def part(number: str, url: str, **more: Any) -> Json:
    return {"id": number, "method": "GET", "url": url} | more


@dataclass(frozen=True)
class Rule:
    """A request that is refused, with status, code, a word of the message, and the source."""

    path: str
    status: int
    code: str
    said: str
    source: str
    roles: tuple[str, ...] = field(default=())


RULES = [
    Rule("users?$top=0", 400, "Request_BadRequest", "page size", PAGING),
    Rule("users?$top=1000", 400, "Request_BadRequest", "between 1 and 999", PAGING),
    Rule("users?$top=x", 400, "BadRequest", "non-negative integer", ODATA),
    Rule("users?$select=nickname", 400, "BadRequest", "Could not find a property named 'nickname'", ODATA),
    Rule("groups?$select=userPrincipalName", 400, "BadRequest", "microsoft.graph.group", ODATA),
    Rule("users?$top=1&$top=2", 400, "BadRequest", "more than once", ODATA),
    Rule("users?$filter=x", 400, "BadRequest", "does not stand in for $filter", CHOICE),
    Rule("users?$count=true", 400, "BadRequest", "does not stand in for $count", CHOICE),
    Rule("users?size=5", 400, "BadRequest", "'size'", CHOICE),
    Rule(f"users/{U1}?$top=1", 400, "BadRequest", "'$top'", CHOICE),
    Rule("users?$skiptoken=abc", 400, "Directory_ExpiredPageToken", "page token", PAGING),
    Rule("people", 400, "BadRequest", "Resource not found for the segment 'people'", ERRORS),
    Rule(f"groups/{G_A}/members/microsoft.graph.user", 400, "BadRequest", "segment", CHOICE),
    Rule(f"groups/{G_A}/transitiveMembers", 400, "BadRequest", "segment", CHOICE),
    Rule(f"users/{G_A}", 404, "Request_ResourceNotFound", G_A, ERRORS),
    Rule(f"groups/{U1}", 404, "Request_ResourceNotFound", U1, ERRORS),
    Rule(f"groups/{U1}/members", 404, "Request_ResourceNotFound", U1, ERRORS),
    Rule(f"servicePrincipals/{APPLICATION_ID}/appRoleAssignedTo", 404, "Request_ResourceNotFound", "", ERRORS),
    Rule(f"applications(appId='{U1}')", 404, "Request_ResourceNotFound", U1, ERRORS),
    Rule("users", 403, "Authorization_RequestDenied", "Insufficient privileges", PERMISSIONS, ("Group.Read.All",)),
    Rule("groups", 403, "Authorization_RequestDenied", "Insufficient", PERMISSIONS, ("User.Read.All",)),
    Rule(f"groups/{G_A}/members", 403, "Authorization_RequestDenied", "", PERMISSIONS, ("User.Read.All",)),
    Rule(
        f"servicePrincipals/{SERVICE_PRINCIPAL_ID}/appRoleAssignedTo",
        403,
        "Authorization_RequestDenied",
        "",
        PERMISSIONS,
        ("User.Read.All", "Group.Read.All"),
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.status} {rule.path[:40]} {rule.roles[:1]}")
def test_what_a_client_can_do_wrong(sandbox: LiveSandbox, rule: Rule) -> None:
    answer = get(sandbox, rule.path, *rule.roles)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (rule.status, rule.code), rule.source
    assert rule.said in error["message"]
    assert error["innerError"].keys() == {"date", "request-id", "client-request-id"}, ERRORS


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Basic eDp5", "Bearer abc", "Bearer a.b.c"])
def test_without_a_good_token_nothing_is_told(sandbox: LiveSandbox, authorization: str) -> None:
    url = f"{sandbox.sandbox.entra.graph_url}/v1.0/users"
    answer = requests.get(url, headers={"Authorization": authorization} if authorization else {}, timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_a_token_is_good_for_an_hour(live: Callable[[Json], LiveSandbox]) -> None:
    other = live(people())  # its time goes on
    headers = {"Authorization": f"Bearer {ask_for_entra_token(other).json()['access_token']}"}
    url = f"{other.sandbox.entra.graph_url}/v1.0/users"
    assert requests.get(url, headers=headers, timeout=5).status_code == 200
    other.sandbox.clock.advance(3600)
    assert "expired" in requests.get(url, headers=headers, timeout=5).json()["error"]["message"]


def test_users_are_shown_as_the_reference_has_them(sandbox: LiveSandbox) -> None:
    shown = get(sandbox, f"users/{guid('u3')}?$select=givenName,surname,accountEnabled,userType,jobTitle").json()
    assert shown.pop("@odata.context").endswith("$metadata#users/$entity")
    assert shown == {
        "id": guid("u3"),
        "givenName": None,
        "surname": "Family3",
        "accountEnabled": False,
        "userType": "Member",
        "jobTitle": "Chief",
    }
    assert "accountEnabled" not in get(sandbox, f"users/{U1}").json()  # not among the default properties
    assert get(sandbox, "users/P1@Example.com").json()["id"] == U1


def test_without_user_read_all_properties_are_null(sandbox: LiveSandbox) -> None:
    rows = get(sandbox, "users?$select=userPrincipalName,accountEnabled", "User.ReadBasic.All").json()["value"]
    assert {row["accountEnabled"] for row in rows} == {None}
    assert all(row["userPrincipalName"] for row in rows)
    path = f"groups/{G_A}/members?$select=id,displayName"
    rows = get(sandbox, path, "GroupMember.Read.All").json()["value"]
    assert [(row["@odata.type"], row["displayName"]) for row in rows] == [
        ("#microsoft.graph.user", None),
        ("#microsoft.graph.user", None),
        ("#microsoft.graph.group", "b"),
    ]
    assert [row["id"] for row in rows] == [U1, guid("u2"), guid("g-b")]


def test_members_of_every_kind_are_listed_with_their_type(sandbox: LiveSandbox) -> None:
    rows = get(sandbox, f"groups/{guid('g-mixed')}/members?$select=id").json()["value"]
    assert [row["@odata.type"].rpartition(".")[2] for row in rows] == ["user", "group", "device"]
    assert all(row.keys() == {"@odata.type", "id"} for row in rows)


def test_a_hidden_membership_looks_empty_without_its_permission(sandbox: LiveSandbox) -> None:
    path = f"groups/{guid('g-hidden')}/members"
    assert len(get(sandbox, path).json()["value"]) == 1
    assert get(sandbox, path, "GroupMember.Read.All", "Directory.Read.All").json()["value"] == []


def test_pages_go_on_at_the_link_and_nowhere_else(sandbox: LiveSandbox) -> None:
    first = get(sandbox, "users?$select=id&$top=2").json()
    link = first["@odata.nextLink"].partition("/v1.0/")[2]
    rest = get(sandbox, link).json()
    assert [len(first["value"]), len(rest["value"])] == [2, 1]
    assert "@odata.nextLink" not in rest
    assert get(sandbox, link.replace("$top=2", "$top=1")).status_code == 400
    assert get(sandbox, link.replace("users", "groups")).status_code == 400


def test_the_application_shows_what_is_assigned_by_both_of_its_ids(sandbox: LiveSandbox) -> None:
    by_app = get(sandbox, f"servicePrincipals(appId='{APPLICATION_ID}')/appRoleAssignedTo").json()["value"]
    by_object = get(sandbox, f"servicePrincipals/{SERVICE_PRINCIPAL_ID}/appRoleAssignedTo?$top=999").json()["value"]
    assert by_app == by_object
    assert [row["principalType"] for row in by_app] == ["User", "Group", "ServicePrincipal"]


def test_a_secret_shows_how_it_begins_and_when_it_ends(sandbox: LiveSandbox) -> None:
    app = sandbox.sandbox.entra.app
    shown = get(sandbox, f"applications(appId='{app.client_id}')?$select=passwordCredentials,keyCredentials").json()
    (secret,) = shown["passwordCredentials"]
    assert (secret["hint"], secret["secretText"]) == (app.secrets[0].text[:3], None)
    assert app.secrets[0].text not in json.dumps(shown)


BAD_BATCHES: list[tuple[Any, str]] = [
    ([part(str(n), "/users") for n in range(21)], "maximum value of 20"),
    ([part("1", "/users"), part("1", "/groups")], "Duplicate"),
    ([{"method": "GET", "url": "/users"}], "needs id, method and url"),
    ([part("1", "/users", timeout=5)], "timeout"),
    ([], "'requests'"),
]


@pytest.mark.parametrize(("parts", "said"), BAD_BATCHES, ids=[said for _, said in BAD_BATCHES])
def test_a_malformed_batch_is_refused_as_a_whole(sandbox: LiveSandbox, parts: list[Json], said: str) -> None:
    answer = batch(sandbox, *parts)
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (400, True), BATCHING


def test_each_request_of_a_batch_is_answered_by_itself_in_any_order(sandbox: LiveSandbox) -> None:
    sandbox.fail("entra", "groups.list", "throttle")
    parts = [
        part("a", "/users?$select=id&$top=2"),
        part("b", "groups"),
        part("c", f"/users/{G_A}"),
        part("d", "/users", method="DELETE"),
        part("e", "/users", dependsOn=["a"]),
    ]
    answers = batch(sandbox, *parts).json()["responses"]
    assert [one["id"] for one in answers] == list("edcba")
    assert [one["status"] for one in answers] == [400, 405, 404, 429, 200]
    by_id = {one["id"]: one for one in answers}
    assert by_id["b"]["headers"]["Retry-After"] == "1"
    assert by_id["a"]["body"]["@odata.nextLink"].startswith(f"{sandbox.sandbox.entra.graph_url}/v1.0/users?")
    assert by_id["a"]["headers"]["x-ms-resource-unit"] == "1"


def test_resource_units_run_out_and_are_told_of_before(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(people(), quota_scale=0.002)  # seven units in ten seconds
    answers = [get(sandbox, f"groups/{G_A}/members?$select=id") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429], THROTTLING
    assert "x-ms-throttle-limit-percentage" not in answers[1].headers
    assert float(answers[2].headers["x-ms-throttle-limit-percentage"]) >= 0.8
    assert answers[3].json()["error"]["code"] == "TooManyRequests"
    sandbox.sandbox.clock.advance(float(answers[3].headers["Retry-After"]))
    assert get(sandbox, f"groups/{G_A}/members?$select=id").status_code == 200
