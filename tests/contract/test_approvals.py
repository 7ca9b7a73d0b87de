"""Approvals as SSM parameters, in the local AWS."""

import itertools
import json
import logging
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from sso_sync.aws.approvals import ApprovalParameters
from sso_sync.core.approval import Refusal
from sso_sync.core.errors import StateError
from sso_sync.http.boto import Aws

NUMBERS = itertools.count(1)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def refusal(*changes: str) -> Refusal:
    return Refusal.of(
        "d-0123456789",
        "config",
        dict.fromkeys(changes or ["delete user u1"], "delete user ann"),
        ["too many"],
        "run-1",
        AT,
    )


class Parameters:
    """A path of its own in the local AWS."""

    def __init__(self) -> None:
        self.path = f"/approvals-{os.getpid()}-{next(NUMBERS)}/approvals"
        self.approvals = ApprovalParameters(Aws(attempts=1), self.path)
        self.ssm: Any = boto3.client("ssm")

    def put(self, name: str, value: str) -> None:
        self.ssm.put_parameter(Name=f"{self.path}/{name}", Value=value, Type="String", Overwrite=True)


@pytest.fixture
def parameters(local_aws: str, monkeypatch: pytest.MonkeyPatch) -> Parameters:
    variables = {"AWS_ENDPOINT_URL": local_aws, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in (variables | {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "x"}).items():
        monkeypatch.setenv(name, value)
    return Parameters()


def test_an_approval_says_what_who_and_when_as_aws_saw_it(parameters: Parameters) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    parameters.approvals.grant(refusal())
    (approval,) = parameters.approvals.granted()
    assert (approval.digest, approval.refusal_id) == (refusal().digest, refusal().id)
    assert approval.by == "arn:aws:iam::000000000000:root"
    assert before <= approval.at <= datetime.now(UTC) + timedelta(seconds=2)
    assert approval.at.tzinfo is UTC


def test_nothing_approved_is_an_empty_list(parameters: Parameters) -> None:
    assert parameters.approvals.granted() == []


def test_what_is_kept_is_readable_by_people(parameters: Parameters) -> None:
    parameters.approvals.grant(refusal())
    kept = parameters.ssm.get_parameter(Name=f"{parameters.path}/{refusal().id}")["Parameter"]
    assert json.loads(kept["Value"]) == {"digest": refusal().digest, "store": "d-0123456789"}
    assert kept["Type"] == "String"


def test_approving_once_more_counts_from_then_on(parameters: Parameters) -> None:
    """History has pages of 50 versions, the newest is on the last."""
    parameters.approvals.grant(refusal())
    for _ in range(52):
        parameters.put(refusal().id, "not an approval")
    assert parameters.approvals.granted() == []
    parameters.approvals.grant(refusal())
    assert [approval.digest for approval in parameters.approvals.granted()] == [refusal().digest]


def test_every_approval_of_many_is_found(parameters: Parameters) -> None:
    many = [refusal(f"delete user u{number}") for number in range(12)]
    for one in many:
        parameters.approvals.grant(one)
    assert {approval.digest for approval in parameters.approvals.granted()} == {one.digest for one in many}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (refusal().id, "yes"),
        (refusal().id, '{"digest": "0123", "store": "d-0123456789"}'),
        (refusal().id, '["digest"]'),
        ("another-name", json.dumps({"digest": refusal().digest, "store": "d-0123456789"})),
        ("0123456789ab", json.dumps({"digest": refusal().digest, "store": "d-0123456789"})),
    ],
)
def test_what_is_not_an_approval_approves_nothing_and_is_told(
    parameters: Parameters, caplog: pytest.LogCaptureFixture, name: str, value: str
) -> None:
    parameters.put(name, value)
    with caplog.at_level(logging.WARNING):
        assert parameters.approvals.granted() == []
    (record,) = caplog.records
    assert record.getMessage() == "a parameter among the approvals is not one"
    assert record.__dict__["parameter"] == f"{parameters.path}/{name}"


def test_another_deployment_s_approvals_are_not_read(parameters: Parameters) -> None:
    other = Parameters()
    other.approvals.grant(refusal())
    assert parameters.approvals.granted() == []


def test_what_cannot_be_read_or_written_is_one_sentence(
    parameters: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StateError, match=f"Cannot read the approvals in {parameters.path}: "):
        parameters.approvals.granted()
    with pytest.raises(StateError, match=f"Cannot write the approval {parameters.path}/{refusal().id}: "):
        parameters.approvals.grant(refusal())
