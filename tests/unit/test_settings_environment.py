"""Environment variables win over the config file, and a mistyped one is not ignored."""

import pytest

from sso_sync.settings.loading import OVERRIDES
from tests.support.settings import google_of
from tests.unit.test_settings import SCIM, SOURCE, load, mistakes_in


def test_variables_win_over_the_file() -> None:
    settings = load(
        SOURCE + "state: from-file\nidentity_center: {region: eu-west-1}\n",
        SSO_SYNC_STATE="s3://bucket/prefix",
        SSO_SYNC_REGION="us-east-1",
        SSO_SYNC_IDENTITY_STORE_ID="d-0123456789",
        SSO_SYNC_QUOTA_SCALE="2.5",
        SSO_SYNC_GOOGLE_ADMIN="other@example.com",
        SSO_SYNC_GOOGLE_ROOT_URL="http://127.0.0.1:1/",
    )
    center = settings.identity_center
    assert settings.state == "s3://bucket/prefix"
    assert (center.region, center.identity_store_id, center.quota_scale) == ("us-east-1", "d-0123456789", 2.5)
    assert (google_of(settings).admin, google_of(settings).root_url) == ("other@example.com", "http://127.0.0.1:1/")


def test_variables_may_give_what_the_file_leaves_out() -> None:
    text = SOURCE.replace("    admin: admin@example.com\n", "").replace("    credentials: ./key.json\n", "")
    settings = load(
        text,
        SSO_SYNC_GOOGLE_ADMIN="admin@example.com",
        SSO_SYNC_GOOGLE_CREDENTIALS="{}",
        SSO_SYNC_SCIM_ENDPOINT="https://scim.example.com/",
        SSO_SYNC_SCIM_TOKEN="secret",
    )
    assert google_of(settings).admin == "admin@example.com"
    assert settings.identity_center.scim
    assert settings.identity_center.scim.endpoint == "https://scim.example.com/"


def test_a_secret_in_a_variable_never_enters_the_settings() -> None:
    settings = load(
        SOURCE + SCIM, SSO_SYNC_SCIM_TOKEN="s3cret", SSO_SYNC_GOOGLE_CREDENTIALS='{"private_key": "s3cret"}'
    )
    assert settings.identity_center.scim
    assert settings.identity_center.scim.token == "env:SSO_SYNC_SCIM_TOKEN"
    assert google_of(settings).credentials == "env:SSO_SYNC_GOOGLE_CREDENTIALS"
    assert "s3cret" not in repr(settings)


def test_a_variable_may_name_the_secret_by_its_arn() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:scim"
    scim = load(SOURCE + SCIM, SSO_SYNC_SCIM_TOKEN=arn).identity_center.scim
    assert scim
    assert scim.token == arn


@pytest.mark.parametrize("variable", sorted(OVERRIDES))
def test_an_empty_variable_changes_nothing(variable: str) -> None:
    assert load(SOURCE, **{variable: ""}) == load(SOURCE)


def test_variables_of_other_programs_are_ignored() -> None:
    assert load(SOURCE, STATE="x", AWS_REGION="y", SSO_SYNCED="z") == load(SOURCE)


def test_a_variable_that_does_not_exist_is_a_mistake_with_the_nearest_name() -> None:
    assert mistakes_in(SOURCE, SSO_SYNC_SCIM_TOKN="x") == [
        "environment variable SSO_SYNC_SCIM_TOKN: there is no such setting; did you mean 'SSO_SYNC_SCIM_TOKEN'?"
    ]


def test_values_of_variables_are_checked_like_those_of_the_file() -> None:
    assert mistakes_in(SOURCE, SSO_SYNC_QUOTA_SCALE="fast") == [
        "identity_center.quota_scale: expected `float`, got `str`"
    ]
    (mistake,) = mistakes_in(SOURCE, SSO_SYNC_IDENTITY_STORE_ID="store")
    assert mistake.startswith("identity_center.identity_store_id: ")


def test_mistakes_in_variables_and_in_the_file_are_told_together() -> None:
    assert len(mistakes_in(SOURCE + "stat: x", SSO_SYNC_SCIM_TOKN="x", SSO_SYNC_QUOTA_SCALE="-1")) == 3


def test_a_variable_does_not_hide_a_section_of_the_wrong_shape() -> None:
    assert mistakes_in(SOURCE + "identity_center: hello", SSO_SYNC_REGION="eu-west-1") == [
        "identity_center: a mapping is expected here, not text"
    ]
