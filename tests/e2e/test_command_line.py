"""What users meet at the command line: results, exit codes, and one clear sentence for each mistake."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sso_sync import __version__
from sso_sync.core.model import OPTIONAL_ATTRIBUTES
from sso_sync.entrypoints.cli.main import run
from tests.support.companies import company, person, team
from tests.support.live import CONFIG, LiveSandbox, writes_in

Json = dict[str, Any]
SMALL = company([person(n) for n in range(1, 5)], [team("admins", ["u1"]), team("devs", ["u2", "u3"], ["g-admins"])])


@pytest.fixture
def sandbox(live: Callable[[Json], LiveSandbox], monkeypatch: pytest.MonkeyPatch) -> LiveSandbox:
    running = live(SMALL)
    for name, value in running.environment(scim=True).items():
        monkeypatch.setenv(name, value)
    return running


def one_error(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one error sentence that was printed; fails on a traceback or on several lines."""
    said = capsys.readouterr().err.strip()
    assert said.startswith("Error: ")
    assert "Traceback" not in said
    assert "\n" not in said
    return said


def test_plan_shows_and_apply_makes_the_changes(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan"]) == 0
    shown = capsys.readouterr().out
    assert "+ p1@example.com (Given1 Family1)  in the directory, not in Identity Center" in shown
    assert "Plan: 3 new users, 2 new groups, 4 memberships given." in shown
    assert sandbox.sandbox.store.users == {}
    assert run(["apply", "--yes"]) == 0
    assert "Done: 3 new users, 2 new groups, 4 memberships given." in capsys.readouterr().out
    assert sandbox.emails_by_group() == {
        "admins": {"p1@example.com"},
        "devs": {"p1@example.com", "p2@example.com", "p3@example.com"},
    }


def test_detailed_exit_code_says_whether_changes_are_pending(sandbox: LiveSandbox) -> None:
    assert run(["plan", "--detailed-exitcode"]) == 2
    assert run(["apply", "--yes"]) == 0
    assert run(["plan", "--detailed-exitcode"]) == 0
    assert sandbox.sandbox.store.users


def test_json_output_is_json_alone(sandbox: LiveSandbox, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["plan", "--output", "json"]) == 0
    plan = json.loads(capsysbinary.readouterr().out)
    assert plan["identity_store_id"] == sandbox.sandbox.store.store_id
    assert plan["counts"] == {"create_group": 2, "create_membership": 4, "create_user": 3}
    assert plan["refused"] is None
    assert all(change["reason"] for change in plan["changes"])
    assert run(["apply", "--yes", "--output", "json"]) == 0
    done = json.loads(capsysbinary.readouterr().out)
    assert (done["results"], done["failed"]) == ({"done": 9}, [])
    assert done["plan"]["checksum"] == plan["checksum"]


def test_quiet_prints_errors_alone_and_json_all_the_same(
    sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", "--quiet", "--detailed-exitcode"]) == 2
    assert capsys.readouterr() == ("", "")
    assert run(["plan", "-q", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["create_user"] == 3
    sandbox.fail("scim", "CreateUser", "bad_request")
    assert run(["apply", "--yes", "--quiet"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Failed: Cannot create the user")
    assert run(["apply", "--yes", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    sandbox.replace(company([], []))
    assert run(["apply", "--yes", "--quiet"]) == 3
    assert "no user and no group at all" in one_error(capsys)


def test_the_last_runs_are_told_newest_first(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status"]) == 0
    assert "No run is on record yet" in capsys.readouterr().out
    for _ in range(3):
        assert run(["apply", "--yes"]) == 0
    people = [person(n) for n in range(20)]
    sandbox.replace(company(people, [team("all", [p["id"] for p in people])]))
    assert run(["apply", "--yes"]) == 0
    sandbox.replace(company(people[:9], [team("all", [p["id"] for p in people[:9]])]))
    assert run(["apply", "--yes"]) == 3
    capsys.readouterr()
    assert run(["status"]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if line and not line.startswith(" ")]
    verdicts = ["✗ Refused for safety", "✓ All changes made", "✓ Nothing to do", "✓ All changes made"]
    assert [line.split("  ")[0] for line in told] == verdicts
    assert run(["status", "--limit", "1", "--output", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [entry["verdict"] for entry in found["runs"]] == ["refused"]
    assert found["waiting"] == {
        "id": found["runs"][0]["waiting"],
        "how": "review it with 'sso-sync plan --out FILE' and run 'sso-sync apply FILE'",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pla"], "Did you mean 'plan'"),
        (["secrets", "lst"], "Did you mean 'list'? See 'sso-sync secrets --help'."),
        (["plan", "--ouput", "json"], "There is no option --ouput; did you mean --output? See 'sso-sync plan --help'."),
        (["plan", "--output", "jsn"], "'jsn' is not one of 'text', 'json'. See 'sso-sync plan --help'."),
        (["apply", "--quiet"], "add --yes"),
    ],
)
def test_what_is_mistyped_is_told_with_what_was_meant(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plan", "apply", "explain", "status", "docs", "invoke", "approve", "secrets put"])
def test_every_command_has_examples_in_its_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    assert f"sso-sync {command}" in capsys.readouterr().out.split("Examples")[1]


def test_one_group_at_a_time(sandbox: LiveSandbox) -> None:
    assert run(["apply", "--yes", "--group", "admins"]) == 0
    assert sandbox.emails_by_group() == {"admins": {"p1@example.com"}}
    assert run(["apply", "--yes", "--group", "devs"]) == 0
    assert len(sandbox.emails_by_group()["devs"]) == 3


@pytest.mark.parametrize("part", [["--group", "admins"], ["--additive"]])
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
def test_of_a_part_nobody_says_that_identity_center_equals_the_directory(
    sandbox: LiveSandbox, command: list[str], part: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert sandbox
    assert run(["apply", "--yes", *part]) == 0
    capsys.readouterr()
    assert run([*command, *part]) == 0
    assert capsys.readouterr().out == "Plan: nothing to do in the part that was asked for.\n"


def test_a_mistyped_group_is_suggested(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert sandbox
    assert run(["plan", "--group", "admin"]) == 1
    assert "did you mean 'admins'?" in capsys.readouterr().err


def test_additive_takes_nothing_away(sandbox: LiveSandbox) -> None:
    assert run(["apply", "--yes"]) == 0
    sandbox.replace(company([person(2), person(9)], [team("devs", ["u9"])]))
    assert run(["apply", "--yes", "--additive"]) == 0
    assert sandbox.emails_by_group() == {
        "admins": {"p1@example.com"},
        "devs": {"p1@example.com", "p2@example.com", "p3@example.com", "p9@example.com"},
    }


def test_an_empty_directory_is_refused(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apply", "--yes"]) == 0
    sandbox.replace(company([], []))
    sandbox.calls()
    capsys.readouterr()
    assert run(["apply", "--yes"]) == 3
    assert "no user and no group at all" in one_error(capsys)
    assert "scim" not in sandbox.calls()


def active_names(sandbox: LiveSandbox) -> set[str]:
    """Name the users who may sign in."""
    users = sandbox.sandbox.store.users.values()
    return {user["UserName"] for user in users if user.get("UserStatus", "ENABLED") == "ENABLED"}


def test_a_plan_in_a_file_allows_what_was_reviewed_and_nothing_else(
    sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    people = [person(n) for n in range(20)]
    sandbox.replace(company(people, [team("all", [p["id"] for p in people])]))
    assert run(["apply", "--yes"]) == 0
    sandbox.replace(company(people[:10], [team("all", [p["id"] for p in people[:10]])]))
    file = str(tmp_path / "plan.json")
    assert run(["plan", "--out", file]) == 3
    sandbox.replace(company(people[:9], [team("all", [p["id"] for p in people[:9]])]))
    capsys.readouterr()
    assert run(["apply", file, "--yes"]) == 3
    assert "it would delete or switch off 11 users" in one_error(capsys)
    sandbox.replace(company(people[:11], [team("all", [p["id"] for p in people[:11]])]))
    assert run(["apply", file, "--yes"]) == 0
    assert len(active_names(sandbox)) == 11


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda plan: plan | {"identity_store_id": "d-ffffffffff"}, "is for the store d-ffffffffff, and this is"),
        (lambda plan: plan | {"config": "other"}, "was made with another config; plan again"),
        (lambda plan: plan | {"version": 9}, "was made by another version; plan again"),
        (lambda plan: plan | {"at": "2026-01-01T00:00:00Z"}, "is older than 24 hours; plan again"),
        (lambda plan: [plan], "is not a plan of 'sso-sync plan --out'"),
    ],
)
def test_a_plan_file_that_does_not_fit_is_refused(
    damage: Callable[[Json], Any], said: str, sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    assert run(["plan", "--out", str(file)]) == 0
    file.write_text(json.dumps(damage(json.loads(file.read_text()))))
    capsys.readouterr()
    sandbox.calls()
    assert run(["apply", str(file), "--yes"]) == 1
    assert said in capsys.readouterr().err
    assert writes_in(sandbox.calls()) == {}


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["apply", "--yes", "--group", ""], "--group"),
        (["plan", "--group", " "], "--group"),
        (["plan", "--out", ""], "--out"),
        (["apply", "", "--yes"], "FILE"),
    ],
)
def test_an_unset_variable_of_a_script_does_not_mean_everything(
    arguments: list[str], name: str, sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 1
    assert f"{name} is empty" in capsys.readouterr().err
    assert writes_in(sandbox.calls()) == {}


def test_a_mass_removal_is_refused(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    people = [person(n) for n in range(20)]
    sandbox.replace(company(people, [team("all", [p["id"] for p in people])]))
    assert run(["apply", "--yes"]) == 0
    sandbox.replace(company(people[:10], [team("all", [p["id"] for p in people[:10]])]))
    capsys.readouterr()
    assert run(["apply", "--yes"]) == 3
    assert "it would delete or switch off 10 users (limits.users_leaving: 20 % of 20)" in one_error(capsys)
    assert len(sandbox.sandbox.store.users) == 20


def test_a_user_that_is_refused_costs_only_itself(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.fail("scim", "CreateUser", "bad_request", nth=2)
    assert run(["apply", "--yes"]) == 4
    captured = capsys.readouterr()
    assert "Failed: Cannot create the user" in captured.out
    assert "1 of 9 changes failed" in captured.out
    assert len(sandbox.sandbox.store.users) == 2
    assert run(["apply", "--yes"]) == 0
    assert len(sandbox.emails_by_group()["devs"]) == 3


def test_the_last_run_is_on_record(sandbox: LiveSandbox, tmp_path: Path) -> None:
    sandbox.fail("scim", "CreateGroup", "bad_request", times=0)
    assert run(["apply", "--yes"]) == 4
    (record,) = (tmp_path / ".sso-sync" / "runs").glob("*.json")
    kept = json.loads(record.read_text())
    assert (kept["trigger"], kept["error"], kept["results"]) == (
        "command line",
        None,
        {"done": 3, "failed": 2, "skipped": 4},
    )
    assert kept["plan"]["counts"]["create_user"] == 3
    assert sandbox.sandbox.scim_token not in record.read_text()


def test_apply_without_a_terminal_needs_yes(sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apply"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert sandbox.calls() == {}


@pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])
def test_a_creation_whose_answer_was_lost_is_ours_and_can_leave_again(
    live: Callable[[Json], LiveSandbox], scim: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = live(company([person(1), person(2)], [team("a", ["u1", "u2"])]))
    for name, value in sandbox.environment(scim=scim).items():
        monkeypatch.setenv(name, value)
    sandbox.fail("scim" if scim else "identity_store", "CreateUser", "drop_after")
    assert run(["apply", "--yes"]) in {0, 4}
    assert run(["apply", "--yes"]) == 0
    assert sandbox.emails_by_group() == {"a": {"p1@example.com", "p2@example.com"}}
    for left in (1, 2):
        others = [person(n) for n in (1, 2, 3) if n != left]
        sandbox.replace(company(others, [team("a", [p["id"] for p in others])]))
        assert run(["apply", "--yes"]) == 0
        assert f"p{left}@example.com" not in active_names(sandbox)


@pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])
def test_people_are_followed_without_scim_too(
    live: Callable[[Json], LiveSandbox], scim: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leaver's address goes to a new person, in the same run, without handing over the old identity."""
    sandbox = live(company([person(1), person(2)], [team("a", ["u1", "u2"])]))
    for name, value in sandbox.environment(scim=scim).items():
        monkeypatch.setenv(name, value)
    assert run(["apply", "--yes"]) == 0
    old = next(u["UserId"] for u in sandbox.sandbox.store.users.values() if u["UserName"] == "p1@example.com")
    sandbox.replace(company([person(7, email="p1@example.com"), person(2)], [team("a", ["u7", "u2"])]))
    assert run(["apply", "--yes"]) == 0
    now = {u["UserName"]: u["UserId"] for u in sandbox.sandbox.store.users.values()}
    assert active_names(sandbox) == {"p1@example.com", "p2@example.com"}
    assert now.keys() - active_names(sandbox) == ({f"aside-{old}"} if scim else set())
    assert now["p1@example.com"] != old
    assert sandbox.emails_by_group() == {"a": {"p1@example.com", "p2@example.com"}}


@pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])
def test_mapped_attributes_are_written_followed_and_then_at_rest(
    live: Callable[[Json], LiveSandbox], scim: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {name: f"customSchemas.HR.{name}" for name in OPTIONAL_ATTRIBUTES}
    values = {name: f"first {name}" for name in OPTIONAL_ATTRIBUTES}
    sandbox = live(company([person(1, customSchemas={"HR": values})], [team("a", ["u1"])]))
    config = CONFIG + f"    attributes: {json.dumps(names)}\n"
    for name, value in sandbox.environment(scim=scim, config=config).items():
        monkeypatch.setenv(name, value)
    for changed in ({}, {"title": "second", "manager": "second", "region": ""}):
        values |= changed
        sandbox.replace(company([person(1, customSchemas={"HR": values})], [team("a", ["u1"])]))
        assert run(["apply", "--yes"]) == 0
        assert run(["plan", "--detailed-exitcode"]) == 0
        (found,) = sandbox.sandbox.store.users.values()
        assert found["Title"] == values["title"]
        assert found["Addresses"][0].get("Region", "") == values["region"]
        assert found["Extensions"]["aws:identitystore:enterprise"]["manager"] == {"value": values["manager"]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SSO_SYNC_GOOGLE_CREDENTIALS": ""}, "the environment variable SSO_SYNC_GOOGLE_CREDENTIALS is not set"),
        ({"SSO_SYNC_GOOGLE_CREDENTIALS": "/no/such/key.json"}, "The Google credentials are not JSON"),
        ({"SSO_SYNC_GOOGLE_CREDENTIALS": '{"type": "authorized_user"}'}, "not the key of a service account"),
        ({"SSO_SYNC_GOOGLE_CREDENTIALS": '{"type": "service_account"}'}, "cannot be used"),
        ({"SSO_SYNC_GOOGLE_ADMIN": "who@example.com"}, "knows no administrator who@example.com"),
        ({"SSO_SYNC_SCIM_TOKEN": "expired"}, "refused the token"),
        ({"SSO_SYNC_SCIM_ENDPOINT": "http://scim.example.com/"}, "the token would travel in clear"),
        ({"SSO_SYNC_SCIM_TOKEN": "abcSECRET\ndef"}, "The SCIM token has blanks, line breaks"),
        ({"SSO_SYNC_SCIM_ENDPOINT": "https://[::1/"}, "identity_center.scim.endpoint"),
        ({"SSO_SYNC_STATE": "gs://bucket/x"}, "state: write s3://bucket/prefix"),
        ({"AWS_ACCESS_KEY_ID": "111111111111"}, "AWS refused the credentials"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "no AWS credentials were found"),
        ({"SSO_SYNC_IDENTITY_STORE_ID": "d-0000000000"}, "there is no such identity store in this Region"),
        ({"SSO_SYNC_QUOTA_SCALE": "fast"}, "identity_center.quota_scale"),
        ({"SSO_SYNC_DRY_RUN": "true"}, "SSO_SYNC_DRY_RUN: there is no such setting"),
    ],
)
def test_wrong_credentials_and_settings_are_one_sentence_each(
    sandbox: LiveSandbox,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, str],
    said: str,
) -> None:
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    assert run(["apply", "--yes"]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert "SECRET" not in error
    assert sandbox.sandbox.store.users == {}


def test_an_unreachable_endpoint_is_one_sentence(
    sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sandbox
    monkeypatch.setenv("SSO_SYNC_SCIM_ENDPOINT", "http://127.0.0.1:1/scim/v2/")
    assert run(["apply", "--yes"]) == 1
    assert "does not answer" in one_error(capsys)


def test_a_key_pasted_into_the_config_is_refused_and_not_printed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    key = '{"type": "service_account", "private_key": "-----BEGIN"}'
    (tmp_path / "sso-sync.yaml").write_text(
        f"sources:\n  - type: google_workspace\n    admin: a@example.com\n    credentials: '{key}'\n"
        "    groups: {include: ['*']}\n"
    )
    assert run(["plan"]) == 1
    said = capsys.readouterr().err
    assert "sources[0].credentials: a secret does not belong in the config" in said
    assert "BEGIN" not in said


def test_three_mistakes_are_reported_at_once_with_their_paths(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "sso-sync.yaml"
    file.write_text(
        "sources:\n  - type: google_workspace\n    admin: a@example.com\n    credentials: key.json\n"
        "    groups: {inclde: ['*']}\nidentity_center: {identity_store_id: nonsense}\nlimit: {}\n"
    )
    assert run(["plan"]) == 1
    said = capsys.readouterr().err
    assert "has 4 mistakes" in said
    assert "sources[0].groups.inclde: there is no such setting; did you mean 'include'?" in said
    assert "sources[0].groups.include: this setting is required" in said
    assert "identity_center.identity_store_id: " in said
    assert "limit: there is no such setting; did you mean 'limits'?" in said


@pytest.mark.parametrize(
    "arguments", [["--no-such-option"], ["pla"], ["plan", "--output", "xml"], ["plan", "extra"], ["apply", "--group"]]
)
def test_wrong_usage_is_exit_code_1(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 1
    assert "Error: " in capsys.readouterr().err


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"sso-sync {__version__}"


def test_names_and_secrets_stay_out_of_the_log(
    sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sandbox.fail("scim", "CreateUser", "bad_request")
    assert run(["apply", "--yes", "--log-level", "info", "--log-format", "json"]) == 4
    logged = capsys.readouterr().err
    assert all(json.loads(line) for line in logged.splitlines())
    assert "@example.com" not in logged
    assert sandbox.sandbox.scim_token not in logged
    assert tmp_path
    assert run(["plan", "--debug"]) == 0
    assert sandbox.sandbox.scim_token not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "no region is known; set identity_center.region or AWS_REGION"),
        ({"AWS_REGION": "not a region", "AWS_DEFAULT_REGION": "not a region"}, "doesn't match a supported format"),
        ({"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
        ({"SSO_SYNC_STATE": "~nobody-of-that-name/state"}, "has no home directory to start from"),
        ({"SSO_SYNC_SCIM_ENDPOINT": "https://" + "a" * 80 + ".example/"}, "scim.endpoint"),
    ],
)
def test_a_machine_that_is_set_up_wrongly_is_told_in_a_sentence(
    sandbox: LiveSandbox,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, str],
    said: str,
) -> None:
    for name, value in changed.items():
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name)
    assert run(["apply", "--yes"]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "This is a bug" not in error
    assert sandbox.sandbox.store.users == {}


def test_a_wrong_path_of_the_scim_endpoint_stops_at_once(
    sandbox: LiveSandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSO_SYNC_SCIM_ENDPOINT", sandbox.sandbox.scim_endpoint.replace("scim/v2", "scim/v1"))
    assert run(["apply", "--yes"]) == 1
    assert "there is no SCIM service at" in one_error(capsys)
