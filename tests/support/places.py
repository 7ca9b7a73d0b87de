"""One deployment after another on one stage: the sandbox, its local AWS, and what was deployed there."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
import msgspec

from sandbox.cloud import Cloud, Deployment
from sandbox.demo.config import secrets_of, write_config
from sandbox.demo.stage import Stage
from tests.support.companies import company, expected_memberships, person, team

Json = dict[str, Any]
PEOPLE = [person(number) for number in range(12)]
TEAMS = [team("aws-admins", ["u0", "u1"]), team("aws-users", [p["id"] for p in PEOPLE])]
# And two teams with one person each, for deployments that take back what they have made.
COMPANY = company([*PEOPLE, person(98), person(99)], [*TEAMS, team("lab", ["u99"]), team("attic", ["u98"])])
WANTED = {name: people for name, people in expected_memberships(COMPANY).items() if name.startswith("aws-")}
NOTHING = "Nothing to do, Identity Center equals the directory.\n"


class Place:
    """One deployment on a stage that others may share: a config, its stack, what is in the store."""

    def __init__(self, stage: Stage, folder: Path, name: str) -> None:
        folder.mkdir()
        self.stage, self.name, self._config = stage, name, folder / "sso-sync.json"
        self.cloud = Cloud(stage.environment, folder, self._config)
        self.bucket = self.function = ""
        self.more: Json = {}  # in place of what the config would have

    def deploy(self, filters: Sequence[str] = ("aws-*",), **deployment: object) -> Deployment:
        self.write(filters, **deployment)
        ended = self.cloud.deploy()
        if ended.succeeded:
            made = json.loads(ended.outputs["Deployment"])
            self.bucket, self.function = made["bucket"], made["function"]
        return ended

    def write(self, filters: Sequence[str] = ("aws-*",), **deployment: object) -> None:
        write_config(self._config, self.stage.environment, filters, schedule="off")
        config = msgspec.json.decode(self._config.read_bytes())
        config["deployment"] |= {"name": self.name} | deployment
        config |= self.more
        self._config.write_bytes(msgspec.json.encode(config))

    def store_secrets(self, *directories: str) -> None:
        """Store the secrets of directories (by default Google's), and the others."""
        values = {k: v for one in directories or ["google"] for k, v in secrets_of(one, self.stage.environment).items()}
        for name, value in values.items():
            done = self.cloud.sso_sync("secrets", "put", name, "--file", "-", given=value)
            assert done.returncode == 0, done.stderr

    def run_on_schedule(self) -> Json:
        """Start the function as the schedule does, and wait for its answer."""
        payload = json.dumps({"trigger": "schedule"})
        answer = self.client("lambda").invoke(FunctionName=self.function, Payload=payload)
        told: Json = json.loads(answer["Payload"].read())
        return told

    def approve(self, sentence: str) -> None:
        """Approve what a sentence asks for."""
        done = self.cloud.sso_sync("approve", id_in(sentence), "--yes")
        assert done.returncode == 0, done.stderr

    def last_record(self) -> Json:
        """Return the record of the last run."""
        s3 = self.client("s3")
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket=self.bucket, Prefix="state/runs/")["Contents"]]
        newest = sorted(keys)[-2:]  # ids are by seconds, and two runs may begin in one
        records: list[Json] = [json.loads(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()) for key in newest]
        return max(records, key=lambda record: str(record["started"]))

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload] # the stubs want literals
            endpoint_url=self.stage.environment["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="000000000000",
            aws_secret_access_key="x",
        )

    def status(self) -> str:
        stacks = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return str(stacks[0]["StackStatus"])

    def people(self) -> dict[str, set[str]]:
        groups = self.stage.ask("GET", "/identity-center")["groups"]
        return {name: set(members) for name, members in groups.items()}

    def fail(self, operation: str, kind: str, system: str = "google", **more: object) -> None:
        self.stage.ask("POST", "/faults", {"system": system, "operation": operation, "kind": kind, **more})

    def heal(self) -> None:
        self.stage.ask("DELETE", "/faults")


def id_in(sentence: str) -> str:
    """Find the id in a sentence that asks for approval."""
    found = re.search(r"sso-sync approve ([0-9a-f]{12})", sentence)
    assert found, sentence
    return found[1]
