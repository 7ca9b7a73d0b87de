"""sso-sync doctor with a deployment in the local AWS: whether it is what the config says, and works."""

import itertools
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest

from sso_sync.core.report import RunReport
from sso_sync.entrypoints.cli.main import run
from sso_sync.reporters.history import History, PastRun
from sso_sync.settings import load_settings
from sso_sync.settings.deployed import sha256, split
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox, writes_in
from tests.support.reports import planned

Json = dict[str, Any]
NUMBERS = itertools.count(1)
CONFIG = """\
sources:
  - {{type: google_workspace, admin: admin@example.com, root_url: {root}, groups: {{include: ["{filter}"]}}}}
identity_center: {{scim: {{}}, quota_scale: 1000.0}}
teams: {{}}
deployment: {{name: {name}, schedule: {schedule}}}
"""


class Deployed:
    """What a stack has made, by hand: its output, a bucket, a parameter and secrets without values."""

    def __init__(
        self, live: LiveSandbox, aws_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.live, self._capfd = live, capfd
        environment = live.environment(scim=False) | {"AWS_ENDPOINT_URL": aws_url}
        for name, value in environment.items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)
        self.name = f"doctor-{os.getpid()}-{next(NUMBERS)}"
        self.bucket, self.parameter = f"{self.name}-bucket", f"/{self.name}/group-filters"
        self.s3, self.ssm, self._secrets = boto3.client("s3"), boto3.client("ssm"), boto3.client("secretsmanager")
        self.s3.create_bucket(Bucket=self.bucket)
        names = ("google-credentials", "scim-endpoint", "scim-token", "teams-webhook")
        self.arns = {name: self._secrets.create_secret(Name=f"{self.name}/{name}")["ARN"] for name in names}
        self.write()
        self._deploy()

    def write(self, filter_: str = "*", schedule: str = "15 minutes") -> None:
        text = CONFIG.format(root=f"{self.live.url}/google/", filter=filter_, name=self.name, schedule=schedule)
        Path("sso-sync.yaml").write_text(text)

    def _deploy(self) -> None:
        settings, _ = load_settings(None)
        parts = split(settings, "the test")
        self.ssm.put_parameter(Name=self.parameter, Value=parts.filters, Type="String")
        deployment = {
            "stack": self.name,
            "bucket": self.bucket,
            "secrets": self.arns,
            "filters_parameter": self.parameter,
            "filters_sha256": sha256(parts.filters),
            "config_sha256": sha256(parts.rest),
            "function": "gone",
            "schedule": "15 minutes",
            "time_zone": "Etc/UTC",
        }
        outputs = {"Deployment": {"Value": json.dumps(deployment)}}
        template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
        boto3.client("cloudformation").create_stack(StackName=self.name, TemplateBody=json.dumps(template))

    def store_secrets(self) -> None:
        sandbox = self.live.sandbox
        values = {
            "google-credentials": self.live.key,
            "scim-endpoint": sandbox.scim_endpoint,
            "scim-token": sandbox.scim_token,
            "teams-webhook": sandbox.teams_webhook,
        }
        for name, value in values.items():
            self._secrets.put_secret_value(SecretId=self.arns[name], SecretString=value)

    def remember(self, report: RunReport) -> None:
        history = msgspec.json.encode(History((PastRun.of(report),)))
        self.s3.put_object(Bucket=self.bucket, Key=f"state/notes/{self.name}/history.json", Body=history)

    def examine(self) -> dict[str, Json]:
        code = run(["doctor", "--output", "json"])
        shown = json.loads(self._capfd.readouterr().out)
        assert (code == 0) is shown["ok"]
        return {f"{row['system']}: {row['subject']}": row for row in shown["findings"]}


