"""The event of a run: its facts as JSON, whatever the names are, within what an entry may weigh."""

import json
from typing import Any

import pytest

from sso_sync import __version__
from sso_sync.core.approval import Approval, Refusal
from sso_sync.core.errors import ChangeRefused, LimitExceeded, SsoSyncError, TargetError
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport, Verdict
from sso_sync.reporters.events import RunEvents
from tests.support.memory import user
from tests.support.reports import ENDINGS, HOSTILE, STARTED, failing, joins, leaves, made, planned, report

Json = dict[str, Any]
LINKS = [("This run", "https://docs.example.com/runs/1.html")]
MOST = 256 * 1024
WAITING = Refusal(
    store_id="d-1",
    config="c",
    changes=("k",),
    reasons=("All of ann@example.com would leave.",),
    shown=("s",),
    run_id="r",
    at=STARTED,
)


class MemoryBus:
    """A bus that keeps what is put on it."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, bytes]] = []

    def put(self, source: str, kind: str, detail: bytes) -> None:
        self.entries.append((source, kind, detail))


def event(told: RunReport, *, names: bool = True) -> Json:
    bus = MemoryBus()
    RunEvents(bus, "sso-sync", names=names, links=lambda _: LINKS).report(told)
    ((source, kind, detail),) = bus.entries
    assert (source, kind) == ("sso-sync", "sso-sync run")
    assert len(detail) + len(source) + len(kind) < MOST
    decoded: Json = json.loads(detail.decode())
    return decoded


def test_an_event_has_the_facts_of_a_run() -> None:
    told = made(
        joins("ann", "devs"), leaves("bob", "devs"), approved=(Approval("d" * 64, "arn:aws:sts::1:x/eve", STARTED),)
    )
    assert event(told) == {
        "version": __version__,
        "deployment": "sso-sync",
        "run_id": "20261122T032007Z-abcdef",
        "source": "Google Workspace",
        "trigger": "schedule",
        "started": "2026-11-22T03:20:07Z",
        "ended": "2026-11-22T03:21:21Z",
        "verdict": "done",
        "headline": "All changes made",
        "summary": "2 changes made; Identity Center follows the directory.",
        "problem": "",
        "counts": {"Left a group": 1, "Joined a group": 1},
        "set_aside": 0,
        "aside": [],
        "warnings": [],
        "waiting": None,
        "approved_by": "eve",
        "links": [{"title": "This run", "url": "https://docs.example.com/runs/1.html"}],
        "changes": ["bob left devs – suspended", "ann joined devs"],
        "more_changes": 0,
    }


@pytest.mark.parametrize("verdict", Verdict)
def test_every_run_is_told_however_it_ended(verdict: Verdict) -> None:
    assert event(ENDINGS[verdict])["verdict"] == verdict


def test_what_waits_comes_with_its_reasons_and_the_command() -> None:
    told = event(
        planned(
            leaves("ann", "devs"),
            error=LimitExceeded("Too many would leave."),
            waiting=WAITING,
            how_to_approve="sso-sync approve 1",
        )
    )
    assert told["waiting"] == {
        "id": WAITING.id,
        "command": "sso-sync approve 1",
        "reasons": ["All of ann@example.com would leave."],
    }
    assert (told["problem"], told["changes"]) == ("Too many would leave.", ["ann was to leave devs – suspended"])


def test_records_that_are_set_aside_and_warnings_come_with_their_reasons() -> None:
    aside = [SetAside("user", str(n), f"u{n:02}@example.com", "it has no family name") for n in range(30)]
    told = event(report(Plan.of("d-1", [], set_aside=aside, warnings=["a filter matches nothing"])))
    assert told["set_aside"] == 30
    assert told["aside"][0] == {"kind": "user", "name": "u00@example.com", "reason": "it has no family name"}
    assert len(told["aside"]) == 20
    assert told["warnings"] == ["a filter matches nothing"]


def test_a_change_that_failed_comes_with_why() -> None:
    told = event(failing([joins("ann", "devs")], error=ChangeRefused("AWS said no.")))
    assert told["changes"] == ["ann was to join devs – failed: AWS said no."]


def test_of_many_changes_there_are_as_many_as_fit() -> None:
    told = event(made(*(joins(f"user{number:04}", "devs") for number in range(5000))))
    assert (len(told["changes"]), told["more_changes"]) == (200, 4800)


@pytest.mark.parametrize("name", ["😀" * 500, "\x00" * 500, "\\" * 500, '"' * 500, "é" * 500], ids=ascii)
def test_an_event_never_weighs_more_than_is_taken(name: str) -> None:
    waiting = Refusal(
        store_id="d-1", config="c", changes=("k",), reasons=(name * 9,) * 99, shown=(), run_id="r", at=STARTED
    )
    error = ChangeRefused(name * 9)
    changes = [joins(f"{name}{number}", f"{name}{number}") for number in range(300)]
    told = failing(changes, error=error)
    told = report(told.plan, outcomes=told.outcomes, error=TargetError(name * 99), waiting=waiting, trigger=name * 9)
    shown = event(told)
    assert len(shown["changes"]) + shown["more_changes"] == 300
    assert shown["changes"]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_hostile_names_are_text_on_one_line(name: str) -> None:
    told = event(made(joins(name, name), error=SsoSyncError(name), trigger=name))
    for text in (*told["changes"], told["problem"], told["trigger"]):
        assert text.isprintable()


def test_without_names_people_have_their_ids() -> None:
    people = Directory.of([user("ann")], [], {})
    told = made(
        joins("ann@example.com", "devs"),
        leaves("ann@example.com", "devs"),
        desired=people,
        waiting=WAITING,
        error=TargetError("Ann Doe (ann@example.com) is in the way."),
        approved=(Approval("d" * 64, "arn:aws:sts::1:x/eve@example.com", STARTED),),
    )
    shown = event(told, names=False)
    assert shown["changes"][1] == "U-ann@example.com joined devs"
    assert shown["problem"] == "… (…) is in the way."
    assert (shown["waiting"]["reasons"], shown["approved_by"]) == (["All of … would leave."], "…")
