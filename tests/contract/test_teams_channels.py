"""Two channels over real HTTP: who hears what, retries, and addresses that stay secrets."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sso_sync.bootstrap import Builder
from sso_sync.core.report import RunReport
from sso_sync.engine.run import tell
from sso_sync.entrypoints.logs import Format, Level, set_up_logging
from sso_sync.settings import settings_of
from tests.support.cards import KINDS
from tests.support.companies import company
from tests.support.live import LiveSandbox

Json = dict[str, Any]
SOURCE = {"type": "google_workspace", "admin": "a@example.com", "credentials": "env:X", "groups": {"include": ["*"]}}
TEAMS = {"webhook": "env:MAIN", "problems": "env:PROBLEMS"}


class Channels:
    """A main channel and one for problems, each a sandbox of its own."""

    def __init__(self, main: LiveSandbox, problems: LiveSandbox, folder: Path) -> None:
        self.main, self.problems, self._folder = main, problems, folder

    def tell(self, *runs: RunReport, **teams: str) -> None:
        for run in runs:
            raw = {"sources": [SOURCE], "teams": TEAMS | teams, "identity_center": {"region": "us-east-1"}}
            builder = Builder(settings_of(raw, "the test", {}), self._folder)
            tell(run, [reporter for reporter in builder.reporters() if "Teams" in reporter.name])

    @property
    def counts(self) -> tuple[int, int]:
        return len(self.main.sandbox.teams.posts), len(self.problems.sandbox.teams.posts)


@pytest.fixture
def channels(live: Callable[[Json], LiveSandbox], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Channels:
    made = Channels(live(company([], [])), live(company([], [])), tmp_path)
    monkeypatch.setenv("MAIN", made.main.sandbox.teams_webhook)
    monkeypatch.setenv("PROBLEMS", made.problems.sandbox.teams_webhook)
    return made


def test_each_channel_hears_its_own(channels: Channels) -> None:
    channels.tell(KINDS["failed"], KINDS["failed"])
    assert channels.counts == (0, 1)
    channels.tell(KINDS["nothing"])
    assert channels.counts == (0, 2), "that it is over, too"
    channels.tell(KINDS["changes"])
    assert channels.counts == (1, 2)
    channels.tell(KINDS["partial"])
    assert channels.counts == (2, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_teams_takes_a_card_of_every_kind(channels: Channels, kind: str) -> None:
    channels.tell(KINDS[kind], notify="every_run")
    assert channels.counts[0] == 1


@pytest.mark.parametrize("problems", ["env:NOT_SET", "env:EMPTY"])
def test_without_an_address_for_problems_the_main_channel_hears_of_them(
    channels: Channels, problems: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMPTY", " ")
    channels.tell(KINDS["failed"], problems=problems)
    assert channels.counts == (1, 0)


def test_where_one_channel_fails_the_other_hears_all_the_same(channels: Channels) -> None:
    channels.problems.fail("teams", "post_card", "not_found", times=0)
    channels.tell(KINDS["partial"])
    assert channels.counts == (1, 0)
    channels.problems.sandbox.switchboard.faults.clear()
    channels.tell(KINDS["partial"])
    assert channels.counts == (2, 1)


@pytest.mark.parametrize("kind", ["throttle", "unavailable"])
def test_a_channel_that_cannot_answer_at_once_is_asked_again(channels: Channels, kind: str) -> None:
    channels.problems.fail("teams", "post_card", kind, times=2)
    channels.tell(KINDS["failed"])
    assert channels.counts == (0, 1)


def test_a_damaged_or_locked_memory_keeps_nobody_in_the_dark(channels: Channels, tmp_path: Path) -> None:
    channels.tell(KINDS["failed"])
    (note,) = tmp_path.rglob("teams-problems.json")
    note.write_bytes(b"nonsense")
    channels.tell(KINDS["failed"])
    assert channels.counts == (0, 2)
    note.unlink()
    note.mkdir()
    channels.tell(KINDS["failed"])
    assert channels.counts == (0, 3)


@pytest.mark.parametrize("fault", ["forbidden", "nobody listens"])
def test_no_address_is_in_a_log_whatever_goes_wrong(
    channels: Channels, fault: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    secrets = {"MAIN": "s3cret-main", "PROBLEMS": "s3cret-problems"}
    for variable, secret in secrets.items():
        if fault == "nobody listens":
            monkeypatch.setenv(variable, f"http://127.0.0.1:1/{secret}?sig={secret}")
    for live in (channels.main, channels.problems):
        live.fail("teams", "post_card", "forbidden", times=0)
        secrets[live.url] = live.sandbox.teams_webhook.rpartition("sig=")[2]
    set_up_logging(Level.DEBUG, Format.JSON)
    try:
        channels.tell(KINDS["partial"])
    finally:
        logging.basicConfig(handlers=[], force=True)
    said = capfd.readouterr().err
    assert channels.counts == (0, 0)
    assert said.count("could not be told") == 2
    assert not any(secret in said for secret in secrets.values())
