"""Google without a stored key: a whole company is read, and whatever is missing for it is said in a sentence."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sandbox.google.project import AUDIENCE, SERVICE_ACCOUNT
from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.ports import IdentitySource
from sso_sync.http.boto import Aws
from sso_sync.http.calls import Calls
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.settings.directories.google_workspace import WorkloadIdentitySettings
from sso_sync.sources.google_workspace import make_source
from sso_sync.sources.google_workspace.sign_in import without_key
from sso_sync.sources.tools import Tools
from tests.support.companies import company, expected_memberships, person, team
from tests.support.google_source import google_source
from tests.support.live import LiveSandbox

Json = dict[str, Any]
Live = Callable[[Json], LiveSandbox]
IDENTITY = WorkloadIdentitySettings(audience=AUDIENCE, service_account=SERVICE_ACCOUNT)
COMPANY = company([person(n) for n in range(3)], [team("a", ["u0"], ["g-b"]), team("b", ["u1", "u2"])])
IN_LAMBDA = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_SESSION_TOKEN": "a session",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    """One company for all tests that change nothing."""
    with LiveSandbox(COMPANY, tmp_path_factory.mktemp("google")) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _in_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a function in AWS, unless a test says otherwise."""
    for name, value in IN_LAMBDA.items():
        monkeypatch.setenv(name, value)


def settings_of(sandbox: LiveSandbox, **changed: Any) -> GoogleWorkspaceSettings:
    settings = GoogleWorkspaceSettings(
        admin=sandbox.sandbox.admin,
        workload_identity=IDENTITY,
        groups=SelectionSettings(include=["*"]),
        root_url=f"{sandbox.url}/google/",
    )
    return msgspec.structs.replace(settings, **changed)


def source(sandbox: LiveSandbox, calls: Calls | None = None, **changed: Any) -> IdentitySource:
    """Build the source as a run does."""
    return make_source(settings_of(sandbox, **changed), {}, Tools(calls=calls or Calls(), aws=Aws))


def from_secret(sandbox: LiveSandbox, secret: Json) -> IdentitySource:
    """Build the source as a run does that finds this in the secret."""
    tools = Tools(aws=Aws)
    return make_source(settings_of(sandbox, workload_identity=None), {"credentials": json.dumps(secret)}, tools)


def impatient(sandbox: LiveSandbox) -> IdentitySource:
    """Build the source with retries that do not wait long."""
    settings, sign_in = settings_of(sandbox), without_key(IDENTITY, sandbox.sandbox.admin, Aws)
    return google_source(settings, sign_in)


def members(source: IdentitySource) -> dict[str, set[str]]:
    read = source.read()
    return {g.display_name: {read.users[user].email for user in read.members[g.id]} for g in read.groups.values()}


def refusal(source: IdentitySource) -> str:
    with pytest.raises(CredentialsError) as caught:
        source.read()
    return str(caught.value)


def test_a_function_reads_a_company_without_any_stored_secret(live: Live) -> None:
    sandbox, calls = live(COMPANY), Calls()
    reader = source(sandbox, calls=calls)
    assert members(reader) == expected_memberships(COMPANY)
    theirs = sandbox.calls()
    steps = {"google_sts": {"token": 1}, "google_iam": {"signJwt": 1}, "google_oauth": {"token": 1}}
    assert steps.items() <= theirs.items()
    assert {"google exchange": 1, "google signJwt": 1, "google token": 1}.items() <= calls.counts().items()
    assert [credential.stored for credential in reader.credentials()] == [False]
    assert list(settings_of(sandbox).secrets()) == []


