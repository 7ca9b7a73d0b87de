"""What the settings of an Active Directory must hold to."""

from typing import Any

import pytest

from sso_sync.core.errors import SettingsError
from sso_sync.settings import ActiveDirectorySettings, settings_of
from sso_sync.settings.references import Reference, required, why_not_value

Json = dict[str, Any]
CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def loaded(environment: Json | None = None, **changed: Any) -> ActiveDirectorySettings:
    source: Json = {
        "type": "active_directory",
        "servers": ["ldaps://dc1.corp.example.com"],
        "base": "DC=corp,DC=example,DC=com",
        "groups": {"include": ["*"]},
    }
    (found,) = settings_of({"sources": [source | changed]}, "the config", environment or {}).sources
    assert isinstance(found, ActiveDirectorySettings)
    return found


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"servers": ["ldap://dc1"]}, r"servers\[0\]: the password would travel in clear"),
        ({"servers": ["ldaps://dc1", "dc2"]}, r"servers\[1\]: the password would travel in clear, or it is no address"),
        ({"servers": ["ldaps://dc1:3269"]}, "a global catalog has only a part of every record"),
        ({"servers": ["ldaps://dc1/DC=corp"]}, "nothing after it"),
        ({"servers": []}, "servers"),
        ({"base": "corp.example.com"}, "base: write a distinguished name"),
        ({"user_base": "nowhere"}, "user_base: write a distinguished name"),
        ({"credentials": '{"user": "a", "password": "b"}'}, "a secret does not belong in the config"),
        ({"ca_certificate": "corp-ca"}, "ca_certificate: a secret does not belong"),
        ({"include_inactive": True}, "include_inactive: only SCIM can set users inactive"),
        ({"group_name": "mail"}, "group_name"),
    ],
)
def test_a_mistake_is_told_with_its_path(changed: Json, mistake: str) -> None:
    with pytest.raises(SettingsError, match=mistake):
        loaded(**changed)


def test_the_ca_is_in_the_config_or_where_secrets_are() -> None:
    assert [setting for setting, _, _ in loaded(ca_certificate=CA).secrets()] == ["credentials"]
    assert [setting for setting, _, _ in loaded(ca_certificate="./ca.pem").secrets()] == [
        "credentials",
        "ca_certificate",
    ]


def test_the_environment_can_say_where_the_domain_is() -> None:
    environment = {
        "SSO_SYNC_AD_SERVERS": "ldaps://one ldaps://two:636",
        "SSO_SYNC_AD_BASE": "DC=other",
        "SSO_SYNC_AD_CREDENTIALS": "{}",
        "SSO_SYNC_AD_CA_CERTIFICATE": "./ca.pem",
    }
    source = loaded(environment)
    assert (source.servers, source.base) == (["ldaps://one", "ldaps://two:636"], "DC=other")
    assert source.credentials == "env:SSO_SYNC_AD_CREDENTIALS"
    assert source.ca_certificate == "env:SSO_SYNC_AD_CA_CERTIFICATE"


@pytest.mark.parametrize(
    ("setting", "text", "good"),
    [
        ("credentials", '{"user": "a@b", "password": "x"}', True),
        ("credentials", '{"user": "a@b", "password": ""}', False),
        ("credentials", '{"type": "service_account"}', False),
        ("credentials", "hunter2", False),
        ("ca_certificate", CA, True),
        ("ca_certificate", "MIIB", False),
    ],
)
def test_a_wrong_file_is_refused_before_it_is_stored(setting: str, text: str, good: bool) -> None:
    config = {
        "sources": [
            {"type": "active_directory", "servers": ["ldaps://a"], "base": "DC=a", "groups": {"include": ["*"]}}
        ]
    }
    references = {r.path: r for r in required(settings_of(config, "the config", {}))}
    of_ca = Reference("sources[0].ca_certificate", "secret:ad-ca", "the CA certificate of Active Directory")
    reference = references.get(f"sources[0].{setting}", of_ca)
    problem = why_not_value(reference, text)
    assert (problem == "") is good
    assert "hunter2" not in problem
