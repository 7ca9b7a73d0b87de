"""`sso-sync explain`: why somebody or something is in AWS or not, read live, with nothing written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sso_sync.entrypoints.cli.main import run
from tests.support.companies import company, person, team
from tests.support.live import CONFIG, LiveSandbox

Json = dict[str, Any]
CHOSEN = CONFIG.replace('{include: ["*"]}', '{include: [{match: "aws-*", description: access to AWS}]}')
NESTED = company(
    [person(1), person(2, suspended=True), person(3)],
    [team("aws-admins", [], ["g-platform"]), team("platform", [], ["g-crew"]), team("crew", ["u1", "u2"])],
)
HOSTILE = "[bold red]x[/]\x1b[31m\u202eevil"


@pytest.fixture
def sandbox(live: Callable[[Json], LiveSandbox], monkeypatch: pytest.MonkeyPatch) -> LiveSandbox:
    running = live(NESTED)
    for name, value in running.environment(scim=True, config=CHOSEN).items():
        monkeypatch.setenv(name, value)
    return running


def said(capsys: pytest.CaptureFixture[str], name: str) -> str:
    capsys.readouterr()
    assert run(["explain", name]) == 0
    return capsys.readouterr().out


def test_a_person_is_explained_before_and_after_they_are_in_aws(
    sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shown = said(capsys, "p1@example.com")
    assert shown.startswith("Given1 Family1 (p1@example.com) comes to AWS with the next run, into 1 group.\n")
    assert (
        "  + aws-admins  joins with the next run: member in the directory\n"
        "      selected by the filter 'aws-*' (access to AWS)\n"
        "      aws-admins ← platform ← crew ← p1@example.com\n"
    ) in shown
    assert sandbox.sandbox.store.users == {}
    assert not (tmp_path / ".sso-sync").exists()
    assert run(["apply", "--yes"]) == 0
    (aws_id,) = sandbox.sandbox.store.users
    shown = said(capsys, "P1@EXAMPLE.COM")
    assert "is in AWS, in 1 group." in shown
    assert f"p1@example.com, {aws_id}, created by sso-sync" in shown
    assert said(capsys, aws_id) == shown
    assert "\x1b" not in shown


def test_somebody_who_is_out_is_told_why(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert sandbox
    shown = said(capsys, "p2@example.com")
    assert "Given2 Family2 (p2@example.com) is not in AWS: suspended in Google Workspace." in shown
    assert "  ! aws-admins  kept out: suspended in Google Workspace\n" in shown
    assert "Given3 Family3 (p3@example.com) is not in AWS: in no selected group." in said(capsys, "u3")


def test_a_group_is_explained_with_members_and_nesting(
    sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["apply", "--yes"]) == 0
    shown = said(capsys, "aws-admins")
    assert shown.startswith("aws-admins (aws-admins@example.com) is in AWS, with 1 member.\n")
    assert "1: 0 directly, 1 through groups below" in shown
    assert "    aws-admins ← platform ← crew\n" in shown
    assert "  ! p2@example.com  suspended in Google Workspace\n" in shown
    assert "crew (crew@example.com) is not in AWS: matched by no include filter." in said(capsys, "crew")
    assert len(sandbox.sandbox.store.groups) == 1


def test_json_has_the_whole_explanation(sandbox: LiveSandbox, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert sandbox
    assert run(["explain", "p1@example.com", "--output", "json"]) == 0
    told = json.loads(capsysbinary.readouterr().out)
    (found,) = told["explanations"]
    assert told["refused"] is None
    assert (found["type"], found["email"], found["directory"]["source_id"]) == ("person", "p1@example.com", "u1")
    assert found["groups"][0]["paths"] == [{"groups": ["aws-admins", "platform", "crew"], "everybody": False}]
    assert found["next_run"][0]["change"] == "create_user"


def test_a_refused_next_run_is_said(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apply", "--yes"]) == 0
    sandbox.replace(company([person(1)], []))
    shown = said(capsys, "p1@example.com")
    assert "is not in AWS" not in shown
    assert "The next run is refused: " in shown


def test_an_unknown_name_is_one_sentence(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert sandbox
    assert run(["explain", "p1@example.con"]) == 1
    error = capsys.readouterr().err
    assert "Neither the directory nor Identity Center knows 'p1@example.con'; did you mean 'p1@example.com'?" in error


@pytest.mark.parametrize("columns", ["80", "200"])
def test_a_name_that_would_fool_a_reader_is_shown_as_it_is(
    sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    people = [person(1, givenName=HOSTILE, familyName="long " * 60)]
    sandbox.replace(company(people, [team("aws-x", [], ["g-evil"]), team("evil", ["u1"]) | {"name": HOSTILE}]))
    shown = said(capsys, "p1@example.com")
    assert "[bold red]x[/]" in shown
    assert "      aws-x ← [bold red]x[/]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
