"""sso-sync secrets and invoke against a stack in the local AWS: what people hear when something is amiss."""

import io
import itertools
import json
import os
from pathlib import Path
from typing import Any

import boto3
import pytest

from sso_sync.entrypoints.cli.main import run

NUMBERS = itertools.count(1)
KEY = '{"type": "service_account", "client_email": "a@example.com"}'


class Stack:
    """A stack with nothing but its output, and one secret that it names."""

    def __init__(self, local_aws: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        variables = {"AWS_ENDPOINT_URL": local_aws, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
        for name, value in (variables | {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "x"}).items():
            monkeypatch.setenv(name, value)
        self.name = f"commands-{os.getpid()}-{next(NUMBERS)}"
        self.secrets = boto3.client("secretsmanager")
        self.arn = self.secrets.create_secret(Name=f"{self.name}/google")["ARN"]
        self.output(
            {"stack": self.name, "bucket": "b", "secrets": {"google-credentials": self.arn}, "function": "gone"}
        )
        self._config = folder / "sso-sync.yaml"
        self.config(self.name)

    def output(self, deployment: dict[str, Any]) -> None:
        outputs = {"Deployment": {"Value": json.dumps(deployment)}}
        resources = {"Topic": {"Type": "AWS::SNS::Topic"}}
        template = json.dumps({"Resources": resources, "Outputs": outputs})
        boto3.client("cloudformation").create_stack(StackName=self.name, TemplateBody=template)

    def config(self, name: str) -> None:
        source = "type: google_workspace, admin: a@example.com, groups: {include: ['*']}"
        self._config.write_text(f"sources: [{{{source}}}]\ndeployment: {{name: {name}}}\n")

    def stored(self) -> str:
        return str(self.secrets.get_secret_value(SecretId=self.arn).get("SecretString", ""))


@pytest.fixture
def stack(local_aws: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stack:
    return Stack(local_aws, monkeypatch, tmp_path)


def test_a_secret_is_stored_from_a_file_and_is_on_the_list(
    stack: Stack, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key.json").write_text(f"{KEY}\n")
    assert run(["secrets", "list"]) == 0
    assert capfd.readouterr().out == "✗ google-credentials  nothing is stored yet\n"
    assert run(["secrets", "put", "google-credentials", "--file", "key.json"]) == 0
    assert stack.stored() == KEY
    assert KEY not in capfd.readouterr().out
    assert run(["secrets", "list"]) == 0
    assert capfd.readouterr().out == "✓ google-credentials\n"


def test_a_secret_can_come_from_standard_input(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(KEY))
    assert run(["secrets", "put", "google-credentials", "-f", "-"]) == 0
    assert stack.stored() == KEY


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("google", KEY, "the deployment has no secret 'google'"),
        ("google-credentials", "", "key.json is empty, so nothing was stored."),
        ("google-credentials", "-----BEGIN", "it is not the JSON that Google gives for a key; nothing was stored."),
        ("google-credentials", b"\xff\xfe", "key.json is not text, so nothing was stored."),
        ("google-credentials", None, "key.json cannot be read (No such file or directory), so nothing was stored."),
    ],
)
def test_what_cannot_be_stored_is_one_sentence(
    stack: Stack, tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, content: Any, sentence: str
) -> None:
    if content is not None:
        (tmp_path / "key.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert run(["secrets", "put", name, "--file", "key.json"]) == 1
    assert sentence in capfd.readouterr().err
    assert stack.stored() == ""


@pytest.mark.parametrize("command", [["secrets", "list"], ["invoke"], ["plan"]])
def test_a_stack_that_is_not_there_is_told_with_the_next_step(
    stack: Stack, capfd: pytest.CaptureFixture[str], command: list[str]
) -> None:
    stack.config("another")
    assert run(command) == 1
    assert "there is no stack 'another' in us-east-1; run cdk deploy first" in capfd.readouterr().err


def test_a_stack_of_somebody_else_is_not_taken_for_ours(stack: Stack, capfd: pytest.CaptureFixture[str]) -> None:
    boto3.client("cloudformation").create_stack(
        StackName=f"{stack.name}-other", TemplateBody='{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    )
    stack.config(f"{stack.name}-other")
    assert run(["secrets", "list"]) == 1
    assert "was not made by this program; see deployment.name" in capfd.readouterr().err


def test_a_function_that_is_not_there_is_told(stack: Stack, capfd: pytest.CaptureFixture[str]) -> None:
    del stack
    assert run(["invoke"]) == 1
    assert "Cannot start the function gone: AWS answered ResourceNotFoundException" in capfd.readouterr().err


def test_without_a_section_for_it_there_is_no_deployment(
    stack: Stack, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    del stack
    (tmp_path / "sso-sync.yaml").write_text(
        "sources: [{type: google_workspace, admin: a@example.com, groups: {include: ['*']}}]\n"
    )
    assert run(["invoke"]) == 1
    assert "deployment: this section is missing, so there is no deployment to look at" in capfd.readouterr().err
    assert run(["plan"]) == 1
    assert "secret:NAME is a secret of the deployment, and there is no section 'deployment'" in capfd.readouterr().err
