"""The life of a stack against a local AWS: deployed as people deploy it, and destroyed."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox.demo.stage import Stage
from tests.support.places import WANTED, Place


def test_a_stack_waits_for_credentials_then_syncs_and_leaves_everything_when_it_is_destroyed(
    stage: Stage, tmp_path: Path
) -> None:
    place = Place(stage, tmp_path / "files", "fresh")
    deployment = place.deploy()
    assert deployment.outputs["Summary"].startswith("Waiting for credentials"), deployment.reason
    assert place.cloud.sso_sync("secrets", "list").stdout.count("nothing is stored yet") == 4
    place.store_secrets()
    done = place.cloud.sso_sync("invoke")
    assert (done.returncode, done.stderr) == (0, "")
    assert place.people().items() >= WANTED.items()
    assert place.cloud.destroy().succeeded
    assert place.people().items() >= WANTED.items()
    kept = json.loads(deployment.outputs["Deployment"])
    objects = place.client("s3").list_objects_v2(Bucket=kept["bucket"])["Contents"]
    assert {item["Key"].split("/")[0] for item in objects} == {"docs", "state"}
    for secret in kept["secrets"].values():
        assert place.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]


@pytest.mark.long
def test_a_stack_that_is_destroyed_takes_with_it_what_the_config_says(stage: Stage, tmp_path: Path) -> None:
    place = Place(stage, tmp_path / "files", "gone")
    deployment = place.deploy(["lab"], on_destroy={"identities": "delete", "bucket": "delete", "secrets": "delete"})
    assert deployment.succeeded, deployment.reason
    place.store_secrets()
    assert place.cloud.sso_sync("invoke").returncode == 0
    assert place.people()["lab"] == {"p99@example.com"}
    made = json.loads(deployment.outputs["Deployment"])
    destroyed = place.cloud.destroy()
    assert destroyed.succeeded, destroyed.reason
    assert "lab" not in place.people()
    assert "p99@example.com" not in stage.ask("GET", "/identity-center")["users"]
    with pytest.raises(ClientError, match="NoSuchBucket"):
        place.client("s3").list_objects_v2(Bucket=made["bucket"])
    for secret in made["secrets"].values():
        with pytest.raises(ClientError, match=r"ResourceNotFound|InvalidRequest"):
            place.client("secretsmanager").get_secret_value(SecretId=secret)


@pytest.mark.long
def test_a_removal_that_cannot_be_made_fails_and_leaves_the_ledger(stage: Stage, tmp_path: Path) -> None:
    place = Place(stage, tmp_path / "files", "stuck")
    on_destroy = {"identities": "delete", "bucket": "delete", "secrets": "keep"}
    deployment = place.deploy(["attic"], on_destroy=on_destroy)
    place.store_secrets()
    assert place.cloud.sso_sync("invoke").returncode == 0
    secret = json.loads(deployment.outputs["Deployment"])["secrets"]["scim-token"]
    place.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=" ")
    destroyed = place.cloud.destroy()
    assert not destroyed.succeeded
    assert "Users and groups cannot be removed. Waiting for credentials" in destroyed.reason
    assert place.people()["attic"] == {"p98@example.com"}
