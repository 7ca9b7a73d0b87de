"""The rules of the stand-ins for Entra's login and for AWS STS: what is refused, with what, and where that is written.

"open: our choice" marks what no document settles; there the stand-in is as strict as it may be.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import jwt
import pytest
import requests
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.entra_id.assertions import base64url
from sandbox.entra_id.company import guid
from sandbox.entra_id.registration import ClientSecret, FederatedCredential
from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from tests.support.clients import Clients, ask_for_entra_token, entra_url
from tests.support.companies import company
from tests.support.live import LiveSandbox

Json = dict[str, Any]
CODES = "Entra: authentication and authorization error codes"
ASSERTIONS = "Entra: application authentication certificate credentials"
FEDERATION = "Entra: configure an app to trust an external identity provider"
RFC6749 = "RFC 6749, 5.2"
STS = "STS: API reference, GetWebIdentityToken"
CHOICE = "open: our choice"
U1 = guid("u1")
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AUDIENCE = "api://AzureADTokenExchange"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    with LiveSandbox(company([], []), tmp_path_factory.mktemp("login")) as live:
        yield live


@pytest.fixture(autouse=True)
def _as_before(sandbox: LiveSandbox) -> Iterator[None]:
    yield
    app = sandbox.sandbox.entra.app
    app.disabled, app.secrets[1:], app.federated[1:] = False, [], []
    sandbox.switch(account_outbound_federation=True)


BAD_FORMS: list[tuple[Json, int, str, int, str]] = [
    ({"client_secret": "wrong"}, 401, "invalid_client", 7000215, CODES),
    ({"client_secret": ""}, 401, "invalid_client", 7000216, CODES),
    ({"client_id": U1}, 400, "unauthorized_client", 700016, CODES),
    ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003, RFC6749),
    ({"grant_type": ""}, 400, "invalid_request", 900144, CODES),
    ({"scope": "https://graph.microsoft.com/User.Read.All"}, 400, "invalid_scope", 1002012, CODES),
    ({"client_assertion": "abc", "client_assertion_type": JWT_BEARER}, 401, "invalid_client", 50027, CODES),
    ({"client_assertion": "a.b.c", "client_assertion_type": "other"}, 401, "invalid_client", 50027, CODES),
]


@pytest.mark.parametrize("form", BAD_FORMS, ids=[f"{code} {min(changed)}" for changed, _, _, code, _ in BAD_FORMS])
def test_a_login_that_is_refused(sandbox: LiveSandbox, form: tuple[Json, int, str, int, str]) -> None:
    changed, status, error, code, source = form
    answer = ask_for_entra_token(sandbox, **changed)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [code]), source
    assert body["error_description"].startswith(f"AADSTS{code}: ")


def test_an_expired_secret_a_disabled_app_and_another_tenant_are_told_apart(sandbox: LiveSandbox) -> None:
    app = sandbox.sandbox.entra.app
    app.secrets.append(ClientSecret(ends=datetime.now(UTC) - timedelta(days=1)))
    assert ask_for_entra_token(sandbox, client_secret=app.secrets[1].text).json()["error_codes"] == [7000222]
    app.disabled = True
    assert ask_for_entra_token(sandbox).json()["error_codes"] == [7000112]
    elsewhere = entra_url(sandbox).rpartition("/")[0] + "/nobody.example"
    for answer in (
        requests.get(f"{elsewhere}/v2.0/.well-known/openid-configuration", timeout=5),
        requests.post(f"{elsewhere}/oauth2/v2.0/token", data={"grant_type": "client_credentials"}, timeout=5),
    ):
        assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def assertion(sandbox: LiveSandbox, key: Any, headers: Json, **changed: Any) -> requests.Response:
    """Sign in with an assertion; None takes a claim away."""
    client, now = sandbox.sandbox.entra.app.client_id, int(time.time())
    configuration = requests.get(f"{entra_url(sandbox)}/v2.0/.well-known/openid-configuration", timeout=5).json()
    claims = {"iss": client, "sub": client, "aud": configuration["token_endpoint"], "jti": "1", "nbf": now}
    whole = {k: v for k, v in (claims | {"exp": now + 300} | changed).items() if v is not None}
    signed = jwt.encode(whole, key, algorithm="RS256", headers=headers)
    return ask_for_entra_token(sandbox, client_secret="", client_assertion=signed, client_assertion_type=JWT_BEARER)


def code_of(answer: requests.Response) -> int:
    """Return Entra's code of a refusal, 0 for a token."""
    return int(answer.json().get("error_codes", [0])[0])


def test_an_assertion_of_a_certificate_is_looked_at_in_every_part(sandbox: LiveSandbox) -> None:
    app = sandbox.sandbox.entra.app
    key = serialization.load_pem_private_key(app.pem().encode(), None)
    good = {"x5t#S256": base64url(app.certificates[0].fingerprint(hashes.SHA256()))}
    old = {"x5t": base64url(app.certificates[0].fingerprint(hashes.SHA1()))}  # noqa: S303 # as the documentation has it
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = int(time.time())
    assert code_of(assertion(sandbox, key, good)) == 0
    assert code_of(assertion(sandbox, key, old)) == 0
    assert code_of(assertion(sandbox, key, {})) == 700027
    assert code_of(assertion(sandbox, stranger, good)) == 700027
    assert code_of(assertion(sandbox, key, good, aud="https://login.example")) == 700023
    assert code_of(assertion(sandbox, key, good, exp=now - 10)) == 700024
    assert code_of(assertion(sandbox, key, good, nbf=now + 600)) == 700024
    assert code_of(assertion(sandbox, key, good, jti=None)) == 50027
    assert code_of(assertion(sandbox, key, good, sub=U1)) == 700021


