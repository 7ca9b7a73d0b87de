"""The commands with two directories, over real HTTP: one that cannot be used does not stop the other."""

import json
from collections.abc import Callable

import pytest

from sso_sync.entrypoints.cli.main import run
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox

CONFIG = """
sources:
  - type: google_workspace
    groups: {include: [devs]}
  - type: okta
    api_token: env:SSO_SYNC_OKTA_API_TOKEN
    group_prefix: okta-
    groups: {include: [devs]}
merge_people_by: email
"""
COMPANY = company([person(1), person(2)], [team("devs", ["u1", "u2"])])


def test_a_token_that_is_none_stops_its_own_directory_only_and_explain_says_so(
    live: Callable[..., LiveSandbox], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox = live(COMPANY)
    for name, value in sandbox.environment(scim=True, config=CONFIG).items():
        monkeypatch.setenv(name, value)
    assert run(["apply", "--yes", "--quiet"]) == 0
    monkeypatch.setenv("SSO_SYNC_OKTA_API_TOKEN", "two words")
    capfd.readouterr()
    assert run(["plan", "--output", "json"]) == 4
    shown = json.loads(capfd.readouterr().out)
    assert shown["changes"] == []
    assert shown["unread"][0].startswith("Okta could not be read, so what came from it stays as it is: The Okta API")
    assert run(["explain", "okta-devs", "--output", "json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["unread"] == shown["unread"]
    assert told["explanations"][0]["verdict"] == "is in AWS, although its directory could not be read"


def test_whoever_is_wanted_by_one_directory_is_explained_once(
    live: Callable[..., LiveSandbox], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox = live(company([person(1), person(2)], [team("devs", ["u1", "u2"]), team("ops", ["u2"])]))
    config = CONFIG.replace("    group_prefix: okta-\n    groups: {include: [devs]}", "    groups: {include: [ops]}")
    for name, value in sandbox.environment(scim=True, config=config).items():
        monkeypatch.setenv(name, value)
    assert run(["apply", "--yes", "--quiet"]) == 0
    capfd.readouterr()
    assert run(["explain", "p1@example.com", "--output", "json"]) == 0
    assert len(json.loads(capfd.readouterr().out)["explanations"]) == 1
