"""What a deployment consists of, made in the local AWS by hand: for tests of the function without CloudFormation."""

import http.server
import json
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import boto3
import msgspec
import pytest

from sso_sync.entrypoints.function import crash
from sso_sync.entrypoints.function.handler import handler
from sso_sync.settings import settings_of
from sso_sync.settings.deployed import DEPLOYMENT_VARIABLE, Deployment, sha256, split
from sso_sync.settings.loading import CONFIG_VARIABLE
from tests.support.live import LiveSandbox

Json = dict[str, Any]
SECRETS = ("google-credentials", "scim-endpoint", "scim-token", "teams-webhook")


class Context:
    """What Lambda tells a function about its invocation."""

    aws_request_id = "request-1"

    def __init__(self, seconds: float) -> None:
        self._milliseconds = int(seconds * 1000)

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


class AnswerBox:
    """Takes the answers to CloudFormation, as S3 behind its presigned address does."""

    def __init__(self) -> None:
        self.answers: list[Json] = []
        self.refusals = 0
        box = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert not self.headers.get("Content-Type"), "the presigned address is for no content type"
                assert len(body) <= 4096
                if box.refusals:
                    box.refusals -= 1
                    self.send_error(503)
                    return
                box.answers.append(json.loads(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/answer?Signature=x"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> "AnswerBox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class DeployedFunction:
    """The function in this process, with a bucket, a parameter and secrets of its own in the local AWS."""

    def __init__(
        self, live: LiveSandbox, aws_url: str, name: str, box: AnswerBox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.live, self.name, self.box, self._monkeypatch = live, name, box, monkeypatch
        for variable, value in live.environment(scim=False).items():
            if variable.startswith("AWS_"):
                monkeypatch.setenv(variable, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws_url)
        self.s3, self.ssm = boto3.client("s3"), boto3.client("ssm")
        self._secrets = boto3.client("secretsmanager")
        self.bucket, self.parameter = f"{name}-bucket", f"/{name}/group-filters"
        self.s3.create_bucket(Bucket=self.bucket)
        self._arns = {n: self._secrets.create_secret(Name=f"{name}/{n}")["ARN"] for n in SECRETS}
        self.deploy(["*"])

    def deploy(self, filters: list[str], **more: object) -> None:
        """Put config and filters in place, as a deployment does."""
        source = {"type": "google_workspace", "admin": self.live.sandbox.admin, "groups": {"include": filters}}
        source["root_url"] = f"{self.live.url}/google/"
        center = {"scim": {}, "quota_scale": 1000.0}
        raw = {"sources": [source], "identity_center": center, "teams": {}, "deployment": {}} | more
        parts = split(settings_of(raw, "the test", {}), "the test")
        self.s3.put_object(Bucket=self.bucket, Key="config.json", Body=parts.rest.encode())
        self.ssm.put_parameter(Name=self.parameter, Value=parts.filters, Type="String", Overwrite=True)
        deployment = Deployment(
            stack=self.name,
            bucket=self.bucket,
            secrets=self._arns,
            filters_parameter=self.parameter,
            filters_sha256=sha256(parts.filters),
            config_sha256=sha256(parts.rest),
        )
        self._monkeypatch.setenv(CONFIG_VARIABLE, f"s3://{self.bucket}/config.json")
        self._monkeypatch.setenv(DEPLOYMENT_VARIABLE, msgspec.json.encode(deployment).decode())

    def store_secrets(self, **other: str) -> None:
        """Store what the sandbox takes, or other values."""
        sandbox = self.live.sandbox
        values = {
            "google-credentials": self.live.key,
            "scim-endpoint": sandbox.scim_endpoint,
            "scim-token": sandbox.scim_token,
            "teams-webhook": sandbox.teams_webhook,
        }
        for name, value in (values | {n.replace("_", "-"): v for n, v in other.items()}).items():
            self._secrets.put_secret_value(SecretId=self._arns[name], SecretString=value)

    def request(self, kind: str, **properties: str) -> Json:
        """Make CloudFormation's request of a kind."""
        return {
            "RequestType": kind,
            "ResponseURL": self.box.url,
            "StackId": f"arn:aws:cloudformation:us-east-1:000000000000:stack/{self.name}/0",
            "RequestId": "request-1",
            "LogicalResourceId": "OnDeploySync",
            "ResourceProperties": properties,
            **({} if kind == "Create" else {"PhysicalResourceId": "sso-sync"}),
        }

    def ask(self, kind: str, seconds: float = 900, **properties: str) -> Json:
        """Let CloudFormation ask, and return the answer that it got."""
        handler(self.request(kind, **properties), Context(seconds))  # type: ignore[arg-type]
        (answer,) = self.box.answers
        self.box.answers.clear()
        return answer

    def run(self, trigger: str = "schedule", seconds: float = 900) -> Json:
        """Let the schedule or a person start a run."""
        return handler({"trigger": trigger}, Context(seconds))  # type: ignore[arg-type]

    def die(self, request: Mapping[str, Any]) -> None:
        """Do what Lambda does when an invocation has died."""
        crash.handler(
            {
                "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 1},
                "requestPayload": dict(request),
                "responsePayload": {"errorMessage": "2026-11-22 Task timed out after 900.00 seconds"},
            },
            None,
        )

    def objects(self) -> set[str]:
        """List the keys of what is in the bucket."""
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {item["Key"] for item in found}

    @property
    def cards(self) -> list[str]:
        """Return the text of the cards that Teams has taken."""
        return [json.dumps(post.card, ensure_ascii=False) for post in self.live.sandbox.teams.posts]