@pytest.fixture
def deployed(
    live: Callable[[Json], LiveSandbox],
    local_aws: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Deployed:
    people = [person(1), person(2, email="admin@example.com")]
    return Deployed(live(company(people, [team("devs", ["u1"])])), local_aws, monkeypatch, capfd)


def problems(found: dict[str, Json]) -> list[str]:
    return [name for name, row in found.items() if row["mark"] == "problem"]


def test_a_deployment_that_is_as_the_config_says_is_good_and_nothing_is_written(deployed: Deployed) -> None:
    deployed.store_secrets()
    before = deployed.s3.list_objects_v2(Bucket=deployed.bucket).get("KeyCount")
    found = deployed.examine()
    assert problems(found) == []
    for name in ("stack", "config", "filters", "schedule"):
        assert found[f"Deployment: {name}"]["mark"] == "good"
    assert "stored on" in found["Secrets: SCIM token"]["said"]
    assert found["Documentation: bucket"]["said"] == f"The bucket {deployed.bucket} is there."
    assert found["State: ledger"]["mark"] == "note"
    assert deployed.s3.list_objects_v2(Bucket=deployed.bucket).get("KeyCount") == before == 0
    assert writes_in(deployed.live.calls()) == {}
    assert deployed.live.sandbox.teams.posts == []


def test_secrets_that_are_awaited_say_how_to_store_them(deployed: Deployed) -> None:
    found = deployed.examine()
    assert problems(found) == ["Secrets: Google credentials", "Secrets: SCIM endpoint", "Secrets: SCIM token"]
    assert found["Secrets: SCIM token"]["remedy"] == "Store it with 'sso-sync secrets put scim-token --file FILE'."
    assert found["Secrets: Teams webhook"]["mark"] == "warning"
    assert (found["SCIM: endpoint"]["mark"], found["Google Workspace: sign-in"]["mark"]) == ("note", "note")


def test_a_config_that_is_not_deployed_says_that_cdk_deploy_is_due(deployed: Deployed) -> None:
    deployed.store_secrets()
    deployed.write(filter_="aws-*", schedule="1 hour")
    found = deployed.examine()
    config, schedule = found["Deployment: config"], found["Deployment: schedule"]
    assert (config["mark"], schedule["mark"]) == ("warning", "warning")
    assert config["said"] == "This is not the deployed config: its group filters differ."
    assert schedule["said"] == "It is '15 minutes', and the config says '1 hour'."
    assert "cdk deploy" in config["remedy"]
    assert problems(found) == []


def test_a_parameter_that_was_altered_by_hand_is_a_problem(deployed: Deployed) -> None:
    deployed.store_secrets()
    deployed.ssm.put_parameter(Name=deployed.parameter, Value="[]", Type="String", Overwrite=True)
    found = deployed.examine()
    assert problems(found) == ["Deployment: filters"]
    assert "put its earlier version back" in found["Deployment: filters"]["said"]


def test_a_stack_that_is_not_there_is_one_problem(deployed: Deployed) -> None:
    deployed.name = "another"
    deployed.write()
    found = deployed.examine()
    assert problems(found) == ["Deployment: stack"]
    assert "there is no stack 'another' in us-east-1; run cdk deploy first" in found["Deployment: stack"]["said"]
    assert found["Secrets: SCIM token"]["mark"] == found["State: lease"]["mark"] == "note"


@pytest.mark.parametrize(("ago", "mark"), [(timedelta(minutes=20), "good"), (timedelta(hours=2), "warning")])
def test_a_schedule_that_starts_nothing_is_noticed_by_the_last_run(
    deployed: Deployed, ago: timedelta, mark: str
) -> None:
    deployed.store_secrets()
    ended = datetime.now(UTC) - ago
    deployed.remember(msgspec.structs.replace(planned(), started=ended, ended=ended))
    last = deployed.examine()["State: last run"]
    assert (last["mark"], "nothing to do" in last["said"]) == (mark, True)


def test_a_bucket_that_is_gone_is_a_problem_of_the_state(deployed: Deployed) -> None:
    deployed.store_secrets()
    deployed.s3.delete_bucket(Bucket=deployed.bucket)
    found = deployed.examine()
    assert problems(found) == ["State: lease"]
    assert found["Documentation: bucket"]["mark"] == "warning"
