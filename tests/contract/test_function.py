"""The deployed function: what CloudFormation, the schedule and people get to hear, whatever happens."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator

import pytest

from sandbox.directory import Json
from sso_sync.entrypoints.function.answer import put_answer
from sso_sync.entrypoints.function.handler import handler
from sso_sync.state.lease import HeldLease
from sso_sync.state.storage import S3Storage
from tests.support.companies import company, person, team
from tests.support.deployed import AnswerBox, Context, DeployedFunction
from tests.support.live import LiveSandbox

COMPANY = company([person(1), person(2)], [team("aws-admins", ["u1"]), team("aws-users", ["u1", "u2"])])
NUMBERS = itertools.count(1)


@pytest.fixture
def deployed(
    live: Callable[[Json], LiveSandbox], local_aws: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DeployedFunction]:
    with AnswerBox() as box:
        yield DeployedFunction(live(COMPANY), local_aws, f"fn-{os.getpid()}-{next(NUMBERS)}", box, monkeypatch)


def test_without_credentials_a_deployment_succeeds_and_says_what_is_missing(deployed: DeployedFunction) -> None:
    answer = deployed.ask("Create")
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["Summary"] == (
        "Waiting for credentials: nothing is stored yet in google-credentials, scim-endpoint, scim-token; store a "
        "value with 'sso-sync secrets put NAME --file FILE'."
    )
    assert deployed.live.calls() == {}


@pytest.mark.parametrize("value", ["", "kV5]>;S*Z}b8Q,?mF2#xT@r7&dWc!n4p"])
def test_an_empty_secret_and_the_random_text_of_cloudformation_are_no_credentials(
    deployed: DeployedFunction, value: str
) -> None:
    deployed.store_secrets(scim_token=value or " ")
    assert "nothing is stored yet in scim-token" in deployed.ask("Create")["Data"]["Summary"]
    assert deployed.run() == {"failed": False, "sentence": deployed.ask("Create")["Data"]["Summary"]}


def test_a_deployment_syncs_and_publishes_page_record_and_card(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    answer = deployed.ask("Create")
    assert (answer["Status"], answer["Reason"]) == (
        "SUCCESS",
        "Done: 2 new users, 2 new groups, 3 memberships given.",
    )
    assert deployed.live.emails_by_group() == {
        "aws-admins": {"p1@example.com"},
        "aws-users": {"p1@example.com", "p2@example.com"},
    }
    (record,) = {key.removeprefix("state/runs/") for key in deployed.objects() if key.startswith("state/runs/")}
    run = record.removesuffix(".json")
    site = {"docs/index.html", "docs/facts.json", "docs/group-monitoring.html"}
    pages = {key for key in deployed.objects() if key.startswith("docs/")}
    assert pages - site == {f"docs/runs/{run}.json", f"docs/runs/{run}.html", f"docs/runs/{run}-site.html"}
    assert site <= pages
    page = deployed.s3.get_object(Bucket=deployed.bucket, Key="docs/index.html")
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert b"p1@example.com" in page["Body"].read()
    (card,) = deployed.cards
    assert "aws-admins" in card


def test_the_answer_is_for_the_request_and_the_physical_id_never_changes(deployed: DeployedFunction) -> None:
    created, updated = deployed.ask("Create"), deployed.ask("Update")
    assert created["PhysicalResourceId"] == updated["PhysicalResourceId"] == "sso-sync"
    assert {created["RequestId"], created["LogicalResourceId"]} == {"request-1", "OnDeploySync"}


def test_an_idle_run_of_the_schedule_says_so_and_posts_no_card(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    deployed.run()
    posts = len(deployed.cards)
    assert deployed.run() == {"failed": False, "sentence": "Nothing to do, Identity Center equals the directory."}
    assert len(deployed.cards) == posts


def test_a_source_that_refuses_fails_the_deployment_in_one_sentence_and_the_card_says_it_too(
    deployed: DeployedFunction,
) -> None:
    deployed.store_secrets()
    deployed.live.fail("google", "groups.list", "forbidden", times=0)
    answer = deployed.ask("Update")
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("Cannot list the groups: Google refused it to ")
    assert "\n" not in answer["Reason"]
    assert deployed.live.emails_by_group() == {}
    (card,) = deployed.cards
    assert "Google refused it to" in card


def test_a_filter_that_selects_nobody_fails_the_deployment(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    deployed.ask("Create")
    deployed.deploy(["aws-typo-*"])
    answer = deployed.ask("Update")
    assert (answer["Status"], "no user and no group at all" in answer["Reason"]) == ("FAILED", True)
    assert len(deployed.live.emails_by_group()) == 2


@pytest.mark.parametrize("value", ['[{"groups": {"include": ["*"]}}]', "nonsense", "[]"])
def test_filters_changed_by_hand_refuse_the_run_and_the_card_says_so(deployed: DeployedFunction, value: str) -> None:
    deployed.store_secrets()
    deployed.deploy(["aws-admins"])
    deployed.ssm.put_parameter(Name=deployed.parameter, Value=value, Type="String", Overwrite=True)
    ended = deployed.run()
    assert ended["failed"]
    assert ended["sentence"].startswith(
        f"The parameter {deployed.parameter} does not hold the group filters that were deployed, so nothing was done"
    )
    assert deployed.live.emails_by_group() == {}
    (card,) = deployed.cards
    assert "Refused" in card
    assert deployed.ask("Update")["Status"] == "FAILED"


def test_a_run_of_the_schedule_gives_way_to_another_run(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    with HeldLease(S3Storage(deployed.s3, deployed.bucket, "state"), "the-other"):
        ended = deployed.run()
        by_hand = deployed.run("sso-sync invoke")
    assert (ended["failed"], by_hand["failed"]) == (False, True)
    assert ended["sentence"].startswith("Another run is at work (the-other by ")
    assert deployed.live.emails_by_group() == {}


def test_a_deployment_waits_for_the_run_that_is_in_its_way(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    lease = HeldLease(S3Storage(deployed.s3, deployed.bucket, "state"), "the-other")
    lease.__enter__()
    release = threading.Timer(0.5, lease.__exit__, (None, None, None))
    release.start()
    assert deployed.ask("Update")["Reason"].startswith("Done: ")
    release.join()


def test_a_read_that_takes_too_long_ends_before_the_platform_ends_it(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    deployed.live.fail("google", "groups.list", "slow", seconds=5, times=0)
    answer = deployed.ask("Update", seconds=16.5)
    assert (answer["Status"], answer["Reason"]) == (
        "FAILED",
        "Time ran out before anything was written; see why reading is slow, or raise deployment.timeout.",
    )


def test_writes_that_take_too_long_are_gone_on_with_by_the_next_run(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    deployed.live.fail("scim", "CreateUser", "slow", seconds=5, times=0)
    answer = deployed.ask("Update", seconds=20)
    assert answer["Status"] == "SUCCESS"
    assert answer["Reason"] == "2 of 7 changes were made in the time there was; the next run makes the rest."
    deployed.live.sandbox.switchboard.faults.clear()
    assert not deployed.run()["failed"]
    assert len(deployed.live.emails_by_group()) == 2


def test_a_bucket_that_refuses_is_one_sentence(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    deployed.deploy(["*"], state="s3://a-bucket-that-is-not-there/state")
    answer = deployed.ask("Update")
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("Cannot use the state in s3://a-bucket-that-is-not-there/state: AWS answered")
    assert deployed.live.emails_by_group() == {}


def test_teams_being_down_or_unset_never_fails_a_sync(deployed: DeployedFunction) -> None:
    deployed.store_secrets(teams_webhook="not an address")
    assert deployed.ask("Create")["Status"] == "SUCCESS"
    deployed.store_secrets()
    deployed.live.fail("teams", "post_card", "not_found", times=0)
    assert deployed.ask("Update")["Status"] == "SUCCESS"


def test_deleting_the_stack_leaves_everybody_where_they_are(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    deployed.ask("Create")
    deployed.live.calls()
    answer = deployed.ask("Delete", IdentitiesOnDestroy="keep")
    assert (answer["Status"], answer["Reason"]) == (
        "SUCCESS",
        "Users, groups and the content of the bucket stay as they are.",
    )
    # The stack is not there, let alone being deleted: what is configured is not done on a guess.
    assert deployed.ask("Delete", IdentitiesOnDestroy="delete")["Status"] == "SUCCESS"
    assert deployed.live.calls() == {}


def test_an_answer_that_does_not_get_through_is_sent_again(deployed: DeployedFunction) -> None:
    deployed.box.refusals = 1
    assert deployed.ask("Create")["Status"] == "SUCCESS"


def test_when_the_function_has_died_the_deployment_and_teams_are_told(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    deployed.die(deployed.request("Update"))
    (answer,) = deployed.box.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == (
        "The sync function died (2026-11-22 Task timed out after 900.00 seconds); what it did before is on record, "
        "and the next run goes on."
    )
    (card,) = deployed.cards
    assert "timed out after 900" in card
    deployed.die({"trigger": "schedule"})
    assert len(deployed.cards) == 1, "the same once more"
    assert not deployed.run()["failed"]
    assert "Healed: it lasted " in deployed.cards[-1]


def test_when_nothing_else_works_the_one_who_answers_for_the_dead_still_answers(
    deployed: DeployedFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSO_SYNC_DEPLOYMENT", "not JSON")
    deployed.die(deployed.request("Update"))
    assert [answer["Status"] for answer in deployed.box.answers] == ["FAILED"]


def test_a_config_that_cannot_be_read_fails_the_deployment(
    deployed: DeployedFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSO_SYNC_DEPLOYMENT", "{}")
    answer = deployed.ask("Update")
    assert answer["Status"] == "FAILED"
    assert "run cdk deploy" in answer["Reason"]


def test_a_dead_function_does_not_make_a_stack_undeletable(deployed: DeployedFunction) -> None:
    deployed.die(deployed.request("Delete", IdentitiesOnDestroy="keep", BucketOnDestroy="keep"))
    deployed.die(deployed.request("Delete", IdentitiesOnDestroy="delete"))
    assert [answer["Status"] for answer in deployed.box.answers] == ["SUCCESS", "FAILED"]


def test_what_becomes_of_things_some_day_needs_no_sync_now(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    request = deployed.request("Update", Filters="f", Config="c", Code="c", IdentitiesOnDestroy="keep")
    request["OldResourceProperties"] = request["ResourceProperties"] | {"IdentitiesOnDestroy": "delete"}
    handler(request, Context(900))  # type: ignore[arg-type]
    assert [answer["Reason"] for answer in deployed.box.answers] == ["Nothing that is synced has changed."]
    assert deployed.live.calls() == {}


@pytest.mark.parametrize("sentence", ["é" * 5000, "名" * 5000, "😀" * 5000])
def test_an_answer_is_never_larger_than_cloudformation_takes(deployed: DeployedFunction, sentence: str) -> None:
    for failed in (True, False):
        put_answer(deployed.request("Update"), sentence, failed=failed)  # the box refuses more than 4,096 bytes
    assert [answer["Status"] for answer in deployed.box.answers] == ["FAILED", "SUCCESS"]


def test_a_config_file_that_was_exchanged_refuses_the_run(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    file = deployed.s3.get_object(Bucket=deployed.bucket, Key="config.json")["Body"].read()
    other = file.replace(b'"emptied_group":5', b'"emptied_group":500')
    assert other != file
    deployed.s3.put_object(Bucket=deployed.bucket, Key="config.json", Body=other)
    ended = deployed.run()
    assert ended["failed"]
    assert ended["sentence"].startswith("The file with the deployed config is not the one that was deployed")
    assert deployed.live.emails_by_group() == {}


def test_changes_that_fail_are_no_success_of_a_run_and_no_failure_of_a_deployment(deployed: DeployedFunction) -> None:
    deployed.store_secrets()
    deployed.live.fail("scim", "CreateGroup", "bad_request", times=0)
    answer = deployed.ask("Update")
    assert (answer["Status"], answer["Reason"]) == (
        "SUCCESS",
        "2 of 7 changes were made and the others failed; the next run tries them again.",
    )
    assert deployed.run("sso-sync invoke")["failed"]


def test_where_the_scim_endpoint_is_wrong_its_address_stays_a_secret(deployed: DeployedFunction) -> None:
    endpoint = deployed.live.sandbox.scim_endpoint.replace("scim/v2", "scim/v9")
    deployed.store_secrets(scim_endpoint=endpoint)
    answer = deployed.ask("Update")
    assert answer["Status"] == "FAILED"
    assert "there is no SCIM service at scim.endpoint (404)" in answer["Reason"]
    assert deployed.live.sandbox.tenant not in str([answer, deployed.cards])
