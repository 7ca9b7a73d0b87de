"""Settings of Okta: one way of signing in, and an address that answers."""

from typing import Any

import pytest

from sso_sync.core.errors import SettingsError
from sso_sync.settings import OktaSettings, settings_of
from sso_sync.settings.references import Reference, required, why_not_value

Json = dict[str, Any]
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0123abcd-0000-4000-8000-000000000000"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"


def okta(**changed: object) -> Json:
    source = {"type": "okta", "url": "https://example.okta.com", "groups": {"include": ["aws"]}}
    return {"sources": [source | changed]}


def secrets(**changed: object) -> list[tuple[str, str]]:
    return [(reference.path, reference.text) for reference in required(settings_of(okta(**changed), "it", {}))]


def test_each_way_of_signing_in_needs_its_own_secret_or_none() -> None:
    assert secrets() == [("sources[0].api_token", "secret:okta-api-token")]
    assert secrets(api_token="env:TOKEN") == [("sources[0].api_token", "env:TOKEN")]
    assert secrets(client_id="0oa1") == [("sources[0].private_key", "secret:okta-private-key")]
    assert secrets(client_id="0oa1", private_key="./key.pem") == [("sources[0].private_key", "./key.pem")]
    assert secrets(client_id="0oa1", kms_key=KEY, key_id="k") == []


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"api_token": "secret:t", "client_id": "0oa1"}, "api_token: sign in by an API token or by a service app"),
        ({"client_id": "0oa1", "private_key": "secret:k", "kms_key": KEY}, "private_key: the service app's key is"),
        ({"private_key": "secret:k"}, "private_key: it belongs to a service app"),
        ({"kms_key": KEY}, "kms_key: it belongs to a service app"),
        ({"key_id": "k"}, "key_id: it belongs to a service app"),
        ({"client_id": "0oa1", "kms_key": "alias/okta"}, "kms_key: write the key's ARN"),
        ({"client_id": "0oa1", "kms_key": KEY.replace("key/", "alias/")}, "kms_key: write the key's ARN"),
        ({"api_token": "00abcdef"}, "api_token: a secret does not belong in the config"),
        ({"client_id": "0oa1", "private_key": PEM}, "private_key: a secret does not belong in the config"),
        ({"url": "http://example.okta.com"}, "url: write https://COMPANY.okta.com"),
        ({"url": "example.okta.com"}, "url: write https://COMPANY.okta.com"),
        ({"url": "https://example-admin.okta.com"}, "url: this is the address of the Admin Console"),
        ({"url": "https://example.okta.com/?x=1"}, "url: write the address alone"),
        ({"groups": {"include": ["email:x"]}}, "'email' is not a field to match on; use one of name"),
        ({"users": {"include": ["org_unit:/x"]}}, "use one of name, email, login"),
        ({"method": "users_groups"}, "users: the method users_groups needs it"),
    ],
)
def test_a_mistake_is_a_sentence(changed: Json, mistake: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_of(okta(**changed), "it", {})
    assert [text for text in refused.value.mistakes if mistake in text], refused.value.mistakes


def test_inactive_people_need_scim() -> None:
    with pytest.raises(SettingsError, match="include_inactive"):
        settings_of(okta(include_inactive=True) | {"identity_center": {}}, "it", {})
    assert settings_of(okta(include_inactive=True) | {"identity_center": {"scim": {}}, "deployment": {}}, "it", {})


def test_the_environment_names_the_organisation_and_its_token() -> None:
    given = {"SSO_SYNC_OKTA_URL": "https://other.okta.com", "SSO_SYNC_OKTA_API_TOKEN": "00abcdef"}
    (source,) = settings_of(okta(), "it", given).sources
    assert isinstance(source, OktaSettings)
    assert (source.url, source.api_token) == ("https://other.okta.com", "env:SSO_SYNC_OKTA_API_TOKEN")


@pytest.mark.parametrize(
    ("setting", "text", "wrong"),
    [
        ("api_token", "00abcdef", ""),
        ("api_token", "00abc def", "a token has no blanks and no line breaks"),
        ("private_key", PEM, ""),
        ("private_key", PEM.replace("PRIVATE", "RSA PRIVATE"), ""),
        ("private_key", '{"kty": "RSA", "n": "x", "e": "AQAB", "d": "y"}', ""),
        ("private_key", '{"kty": "RSA", "n": "x", "e": "AQAB"}', "it is a JWK without the private half ('d')"),
        ("private_key", "[]", "it is a JWK without the private half ('d')"),
        ("private_key", PEM.replace("PRIVATE", "PUBLIC"), "it is not a private key as PEM"),
        ("private_key", PEM.replace("PRIVATE", "ENCRYPTED PRIVATE"), "it is not a private key as PEM"),
    ],
)
def test_a_wrong_file_is_found_before_it_is_stored(setting: str, text: str, wrong: str) -> None:
    said = why_not_value(Reference(f"sources[0].{setting}", "secret:x", "it"), text)
    assert said.startswith(wrong) if wrong else not said
