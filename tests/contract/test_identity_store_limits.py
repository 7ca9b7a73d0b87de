"""Quotas, concurrent changes, paging and delayed visibility of the Identity Store stand-in, over real HTTP."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.support.companies import company
from tests.support.identity_store import client_of, code_of, error_of
from tests.support.live import LiveSandbox

if TYPE_CHECKING:
    from mypy_boto3_identitystore import IdentityStoreClient

Json = dict[str, Any]
Live = Callable[..., LiveSandbox]
NAME = {"GivenName": "Ann", "FamilyName": "Lee"}


def people(sandbox: LiveSandbox, count: int) -> list[Json]:
    store = sandbox.sandbox.store
    names = [f"u{number}" for number in range(count)]
    return [store.create_user({"UserName": name, "DisplayName": name, "Name": NAME}, "test") for name in names]


def listed(client: "IdentityStoreClient", store_id: str) -> list[str]:
    return [user["UserName"] for user in client.list_users(IdentityStoreId=store_id)["Users"]]


def outcomes(*calls: Callable[[], object]) -> list[str]:
    """Make calls side by side; returns "done" or the reason of the refusal, sorted."""

    def outcome(call: Callable[[], object]) -> str:
        try:
            call()
        except ClientError as exc:
            return str(exc.response.get("Reason", code_of(exc)))
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(outcome, calls))


def test_each_operation_has_a_quota_of_its_own(live: Live) -> None:
    sandbox = live(company([], []), quota_scale=0.005)  # one in ten seconds instead of twenty in one
    client, store_id = client_of(sandbox), sandbox.sandbox.store.store_id
    client.list_users(IdentityStoreId=store_id)
    error = error_of(client, "list_users", IdentityStoreId=store_id)
    assert code_of(error) == "ThrottlingException"
    assert error.response["RetryAfterSeconds"] == 10  # type: ignore[typeddict-item] # a member of the exception
    client.list_groups(IdentityStoreId=store_id)
    sandbox.sandbox.clock.advance(10)
    client.list_users(IdentityStoreId=store_id)


def test_two_updates_at_once_conflict_and_one_is_made(live: Live) -> None:
    sandbox = live(company([], []), latency=0.5)
    client, store = client_of(sandbox), sandbox.sandbox.store
    (ann, bob) = people(sandbox, 2)

    def update(user: Json, title: str) -> object:
        operations: Any = [{"AttributePath": "title", "AttributeValue": title}]
        return client.update_user(IdentityStoreId=store.store_id, UserId=user["UserId"], Operations=operations)

    assert outcomes(lambda: update(ann, "a"), lambda: update(ann, "b")) == ["CONCURRENT_MODIFICATION", "done"]
    assert outcomes(lambda: update(ann, "c"), lambda: update(bob, "c")) == ["done", "done"]


@pytest.mark.parametrize(
    ("conflicting", "expected"), [(False, ["done", "done"]), (True, ["CONCURRENT_MODIFICATION", "done"])]
)
def test_memberships_of_one_group_conflict_if_the_switch_says_so(
    live: Live, conflicting: bool, expected: list[str]
) -> None:
    sandbox = live(company([], []), latency=0.5)
    sandbox.switch(memberships_conflict=conflicting)
    client, store = client_of(sandbox), sandbox.sandbox.store
    group_id = store.create_group({"DisplayName": "admins"}, "test")["GroupId"]

    def join(user: Json) -> object:
        member: Any = {"UserId": user["UserId"]}
        return client.create_group_membership(IdentityStoreId=store.store_id, GroupId=group_id, MemberId=member)

    (ann, bob) = people(sandbox, 2)
    assert outcomes(lambda: join(ann), lambda: join(bob)) == expected


@pytest.mark.parametrize("changes", [False, True])
def test_a_membership_changes_the_revision_of_its_group_if_the_switch_says_so(live: Live, changes: bool) -> None:
    sandbox = live(company([], []))
    sandbox.switch(membership_changes_revision=changes)
    store = sandbox.sandbox.store
    group = store.create_group({"DisplayName": "admins"}, "test")
    before = group["Revision"]
    (ann,) = people(sandbox, 1)
    store.create_membership(group["GroupId"], ann["UserId"], "test")
    assert (store.group(group["GroupId"])["Revision"] != before) == changes


def test_a_token_expires_and_belongs_to_its_listing(live: Live) -> None:
    sandbox = live(company([], []))
    people(sandbox, 3)
    client, store_id = client_of(sandbox), sandbox.sandbox.store.store_id
    token = client.list_users(IdentityStoreId=store_id, MaxResults=1)["NextToken"]
    assert len(client.list_users(IdentityStoreId=store_id, MaxResults=1, NextToken=token)["Users"]) == 1
    assert code_of(error_of(client, "list_groups", IdentityStoreId=store_id, NextToken=token)) == "ValidationException"
    other: Any = [{"AttributePath": "UserName", "AttributeValue": "u0"}]
    error = error_of(client, "list_users", IdentityStoreId=store_id, NextToken=token, Filters=other)
    assert code_of(error) == "ValidationException"
    sandbox.switch(account_instances=1)
    (account, _) = sandbox.sandbox.instances.listed("us-east-1")
    error = error_of(client, "list_users", IdentityStoreId=account["IdentityStoreId"], NextToken=token)
    assert code_of(error) == "ValidationException"
    sandbox.sandbox.clock.advance(3601)
    assert code_of(error_of(client, "list_users", IdentityStoreId=store_id, NextToken=token)) == "ValidationException"


@pytest.mark.parametrize("short", [False, True])
def test_what_comes_and_goes_between_pages_hides_nobody_else(live: Live, short: bool) -> None:
    sandbox = live(company([], []))
    sandbox.switch(short_pages=short)
    client, store = client_of(sandbox), sandbox.sandbox.store
    everybody = {user["UserName"] for user in people(sandbox, 10)}
    seen: list[str] = []
    paging: Any = {}
    while True:
        page = client.list_users(IdentityStoreId=store.store_id, MaxResults=2, **paging)
        assert len(page["Users"]) <= (1 if short else 2)
        seen += [user["UserName"] for user in page["Users"]]
        first = next(iter(store.users.values()))
        if first["UserName"] in seen:
            store.delete_user(first["UserId"])
        if "NextToken" not in page:
            break
        paging = {"NextToken": page["NextToken"]}
    assert set(seen) == everybody
    assert len(seen) == len(everybody)


def test_a_new_user_is_listed_and_found_after_a_moment(live: Live) -> None:
    sandbox = live(company([], []))
    sandbox.switch(listed_after=60.0, found_after=30.0)
    client, store_id = client_of(sandbox), sandbox.sandbox.store.store_id
    (ann,) = people(sandbox, 1)
    asked = {"IdentityStoreId": store_id, "UserId": ann["UserId"]}
    assert listed(client, store_id) == []
    assert code_of(error_of(client, "describe_user", **asked)) == "ResourceNotFoundException"
    sandbox.sandbox.clock.advance(31)
    assert client.describe_user(IdentityStoreId=store_id, UserId=ann["UserId"])["UserName"] == "u0"
    assert listed(client, store_id) == []
    sandbox.sandbox.clock.advance(30)
    assert listed(client, store_id) == ["u0"]


@pytest.mark.parametrize("operation", ["delete_user", "delete_group"])
def test_a_membership_that_is_too_new_to_be_found_goes_with_its_user_or_group(live: Live, operation: str) -> None:
    sandbox = live(company([], []))
    client, store = client_of(sandbox), sandbox.sandbox.store
    (ann,) = people(sandbox, 1)
    group = store.create_group({"DisplayName": "admins"}, "test")
    sandbox.switch(found_after=100.0)
    sandbox.sandbox.clock.advance(101)
    store.create_membership(group["GroupId"], ann["UserId"], "test")
    key, object_id = ("UserId", ann["UserId"]) if operation == "delete_user" else ("GroupId", group["GroupId"])
    getattr(client, operation)(IdentityStoreId=store.store_id, **{key: object_id})
    assert (store.memberships, len(store.users) + len(store.groups)) == ({}, 1)
    sandbox.sandbox.instances.empty()
    assert (store.users, store.groups) == ({}, {})
