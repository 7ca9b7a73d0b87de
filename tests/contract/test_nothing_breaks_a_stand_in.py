"""Whatever a client sends, a stand-in answers in the system's own words, and never with a crash of its own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.identity_center.shapes import service_model
from tests.support.clients import GRAPH, Clients
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox

Json = dict[str, Any]
quickly = settings(
    max_examples=120,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
WORDS = st.sampled_from([
    "userName", "name", "emails", "members", "value", "primary", "active", "externalId", "displayName", "path", "op",
    "schemas", "Operations", "groups.value", "Users", "remove", "add", "replace", 'emails[type eq "work"].value',
    "UserName", "Name", "Emails", "AttributePath", "AttributeValue", "title", "", "x" * 1025, "\x00", "ß",
    "\ud800", "advance", "kind", "system", "seconds", "users", "groups", "id", "email", "google", "type", "attachments",
    "contentType", "content", "body", "Extensions", "aws:identitystore:enterprise", "manager", "short_pages", "drop",
])  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers(-5, 200) | WORDS
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=8
)
PATCH = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}
PATCHES = st.lists(
    st.fixed_dictionaries({"op": st.sampled_from(["add", "replace", "remove"]), "path": WORDS, "value": JSON}),
    max_size=3,
).map(lambda operations: PATCH | {"Operations": operations})
QUERIES = st.dictionaries(
    st.sampled_from(["filter", "count", "cursor", "fields", "maxResults", "pageToken", "customer", "orderBy", "q"]),
    st.sampled_from(["", "0", "-1", "x", "my_customer", "users(", 'userName eq "', "id eq 1 and manager", "é", "%"]),
    max_size=3,
)
GRAPH_QUERIES = st.dictionaries(
    st.sampled_from(["$select", "$top", "$skiptoken", "$filter", "$expand", "q", ""]),
    st.sampled_from(["", "0", "5", "-1", "id", "id,nothing", "members", "x", "é", "%", "'"]),
    max_size=3,
)
PARTS = st.dictionaries(st.sampled_from(["id", "method", "url", "body"]), SCALARS)
OWN = [
    ("PUT", "directory"),
    ("PUT", "identity-center/assignments"),
    ("POST", "faults"),
    ("PATCH", "switches"),
    ("POST", "clock"),
]


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    data = company([person(n) for n in range(3)], [team("a", ["u1", "u2"])])
    with LiveSandbox(data, tmp_path_factory.mktemp("fuzz")) as live:
        yield Clients(live)


def is_answered(answer: requests.Response) -> bool:
    """Tell whether a stand-in answered, with JSON or with nothing, and no crash."""
    return answer.status_code < 500 and (not answer.content or isinstance(answer.json(), dict))


@quickly
@given(operation=st.sampled_from(sorted(service_model("identitystore").operation_names)), body=JSON)
def test_the_identity_store_answers_any_json(clients: Clients, operation: str, body: Any) -> None:
    store = {"IdentityStoreId": clients.store.store_id, "UserId": clients.user, "GroupId": clients.group}
    bodies = [body, store | body if isinstance(body, dict) else store | {"Operations": body}]
    for parameters in bodies:
        call = clients.aws("identitystore", "AWSIdentityStore", "identitystore", operation, parameters)
        assert is_answered(call()), (operation, parameters)


@quickly
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path=st.sampled_from(["Users", "Groups", "Users/{user}", "Groups/{group}", "Schemas", "Bulk", "Me", "x"]),
    body=JSON | PATCHES,
    query=QUERIES,
)
def test_scim_answers_any_json(clients: Clients, method: str, path: str, body: Any, query: dict[str, str]) -> None:
    where = path.format(user=clients.user, group=clients.group)
    if method == "DELETE":
        where += "-x"  # the two that the other examples need stay
    asked = requests.models.PreparedRequest()
    asked.prepare_url(f"{clients.live.sandbox.scim_endpoint}{where}", query)
    relative = str(asked.url).removeprefix(clients.live.sandbox.scim_endpoint)
    assert is_answered(clients.scim(method, relative, body)()), (method, where, query, body)


@quickly
@given(path=st.sampled_from(["users", "users/u1", "groups", "groups/g-a/members", "customer/x/domains"]), query=QUERIES)
def test_google_answers_any_query(clients: Clients, path: str, query: dict[str, str]) -> None:
    asked = requests.models.PreparedRequest()
    asked.prepare_url("http://google/", query)
    rest = str(asked.url).partition("?")[2]
    assert is_answered(clients.google(f"{path}?{rest}")()), (path, query)


@quickly
@given(
    path=st.sampled_from(["users", "groups", "groups/{group}/users", "groups/x/users", "apps"]),
    query=st.dictionaries(
        st.sampled_from(["limit", "after", "filter", "q", "expand", "x"]),
        st.sampled_from(["", "0", "1", "201", "x", "MDB1OjA=", 'type eq "BUILT_IN"', 'status eq "', "é", "%"]),
        max_size=3,
    ),
)
def test_okta_answers_any_query(clients: Clients, path: str, query: dict[str, str]) -> None:
    asked = requests.models.PreparedRequest()
    asked.prepare_url("http://okta/", query)
    answer = clients.okta(f"{path}?{str(asked.url).partition('?')[2]}")()
    assert answer.status_code < 500, (path, query)
    assert isinstance(answer.json(), list if answer.status_code == 200 else dict), (path, query)


@quickly
@given(path=st.sampled_from(sorted(GRAPH.values())), query=GRAPH_QUERIES)
def test_graph_answers_any_query(clients: Clients, path: str, query: dict[str, str]) -> None:
    asked = requests.models.PreparedRequest()
    asked.prepare_url("http://graph/", query)
    rest = str(asked.url).partition("?")[2]
    assert is_answered(clients.graph(f"{path.partition('?')[0]}?{rest}")()), (path, query)


@quickly
@given(body=JSON, parts=st.lists(PARTS, max_size=3))
def test_a_batch_of_graph_answers_any_json(clients: Clients, body: Any, parts: list[Json]) -> None:
    for sent in (body, {"requests": body}, {"requests": parts}):
        assert is_answered(clients.graph_batch(sent)()), sent


@quickly
@given(body=JSON)
def test_teams_answers_any_json(clients: Clients, body: Any) -> None:
    answer = requests.post(clients.live.sandbox.teams_webhook, data=json.dumps(body), timeout=5)
    assert is_answered(answer), body


@quickly
@given(
    what=st.sampled_from(OWN),
    body=JSON,
)
def test_the_sandbox_s_own_api_answers_any_json(clients: Clients, what: tuple[str, str], body: Any) -> None:
    method, path = what
    answer = requests.request(method, f"{clients.live.url}/{path}", data=json.dumps(body), timeout=5)
    assert is_answered(answer), (what, body)


@pytest.mark.parametrize(
    "path",
    ["identitystore/", "sso-admin/", "scim", "google/token", "okta/oauth2/v1/token", "teams", "faults", "switches"],
)
@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a": NaN}', b'{"\\ud800": 1}', b"\xff", b""],
    ids=["deep", "NaN", "half", "bytes", "empty"],
)
def test_a_body_that_is_no_json_is_refused(clients: Clients, path: str, body: bytes) -> None:
    sandbox = clients.live.sandbox
    urls = {"scim": f"{sandbox.scim_endpoint}Users", "teams": sandbox.teams_webhook}
    headers = {"Authorization": f"Bearer {sandbox.scim_token}", "Content-Type": "application/json"}
    method = "PATCH" if path == "switches" else "POST"
    answer = requests.request(
        method, urls.get(path, f"{clients.live.url}/{path}"), data=body, headers=headers, timeout=5
    )
    assert 400 <= answer.status_code < 500
    assert is_answered(answer)
