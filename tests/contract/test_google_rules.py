"""The Google stand-in's rules: what a client can do wrong, what it is told, and where that is written.

"open: our choice" marks what no document settles; there the stand-in is as strict as it may be.
"""

import email.parser
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from sandbox.calls import Reply
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox
from tests.support.witnesses.google import problems

Json = dict[str, Any]
DISCOVERY = "discovery document"
GLOBAL = "Google APIs: errors of the global domain"
LIMITS = "Directory API: limits and quotas"
RESELLER = "Reseller API: troubleshoot Directory API issues"
BATCH = "Directory API: send batch requests"
PARTIAL = "Google APIs: performance tips, partial response"
OAUTH = "Google: OAuth 2.0 for server to server applications"
RFC6749 = "RFC 6749, 5.2"
CHOICE = "open: our choice"
ROOT = "https://www.googleapis.com/auth/admin.directory."
SCOPES = tuple(
    f"{ROOT}{name}.readonly" for name in ("user", "group", "group.member", "domain", "rolemanagement", "userschema")
)
ASSIGNMENTS = "customer/my_customer/roleassignments?alt=json"
API = "/google/admin/directory/v1"
USERS = "users?customer=my_customer"
GROUPS = "groups?customer=my_customer"
A_MEMBERS = "groups/g-a/members?alt=json"


def people() -> Json:
    users = [
        person(1, givenName="bea", familyName="Young", orgUnitPath="/Sales/North"),
        person(2, givenName="Abe", familyName="zander", orgUnitPath="/SalesOps"),
        person(
            3, givenName="Cleo", familyName="Adams", orgUnitPath="/Sales", google={"aliases": ["three@example.com"]}
        ),
        person(4, email="p4@sub.example", customSchemas={"AWS": {"access": True}, "HR": {"nick": "Bo"}}),
    ]
    outsider = {"type": "USER", "id": "x1", "email": "someone@partner.example"}
    groups = [
        team("a", ["u1", "u2"], ["g-b"]),
        team("b", ["u3"], ["g-a"]),
        team("empty", []),
        team("mixed", ["u1"]),
        team("whole", []),
    ]
    groups[3]["members"] += [outsider, {"type": "USER", "id": "u2", "role": "OWNER"}]
    groups[4]["members"] = [{"type": "CUSTOMER"}]
    return company(users, groups, domains=["sub.example"])


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    """One company for all rules that change nothing."""
    with LiveSandbox(people(), tmp_path_factory.mktemp("google")) as sandbox:
        yield sandbox


def token(sandbox: LiveSandbox, scopes: tuple[str, ...] = SCOPES) -> str:
    credentials = Credentials.from_service_account_info(
        sandbox.sandbox.tokens.key_file(), scopes=list(scopes), subject=sandbox.sandbox.admin
    )
    credentials.refresh(Request())
    return str(credentials.token)


def get(sandbox: LiveSandbox, path: str, authorization: str | None = None, method: str = "GET") -> requests.Response:
    headers = {"Authorization": f"Bearer {token(sandbox)}" if authorization is None else authorization}
    return requests.request(method, f"{sandbox.url}{API}/{path}", headers=headers, timeout=10)


def found(sandbox: LiveSandbox, path: str) -> Json:
    answer = get(sandbox, path)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def reason(body: Json) -> str:
    return str(body["error"]["errors"][0]["reason"])


@dataclass(frozen=True)
class Rule:
    """A request that breaks a rule, and what is answered."""

    name: str
    path: str
    status: int
    reason: str
    source: str