def test_a_profile_of_a_workstation_signs_in_as_well(
    standing: LiveSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in IN_LAMBDA:
        monkeypatch.delenv(name)
    keys = f"[work]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\nregion = us-west-2\n"
    (tmp_path / "credentials").write_text(keys, encoding="utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert members(source(standing)) == expected_memberships(COMPANY)


def test_what_gcloud_writes_is_taken_and_its_addresses_are_not_used(standing: LiveSandbox) -> None:
    written = standing.sandbox.google_project.credential_configuration() | {"token_url": "https://evil.example/token"}
    reader = from_secret(standing, written)
    assert members(reader) == expected_memberships(COMPANY)
    assert reader.credentials()[0].kind == "workload identity federation from AWS, no key"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "another provider than AWS"),
        ({"service_account_impersonation_url": None}, "names no service account"),
        ({"audience": "//iam.googleapis.com/projects/name/x"}, "audience is not //iam.googleapis.com"),
        ({"audience": None}, "audience is not"),
    ],
)
def test_a_configuration_that_cannot_sign_in_is_refused_at_once(
    standing: LiveSandbox, changed: Json, said: str
) -> None:
    written = standing.sandbox.google_project.credential_configuration() | changed
    with pytest.raises(CredentialsError, match=said):
        from_secret(standing, written)


@pytest.mark.parametrize(
    ("switch", "said"),
    [
        ({"google_aws_role": "another"}, "attribute condition"),
        ({"google_aws_account": "111122223333"}, "trusts another AWS account"),
        ({"google_token_creator": False}, "roles/iam.serviceAccountTokenCreator"),
        ({"google_iam_credentials_api": False}, "gcloud services enable iamcredentials.googleapis.com"),
        ({"google_admin_sdk": False}, "gcloud services enable admin.googleapis.com"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_not_set_up_is_said_with_the_next_step(live: Live, switch: Json, said: str) -> None:
    sandbox = live(COMPANY)
    sandbox.switch(**switch)
    sentence = refusal(source(sandbox))
    assert said in sentence
    assert "\n" not in sentence


def test_another_provider_another_account_and_another_administrator_are_said(standing: LiveSandbox) -> None:
    elsewhere = msgspec.structs.replace(IDENTITY, audience=AUDIENCE.replace("sso-sync", "other-one"))
    assert "no such workload identity provider" in refusal(source(standing, workload_identity=elsewhere))
    nobody = msgspec.structs.replace(IDENTITY, service_account="nobody@other.iam.gserviceaccount.com")
    assert "nobody@other" in refusal(source(standing, workload_identity=nobody))
    assert "knows no administrator x@example.com" in refusal(source(standing, admin="x@example.com"))


def test_a_missing_delegation_lists_the_scopes(live: Live) -> None:
    sandbox = live(COMPANY)
    sandbox.sandbox.tokens.delegated = frozenset()
    assert "Domain-wide delegation" in refusal(source(sandbox))


def test_without_aws_credentials_or_with_wrong_ones_the_next_step_is_said(
    standing: LiveSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert "did not accept who AWS says is calling" in refusal(source(standing))
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "no AWS region is known" in refusal(source(standing))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert "no AWS credentials were found" in refusal(source(standing))


@pytest.mark.parametrize("kind", ["throttle", "error", "unavailable", "drop"])
@pytest.mark.parametrize("system", ["google_sts", "google_iam", "google_oauth"])
def test_a_passing_fault_of_a_sign_in_is_waited_out(live: Live, system: str, kind: str) -> None:
    sandbox = live(COMPANY)
    sandbox.fail(system, "*", kind)
    assert members(impatient(sandbox)) == expected_memberships(COMPANY)


@pytest.mark.parametrize("kind", ["truncate", "wrong_json", "html_page"])
@pytest.mark.parametrize("system", ["google_sts", "google_iam", "google_oauth"])
def test_a_broken_answer_of_a_sign_in_is_one_sentence(live: Live, system: str, kind: str) -> None:
    sandbox = live(COMPANY)
    sandbox.fail(system, "*", kind, times=0)
    with pytest.raises((SourceError, CredentialsError)) as caught:
        impatient(sandbox).read()
    assert "\n" not in str(caught.value)
