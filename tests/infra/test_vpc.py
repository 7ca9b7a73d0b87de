"""An Active Directory is in a network of the company's own, and so is the function then; a local AWS drops this."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from sso_sync.core.errors import SettingsError
from tests.infra.conftest import Synthesizer, resources, statements

Json = dict[str, Any]
AD: Json = {
    "type": "active_directory",
    "servers": ["ldaps://dc1.corp.example.com"],
    "base": "OU=Company,DC=corp,DC=example,DC=com",
    "groups": {"include": ["aws-*"]},
}
VPC: Json = {
    "id": "vpc-0a1b2c3d",
    "subnets": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
    "security_groups": ["sg-0a1b2c3d"],
}
CHANGED: Json = {"sources": [AD], "deployment": {"vpc": VPC}}


@pytest.fixture(scope="module")
def placed(synthesizer: Synthesizer) -> Json:
    return synthesizer.template(**CHANGED)


def functions(template: Json) -> dict[str, Json]:
    return {one["Properties"]["Handler"]: one for one in resources(template, "AWS::Lambda::Function")}


def test_the_sync_runs_in_the_given_subnets_with_the_given_security_groups(placed: Json) -> None:
    sync = functions(placed)["sso_sync.entrypoints.function.handler.handler"]
    assert sync["Properties"]["VpcConfig"] == {
        "SubnetIds": VPC["subnets"],
        "SecurityGroupIds": VPC["security_groups"],
    }


def test_what_tells_of_a_dead_sync_stays_outside(placed: Json) -> None:
    crash = functions(placed)["sso_sync.entrypoints.function.crash.handler"]
    assert "VpcConfig" not in crash["Properties"]
    assert "AttachToNetwork" not in statements(placed, "FunctionCrash")


def test_the_role_may_make_network_interfaces_before_the_function_is_made(placed: Json) -> None:
    allowed = statements(placed, "FunctionSync")["AttachToNetwork"]
    assert allowed["Resource"] == "*"
    assert {action.partition(":")[0] for action in allowed["Action"]} == {"ec2"}
    assert {"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"} <= set(allowed["Action"])
    sync = functions(placed)["sso_sync.entrypoints.function.handler.handler"]
    assert any(name.startswith("FunctionSyncRoleDefaultPolicy") for name in sync["DependsOn"])


def test_nothing_of_a_network_is_made(placed: Json) -> None:
    assert not [one for one in placed["Resources"].values() if one["Type"].startswith("AWS::EC2::")]


def test_the_account_and_a_ca_that_is_no_part_of_the_config_are_secrets(synthesizer: Synthesizer, placed: Json) -> None:
    assert len(list(resources(placed, "AWS::SecretsManager::Secret"))) == 4
    more = synthesizer.template(sources=[AD | {"ca_certificate": "secret:ad-ca"}], deployment={"vpc": VPC})
    assert len(list(resources(more, "AWS::SecretsManager::Secret"))) == 5


def test_without_an_active_directory_there_is_no_network(template: Json) -> None:
    text = json.dumps(template)
    assert "VpcConfig" not in text
    assert "ec2:" not in text


def test_an_active_directory_cannot_be_deployed_outside_a_network(synthesizer: Synthesizer) -> None:
    with pytest.raises(SettingsError, match=r"deployment\.vpc: the function must run where it reaches"):
        synthesizer.template(sources=[AD], deployment={})


def test_synthesis_asks_aws_nothing_and_cdk_nag_finds_nothing(synthesizer: Synthesizer) -> None:
    app, _ = synthesizer.app(**CHANGED)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()  # raises with the report if there is a finding
    assert "missing" not in json.loads((Path(app.outdir) / "manifest.json").read_text())
