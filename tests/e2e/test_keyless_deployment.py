"""Three directories and Identity Center, read and written by a deployed function that keeps no secret at all."""

import json
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import RSAAlgorithm

from sandbox.demo.config import source_of
from sandbox.demo.stage import Stage
from sandbox.google.project import AUDIENCE, SERVICE_ACCOUNT
from tests.support.companies import expected_memberships
from tests.support.places import COMPANY, Place

Json = dict[str, Any]


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


def test_no_secret_is_kept_anywhere_and_all_three_are_read(
    stage: Stage, kms_key: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = Place(stage, tmp_path_factory.mktemp("keyless") / "files", "keyless")
    stage.ask("PUT", "/directory", COMPANY)
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
    stage.ask("DELETE", "/calls")
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
