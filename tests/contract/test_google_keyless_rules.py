"""The rules of what gives tokens without a key: what a client can do wrong, what it is told, and where that is written.

"open: our choice" marks what no document settles; there the stand-ins are as strict as they may be.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
import requests

from sandbox.google.iam_credentials import AUTH
from sandbox.google.project import AUDIENCE, SERVICE_ACCOUNT, SYSTEM_KEY
from tests.support import google
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox

Json = dict[str, Any]
Live = Callable[[Json], LiveSandbox]
COMPANY = company([person(1)], [team("a", ["u1"])])
DISCOVERY = "discovery document of the Security Token Service"
IAM = "discovery document of the IAM Service Account Credentials API"
SIGV4 = "IAM user guide: Signature Version 4"
RFC8693 = "RFC 8693, 2.2.2"
SEEN = "seen: google-github-actions/auth issue 202, terraform-example-foundation issue 1362"
CHOICE = "open: our choice"


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    """One company for all rules that change nothing."""
    with LiveSandbox(COMPANY, tmp_path_factory.mktemp("google")) as sandbox:
        yield sandbox


@dataclass(frozen=True)
class Exchange:
    """A request for a federated token that breaks a rule, and what is answered."""

    name: str
    error: str
    source: str
    form: dict[str, str] = field(default_factory=dict)
    signed: Json = field(default_factory=dict)
    tamper: Callable[[Json], Json] = lambda described: described
    headers: dict[str, str] = field(default_factory=dict)


def with_header(name: str, value: str | None) -> Callable[[Json], Json]:
    """Change a header after the request was signed; None takes it away."""

    def tamper(described: Json) -> Json:
        rows = [row for row in described["headers"] if row["key"].lower() != name]
        return described | {"headers": [*rows, *([{"key": name, "value": value}] if value is not None else [])]}

    return tamper


ANOTHER = AUDIENCE.replace("aws-pool", "other-pool")
EXCHANGES = [
    *(
        Exchange(f"without {name}", "invalid_request", f"{DISCOVERY}; RFC 6749, 5.2", form={name: ""})
        for name in ("grant_type", "audience", "scope", "requested_token_type", "subject_token", "subject_token_type")
    ),
    Exchange("another grant type", "unsupported_grant_type", "RFC 6749, 5.2", form={"grant_type": "password"}),
    Exchange("another kind of subject token", "invalid_request", DISCOVERY, form={"subject_token_type": "x"}),
    Exchange("another kind of token wanted", "invalid_request", DISCOVERY, form={"requested_token_type": "x"}),
    Exchange("a parameter that there is not", "invalid_request", CHOICE, form={"colour": "red"}),
    Exchange("an Authorization header", "invalid_request", DISCOVERY, headers={"Authorization": "Bearer x"}),
    Exchange("an audience of no form", "invalid_request", DISCOVERY, form={"audience": "sso-sync"}),
    Exchange("an audience that there is not", "invalid_target", f"{RFC8693}; {SEEN}", form={"audience": ANOTHER}),
    Exchange("a scope of nobody", "invalid_scope", "RFC 6749, 5.2", form={"scope": "everything"}),
    Exchange("a subject token that is no JSON", "invalid_grant", CHOICE, form={"subject_token": "e30x"}),
    Exchange("a subject token that is a list", "invalid_grant", CHOICE, form={"subject_token": quote("[1]")}),
    Exchange("a subject token without an address", "invalid_grant", DISCOVERY, form={"subject_token": quote("{}")}),
    Exchange("signed for another audience", "invalid_grant", DISCOVERY, signed={"target": ANOTHER}),
    Exchange("the audience changed afterwards", "invalid_grant", SIGV4, {"audience": AUDIENCE}, {"target": ANOTHER},
             with_header("x-goog-cloud-target-resource", AUDIENCE)),
    Exchange("a wrong secret", "invalid_grant", SIGV4, signed={"secret": "wrong"}),
    Exchange("a key that AWS does not know", "invalid_grant", SIGV4, signed={"key": "AKIAOTHER"}),
    Exchange("a request that is an hour old", "invalid_grant", SIGV4, signed={"minutes_ago": 60}),
    Exchange("a request from the future", "invalid_grant", SIGV4, signed={"minutes_ago": -60}),
    Exchange("the time changed afterwards", "invalid_grant", SIGV4, {}, {"minutes_ago": 60},
             with_header("x-amz-date", "20300101T000000Z")),
    Exchange("signed for another region", "invalid_grant", SIGV4, signed={"region": "us-east-1"}),
    Exchange("signed for another service", "invalid_grant", SIGV4, signed={"service": "iam"}),
    Exchange("another action", "invalid_grant", DISCOVERY,
             signed={"url": "https://sts.eu-central-1.amazonaws.com?Action=AssumeRole&Version=2011-06-15"}),
    Exchange("another host", "invalid_grant", DISCOVERY,
             signed={"url": "https://sts.evil.example?Action=GetCallerIdentity&Version=2011-06-15"}),
    Exchange("in clear", "invalid_grant", DISCOVERY,
             signed={"url": "http://sts.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}),
    Exchange("another method", "invalid_grant", DISCOVERY, signed={"method": "GET"}),
    Exchange("the host changed afterwards", "invalid_grant", DISCOVERY, tamper=with_header("host", "sts.x.example")),
    Exchange("a session that was not signed", "invalid_grant", SIGV4, tamper=with_header("x-amz-security-token", "x")),
    *(
        Exchange(f"without the header {name}", "invalid_grant", DISCOVERY, tamper=with_header(name, None))
        for name in ("authorization", "x-amz-date", "host", "x-goog-cloud-target-resource")
    ),
]  # fmt: skip


@pytest.mark.parametrize("rule", EXCHANGES, ids=lambda rule: rule.name)
def test_an_exchange_that_is_not_good_is_refused(standing: LiveSandbox, rule: Exchange) -> None:
    described = rule.tamper(google.described_request(**rule.signed))
    form = google.exchange_form(described, **{name: value for name, value in rule.form.items() if value})
    form = {name: value for name, value in form.items() if rule.form.get(name) != ""}
    answer = google.exchange(standing, form, **rule.headers)
    assert (answer.status_code, answer.json()["error"]) == (400, rule.error), answer.text
    assert answer.json()["error_description"]


@pytest.mark.parametrize("target", [AUDIENCE, f"https:{AUDIENCE}"])
@pytest.mark.parametrize("session", ["", "a session"])
def test_a_good_exchange_gives_a_token_of_an_hour(standing: LiveSandbox, target: str, session: str) -> None:
    answer = google.exchange(standing, google.exchange_form(google.described_request(target=target, session=session)))
    body = answer.json()
    assert {name: body[name] for name in ("token_type", "issued_token_type", "expires_in")} == {
        "token_type": "Bearer",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "expires_in": 3599,
    }


@dataclass(frozen=True)
class Signing:
    """A request to sign that breaks a rule, and what is answered."""

    name: str
    status: int
    said: str
    source: str
    body: Callable[[LiveSandbox], object] = lambda live: {"payload": json.dumps(google.claims(live))}
    bearer: Callable[[LiveSandbox], str] = lambda live: f"Bearer {google.federated_token(live)}"
    account: str = SERVICE_ACCOUNT


def paying(**changed: object) -> Callable[[LiveSandbox], object]:
    return lambda live: {"payload": json.dumps(google.claims(live, **changed))}


SIGNINGS = [
    Signing("no token", 401, "UNAUTHENTICATED", "AIP-193", bearer=lambda _: ""),
    Signing("a token that nobody gave", 401, "UNAUTHENTICATED", "AIP-193", bearer=lambda _: "Bearer x"),
    Signing("a token of another scheme", 401, "UNAUTHENTICATED", CHOICE,
            bearer=lambda live: f"Basic {google.federated_token(live)}"),
    Signing("a token for another scope", 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", IAM,
            bearer=lambda live: f"Bearer {google.federated_token(live, f'{AUTH}drive')}"),
    Signing("an account that there is not", 403, "IAM_PERMISSION_DENIED", "reference of signJwt", account="x@y.z"),
    Signing("no payload", 400, "INVALID_ARGUMENT", IAM, body=lambda _: {}),
    Signing("a payload that is no text", 400, "INVALID_ARGUMENT", IAM, body=lambda _: {"payload": {}}),
    Signing("a payload that is no JSON", 400, "INVALID_ARGUMENT", IAM, body=lambda _: {"payload": "x"}),
    Signing("a payload that is a list", 400, "INVALID_ARGUMENT", IAM, body=lambda _: {"payload": "[]"}),
    Signing("a body that is a list", 400, "INVALID_ARGUMENT", CHOICE, body=lambda _: []),
    Signing("a field that there is not", 400, "INVALID_ARGUMENT", CHOICE, body=lambda _: {"payload": "{}", "x": 1}),
    Signing("an end that has passed", 400, "INVALID_ARGUMENT", IAM, paying(exp=1)),
    Signing("an end after a day", 400, "INVALID_ARGUMENT", IAM, paying(exp=2_000_000_000_000)),
    Signing("an end that is a text", 400, "INVALID_ARGUMENT", IAM, paying(exp="soon")),
]  # fmt: skip


@pytest.mark.parametrize("rule", SIGNINGS, ids=lambda rule: rule.name)
def test_what_may_not_be_signed_is_refused(standing: LiveSandbox, rule: Signing) -> None:
    answer = google.sign(standing, rule.bearer(standing), rule.body(standing), rule.account)
    assert answer.status_code == rule.status
    assert rule.said in answer.text
    assert answer.json()["error"]["code"] == rule.status


def test_a_project_in_place_of_the_hyphen_is_refused(standing: LiveSandbox) -> None:
    """The discovery document: "replacing it with a project ID is invalid"."""
    path = f"projects/sandbox-project/serviceAccounts/{SERVICE_ACCOUNT}:signJwt"
    headers = {"Authorization": f"Bearer {google.federated_token(standing)}"}
    url = f"{standing.url}/google/iamcredentials.googleapis.com/v1/{path}"
    assert requests.post(url, json={"payload": "{}"}, headers=headers, timeout=10).status_code == 400


def test_a_federated_token_ends_after_an_hour(live: Live) -> None:
    sandbox = live(COMPANY)
    bearer, body = f"Bearer {google.federated_token(sandbox)}", {"payload": json.dumps(google.claims(sandbox))}
    assert google.sign(sandbox, bearer, body).json()["keyId"] == SYSTEM_KEY
    sandbox.sandbox.clock.advance(3600)
    assert google.sign(sandbox, bearer, body).status_code == 401


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({}, ""),
        ({"aud": "https://sts.googleapis.com"}, "invalid_grant"),
        ({"sub": "nobody@example.com"}, "invalid_grant"),
        ({"iss": "other@sandbox-project.iam.gserviceaccount.com"}, "invalid_grant"),
        ({"iat": None}, "invalid_grant"),
        ({"scope": f"{AUTH}drive"}, "unauthorized_client"),
    ],
    ids=["good", "audience", "subject", "issuer", "no beginning", "scope"],
)
def test_the_token_endpoint_looks_at_what_google_has_signed_as_at_anything(
    standing: LiveSandbox, changed: Json, error: str
) -> None:
    payload = {name: value for name, value in google.claims(standing, **changed).items() if value is not None}
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": google.signed(standing, payload)}
    answer = requests.post(f"{standing.url}/google/oauth2.googleapis.com/token", data=form, timeout=10)
    assert answer.json().get("error", "") == error
    assert (answer.status_code == 200) == (not error)


def test_a_federated_token_opens_no_directory(standing: LiveSandbox) -> None:
    headers = {"Authorization": f"Bearer {google.federated_token(standing)}"}
    url = f"{standing.url}/google/admin/directory/v1/users?customer=my_customer"
    assert requests.get(url, headers=headers, timeout=10).status_code == 401
