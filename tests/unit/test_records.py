"""What Identity Center would refuse is found before it is sent."""

import pytest

from sso_sync.core.model import SetAside
from sso_sync.core.records import (
    keep_valid_attributes,
    keep_valid_description,
    set_aside,
    why_not_group,
    why_not_user,
)
from tests.support.memory import group, user

BAD = "has a character that Identity Center does not accept"


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"given_name": "José María", "family_name": "O'Neill-Ünal"},
        {"given_name": "明", "family_name": "李", "display_name": "李\u3000明"},
        {"display_name": "Ann 🚀 Doe"},
        {"user_name": "u" * 128},
        {"display_name": "x" * 1024},
        {"user_name": "administrators"},
    ],
)
def test_an_ordinary_person_is_accepted(changed: dict[str, str]) -> None:
    assert why_not_user(user("ann", **changed)) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"user_name": "Administrator"}, "'Administrator' is a reserved name"),
        ({"user_name": "awsadministrators"}, "'awsadministrators' is a reserved name"),
        ({"email": ""}, "it has no e-mail address"),
        ({"email": "ann"}, "'ann' is not an e-mail address"),
        ({"email": "ann@b@c"}, "'ann@b@c' is not an e-mail address"),
        ({"email": "ann doe@example.com"}, f"its e-mail address {BAD}"),
        ({"user_name": ""}, "it has no user name"),
        ({"user_name": "u" * 129}, "its user name is longer than 128 characters"),
        ({"user_name": "ann doe"}, f"its user name {BAD}"),
        ({"given_name": ""}, "it has no given name"),
        ({"given_name": " \u00a0 "}, "it has no given name"),
        ({"family_name": "x" * 1025}, "its family name is longer than 1024 characters"),
        ({"display_name": "Ann\x00"}, f"its display name {BAD}"),
        ({"display_name": "Ann\u202eDoe"}, f"its display name {BAD}"),
    ],
)
def test_a_person_is_refused_with_the_reason(changed: dict[str, str], why: str) -> None:
    assert why_not_user(user("ann", **changed)) == why


@pytest.mark.parametrize("name", ["aws-admins", "AWS Administrators", "Größe/区", "x" * 1024])
def test_an_ordinary_group_is_accepted(name: str) -> None:
    assert why_not_group(group(name)) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("AWSAdministrators", "'AWSAdministrators' is a reserved name"),
        ("administrator", "'administrator' is a reserved name"),
        ("", "it has no group name"),
        ("\t", "it has no group name"),
        ("x" * 1025, "its group name is longer than 1024 characters"),
        ("a\x07b", f"its group name {BAD}"),
    ],
)
def test_a_group_is_refused_with_the_reason(name: str, why: str) -> None:
    assert why_not_group(group(name)) == why


def test_an_attribute_that_would_be_refused_costs_only_itself() -> None:
    attributes = {"title": "Chief", "locale": "x" * 1025, "division": "a\x00b", "region": ""}
    assert keep_valid_attributes(user("ann", attributes=attributes)).attributes == {"title": "Chief", "region": ""}


def test_a_person_without_bad_attributes_stays_the_same_object() -> None:
    ann = user("ann", attributes={"title": "Chief"})
    assert keep_valid_attributes(ann) is ann


@pytest.mark.parametrize("description", ["x" * 1025, "bell\x07"])
def test_a_description_that_would_be_refused_is_dropped(description: str) -> None:
    assert keep_valid_description(group("devs", description=description)) == group("devs")


def test_a_good_description_is_kept() -> None:
    devs = group("devs", description="Those who build\nand run it")
    assert keep_valid_description(devs) is devs


def test_who_is_set_aside_is_called_by_what_people_know() -> None:
    assert set_aside(user("ann"), "why") == SetAside("user", "ann", "ann@example.com", "why")
    assert set_aside(user("ann", email=""), "why").name == "ann@example.com"
    assert set_aside(user("ann", email="", user_name=""), "why").name == "ann"
    assert set_aside(group("devs"), "why") == SetAside("group", "id-devs", "devs", "why")
    assert set_aside(group("devs", display_name=""), "why").name == "id-devs"