def federated(sandbox: LiveSandbox, **trusted: str) -> int:
    """Sign in with a token of AWS, the app trusting another one; returns Entra's code."""
    issuer, app = sandbox.sandbox.issuer, sandbox.sandbox.entra.app
    ours = {"issuer": issuer.url, "subject": issuer.subject, "audience": AUDIENCE}
    before, app.federated[:] = list(app.federated), [FederatedCredential(**(ours | trusted))]
    try:
        token, _ = issuer.sign([AUDIENCE], 300)
        form = {"client_secret": "", "client_assertion": token, "client_assertion_type": JWT_BEARER}
        return code_of(ask_for_entra_token(sandbox, **form))
    finally:
        app.federated[:] = before


def test_a_token_of_somebody_else_has_to_fit_a_federated_credential_to_the_letter(sandbox: LiveSandbox) -> None:
    assert federated(sandbox) == 0
    assert federated(sandbox, issuer="https://other.tokens.sts.global.api.aws") == 700211
    assert federated(sandbox, audience="api://Other") == 700212
    assert federated(sandbox, subject="arn:aws:iam::000000000000:role/other") == 700213
    assert federated(sandbox, subject="arn:aws:iam::000000000000:role/SSO-SYNC") == 7002138


def test_a_token_that_the_issuer_did_not_sign_is_nobody_s(sandbox: LiveSandbox) -> None:
    issuer = sandbox.sandbox.issuer
    token, _ = issuer.sign([AUDIENCE], 300)
    header, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for key_id, code in ((header["kid"], 700027), ("other", 50013)):
        forged = jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": key_id})
        form = {"client_secret": "", "client_assertion": forged, "client_assertion_type": JWT_BEARER}
        assert code_of(ask_for_entra_token(sandbox, **form)) == code, FEDERATION


def sts(sandbox: LiveSandbox, **keys: str) -> Any:
    given: Json = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY} | keys
    return boto3.client("sts", region_name="us-east-1", endpoint_url=f"{sandbox.url}/sts", **given)


def test_aws_signs_a_token_about_the_role_that_its_issuer_s_document_verifies(sandbox: LiveSandbox) -> None:
    answer = sts(sandbox).get_web_identity_token(Audience=[AUDIENCE], SigningAlgorithm="RS256", DurationSeconds=300)
    issuer = sandbox.sandbox.issuer
    document = requests.get(f"{issuer.url}/.well-known/openid-configuration", timeout=5).json()
    keys = jwt.PyJWKSet.from_dict(requests.get(document["jwks_uri"], timeout=5).json())
    key = keys[jwt.get_unverified_header(answer["WebIdentityToken"])["kid"]].key
    claims = jwt.decode(answer["WebIdentityToken"], key, algorithms=["RS256"], audience=AUDIENCE, issuer=issuer.url)
    assert claims["sub"] == issuer.subject
    assert claims["exp"] - claims["iat"] == 300
    assert abs(answer["Expiration"].timestamp() - claims["exp"]) < 2


STS_REFUSALS = [
    ({"SigningAlgorithm": "HS256"}, "ValidationError", STS),
    ({"SigningAlgorithm": "ES384"}, "ValidationError", CHOICE),
    ({"DurationSeconds": "59"}, "ValidationError", STS),
    ({"DurationSeconds": "3601"}, "ValidationError", STS),
    ({"DurationSeconds": "x"}, "ValidationError", STS),
    ({"Audience.member.1": ""}, "ValidationError", STS),
    ({"Color": "red"}, "ValidationError", CHOICE),
    ({"Action": "AssumeRole"}, "InvalidAction", CHOICE),
]


@pytest.mark.parametrize(("changed", "code", "source"), STS_REFUSALS, ids=[str(one[0]) for one in STS_REFUSALS])
def test_sts_refuses_in_its_own_words(sandbox: LiveSandbox, changed: dict[str, str], code: str, source: str) -> None:
    answer = Clients(sandbox).sts(**({"Action": "GetWebIdentityToken"} | changed))()
    assert answer.status_code == 400, source
    assert f"<Code>{code}</Code>" in answer.text, source


def test_sts_looks_at_signatures_and_at_the_switch(sandbox: LiveSandbox) -> None:
    asked = {"Audience": [AUDIENCE], "SigningAlgorithm": "RS256"}
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        sts(sandbox, aws_secret_access_key="wrong").get_web_identity_token(**asked)
    sandbox.switch(account_outbound_federation=False)
    with pytest.raises(ClientError) as refused:
        sts(sandbox).get_web_identity_token(**asked)
    assert refused.value.response["Error"]["Code"] == "OutboundWebIdentityFederationDisabledException"


def test_every_other_operation_of_sts_is_the_local_aws_s(sandbox: LiveSandbox, local_aws: str) -> None:
    sandbox.sandbox.sts.local_aws = local_aws
    try:
        assert sts(sandbox).get_caller_identity()["Account"] == ACCESS_KEY
        assumed = sts(sandbox).assume_role(RoleArn="arn:aws:iam::000000000000:role/any", RoleSessionName="it")
        assert assumed["Credentials"]["SessionToken"]
    finally:
        sandbox.sandbox.sts.local_aws = ""
