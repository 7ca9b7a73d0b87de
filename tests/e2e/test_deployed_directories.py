"""Directories through the deployed function: several at once, without any stored key, and where AWS syncs by itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import RSAAlgorithm

from sandbox.cloud import Cloud
from sandbox.demo.config import source_of
from sandbox.demo.stage import Stage
from sandbox.google.project import AUDIENCE, SERVICE_ACCOUNT
from tests.support.companies import company, expected_memberships
from tests.support.places import COMPANY, PEOPLE, TEAMS, Place

Json = dict[str, Any]
EVERYBODY = {one["email"] for one in PEOPLE}
BOTH = {"p0@example.com", "p1@example.com"}
DOMAIN = "corp.example.com"
BUCKET, WEBSITE = "company-documentation", "https://docs.example.com/aws/"


@pytest.fixture(autouse=True)
def _fresh(stage: Stage) -> Iterator[None]:
    """Let every deployment begin with the same company and an empty Identity Center."""
    stage.ask("PUT", "/directory", COMPANY)
    for path in ("/identity-center", "/teams/cards", "/calls"):
        stage.ask("DELETE", path)
    yield
    stage.ask("DELETE", "/faults")
    stage.ask("PATCH", "/switches", {"active_directory": ""})


def signed_in(place: Place) -> set[str]:
    return set(place.stage.ask("GET", "/identity-center")["users"])


def test_a_person_in_both_is_one_user_and_a_failing_directory_takes_nothing_from_anyone(
    stage: Stage, tmp_path: Path
) -> None:
    place = Place(stage, tmp_path / "files", "several")
    okta = source_of("okta", stage.environment, ["aws-users"]) | {"group_prefix": "okta-"}
    place.more = {
        "sources": [source_of("google", stage.environment, ["aws-admins"]), okta],
        "merge_people_by": "email",
    }
    deployed = place.deploy()
    assert deployed.succeeded, deployed.reason
    place.store_secrets("google")
    waiting = place.run_on_schedule()
    assert "Okta could not be read" in waiting["sentence"]
    assert "nothing is stored yet in okta-api-token" in waiting["sentence"]
    assert place.people() == {"aws-admins": BOTH}
    place.store_secrets("okta")
    stage.ask("DELETE", "/teams/cards")
    done = place.cloud.sso_sync("invoke")
    assert done.returncode == 0, done.stderr
    assert place.people() == {"aws-admins": BOTH, "okta-aws-users": EVERYBODY}
    assert signed_in(place) == EVERYBODY

    # Okta is away; in Google one of both leaves the admins, and another comes.
    place.stage.ask("DELETE", "/teams/cards")
    place.fail("*", "unavailable", system="okta", times=0)
    admins, users = TEAMS
    others = [{"type": "USER", "id": one} for one in ("u0", "u5")]
    nobody: Json = users | {"members": [{"type": "USER", "id": "u9"}]}
    place.stage.ask("PUT", "/directory", company(COMPANY["users"], [admins | {"members": others}, nobody]))
    told = place.run_on_schedule()
    assert told["failed"]
    assert "Okta could not be read, so what came from it stays as it is" in told["sentence"]
    assert place.people()["okta-aws-users"] == EVERYBODY
    assert "p1@example.com" not in place.people()["aws-admins"]
    assert signed_in(place) == EVERYBODY
    (card,) = (json.dumps(one) for one in place.stage.ask("GET", "/teams/cards"))
    assert "A directory could not be read" in card
    assert place.last_record()["unread"][0]["source"] == "Okta"

    # It is back, and lists few: what that would take away is what a limit refuses.
    place.heal()
    refused = place.run_on_schedule()
    assert "limits.users_leaving" in refused["sentence"]
    assert signed_in(place) == EVERYBODY
    place.stage.ask("PUT", "/directory", COMPANY)
    assert not place.run_on_schedule()["failed"]
    assert place.people() == {"aws-admins": BOTH, "okta-aws-users": EVERYBODY}
    _, page = stage.page(place.bucket, "docs/index.html")
    assert b"Google Workspace and Okta" in page


@pytest.fixture
def kms_key(stage: Stage) -> str:
    """Make a key in AWS KMS and register its public half at Okta, as docs/okta.md says; returns its ARN."""
    kms = boto3.client(
        "kms",
        endpoint_url=stage.environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="x",
    )
    arn = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["Arn"]
    public: Any = load_der_public_key(kms.get_public_key(KeyId=arn)["PublicKey"])
    stage.ask("POST", "/okta/keys", {**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": arn.rpartition("/")[2]})
    return str(arn)


def test_no_secret_is_kept_anywhere_and_all_three_are_read(stage: Stage, kms_key: str, tmp_path: Path) -> None:
    place = Place(stage, tmp_path / "files", "keyless")
    google = source_of("google", stage.environment, ["aws-*"])
    google["workload_identity"] = {"audience": AUDIENCE, "service_account": SERVICE_ACCOUNT}
    okta = source_of("okta", stage.environment, ["aws-admins"]) | {"group_prefix": "okta-", "kms_key": kms_key}
    okta["client_id"] = stage.environment["SANDBOX_OKTA_CLIENT_ID"]
    entra = source_of("entra", stage.environment, ["aws-users"]) | {"group_prefix": "entra-", "federated": True}
    del okta["api_token"], entra["client_secret"]
    place.more = {
        "sources": [google, okta, entra],
        "merge_people_by": "email",
        "identity_center": {"region": "us-east-1", "quota_scale": 10.0},
        "teams": None,
    }
    deployed = place.deploy()
    assert deployed.succeeded, deployed.reason
    assert json.loads(deployed.outputs["Deployment"])["secrets"] == {}
    wanted = expected_memberships(COMPANY)
    found = place.people()
    assert {name: found[name] for name in ("aws-admins", "aws-users", "okta-aws-admins", "entra-aws-users")} == {
        "aws-admins": wanted["aws-admins"],
        "aws-users": wanted["aws-users"],
        "okta-aws-admins": wanted["aws-admins"],
        "entra-aws-users": wanted["aws-users"],
    }
    calls = stage.ask("GET", "/calls")
    assert calls["google_sts"] == {"token": 1}
    assert calls["google_iam"] == {"signJwt": 1}
    assert calls["okta_oauth"] == {"token": 1}
    assert calls["sts"] == {"GetWebIdentityToken": 1}
    assert "scim" not in calls


def write(path: Path, stage: Stage, webhook: str, groups: dict[str, str]) -> None:
    named = [{"name": name, "description": description} for name, description in groups.items()]
    config = {
        "sources": [{"type": "ad_sync", "domain": DOMAIN, "groups": named}],
        "identity_center": {
            "region": stage.environment["AWS_REGION"],
            "quota_scale": float(stage.environment["SSO_SYNC_QUOTA_SCALE"]),
        },
        "documentation": {"bucket": BUCKET, "prefix": "sso/", "website": WEBSITE},
        "teams": {"webhook": webhook},
        "deployment": {"product": "GroupSync", "stage": "Test", "prefix": "Company", "schedule": "off"},
    }
    path.write_bytes(msgspec.json.encode(config))


def test_the_groups_of_the_config_are_synced_shown_and_told(stage: Stage, tmp_path: Path) -> None:
    folder, config = tmp_path / "files", tmp_path / "sso-sync.json"
    folder.mkdir()
    place = Place(stage, tmp_path / "unused", "")
    stage.ask("PATCH", "/switches", {"active_directory": DOMAIN})
    place.client("s3").create_bucket(Bucket=BUCKET)
    secret = place.client("secretsmanager").create_secret(
        Name="teams-of-the-company", SecretString=stage.environment["SANDBOX_TEAMS_WEBHOOK"]
    )
    cloud = Cloud(stage.environment, folder, config)

    write(config, stage, secret["ARN"], {"aws-admins": "Administrators of AWS", "aws-users": "All <b>users</b>"})
    deployed = cloud.deploy()
    assert deployed.succeeded, deployed.reason
    assert json.loads(deployed.outputs["Deployment"])["stack"].split("/")[1] == "COMPANY-GROUPSYNC-TEST"
    assert filters(stage) == [f"INCLUDE GROUP aws-admins@{DOMAIN}", f"INCLUDE GROUP aws-users@{DOMAIN}"]
    assert stage.ask("GET", "/calls")["identity_sync"]["StartSync"] == 1
    parameter = place.client("ssm").get_parameter(Name="/COMPANY-GROUPSYNC-TEST/group-filters")["Parameter"]
    assert [one["name"] for one in json.loads(parameter["Value"])[0]["groups"]] == ["aws-admins", "aws-users"]
    _, page = stage.page(BUCKET, "sso/group-monitoring.html")
    assert b"aws-admins" in page
    assert b"Administrators of AWS" in page
    assert b"All &lt;b&gt;users&lt;/b&gt;" in page
    (card,) = stage.ask("GET", "/teams/cards")
    assert "Group **aws-admins** is new" in json.dumps(card)
    assert f"{WEBSITE}index.html" in json.dumps(card)

    write(config, stage, secret["ARN"], {"aws-users": "All users", "lab": "The laboratory"})
    assert cloud.deploy().succeeded
    assert filters(stage) == [f"INCLUDE GROUP aws-users@{DOMAIN}", f"INCLUDE GROUP lab@{DOMAIN}"]
    told = json.dumps(stage.ask("GET", "/teams/cards")[-1], ensure_ascii=False)
    assert "Group **aws-admins** was deleted – no longer named in the config, so AWS stops syncing it" in told
    assert cloud.sso_sync("invoke").stdout == "Nothing to do, Identity Center equals the directory.\n"


def filters(stage: Stage) -> list[str]:
    found: list[str] = stage.ask("GET", "/identity-center")["sync_filters"]
    return found
