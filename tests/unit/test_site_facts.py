"""The facts of the site: who is where, since when, by which way, and whose they are."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from sso_sync.core.approval import Refusal
from sso_sync.core.errors import LimitExceeded, StateError
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.provenance import ChosenBy, Named, Provenance
from sso_sync.core.report import RunReport
from sso_sync.reporters.access import GroupAccess, Held
from sso_sync.reporters.docs_site.about import About
from sso_sync.reporters.docs_site.facts import Known, facts
from sso_sync.reporters.docs_site.snapshot import NOTE, Snapshot, SnapshotNote
from sso_sync.reporters.history import History, PastRun
from tests.support.memory import MemoryNotes, group, user
from tests.support.reports import STARTED, joins, leaves, made, planned, report
from tests.support.site import hostile_facts

MADE, SEEN = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, 12, 30, tzinfo=UTC)
ANN = user("A", external_id="ann", display_name="Ann Lee", attributes={"title": "Lead", "phone_number": "+1 555"})
BOB = user("B", external_id="bob", display_name="bob", active=False)
EVE = user("E", external_id="", display_name="Eve")
ADMINS = group("admins", id="G1", external_id="g-admins", description="All accounts")
OLD = group("old", id="G2", external_id="")
DIRECTORY = Directory.of(
    [EVE, BOB, ANN], [OLD, ADMINS], {"G1": ["A", "B"], "G2": ["E"]}, since={"G1": {"A": MADE}, "G2": {}}
)
LEDGER = Ledger(
    store_id="d-0123456789",
    users={
        "ann": Entry("A", Origin.CREATED),
        "bob": Entry("B", Origin.ADOPTED, off=True, left=datetime(2026, 11, 20, tzinfo=UTC), seen=date(2026, 11, 19)),
    },
    groups={"g-admins": Entry("G1", Origin.ADOPTED)},
    memberships={"G1": {"A": SEEN, "B": SEEN}},
)
PROVENANCE = Provenance(
    groups={"g-admins": Named("admins", "admins@example.com"), "g-crew": Named("crew"), "g-all": Named("all")},
    chosen_groups={"g-admins": ChosenBy("admin*", "Who runs it")},
    direct={"g-admins": ("bob",), "g-crew": ("ann",)},
    below={"g-all": ("g-admins",), "g-admins": ("g-crew",)},
)
ABOUT = About(
    title="sso-sync",
    schedule="15 minutes",
    filters=(("admin*", "Who runs it", "include", "groups"), ("*-test", "", "exclude", "groups")),
    settings=(("Written by", "SCIM"),),
)
SNAPSHOT = Snapshot(
    read=STARTED,
    source="Google Workspace",
    about=ABOUT,
    identity_center=DIRECTORY,
    ledger=LEDGER,
    set_aside=(SetAside("user", "cem", "cem@example.com", "has the address of ann@example.com"),),
    provenance=PROVENANCE,
)
DESIRED = Directory.of([], [], {}, provenance=PROVENANCE)
ACCESS = GroupAccess(groups={"G1": Held(MADE, (("111122223333", "Admin"),))}, account_names={"111122223333": "prod"})


def shown(
    snapshot: Snapshot = SNAPSHOT,
    *reports: RunReport,
    access: GroupAccess = ACCESS,
    names: bool = True,
    written: datetime = STARTED,
) -> dict[str, Any]:
    history = History()
    for ended in reports or [planned()]:
        history = history.with_run(PastRun.of(ended))
    known = Known(snapshot=snapshot, history=history, access=access, written=written, names=names)
    return msgspec.json.decode(msgspec.json.encode(facts(known)), type=dict[str, Any])


def test_people_and_groups_come_by_name() -> None:
    found = shown()
    assert [person["name"] for person in found["people"]] == ["Ann Lee", "bob", "Eve"]
    assert [one["name"] for one in found["groups"]] == ["admins", "old"]


def test_a_membership_has_the_date_of_aws_and_else_that_of_our_first_sight() -> None:
    (admins, old) = shown()["groups"]
    assert admins["members"] == [[0, int(MADE.timestamp()), 0, 0], [1, int(SEEN.timestamp()), 1, 1]]
    assert old["members"] == [[2, None, 1, -1]]


def test_ways_go_from_the_group_down_to_the_one_that_holds_the_person() -> None:
    (admins, old) = shown()["groups"]
    assert admins["ways"] == [["admins", "crew"], ["admins"]]
    assert old["ways"] == []


def test_neighbours_are_named_and_those_in_identity_center_have_their_id() -> None:
    snapshot = msgspec.structs.replace(
        SNAPSHOT, provenance=msgspec.structs.replace(PROVENANCE, below={"g-crew": ("g-all",), "g-all": ("g-admins",)})
    )
    (admins, _) = shown(snapshot)["groups"]
    assert admins["inside"] == [[1, "all", ""], [2, "crew", ""]]
    assert admins["contains"] == []
    assert shown()["groups"][0]["contains"] == [[1, "crew", ""]]


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("Ann Lee", "created by sso-sync"),
        ("bob", "adopted by sso-sync, not wanted since 2026-11-20, switched off by sso-sync"),
        ("Eve", "made by others"),
    ],
)
def test_a_person_is_somebodys(name: str, standing: str) -> None:
    assert {person["name"]: person["standing"] for person in shown()["people"]}[name] == standing


def test_what_another_deployment_manages_is_its() -> None:
    ledger = msgspec.structs.replace(LEDGER, others={"E": "other-sync"})
    people = shown(msgspec.structs.replace(SNAPSHOT, ledger=ledger))["people"]
    assert people[2]["standing"] == "managed by other-sync"


def test_private_attributes_are_not_shown() -> None:
    assert shown()["people"][0]["details"] == [["Title", "Lead"], ["Id in the directory", "ann"]]


def test_accounts_are_shown_where_they_were_read() -> None:
    (admins, old) = shown()["groups"]
    assert admins["accounts"] == [["111122223333", "Admin"]]
    assert admins["accounts_read"] == "2026-03-01T00:00:00Z"
    assert old["accounts"] is None
    assert shown()["accounts"] == {"shown": True, "why": ""}
    assert shown(access=GroupAccess(why_not="Denied."))["accounts"] == {"shown": False, "why": "Denied."}


def test_filters_say_how_many_groups_they_selected() -> None:
    assert [(row["text"], row["use"], row["groups"]) for row in shown()["filters"]] == [
        ("admin*", "include", 1),
        ("*-test", "exclude", None),
    ]


def test_the_next_run_is_told_from_the_last_of_the_schedule() -> None:
    assert shown()["schedule"] == {"text": "every 15 minutes", "next": "2026-11-22T03:35:07Z"}
    by_hand = planned(trigger="command line, ann")
    assert shown(SNAPSHOT, by_hand)["schedule"]["next"] is None
    cron = msgspec.structs.replace(ABOUT, schedule="cron(0 6 * * ? *)", time_zone="Europe/Oslo")
    assert shown(msgspec.structs.replace(SNAPSHOT, about=cron))["schedule"] == {
        "text": "by cron(0 6 * * ? *), Europe/Oslo",
        "next": None,
    }
    off = msgspec.structs.replace(ABOUT, schedule="off")
    assert shown(msgspec.structs.replace(SNAPSHOT, about=off))["schedule"] == {"text": "", "next": None}


def test_a_run_that_changed_something_has_the_site_of_its_time_and_another_has_not() -> None:
    newest, oldest = shown(SNAPSHOT, made(joins("ann", "admins")), planned())["history"]
    assert (newest["page"], newest["site"]) == ("runs/20261122T032007Z-abcdef.html", "")
    assert oldest["site"] == "runs/20261122T032007Z-abcdef-site.html"


def test_without_names_nothing_says_who_anybody_is() -> None:
    reports = [
        made(joins("zoe", "admins")),
        planned(leaves("ann", "admins"), error=LimitExceeded("'Ann Lee' and zoe would leave, with x@y.example.")),
    ]
    provenance = msgspec.structs.replace(PROVENANCE, people={"cem": Named("Cem Mert", "cem@example.com")})
    found = shown(msgspec.structs.replace(SNAPSHOT, provenance=provenance), *reports, names=False)
    text = msgspec.json.encode(found).decode()
    for name in ("Ann", "Lee", "bob@", "zoe", "Cem", "cem@", "x@y", "Lead", "Eve"):
        assert name not in text.replace("U-zoe", "").replace("U-ann", ""), name
    assert [person["name"] for person in found["people"]] == ["A", "B", "E"]
    assert found["history"][0]["changes"][0]["parts"] == [{"name": "U-ann"}, " was to leave ", {"name": "admins"}]
    assert found["history"][0]["problem"] == "'…' and … would leave, with …"
    assert found["aside"] == [{"kind": "user", "name": "cem", "reason": "has the address of …"}]


def test_without_names_none_is_in_what_the_directory_and_the_config_say_of_groups() -> None:
    sly = "Owner: Ann Lee, ann@example.com"
    provenance = msgspec.structs.replace(PROVENANCE, chosen_groups={"g-admins": ChosenBy("email=ann@example.com", sly)})
    directory = Directory.of([ANN], [msgspec.structs.replace(ADMINS, description=sly)], {})
    snapshot = msgspec.structs.replace(SNAPSHOT, provenance=provenance, identity_center=directory)
    (admins,) = shown(snapshot, names=False)["groups"]
    assert admins["description"] == "Owner: …, …"
    assert admins["filter"] == {"text": "…", "description": "Owner: …, …"}


def test_without_names_the_reason_of_a_record_quotes_nothing() -> None:
    aside = (SetAside("user", "cem", "cem@example.com", "the user name 'cemmert' is wanted by 2 records"),)
    found = shown(msgspec.structs.replace(SNAPSHOT, set_aside=aside), names=False)
    assert found["aside"] == [{"kind": "user", "name": "cem", "reason": "the user name '…' is wanted by 2 records"}]


def test_what_waits_is_shown_until_a_run_that_saw_everything_tells_otherwise() -> None:
    refusal = Refusal.of("d-1", "c", {"key": "ann leaves admins"}, ["too many"], "run", STARTED)
    command = f"sso-sync approve {refusal.id}"
    refused = planned(
        leaves("ann", "admins"), error=LimitExceeded("Too many."), waiting=refusal, how_to_approve=command
    )
    away = report(error=StateError("S3 is away."))
    waiting = {"id": refusal.id, "command": command, "how": "", "reasons": ["too many"], "run_id": refused.run_id}
    assert shown(SNAPSHOT, refused, away)["last"]["waiting"] == waiting | {"since": "2026-11-22T03:20:07Z"}
    by_file = msgspec.structs.replace(refused, how_to_approve="")
    assert shown(SNAPSHOT, by_file)["last"]["waiting"]["how"].startswith("Review it with 'sso-sync plan --out FILE'")
    assert shown(SNAPSHOT, refused, planned())["last"]["waiting"] is None


def test_a_schedule_that_does_not_come_any_more_promises_nothing() -> None:
    assert shown(written=STARTED + timedelta(minutes=20))["schedule"]["next"] == "2026-11-22T03:40:07Z", "is due"
    assert shown(written=STARTED + timedelta(days=3))["schedule"]["next"] is None


def test_of_runs_alike_the_newest_is_the_last_run() -> None:
    later = planned(run_id="newest", started=STARTED + timedelta(hours=1), ended=STARTED + timedelta(hours=1))
    last = shown(SNAPSHOT, planned(), later)["last"]
    assert (last["run_id"], last["started"], last["since"], last["repeats"]) == (
        "newest",
        "2026-11-22T04:20:07Z",
        "2026-11-22T03:20:07Z",
        1,
    )
    assert last["page"] == "runs/newest.html"


def test_after_a_removal_nothing_is_promised() -> None:
    found = shown(msgspec.structs.replace(SNAPSHOT, removed=True))
    assert found["removed"]
    assert found["schedule"] == {"text": "", "next": None}


def test_the_pages_are_tested_on_facts_of_the_same_shape() -> None:
    real, made_up = shown(SNAPSHOT, made(joins("ann", "admins"))), hostile_facts()
    assert real.keys() == made_up.keys()
    for rows in ("people", "groups", "history", "filters", "aside"):
        assert real[rows][0].keys() == made_up[rows][0].keys(), rows
    assert real["last"].keys() == made_up["last"].keys()


def test_a_snapshot_is_read_as_it_was_written() -> None:
    notes = MemoryNotes()
    note = SnapshotNote(notes, ABOUT)
    assert note.load() is None
    note.report(planned(identity_center=DIRECTORY, ledger=LEDGER, desired=DESIRED))
    assert note.load() == msgspec.structs.replace(SNAPSHOT, set_aside=())
    note.report(planned())  # which knows nothing
    assert note.load()
    notes.content[NOTE] = b"{}"
    assert note.load() is None
    notes.error = StateError("S3 is away.")
    assert note.load_if_possible() is None