RULES = [
    Rule("a listing of users needs a customer or a domain", "users", 400, "badRequest", DISCOVERY),
    Rule("a listing of groups needs a customer or a domain", "groups", 400, "badRequest", DISCOVERY),
    Rule("customer and domain together are too much", f"{USERS}&domain=example.com", 400, "badRequest", CHOICE),
    Rule("a domain is not a customer", "users?customer=example.com", 400, "badRequest", RESELLER),
    Rule("a customer is not a domain", "users?domain=C01abc", 400, "badRequest", RESELLER),
    Rule("another customer is nobody's business", "users?customer=C01abc", 403, "forbidden", RESELLER),
    Rule("another domain is nobody's business", "groups?domain=other.example", 403, "forbidden", CHOICE),
    Rule("domains of another customer are not shown", "customer/C01abc/domains", 403, "forbidden", RESELLER),
    Rule("domains of no customer are not shown", "customer/example.com/domains", 400, "badRequest", RESELLER),
    Rule("a page of no users", f"{USERS}&maxResults=0", 400, "invalidParameter", DISCOVERY),
    Rule("a page of 501 users", f"{USERS}&maxResults=501", 400, "invalidParameter", DISCOVERY),
    Rule("a page of abc users", f"{USERS}&maxResults=abc", 400, "invalidParameter", DISCOVERY),
    Rule("a page of -1 users", f"{USERS}&maxResults=-1", 400, "invalidParameter", DISCOVERY),
    Rule("an empty page size", f"{USERS}&maxResults=", 400, "invalidParameter", CHOICE),
    Rule("a page of 201 groups", f"{GROUPS}&maxResults=201", 400, "invalidParameter", "reference of groups.list"),
    Rule("a page of 201 members", f"{A_MEMBERS}&maxResults=201", 400, "invalidParameter", "reference of members.list"),
    Rule("a page of no members", f"{A_MEMBERS}&maxResults=0", 400, "invalidParameter", DISCOVERY),
    Rule("a parameter that no method has", f"{USERS}&pagesize=5", 400, "invalidParameter", GLOBAL),
    Rule("a parameter of another method", f"{GROUPS}&projection=full", 400, "invalidParameter", GLOBAL),
    Rule("a customer where there is none to choose", f"{A_MEMBERS}&customer=x", 400, "invalidParameter", GLOBAL),
    Rule("a parameter that comes twice", f"{USERS}&maxResults=5&maxResults=6", 400, "invalidParameter", CHOICE),
    Rule("a projection that there is not", f"{USERS}&projection=whole", 400, "invalidParameter", DISCOVERY),
    Rule("a projection in capitals", "users/u1?projection=FULL", 400, "invalidParameter", CHOICE),
    Rule("a custom projection without a mask", f"{USERS}&projection=custom", 400, "invalid", CHOICE),
    Rule("a mask without a custom projection", f"{USERS}&customFieldMask=AWS", 400, "invalid", CHOICE),
    Rule("users in the order of their ids", f"{USERS}&orderBy=id", 400, "invalidParameter", DISCOVERY),
    Rule("groups in the order of their names", f"{GROUPS}&orderBy=name", 400, "invalidParameter", DISCOVERY),
    Rule("an order that goes nowhere", f"{USERS}&sortOrder=UP", 400, "invalidParameter", DISCOVERY),
    Rule("a view that there is not", f"{USERS}&viewType=mine", 400, "invalidParameter", DISCOVERY),
    Rule("an event that there is not", f"{USERS}&event=born", 400, "invalidParameter", DISCOVERY),
    Rule("derived membership, perhaps", f"{A_MEMBERS}&includeDerivedMembership=1", 400, "invalidParameter", DISCOVERY),
    Rule("a role that there is not", f"{A_MEMBERS}&roles=OWNER,KING", 400, "invalid", CHOICE),
    Rule("a format that there is not", f"{USERS}&alt=xml", 400, "invalidAltValue", GLOBAL),
    Rule("a format for other services", f"{USERS}&alt=media", 400, "unsupportedOutputFormat", GLOBAL),
    Rule("a field that users have not", f"{USERS}&fields=users(id,nickname)", 400, "invalidParameter", PARTIAL),
    Rule("a field that the listing has not", f"{USERS}&fields=members", 400, "invalidParameter", PARTIAL),
    Rule("a field of nobody", "users?domain=sub.example&fields=users/name/x", 400, "invalidParameter", PARTIAL),
    Rule("a field below a text", f"{USERS}&fields=users/id/x", 400, "invalidParameter", PARTIAL),
    Rule(
        "a field of a group that lists nobody",
        "groups/g-empty/members?fields=members/x",
        400,
        "invalidParameter",
        PARTIAL,
    ),
    Rule("a mask that never ends", f"{USERS}&fields=users(id", 400, "invalidParameter", PARTIAL),
    Rule("a mask that ends too often", f"{USERS}&fields=users(id))", 400, "invalidParameter", PARTIAL),
    Rule("a mask with an empty name", f"{USERS}&fields=users(id,)", 400, "invalidParameter", PARTIAL),
    Rule("a mask without a floor", f"{USERS}&fields=users({'a(' * 1200}", 400, "invalidParameter", PARTIAL),
    Rule("a path without a floor", f"{USERS}&fields={'users/' * 1200}id", 400, "invalidParameter", PARTIAL),
    Rule("a mask of a user with fields of a listing", "users/u1?fields=users(id)", 400, "invalidParameter", PARTIAL),
    Rule("a user whom nobody knows", "users/nobody@example.com", 404, "notFound", GLOBAL),
    Rule("a group that nobody knows", "groups/nothing@example.com", 404, "notFound", GLOBAL),
    Rule("members of a group that nobody knows", "groups/nothing/members", 404, "notFound", GLOBAL),
    Rule("a group as a user", "users/a@example.com", 400, "badRequest", "seen: google-api-php-client issue 1523"),
    Rule("a path that there is not", "people", 404, "notFound", GLOBAL),
    Rule("a path that the sandbox has not", "groups/g-a/members/u1", 404, "notFound", CHOICE),
    Rule("a page of 201 assignments", f"{ASSIGNMENTS}&maxResults=201", 400, "invalidParameter", DISCOVERY),
    Rule("a page of 101 roles", "customer/my_customer/roles?maxResults=101", 400, "invalidParameter", DISCOVERY),
    Rule("pages of schemas", "customer/my_customer/schemas?maxResults=5", 400, "invalidParameter", DISCOVERY),
    Rule(
        "indirect assignments, perhaps",
        f"{ASSIGNMENTS}&includeIndirectRoleAssignments=1",
        400,
        "invalidParameter",
        DISCOVERY,
    ),
    Rule("assignments of nobody", f"{ASSIGNMENTS}&userKey=nobody@example.com", 404, "notFound", CHOICE),
    Rule("assignments of another customer", "customer/C01abc/roleassignments", 403, "forbidden", RESELLER),
    Rule("roles of another customer", "customer/C01abc/roles", 403, "forbidden", RESELLER),
    Rule("schemas of another customer", "customer/C01abc/schemas", 403, "forbidden", RESELLER),
    Rule("schemas of no customer", "customer/example.com/schemas", 400, "badRequest", RESELLER),
    Rule("a page token of nowhere", f"{USERS}&pageToken=abc", 400, "invalid", CHOICE),
    Rule("a page token that is not even base64", f"{USERS}&pageToken=%E4%BD%A0", 400, "invalid", CHOICE),
    Rule("deleted users, which the sandbox has not", f"{USERS}&showDeleted=true", 400, "badRequest", CHOICE),
    Rule("a search, which the sandbox has not", f"{USERS}&query=isSuspended=false", 400, "badRequest", CHOICE),
    Rule("an event, which the sandbox has not", f"{USERS}&event=add", 400, "badRequest", CHOICE),
    Rule("the public view, which the sandbox has not", f"{USERS}&viewType=domain_public", 400, "badRequest", CHOICE),
    Rule(
        "groups of a user, which the sandbox has not", "groups?domain=example.com&userKey=u1", 400, "badRequest", CHOICE
    ),
    Rule("a token in the query, which the sandbox has not", f"{USERS}&access_token=x", 400, "badRequest", CHOICE),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_broken_rule_is_refused(google: LiveSandbox, rule: Rule) -> None:
    answer = get(google, rule.path)
    assert (answer.status_code, reason(answer.json())) == (rule.status, rule.reason)
    error = answer.json()["error"]
    assert error["code"] == rule.status
    assert error["errors"][0]["message"] == error["message"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["users", "users/u1", "groups/g-a/members"])
def test_the_sandbox_takes_no_writes(google: LiveSandbox, path: str, method: str) -> None:
    """Open: our choice. Google would let an administrator write, with other scopes than these."""
    assert get(google, path, method=method).status_code == 405


@dataclass(frozen=True)
class Bearer:
    """What may be wrong with the token of a request."""

    name: str
    authorization: Callable[[LiveSandbox], str]
    status: int
    reason: str
    challenge: str
    source: str


BEARERS = [
    Bearer("no token", lambda _: "", 401, "required", 'realm="https://accounts.google.com/"', GLOBAL),
    Bearer("a token that nobody gave", lambda _: "Bearer x", 401, "authError", "invalid_token", GLOBAL),
    Bearer("a token of another scheme", lambda s: f"Basic {token(s)}", 401, "authError", "invalid_token", CHOICE),
    Bearer("a token without a scheme", token, 401, "authError", "invalid_token", CHOICE),
    Bearer(
        "a token without the scope",
        lambda s: f"Bearer {token(s, SCOPES[1:])}",
        403,
        "insufficientPermissions",
        "insufficient_scope",
        f"{DISCOVERY}; {GLOBAL}; RFC 6750, 3",
    ),
]


@pytest.mark.parametrize("bearer", BEARERS, ids=lambda bearer: bearer.name)
def test_a_token_that_is_not_good_is_refused(google: LiveSandbox, bearer: Bearer) -> None:
    answer = get(google, USERS, bearer.authorization(google))
    assert (answer.status_code, reason(answer.json())) == (bearer.status, bearer.reason)
    assert bearer.challenge in answer.headers["WWW-Authenticate"]


def test_a_token_ends_after_an_hour(google: LiveSandbox) -> None:
    bearer = f"Bearer {token(google)}"
    assert get(google, USERS, bearer).status_code == 200
    google.sandbox.clock.advance(3600)
    answer = get(google, USERS, bearer)
    assert (answer.status_code, reason(answer.json())) == (401, "authError")


def test_any_scope_of_the_method_is_enough(google: LiveSandbox) -> None:
    """The discovery document lists four scopes for members.list."""
    assert get(google, A_MEMBERS, f"Bearer {token(google, (ROOT + 'group.readonly',))}").status_code == 200


def wrong_key(_claims: Json) -> str:
    return (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


@dataclass(frozen=True)
class Assertion:
    """What may be wrong with a request for a token."""

    name: str
    status: int
    error: str
    source: str
    claims: Json = field(default_factory=dict)
    form: Json = field(default_factory=dict)
    key: Callable[[Json], str] | None = None


NOW = int(time.time())
ASSERTIONS = [
    Assertion("no grant type", 400, "invalid_request", RFC6749, form={"grant_type": ""}),
    Assertion("a grant type twice", 400, "invalid_request", RFC6749, form={"grant_type": ["a", "b"]}),
    Assertion("another grant type", 400, "unsupported_grant_type", RFC6749, form={"grant_type": "password"}),
    Assertion("no assertion", 400, "invalid_request", RFC6749, form={"assertion": ""}),
    Assertion("an assertion that is no JWT", 400, "invalid_grant", "RFC 7523, 3.1", form={"assertion": "a.b.c"}),
    Assertion("a wrong signature", 400, "invalid_grant", OAUTH, key=wrong_key),
    Assertion("another audience", 400, "invalid_grant", OAUTH, {"aud": "https://example.com/token"}),
    Assertion("no audience", 400, "invalid_grant", "RFC 7523, 3", {"aud": None}),
    Assertion("an end that has passed", 400, "invalid_grant", OAUTH, {"iat": NOW - 4000, "exp": NOW - 400}),
    Assertion("a beginning in the future", 400, "invalid_grant", OAUTH, {"iat": NOW + 7200, "exp": NOW + 9000}),
    Assertion("a life of more than an hour", 400, "invalid_grant", OAUTH, {"exp": NOW + 7200}),
    Assertion("an end that is a text", 400, "invalid_grant", CHOICE, {"exp": str(NOW + 600)}),
    Assertion("an account that nobody knows", 400, "invalid_grant", OAUTH, {"iss": "x@y.iam.gserviceaccount.com"}),
    Assertion("a person whom nobody knows", 400, "invalid_grant", OAUTH, {"sub": "nobody@example.com"}),
    Assertion("no person", 400, "invalid_grant", CHOICE, {"sub": None}),
    Assertion("no scope", 400, "invalid_scope", RFC6749, {"scope": ""}),
    Assertion("a scope that was not delegated", 401, "unauthorized_client", OAUTH, {"scope": f"{ROOT}user"}),
    Assertion(
        "one scope too many",
        401,
        "unauthorized_client",
        OAUTH,
        {"scope": f"{ROOT}user.readonly {ROOT}orgunit.readonly"},
    ),
]


@pytest.mark.parametrize("wrong", ASSERTIONS, ids=lambda wrong: wrong.name)
def test_a_request_for_a_token_that_is_not_good_is_refused(google: LiveSandbox, wrong: Assertion) -> None:
    key = google.sandbox.tokens.key_file()
    claims = {
        "iss": key["client_email"],
        "sub": google.sandbox.admin,
        "scope": SCOPES[0],
        "aud": "https://oauth2.googleapis.com/token",
        "iat": NOW,
        "exp": NOW + 3600,
    } | wrong.claims
    claims = {name: value for name, value in claims.items() if value is not None}
    private = wrong.key(claims) if wrong.key else key["private_key"]
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": jwt.encode(claims, private, algorithm="RS256"),
    } | wrong.form
    answer = requests.post(key["token_uri"], data=form, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (wrong.status, wrong.error)
    assert answer.json()["error_description"]


GOOGLE_AUTH = "google-auth: what is tried again (google.oauth2._client)"
TOKEN_FAULTS = [
    ("bad_request", 400, "invalid_request", False, RFC6749),
    ("unauthorized", 401, "invalid_client", False, RFC6749),
    ("forbidden", 403, "access_denied", False, CHOICE),
    ("not_found", 400, "invalid_grant", False, RFC6749),
    ("conflict", 400, "invalid_grant", False, RFC6749),
    ("throttle", 429, "rate_limit_exceeded", True, CHOICE),
    ("error", 500, "internal_failure", True, GOOGLE_AUTH),
    ("unavailable", 503, "temporarily_unavailable", True, GOOGLE_AUTH),
]


@pytest.mark.parametrize(("kind", "status", "error", "again", "source"), TOKEN_FAULTS)
def test_a_fault_of_the_token_endpoint_is_in_the_words_of_oauth(
    live: Callable[..., LiveSandbox], kind: str, status: int, error: str, again: bool, source: str
) -> None:
    sandbox = live(people())
    sandbox.fail("google_oauth", "token", kind)
    answer = requests.post(sandbox.sandbox.tokens.key_file()["token_uri"], data={}, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (status, error), source
    sandbox.fail("google_oauth", "token", kind)
    if again:
        assert token(sandbox)
    else:
        with pytest.raises(RefreshError, match=error):
            token(sandbox)


def part(line: str, *, content_id: str = "<1>", headers: str = "", kind: str = "application/http") -> str:
    named = f"Content-ID: {content_id}\r\n" if content_id else ""
    return f"Content-Type: {kind}\r\n{named}\r\n{line}\r\n{headers}\r\n"


def batch(
    sandbox: LiveSandbox,
    parts: list[str],
    *,
    content_type: str = "multipart/mixed; boundary=edge",
    authorization: str | None = None,
) -> requests.Response:
    body = "".join(f"--edge\r\n{text}\r\n" for text in parts) + "--edge--\r\n"
    headers = {"Authorization": f"Bearer {token(sandbox)}" if authorization is None else authorization}
    headers["Content-Type"] = content_type
    return requests.post(f"{sandbox.url}/google/batch", data=body.encode(), headers=headers, timeout=10)


def parts_of(answer: requests.Response) -> list[tuple[str, int, Json]]:
    """Return the Content-ID, status and body of each part."""
    assert answer.status_code == 200, answer.text
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n"
    parsed = []
    for message in email.parser.Parser().parsestr(head + answer.text).get_payload():
        assert not isinstance(message, str)
        first, _, rest = str(message.get_payload()).partition("\r\n")
        parsed.append((str(message["Content-ID"]), int(first.split()[1]), json.loads(rest.partition("\r\n\r\n")[2])))
    return parsed


GOOD = f"GET {API}/users/u1?fields=id HTTP/1.1"


@dataclass(frozen=True)
class BatchRule:
    """A batch that breaks a rule: as a whole, or in its only part."""

    name: str
    parts: list[str]
    status: int
    reason: str
    source: str
    content_type: str = "multipart/mixed; boundary=edge"


WHOLE_BATCHES = [
    BatchRule("a batch of 1,001", [part(GOOD)] * 1001, 400, "tooManyParts", f"{BATCH}; {GLOBAL}"),
    BatchRule("a batch of JSON", [part(GOOD)], 400, "badContent", GLOBAL, "application/json"),
    BatchRule(
        "a batch of another multipart", [part(GOOD)], 400, "badContent", BATCH, "multipart/form-data; boundary=edge"
    ),
    BatchRule("a batch without a boundary", [part(GOOD)], 400, "badContent", CHOICE, "multipart/mixed"),
    BatchRule("a batch with another boundary", [part(GOOD)], 400, "badContent", CHOICE, "multipart/mixed; boundary=x"),
    BatchRule("a batch of texts", [part(GOOD, kind="text/plain")], 400, "badContent", f"{BATCH}; {GLOBAL}"),
]
PARTS = [
    BatchRule("a part that is no request", [part("hello")], 400, "badRequest", CHOICE),
    BatchRule("a part with a full URL", [part(f"GET https://x{API}/users/u1")], 400, "badRequest", BATCH),
    BatchRule("a batch in a batch", [part("POST /google/batch HTTP/1.1")], 400, "badRequest", CHOICE),
    BatchRule("a part that writes", [part(f"DELETE {API}/users/u1 HTTP/1.1")], 405, "httpMethodNotAllowed", CHOICE),
    BatchRule("a part on an unknown path", [part(f"GET {API}/people HTTP/1.1")], 404, "notFound", GLOBAL),
    BatchRule("a part on another API", [part("GET /calendar/v3/users HTTP/1.1")], 404, "notFound", CHOICE),
    BatchRule("a part with a bad parameter", [part(f"GET {API}/{USERS}&x=1")], 400, "invalidParameter", GLOBAL),
    BatchRule("a part with a bad token", [part(GOOD, headers="Authorization: Bearer x\r\n")], 401, "authError", BATCH),
]


@pytest.mark.parametrize("rule", WHOLE_BATCHES, ids=lambda rule: rule.name)
def test_a_batch_that_is_not_good_is_refused_as_a_whole(google: LiveSandbox, rule: BatchRule) -> None:
    answer = batch(google, rule.parts, content_type=rule.content_type)
    assert (answer.status_code, reason(answer.json())) == (rule.status, rule.reason)


@pytest.mark.parametrize("rule", PARTS, ids=lambda rule: rule.name)
def test_a_part_that_is_not_good_costs_only_itself(google: LiveSandbox, rule: BatchRule) -> None:
    good, bad = parts_of(batch(google, [part(GOOD, content_id="<0>"), *rule.parts]))
    assert good == ("<response-0>", 200, {"id": "u1"})
    assert (bad[1], reason(bad[2])) == (rule.status, rule.reason)


def test_a_batch_without_a_token_is_answered_part_by_part(google: LiveSandbox) -> None:
    """The headers of a batch are those of its parts ("send batch requests"): without, each is refused."""
    answers = parts_of(batch(google, [part(GOOD), part(GOOD)], authorization=""))
    assert [(status, reason(body)) for _, status, body in answers] == [(401, "required")] * 2


def test_a_part_may_bring_its_own_token(google: LiveSandbox) -> None:
    own = f"Authorization: Bearer {token(google)}\r\n"
    answers = parts_of(batch(google, [part(GOOD, headers=own), part(GOOD)], authorization=""))
    assert [status for _, status, _ in answers] == [200, 401]


def test_a_part_needs_no_content_id(google: LiveSandbox) -> None:
    assert parts_of(batch(google, [part(GOOD, content_id="")])) == [("None", 200, {"id": "u1"})]


def test_the_calls_of_a_batch_wait_side_by_side(live: Callable[..., LiveSandbox]) -> None:
    """Once for the batch, once for what is in it; the token is fetched before."""
    sandbox = live(people(), latency=0.2)
    bearer = f"Bearer {token(sandbox)}"
    began = time.monotonic()
    answers = parts_of(batch(sandbox, [part(GOOD, content_id=f"<{n}>") for n in range(20)], authorization=bearer))
    assert time.monotonic() - began < 2
    assert [name for name, _, _ in answers] == [f"<response-{n}>" for n in range(20)]


def test_a_fault_strikes_the_same_call_of_a_batch_each_time(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(people())
    sandbox.fail("google", "users.get", "unavailable", nth=3)
    assert [status for _, status, _ in parts_of(batch(sandbox, [part(GOOD)] * 4))] == [200, 200, 503, 200]


@pytest.mark.parametrize("name", ["é", "éa", "éab", "éabc"])
def test_half_of_a_batch_may_end_in_the_middle_of_a_character(live: Callable[..., LiveSandbox], name: str) -> None:
    sandbox = live(company([person(1, givenName=name * 500)], []))
    for operation in ("users.get", "batch"):
        sandbox.fail("google", operation, "truncate")
        answer = batch(sandbox, [part(f"GET {API}/users/u1?fields=name HTTP/1.1")])
        assert answer.status_code == 200
        assert answer.content


THROTTLES = [("userRateLimitExceeded", 403), ("quotaExceeded", 403), ("rateLimitExceeded", 429)]
ONE_A_MINUTE = 1 / 2400


@pytest.mark.parametrize(("why", "status"), THROTTLES)
def test_too_many_requests_are_refused_in_the_words_of_the_switch(
    live: Callable[..., LiveSandbox], why: str, status: int
) -> None:
    """All three are on the page about limits; the last is said of a limit of the whole account."""
    sandbox = live(people(), quota_scale=ONE_A_MINUTE)
    sandbox.switch(google_throttle=why)
    assert get(sandbox, USERS).status_code == 200
    answer = get(sandbox, GROUPS)
    assert (answer.status_code, reason(answer.json())) == (status, why)
    sandbox.sandbox.clock.advance(61)
    answers = parts_of(batch(sandbox, [part(GOOD), part(GOOD)]))
    assert answers[0][1] == 200
    assert (answers[1][1], reason(answers[1][2])) == (status, why)


def test_each_call_of_a_batch_counts_unless_the_switch_says_otherwise(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(people(), quota_scale=ONE_A_MINUTE)
    sandbox.switch(google_batch_counts_once=True)
    assert [status for _, status, _ in parts_of(batch(sandbox, [part(GOOD)] * 3))] == [200] * 3
    assert batch(sandbox, [part(GOOD)]).status_code == 403


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (USERS, GROUPS),
        (USERS, "users?domain=example.com"),
        (USERS, f"{USERS}&orderBy=email"),
        ("groups/g-a/members?alt=json", "groups/g-mixed/members?alt=json"),
        ("groups/g-mixed/members?alt=json", "groups/g-mixed/members?roles=MEMBER"),
    ],
)
def test_a_page_token_belongs_to_one_listing(google: LiveSandbox, first: str, second: str) -> None:
    """AIP-158: all parameters but the page size have to stay as they were."""
    mark = found(google, f"{first}&maxResults=1")["nextPageToken"]
    assert get(google, f"{first}&maxResults=2&pageToken={mark}").status_code == 200
    answer = get(google, f"{second}&maxResults=1&pageToken={mark}")
    assert (answer.status_code, reason(answer.json())) == (400, "invalid")


def test_a_page_token_lasts_three_days(google: LiveSandbox) -> None:
    """The discovery document says so of users.list."""
    path = f"{USERS}&maxResults=1"
    mark = found(google, path)["nextPageToken"]
    google.sandbox.clock.advance(3 * 24 * 3600 - 60)
    assert get(google, f"{path}&pageToken={mark}").status_code == 200
    google.sandbox.clock.advance(120)
    answer = get(google, f"{path}&pageToken={mark}")
    assert (answer.status_code, reason(answer.json())) == (400, "invalid")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("orderBy=givenName", ["u2", "u1", "u3", "u4"]),
        ("orderBy=familyName", ["u3", "u4", "u1", "u2"]),
        ("orderBy=familyName&sortOrder=DESCENDING", ["u2", "u1", "u4", "u3"]),
        ("orderBy=email&sortOrder=DESCENDING", ["u4", "u3", "u2", "u1"]),
        ("sortOrder=DESCENDING", ["u1", "u2", "u3", "u4"]),
    ],
)
def test_listings_are_sorted_ignoring_case(google: LiveSandbox, order: str, expected: list[str]) -> None:
    assert [user["id"] for user in found(google, f"{USERS}&{order}")["users"]] == expected


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("users?domain=sub.example", ["u4"]),
        ("users?domain=EXAMPLE.com", ["u1", "u2", "u3"]),
        ("groups/g-a/members?includeDerivedMembership=true", ["u1", "u2", "u3"]),
        ("groups/A@example.com/members", ["u1", "u2", "g-b"]),
        ("groups/g-mixed/members?roles=OWNER,MANAGER", ["u2"]),
    ],
)
def test_a_listing_has_what_was_asked_for(google: LiveSandbox, path: str, ids: list[str]) -> None:
    answer = found(google, path)
    rows: list[Json] = answer["users"] if "users" in answer else answer["members"]
    assert [row["id"] for row in rows] == ids


