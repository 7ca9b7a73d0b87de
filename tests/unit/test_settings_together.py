"""Mistakes of every kind, deep inside a source too, are sentences, and are told together."""

import pytest

from tests.unit.test_settings import SOURCE, load, mistakes_in, with_groups


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SOURCE.replace("    admin: admin@example.com\n", ""), "sources[0].admin: this setting is required"),
        (with_groups("{include: '*'}"), "sources[0].groups.include: expected `array`, got `str`"),
        (with_groups("{include: ['']}"), "sources[0].groups.include[0]: expected `str` of length >= 1"),
        (with_groups("{include: [5]}"), "sources[0].groups.include[0]: expected `str`, got `int`"),
        (
            with_groups("{include: [{match: []}]}"),
            "sources[0].groups.include[0].match: expected `array` of length >= 1",
        ),
        (SOURCE + "    attributes: {title: 5}\n", "sources[0].attributes.title: expected `str`, got `int`"),
        (SOURCE + "    method: nobody\n", "sources[0].method: 'nobody' is none of groups, users_groups"),
        (
            SOURCE + "leaving: {users: deactivte}\n",
            "leaving.users: 'deactivte' is none of deactivate, delete, keep; did you mean 'deactivate'?",
        ),
        ("sources: ['google']\n", "sources[0]: a mapping is expected here, not text"),
        (SOURCE + "state: s3:/bucket/prefix\n", "state: write s3://bucket/prefix"),
    ],
)
def test_a_mistake_deep_inside_is_one_sentence_with_its_path(text: str, said: str) -> None:
    assert mistakes_in(text) == [said]


def test_a_list_item_that_is_wrong_twice_is_told_twice() -> None:
    said = mistakes_in(with_groups("{include: [{mach: x}]}"))
    assert said == [
        "sources[0].groups.include[0].mach: there is no such setting; did you mean 'match'?",
        "sources[0].groups.include[0].match: this setting is required",
    ]


def test_wrong_patterns_and_wrong_types_are_told_together() -> None:
    said = mistakes_in(with_groups("{include: ['nmae=x']}", "limits: {emptied_group: many}\n"))
    assert [mistake.split(":")[0] for mistake in said] == ["sources[0].groups.include[0]", "limits.emptied_group"]


def test_a_token_that_contains_a_slash_is_still_a_secret() -> None:
    scim = "identity_center: {scim: {endpoint: 'https://scim.example.com/', token: '9f3c:ab/cd+ef=='}}\n"
    (said,) = mistakes_in(SOURCE + scim)
    assert "9f3c" not in said


def test_an_organisational_unit_takes_no_wildcards() -> None:
    (said,) = mistakes_in(SOURCE + "    users: {include: ['org_unit:/Eng*']}\n")
    assert said.endswith("an organisational unit is a path such as /Sales, without wildcards")


def test_an_infinite_quota_is_a_mistake() -> None:
    assert mistakes_in(SOURCE, SSO_SYNC_QUOTA_SCALE="inf")


TWO_OKTAS = """
sources:
  - {type: okta, name: A, url: "https://a.okta.com", groups: {include: [aws-*]}}
  - {type: okta, name: B, url: "https://b.okta.com", groups: {include: [aws-*]}}
deployment: {}
"""


def test_a_token_of_one_okta_organisation_is_not_sent_to_another() -> None:
    (said,) = mistakes_in(TWO_OKTAS)
    assert said.startswith("sources[1].api_token: 'secret:okta-api-token' is the token of https://a.okta.com")
    assert load(TWO_OKTAS.replace("name: B,", "name: B, api_token: secret:okta-b,"))
