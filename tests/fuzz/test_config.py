"""Configs that are none: settings, or all mistakes as sentences, and never anything else."""

import fnmatch
import math
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sso_sync.core.errors import SettingsError
from sso_sync.core.selection import Pattern
from sso_sync.settings import Settings, load_settings, settings_of
from sso_sync.settings.deployed import split
from sso_sync.settings.loading import OVERRIDES
from sso_sync.settings.policy import policy_of
from tests.support.hostile import (
    GARBAGE,
    TEXTS,
    WRONG,
    assert_sentence,
    explore,
    places,
    put,
    some,
    texts,
    values,
    without,
)

EXAMPLE = Path(__file__).parents[2] / "config" / "example.yaml"
WHOLE: dict[str, Any] = {
    "sources": [
        {
            "type": "google_workspace",
            "admin": "admin@example.com",
            "credentials": "env:KEY",
            "groups": {"include": ["aws-*", {"match": ["name:a*", "email=a@example.com"], "description": "d"}]},
            "method": "users_groups",
            "users": {"include": ["org_unit:/Sales", "custom.AWS.access=true"], "exclude": ["email=x@example.com"]},
            "include_suspended": True,
            "include_archived": False,
            "group_name": "email",
            "user_name": "primaryEmail",
            "missing_name": "-",
            "attributes": {"title": "organizations[?primary].title | [0]", "locale": "languages[0]"},
            "customer": "C01",
            "root_url": "https://example.com/",
            "queries_per_minute": 2400,
        }
    ],
    "identity_center": {
        "region": "eu-north-1",
        "identity_store_id": "d-0123456789",
        "scim": {"endpoint": "https://scim.example.com/", "token": "env:TOKEN"},
        "protected": ["root*"],
        "match_users_by": ["user_name", "email"],
        "groups": "create",
        "quota_scale": 1.5,
    },
    "state": "s3://bucket/prefix",
    "leaving": {"users": "deactivate", "delete_after_days": 30, "groups": "keep", "unmanaged": "keep"},
    "limits": {"users_leaving": {"percent": 20, "above": 5, "count": None}, "emptied_group": 5},
    "approval": "on_limit",
    "documentation": {"bucket": "our-docs", "prefix": "x/", "website": "https://example.com/"},
    "teams": {"webhook": "env:HOOK"},
    "deployment": {
        "name": "sso-sync",
        "schedule": "15 minutes",
        "time_zone": "Etc/UTC",
        "timeout": 900,
        "memory": 1024,
        "log_retention_days": 90,
        "approvers": ["arn:aws:iam::111122223333:role/x"],
        "on_destroy": {"identities": "keep", "bucket": "keep", "secrets": "keep"},
    },
}
PLACES = list(places(WHOLE))
YAML_PARTS = [
    "- ", ": ", "? ", "&a ", "*a", "<<: ", "!!python/object:os.system ", "!!int ", "!!float ", "!!binary ", "!!set ",
    "!!timestamp ", "!!omap ", "!!pairs ", "!!null ", "!!bool ", "!x ", "|\n", ">\n", "%YAML 9.9\n", "---\n", "...\n",
    "{", "}", "[", "]", '"', "'", "#", "\t", "\n", "  ", "0o9", "0x", "1:2:3", "2026-99-99", "1_0", ".inf", ".nan", "=",
    "~", "\\ud800", '"\\x00"', "sources", "\x00", "\u2028", "\ufeff", "-", "a",
]  # fmt: skip
NEEDED: set[Any] = {
    "sources", "type", "admin", "match", "identity_center", "scim",  # without SCIM nobody can be deactivated
    ("users",), ("groups",), ("groups", "include"), ("users", "include"),
}  # fmt: skip
SHORT = without(WHOLE, ("deployment",))  # looking up time zones takes longer than all the rest
pytestmark = [
    pytest.mark.filterwarnings("ignore:deprecated string literal syntax"),  # of jmespath
    pytest.mark.filterwarnings("ignore::ruamel.yaml.error.YAMLWarning"),
]


def check(raw: Any, environment: Mapping[str, str] | None = None) -> Settings | None:
    """Convert plain data; whatever passes can be used."""
    try:
        made = settings_of(raw, "sso-sync.yaml", environment or {})
    except SettingsError as exc:
        assert_sentence(exc)
        return None
    assert_usable(made)
    return made


def assert_usable(made: Settings) -> None:
    assert math.isfinite(made.identity_center.quota_scale)
    assert len(policy_of(made).config) == 64
    try:
        split(made, "sso-sync.yaml")
    except SettingsError as exc:
        assert_sentence(exc)


def load(tmp_path: Path, content: bytes) -> Settings | None:
    file = tmp_path / "sso-sync.yaml"
    file.write_bytes(content)
    try:
        made, _ = load_settings(str(file), {})
    except SettingsError as exc:
        assert_sentence(exc)
        return None
    assert_usable(made)
    return made


def test_every_setting_takes_any_value_or_says_what_is_wrong_with_it() -> None:
    tried = passed = 0
    for place in PLACES:
        for wrong in some(WRONG, 3):
            tried += 1
            passed += check(put(_around(place), place, wrong)) is not None
    print(f"config, every type at every path: {tried} inputs")  # noqa: T201 # shown with -rP
    assert 0 < passed < tried / 3


def test_every_text_takes_hostile_text_or_says_what_is_wrong_with_it() -> None:
    tried = 0
    for place in PLACES:
        for text in some(TEXTS, 4):
            tried += 1
            check(put(_around(place), place, text))
    print(f"config, hostile text at every path: {tried} inputs")  # noqa: T201 # shown with -rP
    assert tried >= len(PLACES) * len(TEXTS) // 4


