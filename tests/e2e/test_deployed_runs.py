"""Runs of a deployed stack against a local AWS, its function in a process of its own."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.demo.stage import Stage
from tests.support.companies import company, person, team
from tests.support.deployed import AnswerBox
from tests.support.places import COMPANY, NOTHING, WANTED, Place, id_in


@pytest.fixture(scope="module")
def place(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a deployment that has its secrets and has synced once; tests leave it as they found it."""
    place = Place(stage, tmp_path_factory.mktemp("usual") / "files", "usual")
    assert place.deploy().succeeded
    place.store_secrets()
    assert place.cloud.sso_sync("invoke").returncode == 0
    return place


@pytest.fixture(autouse=True)
def nothing_stays_broken(stage: Stage) -> Iterator[None]:
    """Mend what a test has broken, so that one that fails takes no other with it."""
    yield
    stage.ask("DELETE", "/faults")


def test_the_command_line_and_the_function_share_one_ledger(place: Place) -> None:
    done = place.cloud.sso_sync("plan", "--detailed-exitcode")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
def test_a_deployment_that_changes_nothing_to_sync_syncs_nothing(place: Place) -> None:
    place.stage.ask("DELETE", "/calls")
    assert place.deploy(log_retention_days=7).succeeded
    assert "google" not in place.stage.ask("GET", "/calls")


@pytest.mark.long
def test_a_source_that_stays_down_through_update_and_rollback_leaves_the_stack_as_it_was(place: Place) -> None:
    place.stage.ask("DELETE", "/teams/cards")
    place.fail("groups.list", "forbidden", times=0)
    deployment = place.deploy(["aws-admins"])
    place.heal()
    place.write()
    assert not deployment.succeeded
    assert deployment.reason.startswith("Cannot list the groups: Google refused it to ")
    assert place.status() == "UPDATE_ROLLBACK_COMPLETE"
    cards = [json.dumps(card) for card in place.stage.ask("GET", "/teams/cards")]
    assert [card.count("Google refused it to") for card in cards] == [1, 1], "the update's, and that of the way back"
    assert place.cloud.sso_sync("invoke").stdout == NOTHING
    assert place.people().items() >= WANTED.items()


def test_what_breaks_a_limit_waits_for_approval_in_a_run_and_in_a_deployment(stage: Stage, tmp_path: Path) -> None:
    place = Place(stage, tmp_path / "files", "asking")
    people = [person(200 + number, id=f"s{number}") for number in range(8)]
    names = [p["id"] for p in people]

    def put_directory(six: list[str]) -> None:
        teams = [team("six", six), team("crowd", names), team("pair", names[6:])]
        stage.ask("PUT", "/directory", company([*COMPANY["users"], *people], [*COMPANY["groups"], *teams]))

    put_directory(names[:6])
    assert place.deploy(["six", "crowd"]).succeeded
    place.store_secrets()
    assert place.cloud.sso_sync("invoke").returncode == 0
    assert (len(place.people()["six"]), len(place.people()["crowd"])) == (6, 8)

    # Somebody empties the team by mistake, or not: the function asks, somebody agrees, the next run goes ahead.
    stage.ask("DELETE", "/teams/cards")
    put_directory([])
    refused = place.run_on_schedule()
    assert refused["failed"]
    assert "the group 'six' came back empty, and has 6 members (limits.emptied_group)" in refused["sentence"]
    assert len(place.people()["six"]) == 6
    (card,) = (json.dumps(card) for card in stage.ask("GET", "/teams/cards"))
    assert f"sso-sync approve {id_in(refused['sentence'])}" in card
    place.approve(refused["sentence"])
    assert not place.run_on_schedule()["failed"]
    assert place.people()["six"] == set()
    (approval,) = place.last_record()["approved"]
    assert approval["digest"].startswith(id_in(refused["sentence"]))
    assert approval["by"].startswith("arn:aws:")

    # Filters that break a limit fail their deployment; approved, the same config goes through.
    deployment = place.deploy(["six", "pair"])
    assert not deployment.succeeded
    assert "it would delete or switch off 6 users (limits.users_leaving: 20 % of 8)" in deployment.reason
    assert place.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert len(place.people()["crowd"]) == 8
    place.approve(deployment.reason)
    assert place.deploy(["six", "pair"]).succeeded
    assert place.people().keys() & {"six", "crowd", "pair"} == {"six", "pair"}
    assert len(place.people()["pair"]) == 2
    stage.ask("PUT", "/directory", COMPANY)


def test_two_runs_at_once_are_one_run_and_a_sentence(place: Place) -> None:
    place.fail("groups.list", "slow", seconds=120, times=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(place.cloud.sso_sync, "invoke")
        wait_for(lambda: place.stage.ask("GET", "/faults")[0]["seen"] > 0)  # it reads, so it holds the lease
        second = place.cloud.sso_sync("invoke")
        place.heal()
        assert first.result().stdout == NOTHING
    assert second.returncode == 1
    assert second.stderr.startswith("Another run is at work (")


def test_whoever_stops_waiting_is_told_that_the_run_goes_on(place: Place) -> None:
    place.fail("groups.list", "slow", seconds=120, times=1)
    waiting = place.cloud.start_sso_sync("invoke")
    wait_for(lambda: place.stage.ask("GET", "/faults")[0]["seen"] > 0)
    waiting.send_signal(signal.SIGINT)
    _, said = waiting.communicate(timeout=30)
    assert said == ("No longer waiting. The run goes on in the function; its card and its log say how it ends.\n")
    assert waiting.returncode == 1
    assert place.cloud.sso_sync("invoke").stderr.startswith("Another run is at work (")
    place.heal()
    wait_for(lambda: place.cloud.sso_sync("invoke").stdout == NOTHING)


def test_when_the_function_dies_the_deployment_gets_its_answer_and_teams_a_card(place: Place) -> None:
    function = place.function
    request = {
        "RequestType": "Update",
        "StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/usual/0",
        "RequestId": "request-1",
        "LogicalResourceId": "OnDeploySync",
        "PhysicalResourceId": "sso-sync",
    }
    place.stage.ask("DELETE", "/teams/cards")
    place.fail("groups.list", "slow", seconds=120, times=1)
    with AnswerBox() as box:
        payload = json.dumps(request | {"ResponseURL": box.url})
        place.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)
        wait_for(lambda: place.stage.ask("GET", "/faults")[0]["seen"] > 0)
        for pid in processes_of(function):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: bool(box.answers))
        place.heal()
    assert box.answers[0]["Status"] == "FAILED"
    assert box.answers[0]["Reason"].startswith("The sync function died (")
    wait_for(lambda: len(place.stage.ask("GET", "/teams/cards")) == 1)
    assert "The sync function died" in json.dumps(place.stage.ask("GET", "/teams/cards"))
    # The dead run still holds the lease; a deployment would wait for it, and the schedule gives way until then.
    assert place.cloud.sso_sync("invoke").stderr.startswith("Another run is at work (")
    key = "state/lease.json"
    place.client("s3").delete_object(Bucket=place.bucket, Key=key)
    assert place.cloud.sso_sync("invoke").stdout == NOTHING


def wait_for(happened: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def processes_of(function: str) -> list[int]:
    """Find the processes in which the local AWS runs a function, by its name in their command lines."""
    if not Path("/proc").is_dir():
        pytest.skip("processes are looked for in /proc, which this machine has not")
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if f"ministack-lambda-{function}".encode() in words:
            found.append(int(path.parent.name))
    assert found
    return found
