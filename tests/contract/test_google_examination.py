"""What `doctor` is told of Google: each thing that a read needs, and the exact step where one is missing."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from sandbox.google.token import DELEGATED_SCOPES
from sso_sync.core.findings import Finding, Mark
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.google_workspace.admin_roles import given_roles, judged
from sso_sync.sources.google_workspace.retries import Pauses
from sso_sync.sources.google_workspace.scopes import DOMAIN_SCOPE, READ_SCOPES, ROLE_SCOPE, SCHEMA_SCOPE
from sso_sync.sources.google_workspace.sign_in import stored
from tests.support.companies import company, person, team
from tests.support.google_source import google_source
from tests.support.live import LiveSandbox

Json = dict[str, Any]
ADMIN = "admin@example.com"
COMPANY = company(
    [person(1, customSchemas={"AWS": {"access": True}}), person(2, email=ADMIN, orgUnitPath="/IT")],
    [team("a", ["u1"])],
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    with LiveSandbox(COMPANY, tmp_path_factory.mktemp("google")) as sandbox:
        yield sandbox


@pytest.fixture
def google(shared: LiveSandbox) -> Iterator[LiveSandbox]:
    """One company; whatever a test changes is as it was for the next one."""
    switches = msgspec.structs.asdict(shared.sandbox.switches)
    yield shared
    shared.switch(**switches)
    shared.sandbox.switchboard.faults.clear()
    shared.sandbox.tokens.delegated = DELEGATED_SCOPES
    shared.replace(COMPANY)


def examined(sandbox: LiveSandbox, key: str = "", **changed: Any) -> dict[str, Finding]:
    """Examine a source with retries that do not wait long; findings by what they are about."""
    settings = GoogleWorkspaceSettings(
        admin=ADMIN, groups=SelectionSettings(include=["*"]), root_url=f"{sandbox.url}/google/"
    )
    settings = msgspec.structs.replace(settings, **changed)
    sign_in = stored(key or sandbox.key, settings.admin)
    pauses = Pauses(first=0.01, longest=0.05, in_all=0.2)
    found = list(google_source(settings, sign_in, pauses=pauses).examine())
    assert all(finding.subject.startswith(f"{settings.label}: ") for finding in found)
    assert all("\n" not in finding.said and finding.said for finding in found)
    return {finding.subject.removeprefix(f"{settings.label}: "): finding for finding in found}


def without(*scopes: str) -> Callable[[LiveSandbox], None]:
    def take(sandbox: LiveSandbox) -> None:
        sandbox.sandbox.tokens.delegated = DELEGATED_SCOPES - set(scopes)

    return take


def test_a_company_that_is_set_up_well_has_nothing_but_good_findings(google: LiveSandbox) -> None:
    google.calls()
    found = examined(google, name="Our Google")
    assert {finding.mark for finding in found.values()} == {Mark.GOOD}
    assert list(found) == [
        "sign-in",
        *(f"scope {scope.rpartition('/')[2]}" for scope in READ_SCOPES),
        "Admin SDK API",
        "list users",
        "list groups",
        "list members",
        "domains",
        "administrator's role",
    ]
    assert "a service account's key, stored" in found["sign-in"].said
    calls = google.calls()["google"]
    assert calls == {"users.list": 1, "groups.list": 1, "members.list": 1, "domains.list": 1, "users.get": 1}


@pytest.mark.parametrize("scope", READ_SCOPES)
def test_the_one_scope_that_is_missing_is_named(google: LiveSandbox, scope: str) -> None:
    without(scope)(google)
    found = examined(google)
    missing = found[f"scope {scope.rpartition('/')[2]}"]
    assert (missing.mark, scope in missing.remedy) == (Mark.PROBLEM, True)
    assert "Manage Domain Wide Delegation" in missing.remedy
    assert sum(finding.mark is Mark.PROBLEM for finding in found.values()) == 1
    assert "list users" not in found


def test_without_any_delegation_every_scope_is_named(google: LiveSandbox) -> None:
    google.sandbox.tokens.delegated = frozenset()
    assert {finding.mark for finding in examined(google).values()} == {Mark.PROBLEM}


def test_a_sign_in_that_fails_is_one_problem(google: LiveSandbox) -> None:
    found = examined(google, admin="nobody@example.com")
    assert list(found) == ["sign-in"]
    assert "knows no administrator nobody@example.com" in found["sign-in"].said


def test_an_api_that_is_off_is_one_problem(google: LiveSandbox) -> None:
    google.switch(google_admin_sdk=False)
    found = examined(google)
    assert "gcloud services enable admin.googleapis.com" in found["Admin SDK API"].said
    assert "list users" not in found


@pytest.mark.parametrize(
    ("operation", "what"),
    [("users.list", "list users"), ("groups.list", "list groups"), ("members.list", "list members")],
)
@pytest.mark.parametrize("kind", ["forbidden", "error", "truncate"])
def test_whatever_cannot_be_listed_is_a_problem_and_the_rest_is_looked_at(
    google: LiveSandbox, operation: str, what: str, kind: str
) -> None:
    google.fail("google", operation, kind, times=0)
    found = examined(google)
    assert found[what].mark is Mark.PROBLEM
    assert found["domains"].mark is Mark.GOOD


def test_a_company_without_anybody_or_without_a_group_is_a_problem(google: LiveSandbox) -> None:
    google.replace(company([], []))
    found = examined(google)
    assert "lists no user at all" in found["list users"].said
    assert "lists no group at all" in found["list groups"].said


@pytest.mark.parametrize("how", ["not delegated", "not allowed"])
def test_domains_that_cannot_be_read_are_only_noted(google: LiveSandbox, how: str) -> None:
    if how == "not delegated":
        without(DOMAIN_SCOPE)(google)
    else:
        google.fail("google", "domains.list", "forbidden", times=0)
    found = examined(google)
    assert found["domains"].mark is Mark.NOTE
    assert found["domains"].remedy


@pytest.mark.parametrize("unit", ["/IT", "/Sales"])
def test_an_administrator_of_one_unit_is_a_problem_for_users_and_groups(google: LiveSandbox, unit: str) -> None:
    google.switch(google_admin_unit=unit)
    found = examined(google)
    for what in ("users", "groups"):
        finding = found[f"administrator's role for {what}"]
        assert finding.mark is Mark.PROBLEM
        assert "limited to one organisational unit" in finding.said
        assert "assign a role for all organisational units" in finding.remedy


def test_a_role_with_a_condition_does_not_reach_all_groups(google: LiveSandbox) -> None:
    google.switch(google_admin_role="conditional")
    assert examined(google)["administrator's role for groups"].mark is Mark.PROBLEM


def test_a_delegated_administrator_of_the_whole_organisation_is_good(google: LiveSandbox) -> None:
    google.switch(google_admin_role="delegated")
    found = examined(google)
    marks = {found[f"administrator's role for {what}"].mark for what in ("users", "groups")}
    assert marks == {Mark.GOOD}


@pytest.mark.parametrize("how", ["not delegated", "not allowed"])
def test_where_roles_cannot_be_read_it_is_said_how_to_look_by_hand(google: LiveSandbox, how: str) -> None:
    google.switch(google_admin_role="delegated")
    if how == "not delegated":
        without(ROLE_SCOPE)(google)
    else:
        google.fail("google", "roleAssignments.list", "forbidden", times=0)
    finding = examined(google)["administrator's role"]
    assert finding.mark is Mark.WARNING
    assert "Account, Admin roles" in finding.remedy
    assert ROLE_SCOPE in finding.remedy


def test_an_administrator_who_cannot_see_itself_is_limited_to_a_unit(google: LiveSandbox) -> None:
    google.switch(google_admin_unit="/Sales")
    without(ROLE_SCOPE)(google)
    finding = examined(google)["administrator's role"]
    assert (finding.mark, "not see itself" in finding.said) == (Mark.PROBLEM, True)


FILTER = SelectionSettings(include=["custom.AWS.access=true"])


def test_a_custom_attribute_that_there_is_is_good(google: LiveSandbox) -> None:
    assert examined(google, users=FILTER)["custom attributes"].mark is Mark.GOOD
    mapped = examined(google, attributes={"title": "customSchemas.HR.title"})
    assert mapped["custom attributes"].said == "Custom attributes can be read: AWS."


def test_a_custom_attribute_that_there_is_not_is_a_problem(google: LiveSandbox) -> None:
    finding = examined(google, users=SelectionSettings(include=["custom.Aws.access=true"]))["custom attributes"]
    assert (finding.mark, "category Aws" in finding.said) == (Mark.PROBLEM, True)


def test_custom_attributes_that_cannot_be_listed_are_noted(google: LiveSandbox) -> None:
    without(SCHEMA_SCOPE)(google)
    finding = examined(google, users=FILTER)["custom attributes"]
    assert (finding.mark, "Manage custom attributes" in finding.remedy) == (Mark.NOTE, True)


@pytest.mark.parametrize(
    ("assignment", "role", "mark"),
    [
        ({"scopeType": "CUSTOMER"}, {"isSuperAdminRole": True}, Mark.GOOD),
        ({"scopeType": "CUSTOMER"}, {"rolePrivileges": [{"privilegeName": "USERS_ALL"}]}, Mark.GOOD),
        ({"scopeType": "CUSTOMER"}, {"rolePrivileges": [{"privilegeName": "USERS_ALIAS"}]}, Mark.WARNING),
        ({"scopeType": "CUSTOMER"}, {"rolePrivileges": "x"}, Mark.WARNING),
        ({"scopeType": "ORG_UNIT"}, {"rolePrivileges": [{"privilegeName": "USERS_RETRIEVE"}]}, Mark.PROBLEM),
        ({}, {"rolePrivileges": [{"privilegeName": "USERS_RETRIEVE"}]}, Mark.PROBLEM),
        ({"scopeType": "CUSTOMER", "roleId": "unknown"}, {"isSuperAdminRole": True}, Mark.WARNING),
    ],
)
def test_what_is_not_known_of_a_role_is_never_called_good(assignment: Json, role: Json, mark: Mark) -> None:
    given = given_roles([{"roleId": "1"} | assignment], [{"roleId": "1", "roleName": "R"} | role])
    assert next(judged(given, ADMIN, "x")).mark is mark


def test_one_role_without_a_limit_is_enough() -> None:
    role = {"rolePrivileges": [{"privilegeName": "USERS_RETRIEVE"}]}
    roles = [{"roleId": "1"} | role, {"roleId": "2"} | role]
    assignments = [{"roleId": "1", "scopeType": "ORG_UNIT"}, {"roleId": "2", "scopeType": "CUSTOMER"}]
    assert next(judged(given_roles(assignments, roles), ADMIN, "x")).mark is Mark.GOOD
