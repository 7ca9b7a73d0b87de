"""Events on EventBridge: a rule hands them to a queue, and what the bus does not take is an error."""

import itertools
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from sso_sync.aws.events import EventBridgeBus
from sso_sync.bootstrap import Builder
from sso_sync.core.errors import CredentialsError, ReportError, SsoSyncError
from sso_sync.http.boto import Aws
from sso_sync.reporters.events import RunEvents
from sso_sync.settings import settings_of
from tests.support.reports import joins, made

Json = dict[str, Any]
NUMBERS = itertools.count(1)
SOURCE: Json = {"type": "google_workspace", "admin": "a@example.com", "groups": {"include": ["*"]}}


class Listener:
    """A bus of its own in the local AWS, with a queue that a rule sends this program's events to."""

    def __init__(self) -> None:
        self.bus = f"bus-{os.getpid()}-{next(NUMBERS)}"
        events: Any = boto3.client("events")
        self._queues: Any = boto3.client("sqs")
        self._queue = self._queues.create_queue(QueueName=self.bus)["QueueUrl"]
        wanted = {"QueueUrl": self._queue, "AttributeNames": ["QueueArn"]}
        arn = self._queues.get_queue_attributes(**wanted)["Attributes"]["QueueArn"]
        events.create_event_bus(Name=self.bus)
        pattern = json.dumps({"source": ["sso-sync"], "detail": {"verdict": ["done"]}})
        events.put_rule(Name="runs", EventBusName=self.bus, EventPattern=pattern)
        events.put_targets(Rule="runs", EventBusName=self.bus, Targets=[{"Id": "queue", "Arn": arn}])

    def heard(self) -> list[Json]:
        messages = self._queues.receive_message(QueueUrl=self._queue, WaitTimeSeconds=2).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]


class RefusingClient:
    """EventBridge that answers, and takes nothing."""

    def __init__(self, answer: Mapping[str, object]) -> None:
        self.answer = answer

    def put_events(self, **_: object) -> Mapping[str, object]:
        return self.answer


@pytest.fixture
def listener(local_aws: str, monkeypatch: pytest.MonkeyPatch) -> Listener:
    variables = {"AWS_ENDPOINT_URL": local_aws, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in (variables | {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "x"}).items():
        monkeypatch.setenv(name, value)
    return Listener()


def builder(folder: Path, **config: object) -> Builder:
    return Builder(settings_of({"sources": [SOURCE]} | config, "the test", {}), folder)


def test_a_rule_of_the_bus_gets_every_run(listener: Listener, tmp_path: Path) -> None:
    reporters = builder(tmp_path, events={"bus": listener.bus}).reporters()
    (events,) = (reporter for reporter in reporters if isinstance(reporter, RunEvents))
    events.report(made(joins("Ann “é” Lee", "devs")))
    (heard,) = listener.heard()
    assert (heard["source"], heard["detail-type"]) == ("sso-sync", "sso-sync run")
    assert heard["detail"]["changes"] == ["Ann “é” Lee joined devs"]
    assert heard["detail"]["deployment"] == "local"


def test_names_are_left_out_where_the_pages_have_none(listener: Listener, tmp_path: Path) -> None:
    config = {"events": {"bus": listener.bus}, "documentation": {"names": False}}
    for reporter in builder(tmp_path, **config).reporters():
        if isinstance(reporter, RunEvents):
            reporter.report(made(joins("ann", "devs")))
    (heard,) = listener.heard()
    assert heard["detail"]["changes"] == ["U-ann joined devs"]


def test_without_the_section_there_are_no_events(listener: Listener, tmp_path: Path) -> None:
    del listener
    assert not [reporter for reporter in builder(tmp_path).reporters() if isinstance(reporter, RunEvents)]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "no\nluck"}]},
            "Cannot put an event on the bus b: EventBridge answered InternalFailure: no luck.",
        ),
        ({"FailedEntryCount": 1, "Entries": [{}]}, "Cannot put an event on the bus b: AWS's answer is broken."),
        ({}, "Cannot put an event on the bus b: AWS's answer is broken."),
    ],
)
def test_an_event_that_was_not_taken_is_one_sentence(answer: Json, sentence: str) -> None:
    with pytest.raises(ReportError) as caught:
        EventBridgeBus(RefusingClient(answer), "b").put("sso-sync", "sso-sync run", b"{}")
    assert str(caught.value) == sentence


def test_a_bus_out_of_reach_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ReportError, match="Cannot put an event on the bus b: Could not connect"):
        EventBridgeBus(Aws("us-east-1", attempts=1).events(), "b").put("sso-sync", "sso-sync run", b"{}")


def test_without_credentials_it_is_said() -> None:
    with pytest.raises(CredentialsError) as caught:
        EventBridgeBus(Aws("us-east-1", attempts=1).events(), "b").put("sso-sync", "sso-sync run", b"{}")
    assert isinstance(caught.value, SsoSyncError)
