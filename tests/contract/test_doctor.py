"""sso-sync doctor against the sandbox: what it finds where something is amiss, and that it writes nothing."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from sandbox.switches import Switches
from sso_sync.entrypoints.cli.main import run
from tests.support.ad_sync import DOMAIN, config
from tests.support.aws import ScriptedAws
from tests.support.companies import company, person, team
from tests.support.live import CONFIG, LiveSandbox, writes_in

Json = dict[str, Any]
COMPANY = company([person(1), person(2, email="admin@example.com")], [team("devs", ["u1", "u2"])])


class Clinic:
    """A sandbox with somebody in it, an AWS beside it, and the command on both."""

    def __init__(
        self,
        sandbox: LiveSandbox,
        aws: ScriptedAws,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        self.sandbox, self.aws, self._monkeypatch, self._capfd = sandbox, aws, monkeypatch, capfd
        sandbox.switch(**msgspec.to_builtins(Switches()))
        sandbox.sandbox.switchboard.faults.clear()
        sandbox.sandbox.teams.posts.clear()
        self.configure()
        if not sandbox.sandbox.store.users:
            assert run(["apply", "--yes", "--quiet"]) == 0
        sandbox.calls()

    def configure(self, config: str = CONFIG, *, scim: bool = True, **variables: Any) -> None:
        for name in ("SSO_SYNC_SCIM_ENDPOINT", "SSO_SYNC_SCIM_TOKEN"):
            self._monkeypatch.delenv(name, raising=False)
        environment = self.sandbox.environment(scim=scim, config=config) | {"AWS_ENDPOINT_URL": self.aws.url}
        for name, value in (environment | variables).items():
            self._monkeypatch.setenv(name, value)

    def without(self, variable: str) -> None:
        self._monkeypatch.delenv(variable)

    def examine(self, *arguments: str) -> "Result":
        code = run(["doctor", "--output", "json", *arguments])
        out, err = self._capfd.readouterr()
        assert err == ""
        return Result(code, json.loads(out))

    def say(self, *arguments: str) -> tuple[int, str]:
        return run(["doctor", *arguments]), self.output()

    def output(self) -> str:
        return self._capfd.readouterr().out


class Result:
    """What was found, as JSON has it."""

    def __init__(self, code: int, shown: Json) -> None:
        self.code, self.shown = code, shown
        self.findings = {f"{row['system']}: {row['subject']}": row for row in shown["findings"]}

    def with_mark(self, mark: str) -> list[str]:
        return [name for name, row in self.findings.items() if row["mark"] == mark]

    def __getitem__(self, name: str) -> tuple[str, str, str]:
        row = self.findings[name]
        return row["mark"], row["said"], row["remedy"]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    """Serve one company for all tests of this file: nothing that they do changes it."""
    with LiveSandbox(COMPANY, tmp_path_factory.mktemp("clinic")) as live:
        yield live


@pytest.fixture
def clinic(
    sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Clinic]:
    with ScriptedAws() as aws:
        yield Clinic(sandbox, aws, monkeypatch, capfd)


def test_where_all_is_well_nothing_stands_in_the_way_and_nothing_is_written(clinic: Clinic) -> None:
    found = clinic.examine()
    assert (found.code, found.shown["ok"]) == (0, True)
    assert (found.with_mark("problem"), found.with_mark("warning")) == ([], [])
    assert found["AWS: sign-in"][1] == "You are arn:aws:sts::111122223333:assumed-role/Operator/ann."
    assert "us-east-1, its primary Region" in found["Identity Center: Region"][1]
    assert "belongs" not in found["SCIM: instance"][1]
    assert "2 users and 1 group" in found["State: ledger"][1]
    calls = clinic.sandbox.calls()
    assert writes_in(calls) == {}
    assert "teams" not in calls
    assert set(clinic.aws.calls) == {"GetCallerIdentity", "ListAccounts"}


def test_nothing_is_written_to_the_state(clinic: Clinic) -> None:
    folder = clinic.sandbox.folder
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    clinic.examine()
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_findings_come_in_the_same_order_every_time(clinic: Clinic) -> None:
    first = list(clinic.examine().findings)
    assert all(list(clinic.examine().findings) == first for _ in range(3))


def test_an_empty_store_is_a_note_and_no_problem(clinic: Clinic) -> None:
    clinic.sandbox.sandbox.instances.empty()
    found = clinic.examine()
    assert found.code == 0
    assert found["SCIM: instance"][0] == "note"
    assert found["Identity store: ListUsers"][1] == "Users can be listed; there are none."


def test_every_mistake_of_the_config_is_a_finding(clinic: Clinic) -> None:
    clinic.configure("sources: []\nlimits: {users_leaving: many}\n")
    found = clinic.examine()
    assert found.code == 1
    said = [row["said"] for row in found.shown["findings"] if row["mark"] == "problem"]
    assert len(said) == 2
    assert any("limits.users_leaving" in sentence for sentence in said)


def test_a_config_that_is_not_there_is_a_finding(clinic: Clinic) -> None:
    found = clinic.examine("--config", "nowhere.yaml")
    assert found.code == 1
    assert "there is no such file" in found["Config: nowhere.yaml"][1]


def test_a_profile_of_aws_that_is_not_there_is_no_mistake_of_the_config(clinic: Clinic) -> None:
    clinic.configure(AWS_PROFILE="nowhere")
    found = clinic.examine()
    assert found.with_mark("problem") == ["Config: The AWS set-up"]


def test_a_wrong_scim_token_is_a_problem_and_everything_else_is_looked_at(clinic: Clinic) -> None:
    clinic.configure(SSO_SYNC_SCIM_TOKEN="wrong")
    found = clinic.examine()
    assert (found.code, found.with_mark("problem")) == (1, ["SCIM: endpoint"])
    assert "create a new access token in IAM Identity Center" in found["SCIM: endpoint"][1]
    assert found["State: lease"][0] == "good"


def test_what_is_no_scim_token_at_all_is_a_problem(clinic: Clinic) -> None:
    clinic.configure(SSO_SYNC_SCIM_TOKEN="two words")
    assert "blanks" in clinic.examine()["SCIM: token"][1]


def test_an_endpoint_of_another_instance_is_found_out_without_a_write(clinic: Clinic) -> None:
    clinic.sandbox.fail("scim", "GetUser", "not_found")
    found = clinic.examine()
    assert found.with_mark("problem") == ["SCIM: instance"]
    assert "another instance of IAM Identity Center" in found["SCIM: instance"][1]


def test_a_wrong_region_says_where_to_look(clinic: Clinic) -> None:
    clinic.configure(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1")
    found = clinic.examine()
    mark, said, remedy = found["Identity Center: instance"]
    assert (mark, found.code) == ("problem", 1)
    assert "no organisation instance of IAM Identity Center in eu-west-1" in said
    assert "identity_center.region" in remedy


def test_a_region_that_takes_no_changes_is_a_problem(clinic: Clinic) -> None:
    clinic.sandbox.switch(region="us-west-2", additional_regions=["us-east-1"])
    mark, said, remedy = clinic.examine()["Identity Center: Region"]
    assert (mark, remedy) == ("problem", "Set identity_center.region to us-west-2.")
    assert "only the primary Region, us-west-2, takes changes" in said


def test_an_instance_that_is_not_active_is_a_problem(clinic: Clinic) -> None:
    clinic.sandbox.switch(instance_status="CREATE_IN_PROGRESS")
    assert clinic.examine()["Identity Center: status"][0] == "problem"


def test_of_several_instances_the_organisations_is_taken(clinic: Clinic) -> None:
    clinic.sandbox.switch(account_instances=2)
    assert clinic.sandbox.sandbox.store.store_id in clinic.examine()["Identity Center: instance"][1]


def test_a_store_of_the_config_that_is_not_there_is_a_problem(clinic: Clinic) -> None:
    clinic.configure(SSO_SYNC_IDENTITY_STORE_ID="d-0123456789")
    found = clinic.examine()
    assert "AWS shows no identity store d-0123456789 in us-east-1" in found["Identity Center: instance"][1]
    assert "there is no such identity store" in found["Identity store: ListUsers"][1]
    assert "Identity store: ListGroups" not in found.findings, "it would only say the same"


def test_a_key_that_may_not_be_used_is_said_once(clinic: Clinic) -> None:
    clinic.sandbox.switch(customer_managed_key="KMS_ACCESS_DENIED")
    found = clinic.examine()
    assert found.with_mark("problem") == ["Identity store: ListUsers"]
    assert "allow the role kms:Decrypt in the key's policy" in found["Identity store: ListUsers"][1]


STORE = ("ListUsers", "ListGroups", "ListGroupMemberships", "DescribeUser", "DescribeGroup")


@pytest.mark.parametrize("operation", STORE)
def test_each_permission_on_the_store_that_is_missing_is_named(clinic: Clinic, operation: str) -> None:
    clinic.sandbox.fail("identity_store", operation, "forbidden", times=0)
    found = clinic.examine()
    assert found.with_mark("problem") == [f"Identity store: {operation}"]
    _, said, remedy = found[f"Identity store: {operation}"]
    assert f"lacks the permission {operation}" in said
    assert remedy.startswith(f"Allow the role Operator identitystore:{operation} (IAM console, Roles, Operator,")


@pytest.mark.parametrize(
    ("operation", "name", "mark"),
    [
        ("ListInstances", "Identity Center: instance", "problem"),
        ("DescribeInstance", "Identity Center: instance", "problem"),
        ("ListAccountAssignmentsForPrincipal", "Accounts: assignments", "warning"),
        ("DescribePermissionSet", "Accounts: permission sets", "note"),
    ],
)
def test_each_permission_on_identity_center_that_is_missing_is_named(
    clinic: Clinic, operation: str, name: str, mark: str
) -> None:
    clinic.sandbox.fail("sso_admin", operation, "forbidden", times=0)
    found = clinic.examine()
    assert found[name][0] == mark
    assert f"sso:{operation}" in found[name][2]
    assert found.code == (mark == "problem")


def test_the_names_of_accounts_are_no_problem(clinic: Clinic) -> None:
    clinic.aws.denied.add("ListAccounts")
    mark, _, remedy = clinic.examine()["Accounts: names"]
    assert mark == "note"
    assert "organizations:ListAccounts" in remedy


def test_a_store_that_is_named_needs_no_instance(clinic: Clinic) -> None:
    clinic.configure(SSO_SYNC_IDENTITY_STORE_ID=clinic.sandbox.sandbox.store.store_id)
    clinic.sandbox.fail("sso_admin", "ListInstances", "forbidden", times=0)
    found = clinic.examine()
    assert (found.code, found["Identity Center: instance"][0]) == (0, "note")


def test_what_writes_without_scim_is_asked_of_the_simulator(clinic: Clinic) -> None:
    clinic.configure(scim=False)
    mark, said, _ = clinic.examine()["Identity store: writing"]
    assert (mark, "8 actions that write" in said) == ("good", True)
    clinic.aws.may_not = {"identitystore:DeleteUser", "identitystore:CreateGroup"}
    mark, said, remedy = clinic.examine()["Identity store: writing"]
    assert mark == "problem"
    assert "may not identitystore:CreateGroup, identitystore:DeleteUser" in said
    assert "Allow the role Operator" in remedy
    assert writes_in(clinic.sandbox.calls()) == {}


@pytest.mark.parametrize("operation", ["SimulatePrincipalPolicy", "GetRole"])
def test_a_simulator_that_may_not_be_asked_is_a_note(clinic: Clinic, operation: str) -> None:
    clinic.configure(scim=False)
    clinic.aws.denied.add(operation)
    found = clinic.examine()
    mark, said, remedy = found["Identity store: writing"]
    assert (mark, found.code) == ("note", 0)
    assert said.startswith("Writing was not tried, because that would write")
    assert "iam:SimulatePrincipalPolicy" in remedy


def test_a_secret_that_is_missing_is_a_problem_and_what_needs_it_is_left_out(clinic: Clinic) -> None:
    clinic.configure(CONFIG.replace("env:SSO_SYNC_GOOGLE_CREDENTIALS", "./key.json"))
    clinic.without("SSO_SYNC_GOOGLE_CREDENTIALS")
    found = clinic.examine()
    assert found.with_mark("problem") == ["Secrets: Google credentials"]
    assert found["Google Workspace: sign-in"][0] == "note"
    assert found["SCIM: token"][0] == "good"


def test_a_key_that_is_none_is_a_finding_of_its_source(clinic: Clinic) -> None:
    clinic.configure(SSO_SYNC_GOOGLE_CREDENTIALS='{"type": "service_account"}')
    found = clinic.examine()
    assert found.with_mark("problem") == ["Google Workspace: sign-in"]


def test_a_source_that_finds_problems_is_a_problem(clinic: Clinic) -> None:
    clinic.sandbox.fail("google", "users.list", "forbidden", times=0)
    found = clinic.examine()
    assert found.code == 1
    assert all(name.startswith("Google Workspace: ") for name in found.with_mark("problem"))


def test_without_a_sign_in_to_aws_one_problem_says_so(clinic: Clinic) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        clinic.without(name)
    found = clinic.examine()
    assert found.with_mark("problem") == ["AWS: sign-in"]
    assert "no AWS credentials were found" in found["AWS: sign-in"][1]
    assert found["SCIM: instance"][1].startswith("It is not known who is in the store")
    assert found["Identity Center: instance"][0] == "note"
    assert found["Google Workspace: list users"][0] == "good"


def test_without_a_network_each_system_has_one_problem(clinic: Clinic) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    places = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IDENTITYSTORE", "AWS_ENDPOINT_URL_SSO_ADMIN")
    variables: Any = dict.fromkeys(places, closed)
    clinic.configure(
        SSO_SYNC_SCIM_ENDPOINT=f"{closed}/scim/v2/",
        SSO_SYNC_GOOGLE_ROOT_URL=f"{closed}/google/",
        **variables,
    )
    found = clinic.examine()
    assert found["AWS: sign-in"][0] == "warning"
    systems = [name.partition(":")[0] for name in found.with_mark("problem")]
    assert {"Identity Center", "SCIM", "Google Workspace"} <= set(systems)
    assert systems.count("Identity Center") == systems.count("SCIM") == 1


def test_a_webhook_is_looked_at_and_nothing_is_posted(clinic: Clinic) -> None:
    teams = f"{CONFIG}teams: {{webhook: 'env:WEBHOOK'}}\n"
    for address, mark in (
        (clinic.sandbox.sandbox.teams_webhook, "note"),
        ("https://prod-1.westeurope.logic.azure.com/workflows/1?sig=2", "good"),
        ("https://company.webhook.office.com/x", "warning"),
        ("http://example.com/x", "warning"),
    ):
        clinic.configure(teams, WEBHOOK=address)
        found = clinic.examine()
        assert found["Teams: webhook"][0] == mark
        assert address not in json.dumps(found.shown)
    assert clinic.sandbox.sandbox.teams.posts == []


def test_text_names_each_system_and_sums_up(clinic: Clinic) -> None:
    clinic.configure(SSO_SYNC_SCIM_TOKEN="wrong")
    code, text = clinic.say()
    assert code == 1
    lines = text.splitlines()
    assert lines[0] == "Config"
    assert "  ✓ ListUsers: Users can be listed." in lines
    assert lines[-1].startswith("1 problem stands in the way of a run. Besides: ")


def test_quiet_says_nothing(clinic: Clinic) -> None:
    assert clinic.say("--quiet") == (0, "")


def test_credentials_are_listed_with_what_they_are(clinic: Clinic) -> None:
    shown = clinic.examine().shown["credentials"]
    assert [(one["what"], one["stored"], one["expires"]) for one in shown] == [
        ("the Google credentials", True, None),
        ("the SCIM token", True, None),
    ]
    clinic.configure(scim=False)
    assert [one["stored"] for one in clinic.examine().shown["credentials"]] == [True, False]


ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:scim-AbCdEf"


def store_token(clinic: Clinic, days_ago: float) -> str:
    """Keep the SCIM token in Secrets Manager since so many days, and return the day on which it expires."""
    stored = datetime.now(UTC) - timedelta(days=days_ago)
    secret = {"ARN": ARN, "SecretString": clinic.sandbox.sandbox.scim_token, "CreatedDate": stored.timestamp()}
    clinic.aws.answers["GetSecretValue"] = lambda _: secret
    clinic.configure(SSO_SYNC_SCIM_TOKEN=ARN)
    return f"{stored + timedelta(days=365):%Y-%m-%d}"


def test_the_age_of_a_stored_token_is_known(clinic: Clinic) -> None:
    day = store_token(clinic, days_ago=100)
    found = clinic.examine()
    assert found.shown["credentials"][1]["expires"].startswith(day)
    assert found.with_mark("warning") == []
    assert "stored on" in found["Secrets: SCIM token"][1]


def test_a_token_that_expires_soon_is_a_warning_and_no_problem(clinic: Clinic) -> None:
    day = store_token(clinic, days_ago=345)
    found = clinic.examine()
    (warning,) = (row for row in found.shown["findings"] if row["mark"] == "warning")
    assert found.code == 0
    assert warning["said"] == f"The SCIM token expires on {day}."
    assert warning["remedy"].startswith("Make a new one in IAM Identity Center (Settings, Automatic provisioning)")
    assert clinic.say()[1].count(f"expires on {day}") == 2


def test_a_run_warns_of_it_without_a_call_more_than_it_makes_anyway(clinic: Clinic) -> None:
    day = store_token(clinic, days_ago=362)
    clinic.aws.calls.clear()
    assert run(["plan", "--output", "json"]) == 0
    (warning,) = json.loads(clinic.output())["warnings"]
    assert warning.startswith(f"the SCIM token expires within a week, on {day}; make a new one")
    assert warning.endswith(f"and store it in {ARN}")
    assert clinic.aws.calls["GetSecretValue"] == 1
    assert clinic.aws.calls.keys() <= {"GetSecretValue", "GetCallerIdentity"}


def test_the_card_of_a_run_without_changes_warns_once(clinic: Clinic) -> None:
    store_token(clinic, days_ago=345)
    teams = f"{CONFIG}teams: {{webhook: 'env:WEBHOOK'}}\n"
    clinic.configure(teams, SSO_SYNC_SCIM_TOKEN=ARN, WEBHOOK=clinic.sandbox.sandbox.teams_webhook)
    for _ in range(3):
        assert run(["apply", "--yes", "--quiet"]) == 0
    (post,) = clinic.sandbox.sandbox.teams.posts
    assert "A credential expires" in json.dumps(post.card)


def test_a_secret_that_may_not_be_read_is_a_problem_with_its_permission(clinic: Clinic) -> None:
    clinic.configure(SSO_SYNC_SCIM_TOKEN=ARN)
    mark, _, remedy = clinic.examine()["Secrets: SCIM token"]
    assert (mark, "secretsmanager:GetSecretValue" in remedy) == ("problem", True)


KEY = "arn:aws:kms:us-east-1:111122223333:key/0123abcd"


@pytest.mark.parametrize(
    ("status", "kms_key", "mark"),
    [("ENABLED", KEY, "good"), ("ENABLED", "", "warning"), ("UPDATE_FAILED", KEY, "warning")],
)
def test_a_customer_managed_key_is_compared_with_the_config(
    clinic: Clinic, status: str, kms_key: str, mark: str
) -> None:
    store_id = clinic.sandbox.sandbox.store.store_id
    row = {"InstanceArn": clinic.sandbox.sandbox.instances.organisation_arn, "IdentityStoreId": store_id}
    key = {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": KEY, "EncryptionStatus": status}
    clinic.aws.answers["ListInstances"] = lambda _: {"Instances": [row]}
    clinic.aws.answers["DescribeInstance"] = lambda _: row | {"EncryptionConfigurationDetails": key}
    center = f"identity_center: {{kms_key: '{kms_key}'}}\n" if kms_key else ""
    clinic.configure(CONFIG + center, scim=False, AWS_ENDPOINT_URL_SSO_ADMIN=clinic.aws.url)
    found = clinic.examine()
    assert found["Identity Center: key"][0] == mark
    assert found["Identity Center: Region"][0] == "note", "an older service shows no primary Region"


def test_where_aws_syncs_a_directory_only_names_are_read_and_the_source_looks_at_the_rest(clinic: Clinic) -> None:
    clinic.sandbox.switch(active_directory=DOMAIN)
    clinic.configure(config(["aws"]), scim=False, SSO_SYNC_IDENTITY_STORE_ID=clinic.sandbox.sandbox.store.store_id)
    found = clinic.examine()
    assert [name for name in found.findings if name.startswith("Identity store: ")] == [
        "Identity store: ListUsers",
        "Identity store: ListGroups",
        "Identity store: writing",
        "Identity store: sync filters",
    ]
    assert found["Identity store: writing"][1] == "AWS's own sync writes users and groups."
    assert "3 actions that write" in found["Identity store: sync filters"][1]
    assert any(name.startswith("Active Directory, synced by AWS: ") for name in found.findings)


def test_who_may_not_write_sync_filters_is_told_so_before_a_run_fails(clinic: Clinic) -> None:
    clinic.sandbox.switch(active_directory=DOMAIN)
    clinic.configure(config(["aws"]), scim=False, SSO_SYNC_IDENTITY_STORE_ID=clinic.sandbox.sandbox.store.store_id)
    clinic.aws.may_not = {"identity-sync:CreateSyncFilter"}
    found = clinic.examine()
    mark, said, remedy = found["Identity store: sync filters"]
    assert (found.code, mark) == (1, "problem")
    assert "may not identity-sync:CreateSyncFilter" in said
    assert remedy.startswith("Allow the role Operator identity-sync:CreateSyncFilter (IAM console, Roles, Operator,")
