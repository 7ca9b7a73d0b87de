"""What the template says: above all where a local AWS would not notice."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sso_sync.core.errors import SettingsError
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.storage import FolderStorage
from sso_sync_stack.bundling import Platform
from tests.infra.conftest import CONFIG, SOURCE, Synthesizer, resources, statements

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
CUSTOM = "Custom::SsoSync"


def properties(template: Json, kind: str) -> Json:
    (found,) = resources(template, kind)
    of_one: Json = found["Properties"]
    return of_one


def test_secrets_are_made_without_a_value_and_without_a_generated_one(template: Json) -> None:
    secrets = list(resources(template, "AWS::SecretsManager::Secret"))
    assert len(secrets) == 4
    for secret in secrets:
        assert set(secret["Properties"]) == {"Description", "KmsKeyId", "Tags"}
        assert secret["DeletionPolicy"] == secret["UpdateReplacePolicy"] == "Retain"


def test_only_what_the_config_refers_to_is_made(synthesizer: Synthesizer) -> None:
    lean = synthesizer.template(identity_center={}, teams=None)
    assert len(list(resources(lean, "AWS::SecretsManager::Secret"))) == 1
    named = SOURCE | {"credentials": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:google-AbCdEf"}
    foreign = synthesizer.template(sources=[named], identity_center={}, teams=None)
    assert not list(resources(foreign, "AWS::SecretsManager::Secret"))
    allowed = statements(foreign, "FunctionSync")
    assert allowed["GetSecrets"]["Resource"] == named["credentials"]
    context = {"StringEquals": {"kms:EncryptionContext:SecretARN": [named["credentials"]]}}
    assert allowed["DecryptSecretarn"]["Condition"] == context


def test_the_key_is_rotated_and_kept_as_long_as_anything_needs_it(synthesizer: Synthesizer, template: Json) -> None:
    (key,) = resources(template, "AWS::KMS::Key")
    assert (key["Properties"]["EnableKeyRotation"], key["DeletionPolicy"]) == (True, "Retain")
    everything = {"identities": "keep", "bucket": "delete", "secrets": "delete"}
    gone = synthesizer.template(deployment={"on_destroy": everything})
    (key,) = resources(gone, "AWS::KMS::Key")
    assert key["DeletionPolicy"] == "Delete"
    assert {s["DeletionPolicy"] for s in resources(gone, "AWS::SecretsManager::Secret")} == {"Delete"}
    assert next(resources(gone, "AWS::S3::Bucket"))["DeletionPolicy"] == "Delete"
    assert "s3:DeleteObjectVersion" in statements(gone, "FunctionSync")["Empty"]["Action"]


def test_the_bucket_is_private_versioned_encrypted_and_kept(template: Json) -> None:
    (bucket,) = resources(template, "AWS::S3::Bucket")
    shown = bucket["Properties"]
    assert set(shown["PublicAccessBlockConfiguration"].values()) == {True}
    assert shown["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = shown["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert rule["BucketKeyEnabled"]
    assert bucket["DeletionPolicy"] == "Retain"
    (statement,) = properties(template, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_filters_are_a_parameter_that_grows_by_itself(template: Json) -> None:
    parameter = properties(template, "AWS::SSM::Parameter")
    assert (parameter["Name"], parameter["Tier"]) == ("/sso-sync/group-filters", "Intelligent-Tiering")
    assert json.loads(parameter["Value"])[0]["groups"]["include"] == ["aws-*"]


def test_filters_above_the_size_of_a_parameter_fail_at_synthesis(synthesizer: Synthesizer) -> None:
    with pytest.raises(SettingsError, match=r"the group filters take .* bytes and an SSM parameter holds 8,192"):
        synthesizer.template(sources=[SOURCE | {"groups": {"include": ["aws-" + "x" * 9000]}}])


def test_the_function_runs_python_on_arm_and_is_never_tried_twice(template: Json) -> None:
    functions = [function["Properties"] for function in resources(template, "AWS::Lambda::Function")]
    (sync,) = (function for function in functions if "handler.handler" in function["Handler"])
    assert sync["Timeout"] == 900
    assert (sync["Runtime"], sync["Architectures"]) == ("python3.14", ["arm64"])
    assert "ReservedConcurrentExecutions" not in sync
    invoked = properties(template, "AWS::Lambda::EventInvokeConfig")
    assert (invoked["MaximumRetryAttempts"], invoked["MaximumEventAgeInSeconds"]) == (0, 900)
    destination = invoked["DestinationConfig"]["OnFailure"]["Destination"]
    assert destination["Fn::GetAtt"][0].startswith("FunctionCrash")


def test_a_bundle_of_this_machine_is_for_this_machine_in_the_template_too(synthesizer: Synthesizer) -> None:
    made = synthesizer.template(target=Platform("", "3.11", "x86_64"))
    functions = [function["Properties"] for function in resources(made, "AWS::Lambda::Function")]
    assert {(f["Runtime"], *f["Architectures"]) for f in functions} == {("python3.11", "x86_64")}


def test_logs_end_some_day(synthesizer: Synthesizer, template: Json) -> None:
    assert {g["Properties"]["RetentionInDays"] for g in resources(template, "AWS::Logs::LogGroup")} == {90}
    weekly = synthesizer.template(deployment={"log_retention_days": 7})
    assert {g["Properties"]["RetentionInDays"] for g in resources(weekly, "AWS::Logs::LogGroup")} == {7}


@pytest.mark.parametrize(
    ("schedule", "expression", "age"),
    [
        ("15 minutes", "rate(15 minutes)", 900),
        ("1 minute", "rate(1 minute)", 60),
        ("1 day", "rate(1 day)", 21600),
        ("cron(0 6 * * ? *)", "cron(0 6 * * ? *)", 900),
    ],
)
def test_a_start_that_failed_is_not_repeated_and_never_older_than_the_next(
    synthesizer: Synthesizer, schedule: str, expression: str, age: int
) -> None:
    made = synthesizer.template(deployment={"schedule": schedule, "time_zone": "Europe/Oslo"})
    shown = properties(made, "AWS::Scheduler::Schedule")
    assert shown["ScheduleExpression"] == expression
    assert shown["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": age, "MaximumRetryAttempts": 0}
    assert properties(made, "AWS::Lambda::EventInvokeConfig")["MaximumEventAgeInSeconds"] == age
    if expression.startswith("cron"):
        assert shown["ScheduleExpressionTimezone"] == "Europe/Oslo"


def test_without_a_schedule_there_is_none(synthesizer: Synthesizer) -> None:
    assert not list(resources(synthesizer.template(deployment={"schedule": "off"}), "AWS::Scheduler::Schedule"))


def test_the_schedule_comes_after_the_first_sync_and_goes_before_a_removal(template: Json) -> None:
    (schedule,) = resources(template, "AWS::Scheduler::Schedule")
    (sync,) = (name for name, resource in template["Resources"].items() if resource["Type"] == CUSTOM)
    assert sync in schedule["DependsOn"]


def test_a_sync_needs_everything_to_be_there(template: Json) -> None:
    (sync,) = resources(template, CUSTOM)
    kinds = {template["Resources"][name]["Type"] for name in sync["DependsOn"]}
    assert kinds >= {
        "AWS::IAM::Policy",
        "AWS::KMS::Key",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Function",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
    }


def test_cloudformation_waits_longer_than_the_function_may_run(template: Json) -> None:
    assert properties(template, CUSTOM)["ServiceTimeout"] == "1080"  # 900 and 3 minutes


def changes(template: Json) -> Json:
    return {name: properties(template, CUSTOM)[name] for name in ("Filters", "Config", "Code", "IdentitiesOnDestroy")}


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"sources": [SOURCE | {"groups": {"include": ["other-*"]}}]}, {"Filters"}),
        ({"limits": {"emptied_group": 9}}, {"Config"}),
        ({"code": "other code"}, {"Code"}),
        ({"deployment": {"on_destroy": {"identities": "delete"}}}, {"IdentitiesOnDestroy"}),
        ({"deployment": {"schedule": "1 hour", "memory": 512, "log_retention_days": 7}}, set()),
        ({"sources": [dict(reversed(SOURCE.items()))]}, set()),
    ],
)
def test_filters_config_and_code_sync_again_and_nothing_else_does(
    synthesizer: Synthesizer, template: Json, changed: Json, names: set[str]
) -> None:
    before, after = changes(template), changes(synthesizer.template(**changed))
    assert {name for name in before if before[name] != after[name]} == names


def test_the_role_may_do_in_identity_center_what_the_program_does_and_no_more(synthesizer: Synthesizer) -> None:
    code = "".join(path.read_text() for path in (ROOT / "lambda/sso_sync/targets").glob("*.py"))
    used = set(re.findall(r'"((?:create|delete|list|update)_[a-z_]+)"', code))
    used |= set(re.findall(r"client\.(describe_[a-z]+)\(", code))
    calls = {f"identitystore:{name.title().replace('_', '')}" for name in used}
    allowed = statements(synthesizer.template(identity_center={}), "FunctionSync")
    assert {*allowed["ReadIdentityStore"]["Action"], *allowed["WriteIdentityStore"]["Action"]} == calls


def test_with_scim_the_role_writes_nothing_in_identity_center(template: Json) -> None:
    actions = json.dumps(statements(template, "FunctionSync"))
    assert not re.search(r"identitystore:(Create|Update|Delete)", actions)


def test_a_store_that_is_named_confines_the_role_to_it(synthesizer: Synthesizer) -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/0123-abcd"
    center = {"identity_store_id": "d-0123456789", "kms_key": key}
    allowed = statements(synthesizer.template(identity_center=center), "FunctionSync")
    assert "identitystore/d-0123456789" in json.dumps(allowed["WriteIdentityStore"]["Resource"])
    assert "FindIdentityStore" not in allowed
    assert allowed["UseIdentityCentersKey"]["Resource"] == key


def test_the_one_who_answers_for_the_dead_reads_no_secret_but_the_webhook(template: Json) -> None:
    allowed = statements(template, "FunctionCrash")
    assert "Teams" in json.dumps(allowed["GetSecrets"]["Resource"])
    assert {sid for sid in allowed if "State" in sid or "Identity" in sid} == set()


def test_the_one_who_answers_for_the_dead_keeps_the_notes_of_its_deployment_and_no_other_state(
    synthesizer: Synthesizer, template: Json, tmp_path: Path
) -> None:
    allowed = statements(template, "FunctionCrash")
    assert allowed["KeepNotes"]["Action"] == ["s3:GetObject", "s3:PutObject"]
    assert json.dumps(allowed["KeepNotes"]["Resource"]).endswith('/state/notes/sso-sync/*"]]}')
    assert allowed["TellMissingFromForbidden"]["Action"] == "s3:ListBucket"
    shared: Json = {"state": "s3://old-bucket/sso/state", "deployment": {"name": "sso-sync-b"}}
    elsewhere = statements(synthesizer.template(**shared), "FunctionCrash")
    ours = StateKeeper(FolderStorage(tmp_path), "the test", "sso-sync-b").notes
    ours.amend("teams", lambda _: b"{}")
    assert [str(note.parent.relative_to(tmp_path)) for note in tmp_path.rglob("teams.json")] == ["notes/sso-sync-b"]
    assert json.dumps(elsewhere["KeepNotes"]["Resource"]).endswith(':s3:::old-bucket/sso/state/notes/sso-sync-b/*"]]}')
    assert elsewhere["UseTheKeyOfState"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_names_of_accounts_and_permission_sets_are_read_only_where_pages_show_them(
    synthesizer: Synthesizer, template: Json
) -> None:
    allowed = statements(template, "FunctionSync")
    ends = [json.dumps(resource).rpartition(":sso:::")[2] for resource in allowed["ReadPermissionSetNames"]["Resource"]]
    assert (allowed["ReadPermissionSetNames"]["Action"], ends) == (
        "sso:DescribePermissionSet",
        ['instance/*"]]}', 'permissionSet/*"]]}'],
    )
    assert allowed["ReadAccountNames"]["Action"] == "organizations:ListAccounts"
    without = statements(synthesizer.template(documentation={"accounts": False}), "FunctionSync")
    assert not {"ReadPermissionSetNames", "ReadAccountNames"} & without.keys()
    assert not re.search(r"sso:|organizations:", json.dumps(statements(template, "FunctionCrash")))


def test_both_functions_put_events_on_the_bus_of_the_config_and_on_no_other(
    synthesizer: Synthesizer, template: Json
) -> None:
    made = synthesizer.template(events={"bus": "our-bus"})
    for role in ("FunctionSync", "FunctionCrash"):
        assert "PutEvents" not in statements(template, role)
        allowed = statements(made, role)["PutEvents"]
        assert allowed["Action"] == "events:PutEvents"
        assert json.dumps(allowed["Resource"]).endswith(':event-bus/our-bus"]]}')


def test_a_bucket_and_a_state_elsewhere_are_what_the_role_may_use(synthesizer: Synthesizer) -> None:
    made = synthesizer.template(state="s3://old-bucket/state", documentation={"bucket": "our-docs", "prefix": "sso"})
    allowed = statements(made, "FunctionSync")
    assert "s3:::old-bucket/state/*" in json.dumps(allowed["KeepState"]["Resource"])
    assert "s3:::our-docs/sso/*" in json.dumps(allowed["PublishPages"]["Resource"])
    assert {"UseTheKeyOfState", "UseTheKeyOfPages"} <= allowed.keys()


def test_nothing_in_a_template_is_secret(template: Json) -> None:
    text = json.dumps(template)
    assert "SecretString" not in text
    assert not re.search(r"sig=|private_key|BEGIN", text)


def test_an_environment_fits_into_what_lambda_takes(template: Json) -> None:
    for function in resources(template, "AWS::Lambda::Function"):
        assert len(json.dumps(function["Properties"]["Environment"])) < 4096


def test_a_deployment_has_its_name_everywhere(synthesizer: Synthesizer) -> None:
    made = synthesizer.template(**(CONFIG | {"deployment": {"name": "sso-sync-test"}}))
    assert properties(made, "AWS::SSM::Parameter")["Name"] == "/sso-sync-test/group-filters"
