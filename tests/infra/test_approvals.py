"""Who may approve, as the template says it: somebody else than the function."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from sso_sync.core.errors import SettingsError
from tests.infra.conftest import Synthesizer, resources, statements

Json = dict[str, Any]
PATH = ":parameter/sso-sync/approvals"
ANN = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Approvers"
FUNCTION_ROLES = ("FunctionSync", "FunctionCrash", "ScheduleRole")


def approver(template: Json) -> Json:
    (role,) = (r for r in resources(template, "AWS::IAM::Role") if "approves" in r["Properties"].get("Description", ""))
    of_role: Json = role["Properties"]
    return of_role


def principals(template: Json) -> list[Any]:
    assumed = approver(template)["AssumeRolePolicyDocument"]["Statement"]
    assert {(s["Effect"], s["Action"]) for s in assumed} == {("Allow", "sts:AssumeRole")}
    return [statement["Principal"]["AWS"] for statement in assumed]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_without_approvers_the_account_s_iam_policies_decide(template: Json) -> None:
    (principal,) = principals(template)
    assert json.dumps(principal).endswith(':root"]]}')


def test_with_approvers_nobody_else_may(synthesizer: Synthesizer) -> None:
    bob = "arn:aws:iam::111122223333:user/bob"
    assert principals(synthesizer.template(deployment={"approvers": [ANN, bob]})) == [ANN, bob]


@pytest.mark.parametrize(
    "wanted", [[], ["ann@example.com"], ["*"], ["arn:aws:iam::111122223333:role/*"], ["arn:aws:iam::111122223333:root"]]
)
def test_an_approver_is_one_role_or_user(synthesizer: Synthesizer, wanted: list[str]) -> None:
    with pytest.raises(SettingsError, match=r"deployment\.approvers"):
        synthesizer.template(deployment={"approvers": wanted})


def test_the_approver_writes_approvals_reads_refusals_and_does_nothing_else(template: Json) -> None:
    allowed = statements(template, "ApprovalsApprover")
    actions = {sid: statement["Action"] for sid, statement in allowed.items()}
    assert actions == {
        "Approve": "ssm:PutParameter",
        "ReadRefusals": "s3:GetObject",
        "TellMissingFromForbidden": "s3:ListBucket",
        "DecryptWithTheKey": "kms:Decrypt",
    }
    assert json.dumps(allowed["Approve"]["Resource"]).endswith(f'{PATH}/*"]]}}')
    assert json.dumps(allowed["ReadRefusals"]["Resource"]).endswith('/state/refused/*"]]}')
    via = json.dumps(allowed["DecryptWithTheKey"]["Condition"])
    assert "kms:ViaService" in via
    assert "secretsmanager" not in via


def test_a_state_elsewhere_is_where_refusals_are_read(synthesizer: Synthesizer) -> None:
    allowed = statements(synthesizer.template(state="s3://old-bucket/sso/state"), "ApprovalsApprover")
    assert json.dumps(allowed["ReadRefusals"]["Resource"]).endswith(':s3:::old-bucket/sso/state/refused/*"]]}')
    assert allowed["UseTheKeyOfState"]["Action"] == "kms:Decrypt"
    assert "DecryptWithTheKey" not in allowed


def test_the_function_reads_approvals_and_cannot_give_one(synthesizer: Synthesizer) -> None:
    made = synthesizer.template(state="s3://old-bucket/state", deployment={"on_destroy": {"bucket": "delete"}})
    everything = [s for role in FUNCTION_ROLES for s in statements(made, role).values()]
    actions = {action for statement in everything for action in listed(statement["Action"])}
    assert {action for action in actions if action.startswith("ssm:")} == {
        "ssm:GetParameter",
        "ssm:GetParameterHistory",
        "ssm:GetParametersByPath",
    }
    for forbidden in ("ssm:PutParameter", "ssm:DeleteParameter", "sts:AssumeRole", "iam:PassRole", "iam:PutRolePolicy"):
        assert not [action for action in actions if fnmatchcase(forbidden, action)], forbidden
    assert not [statement for statement in everything if "NotAction" in statement or "NotResource" in statement]
    read = [json.dumps(resource) for resource in statements(made, "FunctionSync")["ReadApprovals"]["Resource"]]
    assert [resource.rpartition(PATH)[2] for resource in read] == ['"]]}', '/*"]]}']


def test_no_policy_of_the_function_s_roles_is_hidden_from_these_tests(template: Json) -> None:
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role" and name.startswith(FUNCTION_ROLES):
            assert resource["Properties"].keys() <= {"AssumeRolePolicyDocument", "Description", "Tags"}
        if resource["Type"] == "AWS::IAM::Policy":
            (role,) = resource["Properties"]["Roles"]
            assert name.startswith(role["Ref"].rstrip("0123456789ABCDEF"))
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert not kinds & {"AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::SSM::ResourcePolicy"}


def test_the_function_knows_the_path_and_the_command_the_role_too(template: Json) -> None:
    environments = [f["Properties"]["Environment"]["Variables"] for f in resources(template, "AWS::Lambda::Function")]
    assert {"/sso-sync/approvals" in json.dumps(variables) for variables in environments} == {True}
    output = json.dumps(template["Outputs"]["Deployment"]["Value"])
    assert "ApprovalsApprover" in output


def test_the_function_may_read_account_assignments(synthesizer: Synthesizer) -> None:
    allowed = statements(synthesizer.template(identity_center={"identity_store_id": "d-0123456789"}), "FunctionSync")
    assert allowed["FindInstance"]["Action"] == "sso:ListInstances"
    assert allowed["ReadAccountAssignments"]["Action"] == "sso:ListAccountAssignmentsForPrincipal"
    assert json.dumps(allowed["ReadAccountAssignments"]["Resource"]).endswith(':sso:::instance/*"]]}')
    actions = {action for statement in allowed.values() for action in listed(statement["Action"])}
    beyond_lists = {action for action in actions if action.startswith("sso:") and not action.startswith("sso:List")}
    assert beyond_lists == {"sso:DescribePermissionSet"}
