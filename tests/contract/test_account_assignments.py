"""Account assignments, read from the stand-in of IAM Identity Center."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from sandbox.directory import Json
from sso_sync.aws.assignments import AssignmentReader
from sso_sync.core.errors import CredentialsError, PermissionMissing, SsoSyncError, TargetError
from sso_sync.core.model import Assignment
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import translate
from tests.support.companies import company
from tests.support.live import LiveSandbox

FIRST, SECOND = "111111111111", "222222222222"
NAME = {"GivenName": "Ann", "FamilyName": "Lee"}
FAST = 10_000.0


class Center:
    """An identity store with Ann in the group admins, and a group users that nobody is in."""

    def __init__(self, live: LiveSandbox) -> None:
        self.live, self.store = live, live.sandbox.store
        user = {"UserName": "ann", "DisplayName": "Ann", "Name": NAME}
        self.ann = self.store.create_user(user, "test")["UserId"]
        self.admins, self.users = (
            self.store.create_group({"DisplayName": name}, "test")["GroupId"] for name in ("admins", "users")
        )
        self.store.create_membership(self.admins, self.ann, "test")
        self.arn = live.sandbox.instances.organisation_arn

    def give(self, *wanted: tuple[str, str, str, str]) -> requests.Response:
        names = ("kind", "principal", "account", "permission_set")
        rows = [dict(zip(names, one, strict=True)) for one in wanted]
        return requests.put(f"{self.live.url}/identity-center/assignments", json=rows, timeout=5)

    def reader(self, store_id: str = "", attempts: int = 1) -> AssignmentReader:
        return AssignmentReader(Aws(attempts=attempts), store_id or self.store.store_id, FAST)

    def list(self, principal: str, kind: str, **more: Any) -> Json:
        client: Any = Aws(attempts=1).sso_admin()
        parameters = {"InstanceArn": self.arn, "PrincipalId": principal, "PrincipalType": kind} | more
        answer: Json = client.list_account_assignments_for_principal(**parameters)
        return answer


@pytest.fixture
def center(live: Callable[[Json], LiveSandbox], monkeypatch: pytest.MonkeyPatch) -> Center:
    started = live(company([], []))
    for name, value in started.environment(scim=False).items():
        monkeypatch.setenv(name, value)
    return Center(started)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def test_what_somebody_was_given_directly_is_read_and_what_a_group_gives_them_is_not(center: Center) -> None:
    center.give(
        ("group", "admins", FIRST, "Admin"), ("user", "ann", SECOND, "ReadOnly"), ("user", "ann", FIRST, "Admin")
    )
    of_ann = center.reader().of("user", [center.ann])[center.ann]
    assert [assignment.account for assignment in of_ann] == [FIRST, SECOND]
    assert len({assignment.permission_set for assignment in of_ann}) == 2
    of_groups = center.reader().of("group", [center.admins, center.users])
    admin = next(assignment.permission_set for assignment in of_ann if assignment.account == FIRST)
    assert of_groups == {center.admins: (Assignment(FIRST, admin),), center.users: ()}
    assert len(center.list(center.ann, "USER")["AccountAssignments"]) == 3


def test_the_instance_is_looked_for_once_and_nobody_asked_about_costs_no_call(center: Center) -> None:
    reader = center.reader()
    assert reader.of("user", []) == {}
    assert center.live.calls() == {}
    for _ in range(2):
        reader.of("group", [center.admins, center.users])
    assert center.live.calls() == {"sso_admin": {"ListInstances": 1, "ListAccountAssignmentsForPrincipal": 4}}


def test_every_page_is_read(center: Center) -> None:
    center.give(*(("group", "admins", f"{number:012}", "Admin") for number in range(150)))
    center.live.switch(short_pages=True)
    assert len(center.reader().of("group", [center.admins])[center.admins]) == 150


def test_the_store_s_own_instance_is_asked_among_several(center: Center) -> None:
    center.live.switch(account_instances=2)
    center.give(("group", "admins", FIRST, "Admin"))
    assert len(center.reader().of("group", [center.admins])[center.admins]) == 1


def test_a_store_without_an_instance_here_is_one_sentence(center: Center) -> None:
    with pytest.raises(TargetError, match="none in this Region has the identity store d-0000000000"):
        center.reader("d-0000000000").of("user", [center.ann])


@pytest.mark.parametrize(
    ("operation", "fault", "error", "sentence"),
    [
        ("ListInstances", {"kind": "forbidden"}, CredentialsError, "lacks the permission ListInstances"),
        (
            "ListAccountAssignmentsForPrincipal",
            {"kind": "forbidden"},
            CredentialsError,
            "lacks the permission ListAccountAssignmentsForPrincipal",
        ),
        ("ListAccountAssignmentsForPrincipal", {"kind": "not_found"}, TargetError, "ResourceNotFoundException"),
        ("ListAccountAssignmentsForPrincipal", {"kind": "unavailable"}, TargetError, "ServiceUnavailableException"),
        (
            "ListAccountAssignmentsForPrincipal",
            {"kind": "missing_field", "field": "AccountId"},
            TargetError,
            "the answer is not complete",
        ),
        (
            "ListAccountAssignmentsForPrincipal",
            {"kind": "missing_field", "field": "AccountAssignments"},
            TargetError,
            "the answer is not complete",
        ),
        ("ListInstances", {"kind": "missing_field", "field": "InstanceArn"}, TargetError, "answer is broken"),
    ],
)
def test_what_cannot_be_read_completely_is_an_error_and_never_an_absence(
    center: Center, operation: str, fault: dict[str, str], error: type[SsoSyncError], sentence: str
) -> None:
    center.give(("group", "admins", FIRST, "Admin"))
    center.live.fail("sso_admin", operation, times=0, **fault)
    with pytest.raises(error, match=sentence):
        center.reader().of("group", [center.admins])


def test_a_key_that_may_not_be_used_is_told_in_the_words_of_this_service_too() -> None:
    said = {"Error": {"Code": "AccessDeniedException", "Message": "no"}, "Reason": "KMS_AccessDeniedException"}
    error = ClientError(said, "ListInstances")  # type: ignore[arg-type] # the stubs know no Reason
    assert "set identity_center.kms_key and deploy" in str(translate(error, "read", TargetError))


def test_after_a_refusal_the_others_are_not_asked_about(center: Center) -> None:
    ids = [center.store.create_group({"DisplayName": f"g{n}"}, "test")["GroupId"] for n in range(60)]
    center.live.fail("sso_admin", "ListAccountAssignmentsForPrincipal", "forbidden", times=0)
    with pytest.raises(CredentialsError):
        AssignmentReader(Aws(attempts=1), center.store.store_id, 200.0).of("group", ids)
    assert center.live.calls()["sso_admin"]["ListAccountAssignmentsForPrincipal"] < 30


def test_a_throttled_call_is_tried_again(center: Center) -> None:
    center.give(("user", "ann", FIRST, "Admin"))
    center.live.fail("sso_admin", "ListAccountAssignmentsForPrincipal", "throttle")
    assert len(center.reader(attempts=2).of("user", [center.ann])[center.ann]) == 1


def test_calls_keep_to_a_rate_of_all_operations_together(center: Center) -> None:
    began = time.monotonic()
    AssignmentReader(Aws(attempts=1), center.store.store_id, 50.0).of("group", [center.admins, center.users])
    assert time.monotonic() - began >= 2 / 50


def test_the_stand_in_answers_pages_and_filters_by_account(center: Center) -> None:
    center.give(*(("user", "ann", account, name) for account in (FIRST, SECOND) for name in ("A", "B")))
    page = center.list(center.ann, "USER", MaxResults=3)
    rest = center.list(center.ann, "USER", MaxResults=3, NextToken=page["NextToken"])
    assert (len(page["AccountAssignments"]), len(rest["AccountAssignments"])) == (3, 1)
    assert "NextToken" not in rest
    filtered = center.list(center.ann, "USER", Filter={"AccountId": SECOND})["AccountAssignments"]
    assert {row["AccountId"] for row in filtered} == {SECOND}
    token = page["NextToken"]
    assert refused(lambda: center.list(center.admins, "GROUP", NextToken=token)) == "ValidationException"


def test_the_stand_in_refuses_whom_it_does_not_know(center: Center) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    assert refused(lambda: center.list(nobody, "USER")) == "ResourceNotFoundException"
    assert refused(lambda: center.list(nobody, "GROUP")) == "ResourceNotFoundException"
    assert refused(lambda: center.list(center.admins, "USER")) == "ResourceNotFoundException"
    other = f"{center.arn[:-1]}{'0' if center.arn[-1] != '0' else '1'}"
    assert refused(lambda: center.list(center.ann, "USER", InstanceArn=other)) == "AccessDeniedException"
    assert refused(lambda: center.list("ann", "USER")) == "ValidationException"


def test_the_stand_in_refuses_an_account_instance(center: Center) -> None:
    center.live.switch(account_instances=1)
    arn = center.live.sandbox.instances.listed("us-east-1")[0]["InstanceArn"]
    assert refused(lambda: center.list(center.ann, "USER", InstanceArn=arn)) == "ValidationException"


def test_a_deleted_group_leaves_its_assignments_behind(center: Center) -> None:
    center.give(("group", "admins", FIRST, "Admin"), ("user", "ann", FIRST, "Admin"))
    center.store.delete_group(center.admins)
    assert {row["PrincipalId"] for row in center.store.assignments} == {center.admins, center.ann}
    assert refused(lambda: center.list(center.admins, "GROUP")) == "ResourceNotFoundException"
    assert len(center.list(center.ann, "USER")["AccountAssignments"]) == 1
    requests.delete(f"{center.live.url}/identity-center", timeout=5)
    assert center.store.assignments == []


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (("group", "nobody", FIRST, "Admin"), "there is no group nobody"),
        (("user", "admins", FIRST, "Admin"), "there is no user admins"),
        (("role", "admins", FIRST, "Admin"), "Invalid enum value 'role'"),
        (("group", "admins", "1", "Admin"), "Expected `str` matching regex"),
        (("group", "admins", FIRST, "arn:aws:iam::1:role/x"), "a permission set is a name, or an ARN"),
        (("group", "admins", FIRST, "Power User"), "a permission set is a name, or an ARN"),
        (("group", "admins", FIRST, "x" * 33), "a permission set is a name, or an ARN"),
    ],
)
def test_an_assignment_that_cannot_be_is_refused_and_nothing_changes(
    center: Center, wanted: tuple[str, str, str, str], sentence: str
) -> None:
    assert center.give(("group", "admins", FIRST, "Admin")).status_code == 204
    before = center.store.assignments
    answer = center.give(("user", "ann", FIRST, "Admin"), wanted)
    assert (answer.status_code, sentence in answer.json()["error"]) == (400, True), answer.text
    twice = center.give(*[("user", "ann", FIRST, "Admin")] * 2)
    assert twice.json() == {"error": "an assignment is in the list twice"}
    assert center.store.assignments == before


def test_a_permission_set_is_read_by_the_name_it_was_given(center: Center) -> None:
    center.give(("group", "admins", FIRST, "Admin"), ("user", "ann", FIRST, "Read.Only"))
    reader = center.reader()
    (given,) = reader.of("group", [center.admins])[center.admins]
    assert reader.permission_set(given.permission_set) == "Admin"
    center.give()
    assert reader.permission_set(given.permission_set) == "Admin", "it is there without an assignment, too"
    assert center.live.calls()["sso_admin"]["DescribePermissionSet"] == 2


@pytest.mark.parametrize(
    ("fault", "error", "sentence"),
    [
        ({"kind": "forbidden"}, PermissionMissing, "lacks the permission DescribePermissionSet"),
        ({"kind": "unavailable"}, TargetError, "ServiceUnavailableException"),
        ({"kind": "missing_field", "field": "PermissionSet"}, TargetError, "the answer is not complete"),
    ],
)
def test_a_permission_set_that_cannot_be_read_is_one_sentence(
    center: Center, fault: dict[str, str], error: type[SsoSyncError], sentence: str
) -> None:
    center.give(("group", "admins", FIRST, "Admin"))
    center.live.fail("sso_admin", "DescribePermissionSet", times=0, **fault)
    with pytest.raises(error, match=sentence):
        center.reader().permission_set(center.store.assignments[0]["PermissionSetArn"])


def test_the_stand_in_describes_the_permission_sets_of_its_own_instance_and_no_others(center: Center) -> None:
    arn = f"{center.arn.replace(':instance/', ':permissionSet/')}/ps-0123456789abcdef"
    client: Any = Aws(attempts=1).sso_admin()

    def describe(arn: str, instance: str = center.arn) -> Json:
        answer: Json = client.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)
        return answer

    assert refused(lambda: describe(arn)) == "ResourceNotFoundException"
    center.give(("group", "admins", FIRST, arn))
    shown = describe(arn)["PermissionSet"]
    assert (shown["Name"], shown["PermissionSetArn"], shown["SessionDuration"]) == ("ps-0123456789abcdef", arn, "PT1H")
    assert refused(lambda: describe("arn:aws:sso:::permissionSet/x")) == "ValidationException"
    center.live.switch(account_instances=1)
    of_account = center.live.sandbox.instances.listed("us-east-1")[0]["InstanceArn"]
    assert refused(lambda: describe(arn, of_account)) == "ValidationException"
    requests.delete(f"{center.live.url}/identity-center", timeout=5)
    assert refused(lambda: describe(arn)) == "ResourceNotFoundException"


def test_as_far_as_possible_a_group_that_fails_costs_no_other(center: Center) -> None:
    center.give(("group", "admins", FIRST, "Admin"))
    nobody = "00000000-0000-0000-0000-000000000000"
    found, error = center.reader().as_far_as_possible("group", [nobody, center.admins, center.users])
    assert ({group: len(given) for group, given in found.items()}, type(error)) == (
        {center.admins: 1, center.users: 0},
        TargetError,
    )


def test_as_far_as_possible_an_unwell_service_is_left_alone(center: Center) -> None:
    ids = [center.store.create_group({"DisplayName": f"g{n}"}, "test")["GroupId"] for n in range(60)]
    center.live.fail("sso_admin", "ListAccountAssignmentsForPrincipal", "unavailable", times=0)
    reader = AssignmentReader(Aws(attempts=1), center.store.store_id, 200.0)
    found, error = reader.as_far_as_possible("group", ids)
    assert (found, type(error)) == ({}, TargetError)
    assert center.live.calls()["sso_admin"]["ListAccountAssignmentsForPrincipal"] < 30


def test_as_far_as_possible_a_missing_permission_says_more_than_any_other_error(center: Center) -> None:
    ids = [center.admins, center.users]
    center.live.fail("sso_admin", "ListAccountAssignmentsForPrincipal", "unavailable")
    center.live.fail("sso_admin", "ListAccountAssignmentsForPrincipal", "forbidden", nth=2, times=0)
    _, error = AssignmentReader(Aws(attempts=1), center.store.store_id, 20.0).as_far_as_possible("group", ids)
    assert isinstance(error, PermissionMissing)


@pytest.mark.parametrize("operation", ["ListInstances", "ListAccountAssignmentsForPrincipal"])
def test_as_far_as_possible_a_missing_permission_is_named(center: Center, operation: str) -> None:
    center.live.fail("sso_admin", operation, "forbidden", times=0)
    found, error = center.reader().as_far_as_possible("group", [center.admins, center.users])
    assert found == {}
    assert isinstance(error, PermissionMissing)
    assert error.operation == operation