@pytest.mark.parametrize("key", ["u3", "p3@example.com", "P3@Example.COM", "three@example.com"])
def test_a_user_is_found_by_id_address_and_alias(google: LiveSandbox, key: str) -> None:
    assert found(google, f"users/{key}")["id"] == "u3"


@pytest.mark.parametrize(
    ("query", "schemas"),
    [
        ("", set()),
        ("&projection=full", {"AWS", "HR"}),
        ("&projection=custom&customFieldMask=HR,none", {"HR"}),
    ],
)
def test_custom_fields_come_when_they_are_asked_for(google: LiveSandbox, query: str, schemas: set[str]) -> None:
    assert found(google, f"users/u4?alt=json{query}").get("customSchemas", {}).keys() == schemas


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("id", {"id": "u4"}),
        ("name/givenName", {"name": {"givenName": "Given4"}}),
        ("name/givenName,name/familyName", {"name": {"givenName": "Given4", "familyName": "Family4"}}),
        ("id,name(givenName)", {"id": "u4", "name": {"givenName": "Given4"}}),
        ("customSchemas/HR/nick", {"customSchemas": {"HR": {"nick": "Bo"}}}),
        ("customSchemas(*/nick)", {"customSchemas": {"AWS": {}, "HR": {"nick": "Bo"}}}),
        ("emails/primary", {"emails": [{"primary": True}]}),
    ],
)
def test_a_mask_cuts_an_answer(google: LiveSandbox, mask: str, expected: Json) -> None:
    assert found(google, f"users/u4?projection=full&fields={mask}") == expected


