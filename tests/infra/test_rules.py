"""What others have to say about the stack: cdk-nag and cfn-lint."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from tests.infra.conftest import SOURCE, Synthesizer
from tests.infra.test_ad_sync import SOURCE as AD_SYNC
from tests.infra.test_directories_entra import ENTRA
from tests.infra.test_directories_okta import KEYLESS
from tests.infra.test_vpc import AD, VPC

LINT = Path(sys.executable).parent / "cfn-lint"
GREATER = {
    "sources": [
        SOURCE | {"credentials": "arn:aws:ssm:eu-west-1:111122223333:parameter/google"},
        ENTRA | {"federated": True},
    ],
    "identity_center": {"identity_store_id": "d-0123456789"},
    "state": "s3://old-bucket/state",
    "documentation": {"bucket": "our-docs"},
    "events": {"bus": "our-bus"},
    "deployment": {"approvers": ["arn:aws:iam::111122223333:role/approvers"]},
}


# Everything that a directory may bring along.
EVERY_DIRECTORY = {
    "sources": [SOURCE, ENTRA | {"federated": True}, KEYLESS, AD],
    "deployment": {"vpc": VPC},
}
SYNCED_BY_AWS = {"sources": [AD_SYNC], "identity_center": {}}
CONFIGS = [
    pytest.param(EVERY_DIRECTORY, id="every directory"),
    *(
        pytest.param(config, id=name, marks=pytest.mark.long)
        for name, config in {"usual": {}, "existing": GREATER, "synced by AWS": SYNCED_BY_AWS}.items()
    ),
]


@pytest.mark.parametrize("changed", CONFIGS)
def test_cdk_nag_and_cfn_lint_find_nothing_that_is_not_acknowledged(
    synthesizer: Synthesizer, changed: dict[str, Any]
) -> None:
    app, stack = synthesizer.app(**changed)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()  # raises with the report if there is a finding
    template = Path(app.outdir) / f"{stack.stack_name}.template.json"
    # W3005: CDK writes a DependsOn beside every reference to a role.
    command = [str(LINT), "--ignore-checks", "W3005", "--regions", "eu-west-1", "--template", str(template)]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_rules_would_find_something(synthesizer: Synthesizer) -> None:
    app, stack = synthesizer.app()
    cdk.aws_s3.CfnBucket(stack, "Naked")
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="AwsSolutions-S10"):
        app.synth()
