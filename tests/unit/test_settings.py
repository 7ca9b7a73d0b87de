"""The config file: everything is checked, and every mistake is told with its path, all at once."""

from pathlib import Path

import pytest

from sso_sync.core.errors import SettingsError
from sso_sync.settings import Settings, load_settings
from sso_sync.settings.directories.common import FilterSettings
from sso_sync.settings.places import WHERE
from tests.support.settings import google_of

SOURCE = """\
sources:
  - type: google_workspace
    admin: admin@example.com
    credentials: ./key.json
    groups: {include: ["aws-*"]}
"""
SCIM = "identity_center: {scim: {endpoint: 'https://scim.example.com/', token: 'env:TOKEN'}}\n"


def write(text: str) -> str:
    Path("sso-sync.yaml").write_text(text, encoding="utf-8")
    return "sso-sync.yaml"


def load(text: str, **environment: str) -> Settings:
    return load_settings(write(text), environment)[0]


def mistakes_in(text: str, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(text, **environment)
    return list(caught.value.mistakes)


def with_groups(groups: str, more: str = "") -> str:
    return SOURCE.replace('{include: ["aws-*"]}', groups) + more


def test_a_short_config_is_enough() -> None:
    settings = load(SOURCE)
    assert google_of(settings).groups.include == ["aws-*"]
    assert (settings.state, settings.limits.emptied_group) == (None, 5)
    assert settings.identity_center.scim is None


@pytest.mark.parametrize(
    ("text", "percent", "above", "count"),
    [
        ("{count: 200}", 100, 20, 200),
        ("{percent: 150}", 150, 20, None),
        ("{above: 50}", 100, 50, None),
        ("{percent: null}", None, 20, None),
        ("", 100, 20, None),
    ],
)
def test_what_a_limit_does_not_say_stays_as_it_is(
    text: str, percent: int | None, above: int, count: int | None
) -> None:
    limit = load(f"{SOURCE}limits:\n  members_added_to_a_group: {text}\n").limits.members_added_to_a_group
    assert (limit.percent, limit.above, limit.count) == (percent, above, count)


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.yaml").write_text(SOURCE)
    assert load_settings("deep/c.yaml", {})[1] == tmp_path / "deep"


def test_the_file_is_the_one_named_else_that_of_the_environment_else_the_usual_one(tmp_path: Path) -> None:
    for name in ("named", "other"):
        (tmp_path / f"{name}.yaml").write_text(SOURCE + f"state: {name}")
    write(SOURCE + "state: usual")
    environment = {"SSO_SYNC_CONFIG": "other.yaml"}
    assert load_settings("named.yaml", environment)[0].state == "named"
    assert load_settings(None, environment)[0].state == "other"
    assert load_settings(None, {})[0].state == "usual"


def test_json_is_accepted_too() -> None:
    text = """{"sources": [{"type": "google_workspace", "admin": "a@example.com", "credentials": "env:KEY",
               "groups": {"include": [{"match": ["name:Admins*", "aws-*"], "description": "admins"}]}}]}"""
    assert google_of(load(text)).groups.include == [
        FilterSettings(match=["name:Admins*", "aws-*"], description="admins")
    ]


def test_all_mistakes_of_a_file_are_told_together_with_their_paths() -> None:
    text = SOURCE + "    colour: blue\nlimits: {emptied_group: many}\nidentity_center: {quota_scale: 0}\n"
    assert [mistake.split(":")[0] for mistake in mistakes_in(text)] == [
        "sources[0].colour",
        "identity_center.quota_scale",
        "limits.emptied_group",
    ]
    with pytest.raises(SettingsError, match=r"sso-sync.yaml has 3 mistakes:\n  - sources\[0\].colour: "):
        load(text)


def test_all_mistakes_in_patterns_and_expressions_are_told_together() -> None:
    text = with_groups("{include: ['aws-*', 'nmae=x'], exclude: [{match: ['*', 'org_unit:/x']}]}")
    text += "    user_name: 'emails[?'\n    attributes: {title: 'a ||'}\n"
    assert [mistake.split(":")[0] for mistake in mistakes_in(text)] == [
        "sources[0].groups.include[1]",
        "sources[0].groups.exclude[0]",
        "sources[0].user_name",
        "sources[0].attributes.title",
    ]
    assert "'emails[?' is not JMESPath" in mistakes_in(text)[2]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("stat: x", "stat: there is no such setting; did you mean 'state'?"),
        ("limits: {emptied_grup: 1}", "limits.emptied_grup: there is no such setting; did you mean 'emptied_group'?"),
        ("zzz: 1", f"zzz: there is no such setting; known are {', '.join(sorted(Settings.__struct_fields__))}"),
        ("limits: 5", "limits: a mapping is expected here, not a number"),
        ("limits: {emptied_group: true}", "limits.emptied_group: expected `int`, got `bool`"),
        ("state: 's3://'", "state: write s3://bucket/prefix"),
        ("identity_center: {region: 5}", "identity_center.region: expected `str`, got `int`"),
        (
            "identity_center: {scim: {endpoint: scim-endpoint}}",
            f"identity_center.scim.endpoint: write https://…, or where it is kept: {WHERE}",
        ),
        (
            "teams: {webhook: 'https://example.com/?sig=secret'}",
            f"teams.webhook: a secret does not belong in the config; write {WHERE}",
        ),
        ("documentation: {prefix: /docs}", "documentation.prefix: keys in S3 do not begin with a slash"),
        (
            "deployment: {time_zone: Mars/Olympus}",
            "deployment.time_zone: there is no 'Mars/Olympus'; write one such as Europe/Oslo",
        ),
        (
            "deployment: {schedule: 15 min}",
            "deployment.schedule: write 15 minutes, 1 hour, 2 days, cron(0 6 * * ? *), or off",
        ),
        (
            "deployment: {schedule: cron(hello)}",
            "deployment.schedule: write 15 minutes, 1 hour, 2 days, cron(0 6 * * ? *), or off",
        ),
        (
            "deployment: {name: Aws-sync}",
            "deployment.name: AWS keeps names that begin with aws and ssm to itself",
        ),
        ("state: 's3://Bad_Bucket*/x'", "state: write s3://bucket/prefix"),
        (
            "    root_url: https://example.com:99999/",
            "sources[0].root_url: it has no host, or a port that cannot be",
        ),
        ("deployment: {timeout: 901}", "deployment.timeout: expected `int` <= 900"),
    ],
)
def test_a_mistake_is_a_sentence_that_helps(text: str, mistake: str) -> None:
    assert mistakes_in(SOURCE + text) == [mistake]