def test_every_resource_and_listing_has_a_kind_and_an_etag(google: LiveSandbox) -> None:
    customer = found(google, "users/u1")["customerId"]
    for path, key in ((f"users?customer={customer}", "users"), (GROUPS, "groups"), (A_MEMBERS, "members")):
        answer = found(google, path)
        assert all({"kind", "etag"} <= row.keys() for row in [answer, *answer[key]])
        assert len({row["etag"] for row in [answer, *answer[key]]}) == len(answer[key]) + 1
    domains = found(google, f"customer/{customer}/domains")["domains"]
    assert [(row["domainName"], row["isPrimary"]) for row in domains] == [("example.com", True), ("sub.example", False)]


def test_a_customer_as_member_has_the_customers_id_and_no_address(google: LiveSandbox) -> None:
    """Reference of the Member resource."""
    member = found(google, "groups/g-whole/members")["members"][0]
    assert (member["id"], member["type"]) == (found(google, "users/u1")["customerId"], "CUSTOMER")
    assert "email" not in member


def test_an_administrator_of_one_unit_gets_a_shorter_list_and_no_error(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(people())
    sandbox.switch(google_admin_unit="/Sales")
    assert [user["id"] for user in found(sandbox, USERS)["users"]] == ["u1", "u3"]
    answer = get(sandbox, "users/u2")  # open whether 403 or 404: our choice
    assert (answer.status_code, reason(answer.json())) == (403, "forbidden")
    assert len(found(sandbox, GROUPS)["groups"]) == 5
    assert len(found(sandbox, A_MEMBERS)["members"]) == 3


def test_a_member_has_the_status_of_its_user_or_its_own(live: Callable[..., LiveSandbox]) -> None:
    group = team("a", ["u1", "u2"])
    group["members"].append({"type": "USER", "id": "u3", "status": "UNKNOWN"})
    sandbox = live(company([person(1), person(2, suspended=True), person(3)], [group]))
    rows = found(sandbox, A_MEMBERS)["members"]
    assert [row["status"] for row in rows] == ["ACTIVE", "SUSPENDED", "UNKNOWN"]


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ({}, {"scopeType": "CUSTOMER"}),
        ({"google_admin_role": "delegated"}, {"scopeType": "CUSTOMER"}),
        ({"google_admin_unit": "/Sales"}, {"scopeType": "ORG_UNIT", "orgUnitId": "03ph8a2z1enx4lx"}),
    ],
)
def test_role_assignments_are_those_of_the_administrator(
    live: Callable[..., LiveSandbox], switch: Json, expected: Json
) -> None:
    sandbox = live(people())
    sandbox.switch(**switch)
    mask = "fields=items(scopeType,orgUnitId)"
    assert found(sandbox, f"{ASSIGNMENTS}&userKey={sandbox.sandbox.admin}&{mask}")["items"] == [expected]
    assert "items" not in found(sandbox, f"{ASSIGNMENTS}&userKey=u1")
    given = found(sandbox, ASSIGNMENTS)["items"][0]["roleId"]
    roles = {role["roleId"]: role for role in found(sandbox, "customer/my_customer/roles")["items"]}
    assert roles[given]["isSuperAdminRole"] == (not switch)
    assert "items" not in found(sandbox, f"{ASSIGNMENTS}&roleId=1")


