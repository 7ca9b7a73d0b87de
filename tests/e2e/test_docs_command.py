"""sso-sync docs: the site in a folder, from Identity Center as it is now and the runs there were."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sso_sync.entrypoints.cli.main import run
from tests.support.companies import company, person, team
from tests.support.live import CONFIG, LiveSandbox, writes_in

Json = dict[str, Any]
NESTED = company(
    [person(n) for n in range(1, 4)],
    [team("admins", ["u1"]), team("devs", ["u2"], ["g-crew"]), team("crew", ["u3"])],
)
FILTERS = CONFIG.replace('include: ["*"]', "include: [{match: 'd*', description: Builders}, admins]")


@pytest.fixture
def sandbox(live: Callable[[Json], LiveSandbox], monkeypatch: pytest.MonkeyPatch) -> LiveSandbox:
    running = live(NESTED)
    for name, value in running.environment(scim=True, config=FILTERS).items():
        monkeypatch.setenv(name, value)
    return running


def site_in(folder: Path) -> Json:
    """Write the site to a folder and return its facts."""
    assert run(["docs", "--output", str(folder), "--no-open"]) == 0
    assert {file.name for file in folder.iterdir()} == {"index.html", "facts.json", "group-monitoring.html"}
    facts: Json = json.loads((folder / "facts.json").read_text())
    return facts


@pytest.mark.usefixtures("sandbox")
def test_the_site_tells_filters_ways_dates_and_runs(tmp_path: Path) -> None:
    assert run(["apply", "--yes"]) == 0
    facts = site_in(tmp_path / "deep" / "site")
    (admins, devs) = facts["groups"]
    assert devs["filter"] == {"text": "d*", "description": "Builders"}
    assert admins["filter"] == {"text": "admins", "description": ""}
    people = [facts["people"][place]["user_name"] for place, _, _, _ in devs["members"]]
    assert people == ["p2@example.com", "p3@example.com"]
    assert [devs["ways"][way] for _, _, _, way in devs["members"]] == [["devs"], ["devs", "crew"]]
    assert all(first_seen == 0 and since for _, since, first_seen, _ in devs["members"]), "as AWS says"
    (applied,) = facts["history"]
    assert applied["trigger"].startswith("command line")
    assert (applied["headline"], applied["page"]) == ("All changes made", "")
    assert "p3@example.com" in (tmp_path / "deep" / "site" / "index.html").read_text()


def test_it_reads_identity_center_anew_and_writes_nothing(sandbox: LiveSandbox, tmp_path: Path) -> None:
    assert run(["apply", "--yes"]) == 0
    sandbox.calls()
    store = sandbox.sandbox.store
    (crew,) = (key for key, group in store.groups.items() if group["DisplayName"] == "devs")
    (outsider,) = (key for key, user in store.users.items() if user["UserName"] == "p1@example.com")
    store.create_membership(crew, outsider, "somebody")
    facts = site_in(tmp_path / "site")
    assert [len(group["members"]) for group in facts["groups"]] == [1, 3]
    assert facts["groups"][1]["members"][0][3] == -1, "no way that the directory knows"
    calls = sandbox.calls()
    assert writes_in(calls) == {}
    assert "google" not in calls


def test_before_the_first_run_there_is_a_site_of_what_there_is(sandbox: LiveSandbox, tmp_path: Path) -> None:
    assert sandbox
    facts = site_in(tmp_path / "site")
    assert (facts["people"], facts["groups"], facts["history"], facts["last"]) == ([], [], [], None)


def test_a_folder_that_cannot_be_written_is_one_sentence(
    sandbox: LiveSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sandbox
    (tmp_path / "file").write_text("")
    assert run(["docs", "--output", str(tmp_path / "file"), "--no-open"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Error: The command line")
    assert "cannot be written (File exists)" in said


def test_quiet_writes_the_site_and_prints_nothing(
    sandbox: LiveSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sandbox
    assert run(["docs", "--output", str(tmp_path / "site"), "--no-open", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "site" / "index.html").exists()


def test_an_empty_folder_name_is_a_mistake(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert sandbox
    assert run(["docs", "--output", "", "--no-open"]) == 1
    assert "--output is empty" in capsys.readouterr().err


def test_without_names_no_page_has_any(sandbox: LiveSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = f"{FILTERS}documentation: {{names: false}}\n"
    for name, value in sandbox.environment(scim=True, config=config).items():
        monkeypatch.setenv(name, value)
    assert run(["apply", "--yes"]) == 0
    site_in(tmp_path / "site")
    for file in (tmp_path / "site").iterdir():
        text = file.read_text()
        assert not [name for name in ("p1@", "p2@", "p3@", "admin@", "Given", "Family") if name in text], file
