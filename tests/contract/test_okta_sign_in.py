"""Signing in to Okta: by an API token, or as a service app whose key is stored or stays in KMS."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import RSAAlgorithm

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.findings import Mark
from sso_sync.http.boto import Aws
from sso_sync.http.calls import Calls
from sso_sync.settings import OktaSettings
from sso_sync.sources.okta.source import make_source
from sso_sync.sources.tools import Tools
from tests.support.companies import expected_memberships
from tests.support.live import LiveSandbox
from tests.support.okta_source import EVERYTHING, app, emails, small, source, spoil

Json = dict[str, Any]
Live = Callable[..., LiveSandbox]


@pytest.mark.parametrize("dpop", ["off", "required", "nonce_everywhere"])
def test_a_service_app_signs_in_with_whatever_proofs_okta_wants(live: Live, dpop: str) -> None:
    sandbox = live(small())
    sandbox.switch(okta_dpop=dpop)
    assert emails(source(sandbox, **app(sandbox)).read()) == expected_memberships(small())
    asked = {"off": 1, "required": 3, "nonce_everywhere": 3}  # without a proof, without a nonce, with both
    calls = sandbox.calls()
    assert calls["okta_oauth"] == {"token": asked[dpop]}
    assert sum(calls["okta"].values()) == (5 if dpop == "nonce_everywhere" else 4)  # once without the API's nonce


@pytest.mark.parametrize("form", ["PEM", "traditional PEM", "JWK"])
def test_a_stored_key_may_have_any_usual_form(live: Live, form: str) -> None:
    sandbox, kid = live(small()), "own-kid"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    sandbox.sandbox.okta.app.register({**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid})
    settings = {**app(sandbox), "key_id": kid}
    if form == "JWK":
        settings |= {"key": json.dumps({**RSAAlgorithm.to_jwk(key, as_dict=True), "kid": kid}), "key_id": None}
    else:
        kinds = serialization.PrivateFormat
        kind = kinds.PKCS8 if form == "PEM" else kinds.TraditionalOpenSSL
        settings["key"] = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()
    assert emails(source(sandbox, **settings).read()) == expected_memberships(small())


def locked() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    return key.private_bytes(*form, serialization.BestAvailableEncryption(b"x")).decode()


def elliptic() -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(*form).decode()


@pytest.mark.parametrize(
    "text", ["", "hello", "{}", '{"kty": "RSA", "n": "AQ", "e": "AQAB"}', locked(), elliptic()],
    ids=["empty", "text", "no JWK", "public", "passphrase", "elliptic"],
)  # fmt: skip
def test_what_is_no_key_is_said_without_showing_it(live: Live, text: str) -> None:
    with pytest.raises(CredentialsError, match="store the private key of the Okta service app again") as refused:
        source(live(small()), **app(live(small())), key=text or " ")
    assert len(text) < 9 or text[30:60] not in str(refused.value)


def test_a_key_in_kms_signs_and_nothing_is_stored(live: Live, local_aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": local_aws,
        "AWS_ACCESS_KEY_ID": "0" * 12,
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)
    kms = boto3.client("kms", region_name="eu-west-1")
    arn = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["Arn"]
    public = load_der_public_key(kms.get_public_key(KeyId=arn)["PublicKey"])
    assert isinstance(public, rsa.RSAPublicKey)
    sandbox, calls = live(small()), Calls()
    sandbox.switch(okta_dpop="required")
    settings: Json = {"client_id": sandbox.sandbox.okta.app.client_id, "kms_key": arn}
    tools = Tools(aws=lambda: Aws("us-east-1", calls=calls))
    with pytest.raises(CredentialsError, match="has no key with the id that was sent"):
        source(sandbox, tools=tools, **settings).read()
    jwk = RSAAlgorithm.to_jwk(public, as_dict=True)
    sandbox.sandbox.okta.app.register({**jwk, "kid": arn.rpartition("/")[2]})
    keyless = source(sandbox, tools=tools, **settings)
    assert emails(keyless.read()) == expected_memberships(small())
    assert [credential.stored for credential in keyless.credentials()] == [False]
    assert calls.counts()["kms Sign"] == 4  # one for each assertion: that of above, and three for proof and nonce
    gone = source(sandbox, tools=tools, **settings | {"kms_key": arn[:-4] + "0000", "key_id": "x"})
    with pytest.raises(CredentialsError, match=r"sign in to Okta with the key arn:aws:kms"):
        gone.read()


def test_a_token_is_renewed_when_it_is_refused_and_not_for_ever(live: Live) -> None:
    sandbox = live(small())
    made = source(sandbox, **app(sandbox))
    made.read()
    made.read()
    assert sandbox.calls()["okta_oauth"] == {"token": 1}
    sandbox.sandbox.clock.advance(3601)  # Okta's time, not ours: the token is refused before we expect it
    assert emails(made.read()) == expected_memberships(small())
    assert sandbox.calls()["okta_oauth"] == {"token": 1}
    sandbox.fail("okta", "listGroupUsers", "unauthorized", times=0)
    with pytest.raises(CredentialsError, match="refused an access token that it has just given"):
        made.read()
    assert 2 <= sandbox.calls()["okta_oauth"]["token"] <= 4  # two groups are read at once


def test_a_token_with_a_short_life_is_renewed_in_time(live: Live) -> None:
    sandbox = live(small())
    spoil(sandbox, "token", lambda reply: replace(reply, body={**(reply.body or {}), "expires_in": 0}))
    assert emails(source(sandbox, **app(sandbox)).read()) == expected_memberships(small())
    assert sandbox.calls()["okta_oauth"]["token"] == 4  # for each call


@pytest.mark.parametrize("kind", ["drop_after", "unavailable", "drop_mid_body"])
@pytest.mark.parametrize("dpop", ["off", "required"])
def test_what_an_answer_that_was_lost_has_used_up_is_made_anew(live: Live, kind: str, dpop: str) -> None:
    sandbox = live(small())
    sandbox.switch(okta_dpop=dpop)
    sandbox.fail("okta_oauth", "token", kind, nth=1 if dpop == "off" else 3)
    for operation in ("listUsers", "listGroups", "listGroupUsers"):
        sandbox.fail("okta", operation, kind)
    assert emails(source(sandbox, **app(sandbox)).read()) == expected_memberships(small())


REFUSALS: list[tuple[str, Json, str]] = [
    ("another app", {"client_id": "0oaother"}, "client_id, the public key"),
    ("another key id", {"key_id": "other"}, "set key_id to the KID"),
    ("no key id", {"key_id": None}, "set key_id to the KID"),
]


@pytest.mark.parametrize(("name", "settings", "said"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_a_service_app_that_is_refused_learns_what_to_mend(live: Live, name: str, settings: Json, said: str) -> None:
    sandbox = live(small())
    with pytest.raises(CredentialsError, match=said) as refused:
        source(sandbox, **app(sandbox) | settings).read()
    assert "PRIVATE KEY" not in str(refused.value), name
    assert sandbox.calls()["okta_oauth"] == {"token": 1}


@pytest.mark.parametrize("missing", ["okta.users.read", "okta.groups.read"])
def test_a_missing_scope_is_named_wherever_okta_notices_it(live: Live, missing: str) -> None:
    sandbox = live(small())
    scopes = {"okta.users.read", "okta.groups.read"} - {missing}
    sandbox.sandbox.okta.app.granted = frozenset(scopes)
    with pytest.raises(CredentialsError, match=missing):
        source(sandbox, **app(sandbox)).read()
    sandbox.sandbox.okta.app.granted = frozenset({"okta.users.read", "okta.groups.read"})
    spoil(sandbox, "token", lambda reply: replace(reply, body={**(reply.body or {}), "scope": " ".join(scopes)}))
    with pytest.raises(CredentialsError, match=f"was not granted {missing}"):
        source(sandbox, **app(sandbox)).read()


def test_a_scope_that_only_the_api_misses_is_named_by_its_challenge(live: Live) -> None:
    sandbox = live(small())
    challenge = {"WWW-Authenticate": 'Bearer scope="okta.groups.read", error="insufficient_scope"'}
    spoil(sandbox, "listGroups", lambda reply: replace(reply, status=403, body={}, headers=challenge))
    with pytest.raises(CredentialsError, match=r"not granted okta\.groups\.read; grant it"):
        source(sandbox, **app(sandbox)).read()


@pytest.mark.parametrize(
    "body", [{}, {"access_token": "x"}, {"access_token": "a b", "token_type": "Bearer"}, {"access_token": 1}]
)
def test_an_answer_without_a_token_is_none(live: Live, body: Json) -> None:
    sandbox = live(small())
    spoil(sandbox, "token", lambda reply: replace(reply, body=body))
    with pytest.raises(SourceError, match="no access token"):
        source(sandbox, **app(sandbox)).read()


def test_an_api_token_that_is_refused_says_how_such_tokens_end(live: Live) -> None:
    sandbox = live(small())
    sandbox.fail("okta", "*", "unauthorized", times=0)
    with pytest.raises(CredentialsError, match=r"30 days without use.*Security, API, Tokens") as refused:
        source(sandbox).read()
    assert sandbox.sandbox.okta.api_token not in str(refused.value)
    assert sandbox.calls()["okta"]["listUsers"] == 1


def test_an_api_token_with_blanks_is_refused_at_once(live: Live) -> None:
    settings = OktaSettings(url=live(small()).sandbox.okta.url, groups=EVERYTHING)
    with pytest.raises(CredentialsError, match="as one line and alone"):
        make_source(settings, {"api_token": "two words"}, Tools())


def test_an_address_that_sends_elsewhere_or_is_no_okta_is_said(live: Live) -> None:
    sandbox = live(small())
    spoil(sandbox, "listUsers", lambda reply: replace(reply, status=302, headers={"Location": "https://example.com/"}))
    with pytest.raises(SourceError, match="sends on to another address"):
        source(sandbox).read()
    with pytest.raises(CredentialsError, match="no Okta organisation at 'url'"):
        source(sandbox, **app(sandbox), url=f"{sandbox.url}/nowhere").read()


def test_an_examination_names_the_scope_that_is_missing_for_each_listing(live: Live) -> None:
    sandbox = live(small())
    sandbox.fail("okta", "listGroupUsers", "forbidden", times=0)
    found = {finding.subject: finding for finding in source(sandbox, **app(sandbox)).examine()}
    assert found["Okta: list users"].mark is Mark.GOOD
    assert found["Okta: list members"].mark is Mark.PROBLEM
    assert "okta.groups.read" in found["Okta: list members"].remedy
    assert "a private key, stored" in found["Okta: sign-in"].said
    sandbox.sandbox.switchboard.faults.clear()
    sandbox.fail("okta", "*", "forbidden", times=0)
    problems = [finding for finding in source(sandbox).examine() if finding.mark is Mark.PROBLEM]
    assert all("Read-only Administrator" in finding.remedy for finding in problems)
    assert len(problems) == 2


def test_the_command_that_prints_a_public_key_is_as_it_should_be(local_aws: str) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "okta.md").read_text(encoding="utf-8")
    script = textwrap.dedent(text.split("-c '\n", 1)[1].split("   '\n", 1)[0])
    kms = boto3.client(
        "kms",
        endpoint_url=local_aws,
        region_name="us-east-1",
        aws_access_key_id="0" * 12,
        aws_secret_access_key="x",
    )
    arn = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["Arn"]
    public = kms.get_public_key(KeyId=arn)["PublicKey"]
    done = subprocess.run(
        [sys.executable, "-c", script], input=public, env={"KEY": arn}, capture_output=True, check=True
    )
    jwk = json.loads(done.stdout)
    assert jwk["kid"] == arn.rpartition("/")[2]
    assert RSAAlgorithm.from_jwk(jwk) == load_der_public_key(public)