def test_schemas_are_those_that_somebody_has_values_of(google: LiveSandbox) -> None:
    schemas = found(google, "customer/my_customer/schemas")["schemas"]
    fields = {schema["schemaName"]: [field["fieldName"] for field in schema["fields"]] for schema in schemas}
    assert fields == {"AWS": ["access"], "HR": ["nick"]}


def test_an_api_that_is_off_is_not_configured(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(people())
    sandbox.switch(google_admin_sdk=False)
    answer = get(sandbox, USERS)
    assert (answer.status_code, reason(answer.json())) == (403, "accessNotConfigured")


def test_pages_of_derived_members_go_on_where_they_ended(google: LiveSandbox) -> None:
    path = "groups/g-a/members?includeDerivedMembership=true&maxResults=2"
    first = found(google, path)
    second = found(google, f"{path}&pageToken={first['nextPageToken']}")
    assert [[row["id"] for row in page["members"]] for page in (first, second)] == [["u1", "u2"], ["u3"]]


def bad_answers() -> list[tuple[str, str, Reply, str]]:
    row = {"kind": "admin#directory#user", "id": "u1", "etag": '"x"'}
    member = row | {"kind": "admin#directory#member"}
    error: Json = {"domain": "global", "message": "x"}
    gone = {"error": {"code": 404, "message": "x", "errors": [error | {"reason": "notFound"}]}}
    refused = {"error": {"code": 401, "message": "x", "errors": [error | {"reason": "authError"}]}}
    return [
        ("an empty user", "users.get", Reply(200, {}), "nothing in"),
        ("an empty group", "groups.get", Reply(200, {}), "nothing in"),
        ("an empty row", "users.list", Reply(200, {"users": [{}]}), "nothing in"),
        ("a row without an id", "users.list", Reply(200, {"users": [{"kind": row["kind"]}]}), "without id"),
        ("an unmasked user without an id", "users.get", Reply(200, {"kind": row["kind"], "etag": '"x"'}), "without id"),
        ("501 users", "users.list", Reply(200, {"users": [row] * 501}), "501 rows"),
        ("201 members", "members.list", Reply(200, {"members": [member] * 201}), "201 rows"),
        ("a bare etag", "users.list", Reply(200, {"users": [row | {"etag": "x"}]}), "not quoted"),
        ("a bare etag of a listing", "users.list", Reply(200, {"etag": "x", "users": [row]}), "not quoted"),
        ("a member of another type", "members.list", Reply(200, {"members": [member | {"type": "BOT"}]}), "type BOT"),
        ("a member of another role", "members.list", Reply(200, {"members": [member | {"role": "KING"}]}), "role KING"),
        ("a company that is not found", "users.list", Reply(404, gone), "nothing to list"),
        ("a 401 without a challenge", "users.get", Reply(401, refused), "WWW-Authenticate"),
    ]


BAD_ANSWERS = bad_answers()


@pytest.mark.parametrize(
    ("operation", "reply", "complaint"), [row[1:] for row in BAD_ANSWERS], ids=[row[0] for row in BAD_ANSWERS]
)
def test_the_judge_complains_of_what_no_schema_forbids(operation: str, reply: Reply, complaint: str) -> None:
    assert any(complaint in problem for problem in problems(operation, reply))


def test_members_from_outside_are_users_without_a_status_or_typed(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(people())
    path = "groups/g-mixed/members?fields=members(id,type,status)"
    assert found(sandbox, path)["members"][1] == {"id": "x1", "type": "USER"}
    sandbox.switch(google_typed_externals=True)
    rows = found(sandbox, path)["members"]
    assert [(row["id"], row["type"]) for row in rows] == [("u1", "USER"), ("x1", "EXTERNAL"), ("u2", "USER")]


def test_an_empty_listing_is_left_out_or_empty(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(people())
    assert "members" not in found(sandbox, "groups/g-empty/members")
    sandbox.switch(google_empty_lists=True)
    assert found(sandbox, "groups/g-empty/members?fields=nextPageToken,members(id)") == {"members": []}


def test_short_pages_go_on_until_the_end(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(people())
    sandbox.switch(short_pages=True)
    seen, mark = [], ""
    while True:
        answer = found(sandbox, f"{USERS}&maxResults=3{mark}")
        seen.append([user["id"] for user in answer["users"]])
        if "nextPageToken" not in answer:
            break
        mark = f"&pageToken={answer['nextPageToken']}"
    assert seen == [["u1"], ["u2"], ["u3"], ["u4"]]
