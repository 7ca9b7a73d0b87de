"""Sync filters in the config: what it may say, what it comes to, and how it is deployed."""

from typing import Any

import msgspec
import pytest

from sso_sync.core.errors import SettingsError
from sso_sync.http.identity_sync import endpoint, operation_of
from sso_sync.settings import AdSyncSettings, Settings, settings_of
from sso_sync.settings.deployed import join, split
from sso_sync.sources.ad_sync import make_source
from sso_sync.sources.tools import Tools

Json = dict[str, Any]
SOURCE: Json = {"type": "ad_sync", "domain": "Corp.example.com", "groups": [{"name": "Admins", "description": "All"}]}
GOOGLE: Json = {"type": "google_workspace", "admin": "a@example.com", "groups": {"include": ["*"]}}


def settings(*others: Json, **changed: Any) -> Settings:
    return settings_of({"sources": [SOURCE | changed, *others], "deployment": {}}, "the config", {})


def test_what_the_config_names_is_the_directory() -> None:
    (source,) = settings(users=[{"name": "Ann"}]).sources
    assert isinstance(source, AdSyncSettings)
    read = make_source(source, {}, Tools()).read()
    (group,), (user,) = read.groups.values(), read.users.values()
    assert msgspec.structs.astuple(group) == ("admins@corp.example.com", "admins@corp.example.com", "Admins", "All")
    assert (user.id, user.user_name, user.email) == ("ann@corp.example.com", "Ann", "Ann@Corp.example.com")
    assert read.provenance
    assert read.provenance.chosen_groups[group.id].description == "All"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"groups": [], "users": []}, r"sources\[0\]\.groups: name at least one"),
        ({"domain": "corp example"}, r"sources\[0\]\.domain: write the name of the domain"),
        ({"domain": "x" * 256}, r"sources\[0\]\.domain: write the name of the domain"),
        ({"group_prefix": "ad-"}, r"sources\[0\]\.group_prefix: AWS syncs groups under their own names"),
        ({"groups": [{"name": "a/b"}]}, r"sources\[0\]\.groups\[0\]\.name: no sAMAccountName"),
        ({"groups": [{"name": " a"}]}, r"sources\[0\]\.groups\[0\]\.name: no sAMAccountName"),
        ({"users": [{"name": "a"}, {"name": "A"}]}, r"sources\[0\]\.users\[1\]\.name: 'A' is named before"),
        ({"directory_id": "corp"}, r"sources\[0\]\.directory_id"),
    ],
)
def test_a_mistake_is_named_where_it_is(changed: Json, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings(**changed)


def test_it_is_the_only_source() -> None:
    with pytest.raises(SettingsError, match=r"sources\[0\]: where AWS syncs an Active Directory"):
        settings(GOOGLE)


def test_the_parts_together_are_the_config_again_and_without_filters_still_a_config() -> None:
    whole = settings(users=[{"name": "Ann"}])
    parts = split(whole, "the config")
    again = settings_of(join(parts.rest, parts.filters), "again", {})
    assert again.sources == whole.sources
    lean = settings_of(join(split(settings(), "the config").rest, None), "without filters", {})
    assert isinstance(lean.sources[0], AdSyncSettings)


def test_the_api_is_where_the_region_or_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_IDENTITY_SYNC", raising=False)
    assert endpoint("eu-central-1") == "https://identity-sync.eu-central-1.amazonaws.com"
    assert endpoint("cn-north-1") == "https://identity-sync.cn-north-1.amazonaws.com.cn"
    monkeypatch.setenv("AWS_ENDPOINT_URL_IDENTITY_SYNC", "http://127.0.0.1:1/x/")
    assert endpoint("eu-central-1") == "http://127.0.0.1:1/x"


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/v0/profiles/P/filters?FilterType=GROUP", "ListSyncFilters"),
        ("DELETE", "/v0/profiles/P/filters/1", "DeleteSyncFilter"),
        ("POST", "/v0/profiles", "CreateSyncProfile"),
        ("GET", "/v0/profiles/P", "GetSyncProfile"),
        ("GET", "/v0/profiles/P/targets/T", "GetSyncTarget"),
        ("POST", "/v0/profiles/P/startSync", "StartSync"),
        ("PUT", "/v0/profiles/P", "PUT"),
    ],
)
def test_calls_are_counted_by_the_names_that_iam_gives_them(method: str, path: str, operation: str) -> None:
    assert operation_of(method, path) == operation
