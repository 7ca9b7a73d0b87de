"""The rules of Okta's token endpoint, and of tokens at its API, as the stand-in has them; see test_okta_rules.py."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.support.live import LiveSandbox
from tests.support.okta import ask_for_token, assertion, get, proof
from tests.support.okta_source import small

Json = dict[str, Any]
REFERENCE = "Okta API reference"
KNOWLEDGE = "Okta knowledge base"
DPOP = "Okta: configure DPoP; RFC 9449"
CHOICE = "open: our choice"
NOW = int(time.time())
ANOTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY, EC_OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))


@pytest.fixture(scope="module")
def okta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    """One company for all rules that change nothing."""
    with LiveSandbox(small(), tmp_path_factory.mktemp("okta")) as sandbox:
        yield sandbox


@dataclass(frozen=True)
class Wrong:
    """What may be wrong with a request for a token."""

    name: str
    status: int
    error: str
    source: str
    claims: Json = field(default_factory=dict)
    form: Json = field(default_factory=dict)


WRONG = [
    Wrong("no grant type", 400, "invalid_request", "RFC 6749, 5.2", form={"grant_type": ""}),
    Wrong("another grant type", 400, "unsupported_grant_type", "RFC 6749, 5.2", form={"grant_type": "password"}),
    Wrong("no assertion", 401, "invalid_client", REFERENCE, form={"client_assertion": ""}),
    Wrong("another type of assertion", 401, "invalid_client", REFERENCE, form={"client_assertion_type": "x"}),
    Wrong("an assertion that is no JWT", 401, "invalid_client", REFERENCE, form={"client_assertion": "a.b.c"}),
    Wrong("no key id", 401, "invalid_client", KNOWLEDGE, {"kid": None}),
    Wrong("another key id", 401, "invalid_client", KNOWLEDGE, {"kid": "other"}),
    Wrong("another key", 401, "invalid_client", REFERENCE, {"key": ANOTHER_KEY}),
    Wrong("another audience", 401, "invalid_client", KNOWLEDGE, {"aud": "https://example.com/oauth2/v1/token"}),
    Wrong("another issuer", 401, "invalid_client", REFERENCE, {"iss": "0oaother"}),
    Wrong("another subject", 401, "invalid_client", REFERENCE, {"sub": "0oaother"}),
    Wrong("an end that has passed", 401, "invalid_client", REFERENCE, {"iat": NOW - 600, "exp": NOW - 300}),
    Wrong("a life of more than an hour", 401, "invalid_client", REFERENCE, {"exp": NOW + 7200}),
    Wrong("no end", 401, "invalid_client", REFERENCE, {"exp": None}),
    Wrong("a beginning in the future", 401, "invalid_client", CHOICE, {"iat": NOW + 3000, "exp": NOW + 3300}),
    Wrong("no id", 401, "invalid_client", CHOICE, {"jti": None}),
    Wrong("no scope", 400, "invalid_scope", REFERENCE, form={"scope": ""}),
    Wrong("a scope that was not granted", 400, "invalid_scope", REFERENCE, form={"scope": "okta.apps.read"}),
    Wrong("one scope too many", 400, "invalid_scope", CHOICE, form={"scope": "okta.users.read okta.apps.read"}),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_request_for_a_token_that_is_not_good_is_refused(okta: LiveSandbox, wrong: Wrong) -> None:
    made: Json = {"client_assertion": assertion(okta, **wrong.claims)} | wrong.form
    answer = ask_for_token(okta, **made)
    assert (answer.status_code, answer.json()["error"]) == (wrong.status, wrong.error), answer.text
    assert answer.json()["error_description"]


def test_an_assertion_is_good_once(okta: LiveSandbox) -> None:
    signed = assertion(okta)
    assert ask_for_token(okta, client_assertion=signed).status_code == 200
    assert ask_for_token(okta, client_assertion=signed).status_code == 401


def test_a_token_lets_in_for_an_hour_where_its_scopes_reach(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(small())
    answer = ask_for_token(sandbox, scope="okta.users.read").json()
    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 3600, "okta.users.read")
    bearer = f"Bearer {answer['access_token']}"
    assert get(sandbox, "users", bearer).status_code == 200
    refused = get(sandbox, "groups", bearer)
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")
    assert 'scope="okta.groups.read", error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    sandbox.sandbox.clock.advance(3601)
    assert get(sandbox, "users", bearer).status_code == 401


def bound_token(sandbox: LiveSandbox) -> tuple[str, str]:
    """Get a token that is bound to EC_KEY, and the nonce that it took."""
    url = sandbox.sandbox.okta.app.url
    asked = ask_for_token(sandbox, {"DPoP": proof(EC_KEY, "POST", url)})
    assert (asked.status_code, asked.json()["error"]) == (400, "use_dpop_nonce")
    nonce = asked.headers["DPoP-Nonce"]
    given = ask_for_token(sandbox, {"DPoP": proof(EC_KEY, "POST", url, nonce=nonce)}).json()
    assert given["token_type"] == "DPoP"
    return given["access_token"], nonce


@pytest.fixture(scope="module")
def proving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveSandbox, str]]:
    """A company whose service app has to prove possession, and a token."""
    with LiveSandbox(small(), tmp_path_factory.mktemp("dpop")) as sandbox:
        sandbox.switch(okta_dpop="required")
        yield sandbox, bound_token(sandbox)[0]


def test_without_a_proof_there_is_no_token_where_proofs_are_required(proving: tuple[LiveSandbox, str]) -> None:
    answer = ask_for_token(proving[0])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof"), KNOWLEDGE


BAD_PROOFS: list[tuple[str, Json]] = [
    ("of another method", {"htm": "POST"}),
    ("for another address", {"htu": "http://127.0.0.1/okta/api/v1/users"}),
    ("of long ago", {"iat": NOW - 4000}),
    ("of the future", {"iat": NOW + 4000}),
    ("for no token", {"ath": None}),
    ("for another token", {"ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"}),
    ("without an id", {"jti": None}),
    ("that is an ordinary JWT", {"header": {"typ": "JWT"}}),
    ("with a private key", {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "d"}}}),
    ("without a key", {"header": {"jwk": {}}}),
]


@pytest.mark.parametrize(("name", "changed"), BAD_PROOFS, ids=[name for name, _ in BAD_PROOFS])
def test_a_bad_proof_lets_nobody_in(proving: tuple[LiveSandbox, str], name: str, changed: Json) -> None:
    sandbox, token = proving
    url = f"{sandbox.sandbox.okta.url}/api/v1/users"
    made = {"ath": None} | changed if "ath" in changed else changed
    text = proof(EC_KEY, "GET", url, "" if "ath" in changed else token, **made)
    answer = get(sandbox, "users", f"DPoP {token}", DPoP=text)
    assert answer.status_code == 400, f"{name}: {DPOP}"
    assert 'error="invalid_dpop_proof"' in answer.headers["WWW-Authenticate"]


def test_a_bound_token_needs_its_own_key_and_a_proof_that_was_never_used(proving: tuple[LiveSandbox, str]) -> None:
    sandbox, token = proving
    url = f"{sandbox.sandbox.okta.url}/api/v1/users"
    good = proof(EC_KEY, "GET", url, token)
    assert get(sandbox, "users?limit=1", f"DPoP {token}", DPoP=good).status_code == 200
    assert get(sandbox, "users?limit=1", f"DPoP {token}", DPoP=good).status_code == 400
    other = proof(EC_OTHER, "GET", url, token)
    assert get(sandbox, "users", f"DPoP {token}", DPoP=other).status_code == 400
    assert get(sandbox, "users", f"DPoP {token}").status_code == 400
    assert get(sandbox, "users", f"Bearer {token}").status_code == 400


def test_the_api_may_want_a_nonce_too(live: Callable[..., LiveSandbox]) -> None:
    sandbox = live(small())
    sandbox.switch(okta_dpop="nonce_everywhere")
    token, _ = bound_token(sandbox)
    url = f"{sandbox.sandbox.okta.url}/api/v1/users"
    asked = get(sandbox, "users", f"DPoP {token}", DPoP=proof(EC_KEY, "GET", url, token))
    assert 'error="use_dpop_nonce"' in asked.headers["WWW-Authenticate"]
    made = proof(EC_KEY, "GET", url, token, nonce=asked.headers["DPoP-Nonce"])
    assert get(sandbox, "users", f"DPoP {token}", DPoP=made).status_code == 200
