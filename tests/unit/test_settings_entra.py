"""What can be said wrong about a tenant of Entra ID, each as a sentence; and what its secrets must look like."""

from typing import Any

import pytest

from sandbox.entra_id.registration import Registration
from sso_sync.core.errors import SettingsError
from sso_sync.settings import EntraIdSettings, settings_of
from sso_sync.settings.deployed import join, split
from sso_sync.settings.references import Reference, required, why_not_value

Json = dict[str, Any]
TENANT, CLIENT = "0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002"
ENTRA: Json = {
    "type": "entra_id",
    "tenant": TENANT,
    "client_id": CLIENT,
    "client_secret": "secret:entra-client-secret",
    "groups": {"include": ["aws-*"]},
}


def config(**changed: Any) -> Json:
    """Write a config; None takes a setting away."""
    source = {name: value for name, value in (ENTRA | changed).items() if value is not None}
    return {"sources": [source], "identity_center": {"scim": {}}, "deployment": {}}


def entra(**changed: Any) -> EntraIdSettings:
    (source,) = settings_of(config(**changed), "the config", {}).sources
    assert isinstance(source, EntraIdSettings)
    return source


MISTAKES: list[tuple[Json, str]] = [
    ({"client_secret": None}, "client_secret: say how to sign in: 'client_secret: secret:entra-client-secret', 'cert"),
    ({"federated": True}, "federated: there are two ways to sign in; keep client_secret or federated"),
    ({"certificate": "secret:c"}, "certificate: there are two ways to sign in; keep client_secret or certificate"),
    ({"client_secret": "p4ssw0rd~"}, "client_secret: a secret does not belong in the config"),
    ({"client_secret": None, "certificate": "-----BEGIN"}, "certificate: a secret does not belong in the config"),
    ({"groups": None}, "groups: say which groups are wanted, or name an 'application'"),
    ({"groups": {"include": ["dn:x"]}}, "groups.include[0]: 'dn' is not a field to match on; use one of name, email"),
    ({"tenant": "our tenant"}, "tenant: it is neither an id nor a domain"),
    ({"client_id": "sso-sync"}, "client_id: it is no id; copy the Application (client) ID"),
    ({"application": "AWS"}, "application: it is no id; copy the Application ID"),
    ({"graph_url": "http://graph.example"}, "graph_url: tokens would travel in clear"),
    ({"login_url": "login.microsoftonline.com"}, "login_url: tokens would travel in clear, or it is no address"),
]


@pytest.mark.parametrize(("changed", "said"), MISTAKES, ids=[said.split(":")[0] for _, said in MISTAKES])
def test_each_mistake_is_a_sentence_about_its_setting(changed: Json, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        entra(**changed)
    (mistake,) = refused.value.mistakes
    assert mistake.startswith(f"sources[0].{said}")


def test_a_tenant_may_be_a_domain_and_the_application_alone_is_enough() -> None:
    assert entra(tenant="corp.example.com", groups=None, application=CLIENT).groups is None


def test_inactive_people_need_scim() -> None:
    with pytest.raises(SettingsError, match="include_inactive: only SCIM can set users inactive"):
        settings_of(config(include_inactive=True) | {"identity_center": {}}, "the config", {})


@pytest.mark.parametrize(
    ("way", "names"),
    [({}, ["client_secret"]), ({"certificate": "secret:c"}, ["certificate"]), ({"federated": True}, [])],
    ids=["secret", "certificate", "federated"],
)
def test_only_the_way_that_is_chosen_needs_a_secret(way: Json, names: list[str]) -> None:
    settings = settings_of(config(**({"client_secret": None} | way if way else {})), "the config", {})
    wanted = [one.path for one in required(settings) if one.path.startswith("sources")]
    assert wanted == [f"sources[0].{name}" for name in names]


@pytest.mark.parametrize("groups", [ENTRA["groups"], None], ids=["with patterns", "by the application alone"])
def test_a_deployed_config_is_the_same_when_it_is_put_together_again(groups: Json | None) -> None:
    settings = settings_of(config(groups=groups, application=CLIENT), "the config", {})
    parts = split(settings, "the config")
    assert settings_of(join(parts.rest, parts.filters), "it", {}).sources == settings.sources


def test_the_environment_wins_over_the_file_and_holds_the_secret_itself() -> None:
    given = {
        "SSO_SYNC_ENTRA_TENANT": "other.example",
        "SSO_SYNC_ENTRA_CLIENT_ID": TENANT,
        "SSO_SYNC_ENTRA_CLIENT_SECRET": "s3cret",
        "SSO_SYNC_ENTRA_GRAPH_URL": "https://graph.microsoft.us",
        "SSO_SYNC_ENTRA_LOGIN_URL": "https://login.microsoftonline.us",
    }
    (source,) = settings_of(config(), "the config", given).sources
    assert isinstance(source, EntraIdSettings)
    assert (source.tenant, source.client_id) == ("other.example", TENANT)
    assert source.client_secret == "env:SSO_SYNC_ENTRA_CLIENT_SECRET"
    assert (source.graph_url, source.login_url) == ("https://graph.microsoft.us", "https://login.microsoftonline.us")


def test_every_cloud_has_its_audience() -> None:
    assert entra().audience == "api://AzureADTokenExchange"
    assert entra(login_url="https://login.microsoftonline.us").audience.endswith("ExchangeUSGov")
    assert entra(login_url="https://login.partner.microsoftonline.cn/").audience.endswith("ExchangeChina")


def test_a_secret_that_cannot_be_one_is_refused_before_it_is_stored() -> None:
    secret = Reference("sources[0].client_secret", "secret:s", "it")
    certificate = Reference("sources[0].certificate", "secret:c", "it")
    pem = Registration().pem()
    assert why_not_value(secret, "Abc8Q~x.y-z_0") == ""
    assert "the id of a client secret" in why_not_value(secret, CLIENT)
    assert "no blanks" in why_not_value(secret, "a b")
    assert why_not_value(certificate, pem) == ""
    for half in (pem.partition("-----BEGIN PRIVATE")[0], "-----BEGIN PRIVATE" + pem.partition("-----BEGIN PRIVATE")[2]):
        assert "PEM text with a certificate and its private key" in why_not_value(certificate, half)