def test_every_setting_may_be_missing_or_is_missed() -> None:
    for place in PLACES[1:]:
        whole = _around(place)
        made, missed = check(without(whole, place)), {place[-1], place[2:]} & NEEDED
        assert (made is None) == bool(missed) or isinstance(place[-1], int), place


def test_settings_that_are_not_known_are_named_without_what_could_fool_a_reader() -> None:
    def unknown(at: int, name: str, value: Any) -> None:
        raw = deepcopy(SHORT)
        found = [place for place in places(raw) if isinstance(_at(raw, place), dict)]
        _at(raw, found[at % len(found)])[name] = value
        check(raw)

    explore("config, unknown settings", unknown, 60, st.integers(0, 50), texts, values)


def test_any_data_at_several_places_is_settings_or_mistakes() -> None:
    def several(changes: list[tuple[int, Any]]) -> None:
        raw = deepcopy(SHORT)
        for at, value in changes:
            known = list(places(raw))
            raw = put(raw, known[at % len(known)], value)
        check(raw)

    explore("config, several places", several, 80, st.lists(st.tuples(st.integers(0, 200), values), max_size=4))


def test_any_environment_is_settings_or_mistakes() -> None:
    names = st.sampled_from([*OVERRIDES, "SSO_SYNC_SCIM_TOKN", "SSO_SYNC_\x00\u202e"])
    said = texts | st.sampled_from(["nan", "inf", "-1", "1e999", "arn:", "arn:aws:x\n", "http://[", "s3://"])
    environments = st.dictionaries(names, said, max_size=4)

    def overridden(environment: dict[str, str], raw: Any) -> None:
        check(deepcopy(SHORT), environment)
        check(raw, environment)

    explore("config, environment", overridden, 60, environments, values)


def test_expressions_and_patterns_are_read_or_refused() -> None:
    words = st.lists(
        st.sampled_from(
            [*"[]{}()*?&|!@.,:`'\"\\<=> ", "a", "0", "-1", "::0", "length", "sort_by(", "to_number", "&a", "\n"]
        )
    ).map("".join)

    def expression(text: str) -> None:
        check(put(SHORT, ("sources", 0, "user_name"), text))
        check(put(SHORT, ("sources", 0, "groups", "include", 0), text))
        check(put(SHORT, ("sources", 0, "users", "include", 0), text))

    explore("config, expressions and patterns", expression, 100, words | texts)
    for nested in ("[" * 3000, "(" * 3000 + "a" + ")" * 3000, "a[" * 3000, "!" * 3000 + "a", "{a:" * 3000, "a." * 3000):
        expression(nested)


def test_a_pattern_of_many_stars_is_answered_soon() -> None:
    for pattern in ("*" * 40 + "b", "*a" * 40 + "*b", "a*?" * 40 + "b"):
        assert not Pattern.parse(pattern, ("name",)).matches({"name": ["a" * 1000 + "c"]})

    def same(pattern: str, name: str) -> None:
        expected = fnmatch.fnmatchcase(name, pattern)
        assert Pattern("name", exact=False, value=pattern).matches({"name": [name]}) == expected

    words = st.text("ab*?", max_size=8)
    explore("config, globs", same, 100, words.filter(bool), st.text("ab", max_size=8))


def test_any_bytes_are_settings_or_mistakes(tmp_path: Path) -> None:
    example = EXAMPLE.read_bytes()
    assert load(tmp_path, example) is not None
    for garbage in GARBAGE:
        assert load(tmp_path, garbage) is None
    written = st.lists(st.sampled_from(YAML_PARTS), max_size=12).map(lambda parts: "".join(parts).encode())
    cut = st.tuples(st.integers(0, len(example)), st.integers(0, 40), st.binary(max_size=6)).map(
        lambda where: example[: where[0]] + where[2] + example[where[0] + where[1] :]
    )
    explore("config, bytes", lambda content: load(tmp_path, content), 80, written | cut | st.binary(max_size=60))


@pytest.mark.parametrize("place", [("sources", 0, "groups", "include"), ("sources",), ("state",), ("sources", 0)])
def test_aliases_that_multiply_or_bite_their_tail_are_mistakes(tmp_path: Path, place: tuple[str | int, ...]) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    bomb = "\n".join([*lines, "sources: *a11"]).encode()
    assert load(tmp_path, bomb) is None
    assert load(tmp_path, b"sources: &s [*s]") is None
    assert load(tmp_path, b"&s {sources: *s, state: *s}") is None
    data = YAML(typ="safe", pure=True).load("\n".join([*lines, "b: &b [*b]"]))
    assert check(put(WHOLE, place, data["a11"])) is None
    assert check(put(WHOLE, place, data["b"])) is None


def test_a_huge_config_is_answered_soon(tmp_path: Path) -> None:
    many = put(WHOLE, ("sources", 0, "groups", "include"), ["x" * 1000] * 2000)
    assert check(many) is not None
    assert check({f"x{n}": n for n in range(20_000)}) is None
    assert load(tmp_path, msgspec.json.encode(put(WHOLE, ("state",), "x" * 500_000))) is not None


def test_a_file_that_cannot_be_is_a_mistake(tmp_path: Path) -> None:
    for name in ("nul\x00", str(tmp_path), "x" * 5000, "\udcff", "new\nline"):
        with pytest.raises(SettingsError) as told:
            load_settings(name, {})
        assert_sentence(told.value)


def _around(place: tuple[str | int, ...]) -> Any:
    return WHOLE if place[:1] in {(), ("deployment",)} else SHORT


def _at(raw: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        raw = raw[key]
    return raw
