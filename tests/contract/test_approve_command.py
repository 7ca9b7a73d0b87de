"""sso-sync approve against a stack in the local AWS."""

import http.server
import io
import itertools
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import boto3
import msgspec
import pytest

from sso_sync.aws.approvals import ApprovalParameters
from sso_sync.aws.approver import session_name
from sso_sync.core.approval import Refusal
from sso_sync.core.errors import LimitExceeded
from sso_sync.entrypoints.cli.main import run
from sso_sync.http.boto import Aws
from sso_sync.reporters.history import History, PastRun
from tests.support.reports import leaves, planned

NUMBERS = itertools.count(1)
REFUSAL = Refusal.of(
    "d-0123456789",
    "config",
    {"delete user u1": "delete user ann", "delete user u2": "delete user bob"},
    ["2 users would leave, 1 is allowed", "the group admins would lose everybody"],
    "20260101-000000-abcd",
    datetime(2026, 1, 1, 6, 30, tzinfo=UTC),
)
ROLE = "arn:aws:iam::000000000000:role/approver"


class Deployed:
    """A stack with nothing but its output, and a bucket with a refusal in it."""

    def __init__(self, local_aws: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        variables = {"AWS_ENDPOINT_URL": local_aws, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
        for name, value in (variables | {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "x"}).items():
            monkeypatch.setenv(name, value)
        self.name = f"approve-{os.getpid()}-{next(NUMBERS)}"
        self.approvals = ApprovalParameters(Aws(attempts=1), f"/{self.name}/approvals")
        self._s3: Any = boto3.client("s3")
        self._s3.create_bucket(Bucket=self.name)
        self.refuse(f"state/refused/{REFUSAL.id}.json")
        source = "type: google_workspace, admin: a@example.com, groups: {include: ['*']}"
        self.config = folder / "sso-sync.yaml"
        self.config.write_text(f"sources: [{{{source}}}]\ndeployment: {{name: {self.name}}}\n")

    def refuse(self, key: str) -> None:
        self._s3.put_object(Bucket=self.name, Key=key, Body=msgspec.json.encode(REFUSAL))

    def remember(self, history: History) -> None:
        key = f"state/notes/{self.name}/history.json"
        self._s3.put_object(Bucket=self.name, Key=key, Body=msgspec.json.encode(history))

    def deploy(self, **changed: str) -> None:
        created = {"stack": self.name, "bucket": self.name, "approvals": f"/{self.name}/approvals", "approver": ROLE}
        outputs = {"Deployment": {"Value": json.dumps(created | changed)}}
        template = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs})
        boto3.client("cloudformation").create_stack(StackName=self.name, TemplateBody=template)

    @property
    def approved(self) -> list[str]:
        return [approval.digest for approval in self.approvals.granted()]


