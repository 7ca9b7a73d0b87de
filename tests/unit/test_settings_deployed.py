"""A config parts into filters and the rest, and what cannot work in the cloud is told before it gets there."""

import msgspec
import pytest

from sso_sync.core.errors import SettingsError
from sso_sync.settings import Settings, settings_of
from sso_sync.settings.deployed import MAX_FILTERS, join, split
from tests.support.settings import google_of

Json = dict[str, object]
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x"
SOURCE: Json = {"type": "google_workspace", "admin": "a@example.com", "groups": {"include": ["aws-*"]}}


def settings(**more: object) -> Settings:
    return settings_of({"sources": [SOURCE], "deployment": {}} | more, "the config", {})


def mistakes(**more: object) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        split(settings(**more), "the config")
    return caught.value.mistakes


def test_the_parts_together_are_the_config_again() -> None:
    config = settings(limits={"emptied_group": 9}, teams={}, identity_center={"scim": {}, "region": "eu-west-1"})
    parts = split(config, "x")
    again = settings_of(join(parts.rest, parts.filters), "x", {})
    assert again == msgspec.structs.replace(config, deployment=None)


def test_filters_are_in_one_part_and_nothing_else_of_a_source() -> None:
    parts = split(settings(), "x")
    assert msgspec.json.decode(parts.filters) == [
        {"groups": {"exclude": [], "include": ["aws-*"]}, "type": "google_workspace"}
    ]
    assert "aws-*" not in parts.rest


def test_equal_settings_give_equal_parts_however_they_are_written() -> None:
    spelled_out = settings(limits={"emptied_group": 5}, identity_center={"quota_scale": 1})
    assert split(spelled_out, "x") == split(settings(), "x")


def test_how_it_is_deployed_is_in_neither_part() -> None:
    hourly = settings(deployment={"schedule": "1 hour", "name": "other", "memory": 512})
    assert split(hourly, "x") == split(settings(), "x")


def test_filters_too_long_for_a_parameter_are_refused_with_both_sizes() -> None:
    many = {"include": [{"match": f"aws-{n}", "description": "é" * 80} for n in range(60)]}
    (mistake,) = mistakes(sources=[SOURCE | {"groups": many}])
    assert mistake.startswith("sources: the group filters take 1")
    assert f"holds {MAX_FILTERS:,}" in mistake
    assert mistake.endswith("or say more with fewer patterns")
    named = [{"name": f"aws-{n}", "description": "é" * 80} for n in range(60)]
    (mistake,) = mistakes(sources=[{"type": "ad_sync", "domain": "corp.example.com", "groups": named}])
    assert mistake.endswith("or name fewer groups")


def test_filters_of_exactly_the_size_of_a_parameter_are_taken() -> None:
    frame = len(split(settings(), "x").filters) - len("aws-*")
    parts = split(settings(sources=[SOURCE | {"groups": {"include": ["a" * (MAX_FILTERS - frame)]}}]), "x")
    assert len(parts.filters) == MAX_FILTERS


def test_a_config_without_a_deployment_is_not_deployed() -> None:
    assert mistakes(deployment=None) == (
        "deployment: this section is missing; write 'deployment: {}' to deploy with the defaults",
    )


@pytest.mark.parametrize("place", ["./key.json", "env:KEY", "/etc/key.json"])
def test_a_secret_on_this_machine_is_refused(place: str) -> None:
    (mistake,) = mistakes(sources=[SOURCE | {"credentials": place}])
    assert mistake.startswith(f"sources[0].credentials: {place} is on this machine, where the function cannot read it")


def test_a_secret_with_an_arn_and_an_endpoint_in_the_config_are_taken() -> None:
    scim = {
        "endpoint": "https://scim.example.com/",
        "token": f"{SECRET}-AbCdEf",
    }
    assert split(settings(identity_center={"scim": scim}), "x").rest


def test_a_folder_for_the_state_is_refused_and_a_bucket_is_taken() -> None:
    (mistake,) = mistakes(state=".sso-sync")
    assert mistake.startswith("state: a deployed function keeps nothing in a folder")
    assert split(settings(state="s3://bucket/prefix"), "x").rest


@pytest.mark.parametrize("filters", ["{}", "[]", "[{}]", "[1]", "nonsense"])
def test_filters_that_do_not_fit_the_rest_are_an_error(filters: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        join(split(settings(), "x").rest, filters)


def test_without_filters_there_are_settings_for_those_who_tell_people() -> None:
    joined = settings_of(join(split(settings(), "x").rest, None), "x", {})
    assert google_of(joined).groups.include == ["*"]


@pytest.mark.parametrize(
    "place",
    [
        "secret:",
        "secret:scim_token",
        "arn:x",
        "arn:aws:s3:::b/k",
        SECRET,
    ],
)
def test_a_reference_that_could_only_fail_later_is_refused(place: str) -> None:
    (mistake,) = mistakes(sources=[SOURCE | {"credentials": place}])
    assert mistake.startswith("sources[0].credentials: write secret:NAME with small letters")


def test_text_that_cdk_would_take_for_its_own_is_refused() -> None:
    groups = {"include": [{"match": "aws-*", "description": "${Token[a.1]}"}]}
    (mistake,) = mistakes(sources=[SOURCE | {"groups": groups}])
    assert "'${Token[' has a meaning of its own" in mistake
