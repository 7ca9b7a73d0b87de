"""The settings of a sign-in to Google without a key: nothing of it is secret, and what cannot be is said at once."""

from typing import Any

import pytest

from sso_sync.core.errors import SettingsError
from sso_sync.settings import settings_of
from sso_sync.settings.deployed import split
from sso_sync.settings.references import required
from tests.support.settings import google_of

Json = dict[str, Any]
AUDIENCE = (
    "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/aws-pool/providers/sso-sync"
)
ACCOUNT = "sso-sync@my-project.iam.gserviceaccount.com"


def config(audience: str = AUDIENCE, service_account: str = ACCOUNT) -> Json:
    identity = {"audience": audience, "service_account": service_account}
    source = {"type": "google_workspace", "admin": "a@example.com", "groups": {"include": ["*"]}}
    return {"sources": [source | {"workload_identity": identity}], "deployment": {}}


def test_a_sign_in_without_a_key_needs_no_secret_and_can_be_deployed() -> None:
    settings = settings_of(config(), "here", {})
    assert list(required(settings)) == []
    assert AUDIENCE in split(settings, "here").rest
    identity = google_of(settings).workload_identity
    assert identity
    assert identity.service_account == ACCOUNT


@pytest.mark.parametrize(
    "audience",
    [
        AUDIENCE.removeprefix("//iam.googleapis.com/"),
        f"https:{AUDIENCE}",
        AUDIENCE.replace("123456789012", "my-project"),
        AUDIENCE.replace("iam.googleapis.com", "iam.example.com"),
        AUDIENCE.replace("/providers/sso-sync", ""),
        f"{AUDIENCE}/",
    ],
)
def test_an_audience_that_is_not_a_provider_s_whole_name_is_a_mistake(audience: str) -> None:
    with pytest.raises(SettingsError, match=r"workload_identity: audience is not //iam\.googleapis\.com"):
        settings_of(config(audience), "here", {})


@pytest.mark.parametrize("account", ["sso-sync", "sso-sync@example.com", "a b@c.iam.gserviceaccount.com", "x@y/z:sign"])
def test_what_is_no_service_account_is_a_mistake(account: str) -> None:
    with pytest.raises(SettingsError, match="service_account is not NAME@PROJECT"):
        settings_of(config(service_account=account), "here", {})
