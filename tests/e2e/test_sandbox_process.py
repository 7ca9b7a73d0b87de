"""The sandbox as a program of its own, the command as a program of its own, and nothing beyond loopback."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from google.oauth2.service_account import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc

from sandbox.environment import read_environment
from tests.support.companies import company, expected_memberships, person, team

ROOT = Path(__file__).resolve().parents[2]
GUARD = ROOT / "tests" / "support" / "loopback"
SCOPE = "https://www.googleapis.com/auth/admin.directory.user.readonly"


class Program:
    """`python -m sandbox` and what it wrote into its environment file."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.env_file, self.log = folder / "sandbox.env", folder / "violations.log"
        # Every child of these, the local AWS too, is guarded by the audit hook.
        self._base = os.environ | {
            "PYTHONPATH": str(GUARD),
            "LOOPBACK_LOG": str(self.log),
            "TMPDIR": str(folder),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--env-file", str(self.env_file), *options], cwd=ROOT, env=self._base
        )
        deadline = time.monotonic() + 60
        while not self.env_file.exists():
            assert self.process.poll() is None, "the sandbox ended early"
            assert time.monotonic() < deadline, "the sandbox did not become ready"
            time.sleep(0.05)
        self.environment = read_environment(self.env_file)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run sso-sync as a user would."""
        program = Path(sys.executable).parent / "sso-sync"
        return subprocess.run(
            [str(program), *arguments],
            env=self._base | self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Call the sandbox's own API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.environment["SANDBOX_URL"] + path, data, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 # loopback
            text = answer.read()
        return json.loads(text) if text else None

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    running = Program(tmp_path, "--quota-scale", "100")
    yield running
    if running.process.poll() is None:
        running.stop()


def test_the_whole_job_runs_against_it_and_nothing_leaves_this_machine(program: Program, tmp_path: Path) -> None:
    data = program.ask("GET", "/directory")
    assert len(data["users"]) == 120
    shown = program.command("plan", "--detailed-exitcode")
    assert (shown.returncode, shown.stderr) == (2, "")
    applied = program.command("apply", "--yes")
    assert applied.returncode == 0, applied.stderr
    assert "1 member from outside the company was left out" in applied.stdout
    assert program.command("plan", "--detailed-exitcode").returncode == 0
    assert memberships(program) == expected_memberships(data)
    calls = program.ask("GET", "/calls")
    assert calls["scim"]["CreateUser"] == len(users(program))
    assert not program.log.exists(), program.log.read_text()
    assert program.stop() == 0
    left = {path.name for path in tmp_path.iterdir()}
    assert left == set()


def users(program: Program) -> dict[str, str]:
    client, store_id = identity_store(program)
    pages = client.get_paginator("list_users").paginate(IdentityStoreId=store_id)
    return {user["UserId"]: user["UserName"] for page in pages for user in page["Users"]}


def memberships(program: Program) -> dict[str, set[str]]:
    """Read Identity Center by an unmodified boto3."""
    client, store_id = identity_store(program)
    names = users(program)
    groups = [g for p in client.get_paginator("list_groups").paginate(IdentityStoreId=store_id) for g in p["Groups"]]
    members = client.get_paginator("list_group_memberships")
    return {
        group["DisplayName"]: {
            names[membership["MemberId"]["UserId"]]
            for page in members.paginate(IdentityStoreId=store_id, GroupId=group["GroupId"])
            for membership in page["GroupMemberships"]
        }
        for group in groups
    }


def identity_store(program: Program) -> tuple[Any, str]:
    session = boto3.session.Session("000000000000", "sandbox", region_name="us-east-1")
    admin = session.client("sso-admin", endpoint_url=program.environment["AWS_ENDPOINT_URL_SSO_ADMIN"])
    store_id = admin.list_instances()["Instances"][0]["IdentityStoreId"]
    url = program.environment["AWS_ENDPOINT_URL_IDENTITYSTORE"]
    return session.client("identitystore", endpoint_url=url), store_id


def test_the_vendor_client_of_google_drives_it_unmodified(program: Program) -> None:
    key = program.environment["SSO_SYNC_GOOGLE_CREDENTIALS"]
    credentials = Credentials.from_service_account_file(
        key, scopes=[SCOPE], subject=program.environment["SSO_SYNC_GOOGLE_ADMIN"]
    )
    document = json.loads(get_static_doc("admin", "directory_v1") or "{}")
    document["rootUrl"] = program.environment["SSO_SYNC_GOOGLE_ROOT_URL"]
    with build_from_document(document, credentials=credentials) as service:
        request = service.users().list(customer="my_customer", maxResults=50, orderBy="email")
        found = []
        while request is not None:
            answer = request.execute()
            found += answer["users"]
            request = service.users().list_next(request, answer)
    assert len(found) == 120


def test_directory_and_faults_can_be_changed_while_it_runs(program: Program) -> None:
    program.ask("PUT", "/directory", company([person(1)], [team("only", ["u1"])]))
    program.ask("POST", "/faults", {"system": "scim", "operation": "CreateGroup", "kind": "bad_request", "nth": 1})
    assert [fault["kind"] for fault in program.ask("GET", "/faults")] == ["bad_request"]
    program.ask("DELETE", "/faults")
    assert program.command("apply", "--yes").returncode == 0
    assert memberships(program) == {"only": {"p1@example.com"}}


def test_a_run_that_is_asked_to_stop_says_so_and_the_next_one_finishes(tmp_path: Path) -> None:
    """At the real quotas, creating 120 people takes long enough to be interrupted."""
    program = Program(tmp_path, "--quota-scale", "1")
    try:
        environment = program.environment | {"PYTHONPATH": str(GUARD), "PATH": os.environ["PATH"]}
        running = subprocess.Popen(
            [str(Path(sys.executable).parent / "sso-sync"), "apply", "--yes"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while program.ask("GET", "/calls").get("scim", {}).get("CreateUser", 0) < 10:
            time.sleep(0.05)
        second = program.command("apply", "--yes")
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=30)
        assert (second.returncode, "Another run is at work" in second.stderr) == (1, True)
        assert running.returncode == 1
        assert "Stopped on request: " in said
        assert "Traceback" not in said
        created = program.ask("GET", "/calls")["scim"]["CreateUser"]
        program.ask("DELETE", "/calls")
        assert program.command("apply", "--yes").returncode == 0
        again = program.ask("GET", "/calls")["scim"]["CreateUser"]
        assert created + again == len(users(program))
        assert memberships(program) == expected_memberships(program.ask("GET", "/directory"))
    finally:
        assert program.stop() == 0
