"""Two channels over real HTTP: who hears what, retries, and addresses that stay secrets."""

import json
import logging
from collections.abc import Callable, Mapping
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

    def tell(self, *runs: RunReport, config: Mapping[str, object] | None = None, **teams: str | None) -> None:
        for run in runs:
            raw: Json = {"sources": [SOURCE], "teams": TEAMS | teams, "identity_center": {"region": "us-east-1"}}
            builder = Builder(settings_of(raw | dict(config or {}), "the test", {}), self._folder)
            tell(run, [reporter for reporter in builder.reporters() if "Teams" in reporter.name])

    @property
    def counts(self) -> tuple[int, int]:
        return len(self.main.sandbox.teams.posts), len(self.problems.sandbox.teams.posts)

    @property
    def last_of_main(self) -> str:
        return json.dumps(self.main.sandbox.teams.posts[-1].card)


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


def buttons(channel: LiveSandbox) -> list[str]:
    (post,) = channel.sandbox.teams.posts
    return [action["url"] for action in post.card.get("actions", ()) if "url" in action]


def test_where_cloudformation_cannot_be_asked_a_card_has_no_buttons_and_is_posted(
    channels: Channels, tmp_path: Path
) -> None:
    """There are no credentials of AWS in a test."""
    channels.tell(KINDS["changes"], config={"state": str(tmp_path / "state"), "deployment": {}})
    assert buttons(channels.main) == []


@pytest.mark.parametrize(
    ("region", "begins"),
    [
        ("eu-north-1", "https://eu-north-1.console.aws.amazon.com/s3/object/our-docs?prefix=docs/"),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/s3/object/our-docs?prefix=docs/"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/s3/object/our-docs?prefix=docs/"),
    ],
)
def test_buttons_open_the_console_of_the_region_where_the_pages_are(
    channels: Channels, region: str, begins: str
) -> None:
    config = {"documentation": {"bucket": "our-docs"}, "identity_center": {"region": region}}
    channels.tell(KINDS["changes"], config=config)
    assert buttons(channels.main) == [f"{begins}runs/{KINDS['changes'].run_id}.html", f"{begins}index.html"]


def test_what_a_channel_could_not_be_told_is_told_by_the_next_run(channels: Channels) -> None:
    channels.main.fail("teams", "post_card", "not_found", times=0)
    channels.tell(KINDS["changes"], KINDS["nothing"])
    assert channels.counts == (0, 0)
    channels.main.sandbox.switchboard.faults.clear()
    channels.tell(KINDS["nothing"], KINDS["nothing"])
    assert channels.counts == (1, 0)
    assert "1 earlier run could not be told" in channels.last_of_main


def test_where_the_channel_for_problems_is_no_more_the_other_hears_of_their_end(channels: Channels) -> None:
    channels.tell(KINDS["failed"])
    channels.tell(KINDS["nothing"], KINDS["nothing"], problems=None)
    assert channels.counts == (1, 1)
    assert "Healed" in channels.last_of_main


def test_where_a_channel_for_problems_is_new_the_other_hears_of_the_end_of_what_it_was_told(channels: Channels) -> None:
    channels.tell(KINDS["failed"], problems=None)
    channels.tell(KINDS["nothing"], KINDS["nothing"])
    assert channels.counts == (2, 0)
    assert "Healed" in channels.last_of_main


def test_what_was_told_elsewhere_while_an_address_could_not_be_read_ends_there_and_nothing_else(
    channels: Channels,
) -> None:
    channels.tell(KINDS["refused"])
    channels.tell(KINDS["failed"], problems="env:NOT_SET")
    channels.tell(KINDS["nothing"], KINDS["nothing"])
    assert channels.counts == (2, 2)
    assert "answered 503" in channels.last_of_main
    assert "other problem" not in channels.last_of_main


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