@pytest.fixture
def deployed(local_aws: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deployed:
    return Deployed(local_aws, monkeypatch, tmp_path)


class Terminal(io.StringIO):
    """Somebody at a terminal, who types an answer."""

    def isatty(self) -> bool:
        return True


def test_the_status_of_a_deployment_names_what_waits_and_the_command(
    deployed: Deployed, capfd: pytest.CaptureFixture[str]
) -> None:
    deployed.deploy()
    refused = planned(
        leaves("ann", "devs"),
        error=LimitExceeded("Too many."),
        waiting=REFUSAL,
        how_to_approve=f"sso-sync approve {REFUSAL.id}",
    )
    deployed.remember(History((PastRun.of(refused), PastRun.of(refused))))
    assert run(["status"]) == 0
    assert capfd.readouterr().out.count(f"To approve: run 'sso-sync approve {REFUSAL.id}'") == 1


def test_what_waits_is_shown_and_the_approval_is_recorded(
    deployed: Deployed, capfd: pytest.CaptureFixture[str]
) -> None:
    deployed.deploy()
    assert run(["approve", REFUSAL.id, "--yes"]) == 0
    assert deployed.approved == [REFUSAL.digest]
    assert capfd.readouterr().out == (
        "Refused by the run 20260101-000000-abcd at 2026-01-01 06:30 UTC:\n"
        "  - 2 users would leave, 1 is allowed\n"
        "  - the group admins would lose everybody\n"
        "2 changes wait in d-0123456789:\n"
        "  delete user ann\n"
        "  delete user bob\n"
        f"Approved {REFUSAL.id}, as arn:aws:sts::000000000000:assumed-role/approver/root, for 24 hours: the next run "
        "goes ahead; sso-sync invoke starts one now. A deployment that was refused: deploy the same config again.\n"
    )


@pytest.mark.parametrize(("answer", "approved"), [("y\n", [REFUSAL.digest]), ("n\n", []), ("\n", [])])
def test_at_a_terminal_it_asks_first(
    deployed: Deployed,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    answer: str,
    approved: list[str],
) -> None:
    deployed.deploy()
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert run(["approve", REFUSAL.id]) == 0
    assert deployed.approved == approved
    assert ("Nothing was approved." in capfd.readouterr().out) == (not approved)


def test_where_nobody_can_be_asked_it_wants_to_be_told(deployed: Deployed, capfd: pytest.CaptureFixture[str]) -> None:
    deployed.deploy()
    assert run(["approve", REFUSAL.id]) == 1
    assert "nobody can be asked here; use --yes" in capfd.readouterr().err
    assert deployed.approved == []


@pytest.mark.parametrize("wanted", ["000000000000", "../../runs/x", REFUSAL.id[:6], REFUSAL.id.upper() + "A"])
def test_an_unknown_id_is_told_with_where_ids_are(
    deployed: Deployed, capfd: pytest.CaptureFixture[str], wanted: str
) -> None:
    deployed.deploy()
    assert run(["approve", wanted, "--yes"]) == 1
    said = capfd.readouterr().err
    assert f"nothing waits for approval as '{wanted}'; the card and the log of the refused run name the id" in said


def test_a_refusal_that_was_altered_is_not_the_one_that_was_named(
    deployed: Deployed, capfd: pytest.CaptureFixture[str]
) -> None:
    deployed.deploy()
    deployed.refuse("state/refused/0123456789ab.json")
    assert run(["approve", "0123456789ab", "--yes"]) == 1
    assert "nothing waits for approval as '0123456789ab'" in capfd.readouterr().err


@pytest.mark.parametrize("lacking", [{"approver": ""}, {"approvals": ""}])
def test_a_deployment_of_another_version_is_to_be_deployed_again(
    deployed: Deployed, capfd: pytest.CaptureFixture[str], lacking: dict[str, str]
) -> None:
    deployed.deploy(**lacking)
    assert run(["approve", REFUSAL.id, "--yes"]) == 1
    assert "it was made by another version; run cdk deploy" in capfd.readouterr().err


def test_without_a_deployment_there_is_nothing_to_approve(
    deployed: Deployed, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["approve", REFUSAL.id, "--yes"]) == 1
    assert f"there is no stack '{deployed.name}' in us-east-1; run cdk deploy first" in capfd.readouterr().err
    deployed.config.write_text(deployed.config.read_text().partition("deployment")[0])
    assert run(["approve", REFUSAL.id, "--yes"]) == 1
    assert "deployment: this section is missing" in capfd.readouterr().err


@pytest.fixture
def denying_sts() -> Iterator[str]:
    """Run an STS that knows everybody and lets nobody take on a role."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (action,) = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["Action"]
            known = "<Arn>arn:aws:iam::000000000000:user/ann</Arn>"
            answers = {
                "GetCallerIdentity": (200, f"<R><GetCallerIdentityResult>{known}</GetCallerIdentityResult></R>"),
                "AssumeRole": (403, "<R><Error><Code>AccessDenied</Code><Message>no</Message></Error></R>"),
            }
            status, body = answers[action]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_whoever_may_not_approve_hears_who_they_are_and_what_they_lack(
    deployed: Deployed, denying_sts: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    deployed.deploy()
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", denying_sts)
    assert run(["approve", REFUSAL.id, "--yes"]) == 1
    assert (
        "You are arn:aws:iam::000000000000:user/ann and may not approve: you need sts:AssumeRole on "
        f"{ROLE}, and deployment.approvers, if the deployment has it, has to name you."
    ) in capfd.readouterr().err
    assert deployed.approved == []


@pytest.mark.parametrize(
    ("caller", "name"),
    [
        ("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0/ann@example.com", "ann@example.com"),
        ("arn:aws:iam::111122223333:user/team/ann", "ann"),
        ("arn:aws:iam::111122223333:root", "root"),
        ("arn:aws:sts::111122223333:federated-user/Ann Lee é", "Ann-Lee--"),
        ("arn:aws:iam::111122223333:user/a", "a-"),
        (f"arn:aws:iam::111122223333:user/{'x' * 90}", "x" * 64),
    ],
)
def test_a_session_is_named_for_the_person_in_letters_that_sts_takes(caller: str, name: str) -> None:
    assert session_name(caller) == name