def test_an_attribute_that_identity_center_does_not_know_is_told_with_the_nearest_one() -> None:
    assert mistakes_in(SOURCE + "    attributes: {titel: x}\n") == [
        "sources[0].attributes.titel: there is no such name; did you mean 'title'?"
    ]


def test_a_config_without_sources_is_told_so() -> None:
    assert mistakes_in("state: x") == ["sources: this setting is required"]
    assert mistakes_in("sources: []") == ["sources: expected `array` of length >= 1"]


@pytest.mark.parametrize("text", ["", "- a\n- b", "just text", "42"])
def test_a_file_that_is_no_mapping_is_told_so(text: str) -> None:
    assert mistakes_in(text) == ["the file must hold a mapping of settings; see config/example.yaml"]


def test_a_key_that_is_there_twice_is_a_mistake_with_its_line() -> None:
    (mistake,) = mistakes_in(SOURCE + "state: a\nstate: b\n")
    assert mistake.startswith("line 7: found duplicate key")


@pytest.mark.parametrize("text", ["a: [1, 2", "a: 'b", "\tx: 1", "a: *b"])
def test_a_file_that_is_no_yaml_is_told_with_the_line(text: str) -> None:
    (mistake,) = mistakes_in(text)
    assert mistake.startswith("line ")


def test_a_file_that_is_missing_or_no_text_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"there is no such file; copy config/example\.yaml"):
        load_settings("nowhere.yaml", {})
    with pytest.raises(SettingsError, match="the file cannot be read"):
        load_settings(str(tmp_path), {})
    (tmp_path / "latin.yaml").write_bytes(b"state: \xff")
    with pytest.raises(SettingsError, match="the file cannot be read"):
        load_settings("latin.yaml", {})


@pytest.mark.parametrize("name", ["include_suspended", "include_archived"])
def test_inactive_users_need_scim(name: str) -> None:
    text = SOURCE + f"    {name}: true\n"
    assert mistakes_in(text) == [f"sources[0].{name}: only SCIM can set users inactive; set identity_center.scim"]
    assert getattr(load(text + SCIM).sources[0], name) is True


def test_selecting_people_by_themselves_needs_a_selection_of_people() -> None:
    assert mistakes_in(SOURCE + "    method: users_groups\n") == [
        "sources[0].users: the method users_groups needs it; write include: ['*'] for everybody"
    ]


def test_a_token_does_not_belong_in_the_file() -> None:
    (mistake,) = mistakes_in(SOURCE + SCIM.replace("env:TOKEN", "f00ba7-secret"))
    assert mistake.startswith("identity_center.scim.token: a secret does not belong in the config")
    assert "f00ba7" not in mistake


@pytest.mark.parametrize("token", ["env:TOKEN", "./token", "/run/token", "~/token", "../token", "arn:aws:ssm:x"])
def test_a_token_is_named_by_where_it_is(token: str) -> None:
    scim = load(SOURCE + SCIM.replace("env:TOKEN", token)).identity_center.scim
    assert scim
    assert scim.token == token
