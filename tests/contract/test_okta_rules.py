"""The Okta stand-in's rules: what a client can do wrong, what it is told, and where that is written.

"open: our choice" marks what no document settles; there the stand-in is as strict as it may be.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from sandbox.okta.organisation import okta_id
from tests.support.companies import company, expected_memberships, person, team
from tests.support.live import LiveSandbox
from tests.support.okta import get

Json = dict[str, Any]
REFERENCE = "Okta API reference"
CODES = "Okta error codes"
CHOICE = "open: our choice"


def people() -> Json:
    users = [
        person(1),
        person(2, suspended=True),
        person(3, archived=True),
        person(4, familyName="", okta={"status": "LOCKED_OUT", "profile": {"department": "Sales"}}),
        person(5, id="00uABCDEFGHIJKLMNOPQ"),
    ]
    groups = [team("a", ["u1", "u3"], ["g-b"]), team("b", ["u2"], ["g-a"]), team("all", [])]
    groups[0]["members"].append({"type": "USER", "id": "x1", "email": "someone@partner.example"})
    groups[2]["members"] = [{"type": "CUSTOMER"}]
    return company(users, groups)


@pytest.fixture(scope="module")
def okta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    """One company for all rules that change nothing."""
    with LiveSandbox(people(), tmp_path_factory.mktemp("okta")) as sandbox:
        yield sandbox


def rows(answer: requests.Response) -> list[Json]:
    assert answer.status_code == 200, answer.text
    body: list[Json] = answer.json()
    return body


def group_id(name: str) -> str:
    return okta_id("00g", f"g-{name}")


@dataclass(frozen=True)
class Rule:
    """A request that breaks a rule, and what is answered."""

    name: str
    path: str
    status: int
    code: str
    source: str


RULES = [
    Rule("a page of no users", "users?limit=0", 400, "E0000001", CHOICE),
    Rule("a page of 201 users", "users?limit=201", 400, "E0000001", REFERENCE),
    Rule("a page of 10,001 groups", "groups?limit=10001", 400, "E0000001", REFERENCE),
    Rule("a page of 1,001 members", f"groups/{group_id('a')}/users?limit=1001", 400, "E0000001", REFERENCE),
    Rule("a page of words", "users?limit=many", 400, "E0000001", CHOICE),
    Rule("a cursor that is none", "users?after=x", 400, "E0000001", CHOICE),
    Rule("an unknown parameter", "users?maxResults=1", 400, "E0000001", CHOICE),
    Rule("a parameter twice", "users?limit=1&limit=1", 400, "E0000001", CHOICE),
    Rule("a search", "users?search=x", 400, "E0000001", CHOICE),
    Rule("a filter of another form", 'groups?filter=id eq "x"', 400, "E0000001", CHOICE),
    Rule("a filter of members", f'groups/{group_id("a")}/users?filter=status eq "ACTIVE"', 400, "E0000001", CHOICE),
    Rule("a group that is not there", "groups/00gNOBODY/users", 404, "E0000007", CODES),
    Rule("an operation that is not stood in for", "apps", 404, "E0000007", CHOICE),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_request_that_breaks_a_rule_is_refused_in_okta_s_words(okta: LiveSandbox, rule: Rule) -> None:
    answer = get(okta, rule.path)
    body = answer.json()
    assert (answer.status_code, body["errorCode"]) == (rule.status, rule.code), rule.source
    assert set(body) == {"errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"}


@pytest.mark.parametrize("authorization", ["", "SSWS wrong", "Bearer wrong", "DPoP wrong", "Basic eDp5"])
def test_nobody_is_let_in_without_a_token(okta: LiveSandbox, authorization: str) -> None:
    answer = get(okta, "users", authorization)
    assert answer.status_code == 401
    assert answer.json()["errorCode"] in {"E0000011", "E0000005"}


def test_writes_are_refused_and_said_to_be_none_of_its_business(okta: LiveSandbox) -> None:
    answer = requests.post(
        f"{okta.sandbox.okta.url}/api/v1/users",
        headers={"Authorization": f"SSWS {okta.sandbox.okta.api_token}"},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["errorCode"]) == (405, "E0000022")


def test_users_have_a_status_a_profile_and_the_names_that_okta_demands(okta: LiveSandbox) -> None:
    found = {user["profile"]["login"]: user for user in rows(get(okta, "users"))}
    assert {login: user["status"] for login, user in found.items()} == {
        "p1@example.com": "ACTIVE",
        "p2@example.com": "SUSPENDED",
        "p4@example.com": "LOCKED_OUT",
        "p5@example.com": "ACTIVE",
    }  # and none who is deactivated: "List all users"
    assert found["p4@example.com"]["profile"]["lastName"] == "-"
    assert found["p4@example.com"]["profile"]["department"] == "Sales"
    assert found["p5@example.com"]["id"] == "00uABCDEFGHIJKLMNOPQ"
    assert all(len(user["id"]) == 20 and user["id"].isalnum() for user in found.values())
    assert all("credentials" in user for user in found.values())


def test_the_deactivated_are_listed_by_a_filter_and_as_members(okta: LiveSandbox) -> None:
    (gone,) = rows(get(okta, 'users?filter=status eq "DEPROVISIONED"'))
    assert gone["profile"]["login"] == "p3@example.com"
    members = rows(get(okta, f"groups/{group_id('a')}/users"))
    assert gone["id"] in {user["id"] for user in members}
    okta.switch(okta_deactivated_members=False)
    members = rows(get(okta, f"groups/{group_id('a')}/users"))
    okta.switch(okta_deactivated_members=True)
    assert gone["id"] not in {user["id"] for user in members}


def test_groups_do_not_nest_and_everybody_is_in_everyone(okta: LiveSandbox) -> None:
    groups = rows(get(okta, "groups"))
    assert {(group["profile"]["name"], group["type"]) for group in groups} == {
        ("Everyone", "BUILT_IN"),
        *((name, "OKTA_GROUP") for name in ("a", "b", "all")),
    }
    members = {
        group["profile"]["name"]: {user["profile"]["login"] for user in rows(get(okta, f"groups/{group['id']}/users"))}
        for group in groups
    }
    everybody = {user["email"] for user in people()["users"]}
    assert members["Everyone"] == members["all"] == everybody
    assert members["a"] == members["b"] == {f"p{n}@example.com" for n in (1, 2, 3)}
    assert expected_memberships(people()).keys() == members.keys() - {"Everyone"}


def test_what_the_content_type_wants_left_out_is_left_out(okta: LiveSandbox) -> None:
    kind = "application/json; okta-response=omitCredentials,omitCredentialsLinks,omitTransitioningToStatus"
    assert not any("credentials" in user for user in rows(get(okta, "users", **{"Content-Type": kind})))
    assert all("credentials" in user for user in rows(get(okta, "users", **{"Content-Type": "application/json"})))


@pytest.mark.parametrize("path", ["users", "groups", f"groups/{group_id('all')}/users"])
def test_links_lead_from_page_to_page_and_the_last_leads_to_itself_only(okta: LiveSandbox, path: str) -> None:
    whole = {row["id"] for row in rows(get(okta, path))}
    found, answer = [], get(okta, f"{path}?limit=1")
    while "next" in answer.links:
        assert "self" in answer.links
        found += rows(answer)
        following = answer.links["next"]["url"]
        assert following.startswith(f"{okta.sandbox.okta.url}/api/v1/{path}?")
        answer = requests.get(following, headers={"Authorization": f"SSWS {okta.sandbox.okta.api_token}"}, timeout=5)
    found += rows(answer)
    assert set(answer.links) == {"self"}
    assert len(found) == len(whole)
    assert {row["id"] for row in found} == whole


def test_a_cursor_is_of_one_listing(okta: LiveSandbox) -> None:
    cursor = get(okta, "users?limit=1").links["next"]["url"].partition("after=")[2].partition("&")[0]
    assert get(okta, f"users?limit=1&after={cursor}").status_code == 200
    for other in ("groups", 'users?filter=status eq "ACTIVE"', f"groups/{group_id('all')}/users"):
        joint = "&" if "?" in other else "?"
        assert get(okta, f"{other}{joint}after={cursor}").status_code == 400


def test_an_administrator_of_some_groups_sees_them_their_members_and_not_everyone(okta: LiveSandbox) -> None:
    okta.switch(okta_admin_groups=["b"])
    groups, users = rows(get(okta, "groups")), rows(get(okta, "users"))
    hidden = get(okta, f"groups/{group_id('all')}/users").status_code
    okta.switch(okta_admin_groups=[])
    assert [group["profile"]["name"] for group in groups] == ["b"]
    assert {user["profile"]["login"] for user in users} == {"p1@example.com", "p2@example.com"}
    assert hidden == 404


def test_every_answer_tells_how_many_calls_are_left(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(people(), quota_scale=0.01)  # 6 a minute for users, 5 for groups
    told = [get(sandbox, "users").headers for _ in range(6)]
    assert [one["X-Rate-Limit-Remaining"] for one in told] == ["5", "4", "3", "2", "1", "0"]
    refused = get(sandbox, "users")
    assert (refused.status_code, refused.json()["errorCode"]) == (429, "E0000047")
    date = parsedate_to_datetime(refused.headers["Date"]).timestamp()
    assert 55 < int(refused.headers["X-Rate-Limit-Reset"]) - date <= 61
    assert get(sandbox, "groups").status_code == 200  # of another window
    assert get(sandbox, "groups", "SSWS wrong").headers["X-Rate-Limit-Limit"] == "5"
    sandbox.sandbox.clock.advance(61)
    assert get(sandbox, "users").status_code == 200


def test_too_many_calls_at_once_are_told_by_limits_of_nothing(okta: LiveSandbox) -> None:
    okta.switch(okta_concurrency=0)
    refused = get(okta, "users")
    okta.switch(okta_concurrency=75)
    assert refused.status_code == 429
    assert (refused.headers["X-Rate-Limit-Limit"], refused.headers["X-Rate-Limit-Remaining"]) == ("0", "0")


CUT = [("empty_page", 0), ("short_page", 1), ("last_page", 2)]


@pytest.mark.parametrize(("kind", "left"), CUT)
def test_faults_of_content_cut_rows_and_links(live: Callable[..., LiveSandbox], kind: str, left: int) -> None:
    sandbox = live(people())
    sandbox.fail("okta", "listUsers", kind)
    answer = get(sandbox, "users?limit=2")
    assert (len(rows(answer)), "next" in answer.links) == (left, kind != "last_page")
    sandbox.fail("okta", "listUsers", "missing_field", field="id")
    assert not any("id" in user for user in rows(get(sandbox, "users")))
    sandbox.fail("okta", "listUsers", "missing_field", field="users")
    assert get(sandbox, "users").json() == {}


def test_an_id_is_always_the_same_and_never_another_s() -> None:
    made = [okta_id("00u", f"u{number}") for number in range(2000)]
    assert made == [okta_id("00u", f"u{number}") for number in range(2000)]
    assert len(set(made)) == 2000
