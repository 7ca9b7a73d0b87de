"""A service account's key that cannot be used is told in a sentence, before anything is sent."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.auth.exceptions import OAuthError

from sso_sync.core.errors import CredentialsError
from sso_sync.sources.google_workspace.sign_in import stored
from sso_sync.sources.google_workspace.sign_in_errors import translate_auth

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def key_file(key: PrivateKey, **changed: object) -> str:
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    fields = {
        "type": "service_account",
        "client_email": "sync@example.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
        "private_key": text,
    }
    return json.dumps(fields | changed)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def problem_of(key: str) -> str:
    with pytest.raises(CredentialsError) as caught:
        stored(key, "admin@example.com")
    return str(caught.value)


def test_a_key_as_google_makes_it_is_taken(rsa_key: rsa.RSAPrivateKey) -> None:
    made = stored(key_file(rsa_key), "admin@example.com")
    assert made.account == "sync@example.iam.gserviceaccount.com"


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()])
def test_a_key_of_another_kind_than_rsa_is_refused(key: PrivateKey) -> None:
    assert "its private_key is not an RSA key" in problem_of(key_file(key))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"token_uri": 3}, "its token_uri is not text"),
        ({"token_uri": None}, "its token_uri is not text"),
        ({"token_uri": "http://example.com/"}, "its token_uri is not an address that begins with https://"),
        ({"token_uri": "https://example.com:99999/"}, "its token_uri is not an address"),
        ({"client_email": ["a"]}, "its client_email is not text"),
        ({"private_key": 1}, "its private_key is not text"),
        ({"private_key": "junk"}, "cannot be used"),
        ({"type": "authorized_user"}, "it is not the key of a service account"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(rsa_key: rsa.RSAPrivateKey, changed: dict[str, object], said: str) -> None:
    assert said in problem_of(key_file(rsa_key, **changed))


def test_a_subject_that_is_too_long_for_google_is_said_with_the_mapping_that_helps() -> None:
    error = OAuthError("Error code invalid_request: The size of mapped attribute google.subject exceeds the 127 bytes")
    assert "map google.subject to the name of the AWS role" in str(translate_auth(error, "a@b", "c@d"))


@pytest.mark.parametrize("text", ["/no/such/key.json", "key.json", "{"])
def test_what_is_neither_json_nor_a_file_is_said_to_be_neither(text: str) -> None:
    assert "are not JSON, nor the path of a file that is there" in problem_of(text)
