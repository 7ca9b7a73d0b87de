"""What the GroupSync document describes, through cdk deploy: product, stage and prefix, filters, HTML page, card."""

import json
from pathlib import Path
from typing import Any

import msgspec

from sandbox.cloud import Cloud
from sandbox.demo.stage import Stage
from tests.support.places import Place

Json = dict[str, Any]
DOMAIN = "corp.example.com"
BUCKET, WEBSITE = "company-documentation", "https://docs.example.com/aws/"


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
