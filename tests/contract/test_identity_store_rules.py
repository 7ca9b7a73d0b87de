"""Each rule of the Identity Store API that a client can break: the request, and the error that it gets.

Sources: "model" is botocore's service model of the API (generated from AWS's own), "guide" is the
IAM Identity Center user guide, "front door" is what every AWS service answers (AWS General
Reference, common errors), "issue" is a public report of what the service answered.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from sandbox.identity_center.user_attributes import ENTERPRISE
from tests.support.companies import company
from tests.support.identity_store import client_of, error_of
from tests.support.live import LiveSandbox

if TYPE_CHECKING:
    from mypy_boto3_identitystore import IdentityStoreClient

Json = dict[str, Any]
NOBODY = "0123456789-00000000-0000-4000-8000-000000000000"
NAME = {"GivenName": "Ann", "FamilyName": "Lee"}
ANN = {"UserName": "ann", "DisplayName": "Ann", "Name": NAME}
UNIQUE, CONCURRENT = "UNIQUENESS_CONSTRAINT_VIOLATION", "CONCURRENT_MODIFICATION"
# A value that a rule's request takes from the store: filled in when the request is made.
USER, GROUP, MEMBERSHIP, OLD = "<user>", "<group>", "<membership>", "<old revision>"


@dataclass(frozen=True)
class Rule:
    """A request that breaks one rule, and what comes back; `about` must be part of the message."""

    operation: str
    request: Json
    about: str
    source: str
    code: str = "ValidationException"
    details: Json = field(default_factory=dict)


def creating(about: str, source: str, code: str = "ValidationException", **changed: Any) -> Rule:
    details = {"Reason": UNIQUE} if code == "ConflictException" else {}
    wanted = {name: value for name, value in ({**ANN, "UserName": "new"} | changed).items() if value is not ...}
    return Rule("create_user", wanted, about, source, code, details)


def updating(path: str, value: Any, about: str, source: str, code: str = "ValidationException") -> Rule:
    details = {"Reason": UNIQUE} if code == "ConflictException" else {}
    operations = [{"AttributePath": path, "AttributeValue": value}]
    return Rule("update_user", {"UserId": USER, "Operations": operations}, about, source, code, details)


def missing(operation: str, kind: str, **request: Any) -> Rule:
    source = f"model, {operation}: ResourceNotFoundException"
    return Rule(operation, request, f"{kind} not found", source, "ResourceNotFoundException", {"ResourceType": kind})


EMAIL = {"Value": "new@example.com", "Type": "work", "Primary": True}
MODEL_NAME = "model, CreateUser: documentation of Name and DisplayName"
OF_A_REVISION: dict[str, Json] = {
    "update_user": {"UserId": USER, "Operations": [{"AttributePath": "title", "AttributeValue": "x"}]},
    "delete_user": {"UserId": USER},
    "update_group": {"GroupId": GROUP, "Operations": [{"AttributePath": "description", "AttributeValue": "x"}]},
    "delete_group": {"GroupId": GROUP},
}
RULES = {
    "a user needs a user name": creating("userName", "model, shape UserName", UserName=...),
    "a user needs a display name": creating("displayName", MODEL_NAME, DisplayName=...),
    "a user needs a name": creating("name.givenName", MODEL_NAME, Name=...),
    "a user needs a given name": creating("name.givenName", MODEL_NAME, Name={"FamilyName": "Lee"}),
    "a user needs a family name": creating("name.familyName", MODEL_NAME, Name={"GivenName": "Ann"}),
    "text is not empty": creating("'displayName'", "model, shape SensitiveStringType, min 1", DisplayName=""),
    "a user name is not empty": creating("'userName'", "model, shape UserName, min 1", UserName=""),
    "a user name has no spaces": creating("pattern", "model, shape UserName, pattern", UserName="a b"),
    "a user name has at most 128 characters": creating("at most 128", "model, shape UserName, max", UserName="a" * 129),
    "text has at most 1,024 characters": creating("at most 1024", "model, SensitiveStringType", Title="t" * 1025),
    "text has no control characters": creating("pattern", "model, SensitiveStringType, pattern", Title="a\x00b"),
    "Administrator is reserved": creating("reserved", "model, CreateUser: UserName", UserName="Administrator"),
    "AWSAdministrators is reserved": creating("reserved", "model, CreateUser: UserName", UserName="AWSAdministrators"),
    "there is one e-mail": creating("at most 1", "model, shape Emails, max", Emails=[EMAIL, EMAIL]),
    "an empty list is not a list": creating("at least 1", "model, shape Emails, min", Emails=[]),
    "there is one phone number": creating("at most 1", "model, PhoneNumbers", PhoneNumbers=[{"Value": "1"}] * 2),
    "there is one address": creating("at most 1", "model, shape Addresses", Addresses=[{"Country": "x"}] * 2),
    "there are at most three photos": creating("at most 3", "model, shape Photos", Photos=[{"Value": "x"}] * 4),
    "user names are unique": creating("UserName", "model, ConflictException", "ConflictException", UserName="ann"),
    "user names are unique in any case": creating("UserName", "open", "ConflictException", UserName="ANN"),
    "e-mails are unique": creating(
        "email", "guide, Edit user properties", "ConflictException", Emails=[EMAIL | {"Value": "ann@example.com"}]
    ),
    "a group needs a display name": Rule("create_group", {}, "displayName", "model, GroupDisplayName"),
    "a group's name is not empty": Rule("create_group", {"DisplayName": ""}, "at least 1", "model, GroupDisplayName"),
    "a group's name has at most 1,024 characters": Rule(
        "create_group", {"DisplayName": "g" * 1025}, "at most 1024", "model, shape GroupDisplayName"
    ),
    "a group's name may be reserved": Rule(
        "create_group", {"DisplayName": "AWSAdministrators"}, "reserved", "model, CreateGroup: DisplayName"
    ),
    "a description is not empty": Rule(
        "create_group", {"DisplayName": "g", "Description": ""}, "at least 1", "model, SensitiveStringType"
    ),
    "group names are unique": Rule(
        "create_group",
        {"DisplayName": "Admins"},
        "GroupDisplayName",
        "model, ConflictException",
        "ConflictException",
        {"Reason": UNIQUE},
    ),
    "a membership is there once": Rule(
        "create_group_membership",
        {"GroupId": GROUP, "MemberId": {"UserId": USER}},
        "already exists",
        "model, ConflictException",
        "ConflictException",
        {"Reason": UNIQUE},
    ),
    "a membership is of an existing group": missing(
        "create_group_membership", "GROUP", GroupId=NOBODY, MemberId={"UserId": USER}
    ),
    "a membership is of an existing user": missing(
        "create_group_membership", "USER", GroupId=GROUP, MemberId={"UserId": NOBODY}
    ),
    "a group is no member": missing("create_group_membership", "USER", GroupId=GROUP, MemberId={"UserId": GROUP}),
    "a member is a user": Rule(
        "create_group_membership",
        {"GroupId": GROUP, "MemberId": {}},
        "exactly one",
        "model, union MemberId",
    ),
    "an unknown user is not described": missing("describe_user", "USER", UserId=NOBODY),
    "an unknown user is not changed": missing(
        "update_user", "USER", UserId=NOBODY, Operations=[{"AttributePath": "title", "AttributeValue": "x"}]
    ),
    "an unknown user is not deleted": missing("delete_user", "USER", UserId=NOBODY),
    "an unknown group is not described": missing("describe_group", "GROUP", GroupId=NOBODY),
    "an unknown group is not changed": missing(
        "update_group", "GROUP", GroupId=NOBODY, Operations=[{"AttributePath": "displayName", "AttributeValue": "x"}]
    ),
    "an unknown group is not deleted": missing("delete_group", "GROUP", GroupId=NOBODY),
    "an unknown membership is not described": missing(
        "describe_group_membership", "GROUP_MEMBERSHIP", MembershipId=NOBODY
    ),
    "an unknown membership is not deleted": missing("delete_group_membership", "GROUP_MEMBERSHIP", MembershipId=NOBODY),
    "an unknown pair has no membership": missing(
        "get_group_membership_id", "GROUP_MEMBERSHIP", GroupId=GROUP, MemberId={"UserId": NOBODY}
    ),
    "an unknown group has no members to list": missing("list_group_memberships", "GROUP", GroupId=NOBODY),
    "an unknown user has no groups to list": missing(
        "list_group_memberships_for_member", "USER", MemberId={"UserId": NOBODY}
    ),
    "an unknown user name has no id": missing(
        "get_user_id",
        "USER",
        AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "nobody"}},
    ),
    "an unknown group name has no id": missing(
        "get_group_id",
        "GROUP",
        AlternateIdentifier={"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "nobody"}},
    ),
    "an external id of another issuer is unknown": missing(
        "get_user_id", "USER", AlternateIdentifier={"ExternalId": {"Issuer": "https://other.example", "Id": "1"}}
    ),
    "a title is no unique attribute": Rule(
        "get_user_id",
        {"AlternateIdentifier": {"UniqueAttribute": {"AttributePath": "title", "AttributeValue": "x"}}},
        "not supported",
        "model, GetUserId: documentation of AlternateIdentifier",
    ),
    "an id has the form of an id": Rule("describe_user", {"UserId": "ann"}, "pattern", "model, shape ResourceId"),
    "pages have at most 100 rows": Rule("list_users", {"MaxResults": 101}, "at most 100", "model, shape MaxResults"),
    "pages have at least one row": Rule("list_groups", {"MaxResults": 0}, "at least 1", "model, shape MaxResults"),
    "a token was given out": Rule("list_users", {"NextToken": "madeup"}, "token", "model, ListUsers: NextToken"),
    "users are filtered on their name": Rule(
        "list_users",
        {"Filters": [{"AttributePath": "Title", "AttributeValue": "x"}]},
        "UserName",
        "model, ListUsers: documentation of Filters",
    ),
    "there is one filter": Rule(
        "list_groups",
        {"Filters": [{"AttributePath": "DisplayName", "AttributeValue": "x"}] * 2},
        "at most 1",
        "model, shape Filters",
    ),
    "membership is asked of at most 100 groups": Rule(
        "is_member_in_groups",
        {"MemberId": {"UserId": USER}, "GroupIds": [GROUP] * 101},
        "at most 100",
        "model, GroupIds",
    ),
    "at most 100 operations": Rule(
        "update_user",
        {"UserId": USER, "Operations": [{"AttributePath": "title", "AttributeValue": "x"}] * 101},
        "at most 100",
        "model, shape AttributeOperations",
    ),
    "at least one operation": Rule(
        "update_group", {"GroupId": GROUP, "Operations": []}, "at least 1", "model, shape AttributeOperations"
    ),
    "a path is a path": updating("Title!", "x", "pattern", "model, shape AttributePath"),
    "an unknown path is refused": updating("shoeSize", "x", "not supported", "model, UpdateUser"),
    "a user keeps a display name": updating("displayName", None, "displayName", MODEL_NAME),
    "a user keeps a given name": updating("name.givenName", None, "name.givenName", MODEL_NAME),
    "text is not emptied but removed": updating("title", "", "title", "model, SensitiveStringType, min 1"),
    "text is text": updating("title", 7, "title", "model, SensitiveStringType"),
    "a birthdate is a date": updating("birthdate", "soon", "YYYY-MM-DD", "model, UpdateUser: Birthdate"),
    "an extension's members are known": updating(
        ENTERPRISE, {"shoeSize": "9"}, "shoeSize", "RFC 7643, 4.3; the model only says document"
    ),
    "an extension's members are text": updating(ENTERPRISE, {"division": ["x"]}, "division", "RFC 7643, 4.3"),
    "an extension is an object": updating(ENTERPRISE, "text", "object", "model, shape Extensions"),
    "there is one extension": creating(
        "only one", "model, documentation of Extensions", Extensions={"aws:identitystore:other": {}}
    ),
    "a group is no user": missing("describe_user", "USER", UserId=GROUP),
    "lists are replaced as a whole": updating("emails.value", "x", "not supported", "terraform-provider-aws, user.go"),
    "a list has no nulls inside": updating(
        "emails", [{"value": "x@example.com", "type": None}], "emails.type", "terraform-provider-aws, user.go"
    ),
    "a list holds one value": updating(
        "phoneNumbers", [{"value": "1"}, {"value": "2"}], "only one value", "model, shape PhoneNumbers, max"
    ),
    "a list is cleared by null": updating("addresses", [], "addresses", "terraform-provider-aws, user.go"),
    "a name that is taken cannot be taken": updating(
        "userName", "bob", "UserName", "model, ConflictException", "ConflictException"
    ),
    "a group's path is a group's": Rule(
        "update_group",
        {"GroupId": GROUP, "Operations": [{"AttributePath": "title", "AttributeValue": "x"}]},
        "not supported",
        "model, UpdateGroup",
    ),
    **{
        f"an old revision is refused by {operation}": Rule(
            operation,
            {**request, "Revision": OLD},
            "changed",
            f"model, {operation}: Revision",
            "ConflictException",
            {"Reason": CONCURRENT},
        )
        for operation, request in OF_A_REVISION.items()
    },
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    with LiveSandbox(company([], []), tmp_path_factory.mktemp("rules")) as live:
        yield live


@pytest.fixture(scope="module")
def client(sandbox: LiveSandbox) -> "IdentityStoreClient":
    return client_of(sandbox)


def filled(sandbox: LiveSandbox) -> dict[str, str]:
    """Put Ann, who is in Admins, and Bob into an empty store; returns what the placeholders stand for."""
    sandbox.sandbox.instances.empty()
    store = sandbox.sandbox.store
    emails = [{"Value": "ann@example.com", "Type": "work", "Primary": True}]
    user = store.create_user({**ANN, "Emails": emails}, "test", "external-1")
    store.create_user({**ANN, "UserName": "bob"}, "test")
    group = store.create_group({"DisplayName": "Admins"}, "test")
    membership = store.create_membership(group["GroupId"], user["UserId"], "test")
    return {USER: user["UserId"], GROUP: group["GroupId"], MEMBERSHIP: membership["MembershipId"], OLD: "0"}


def fill(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: fill(item, places) for name, item in value.items()}
    if isinstance(value, list):
        return [fill(item, places) for item in value]
    return places.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_broken_rule_is_answered_and_changes_nothing(
    sandbox: LiveSandbox, client: "IdentityStoreClient", rule: Rule
) -> None:
    places = filled(sandbox)
    store = sandbox.sandbox.store
    before = repr((store.users, store.groups, store.memberships))
    request = {"IdentityStoreId": store.store_id} | fill(rule.request, places)
    error = error_of(client, rule.operation, **request)
    assert error.response["Error"]["Code"] == rule.code
    assert rule.about in error.response["Error"]["Message"]
    assert {name: error.response.get(name) for name in rule.details} == rule.details
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400  # a test case of terraform-provider-aws
    assert repr((store.users, store.groups, store.memberships)) == before


def test_attributes_are_cleared_by_null(sandbox: LiveSandbox, client: "IdentityStoreClient") -> None:
    places = filled(sandbox)
    store = sandbox.sandbox.store
    values: dict[str, Any] = {"title": "Chief", "emails": [{"value": "x@example.com"}]}
    for path, value in values.items():
        for wanted in (value, None):
            client.update_user(
                IdentityStoreId=store.store_id,
                UserId=places[USER],
                Operations=[{"AttributePath": path, "AttributeValue": wanted}],  # type: ignore[typeddict-item] # any JSON
            )
            assert bool(store.user(places[USER]).get(path[0].upper() + path[1:])) == bool(wanted)


def test_ids_may_be_arns(sandbox: LiveSandbox, client: "IdentityStoreClient") -> None:
    places = filled(sandbox)
    store = sandbox.sandbox.store
    arn = f"arn:aws:identitystore::000000000000:identitystore/{store.store_id}"
    found = client.describe_user(IdentityStoreId=arn, UserId=f"arn:aws:identitystore:::user/{places[USER]}")
    assert found["UserId"] == places[USER]


@pytest.mark.parametrize(
    ("secret", "key", "code"),
    [
        ("wrong", ACCESS_KEY, "InvalidSignatureException"),
        (SECRET_KEY, "AKIDUNKNOWN", "UnrecognizedClientException"),
    ],
)
def test_the_signature_is_checked(sandbox: LiveSandbox, secret: str, key: str, code: str) -> None:
    error = error_of(client_of(sandbox, secret, key), "list_users", IdentityStoreId="d-0123456789")
    assert error.response["Error"]["Code"] == code


@pytest.mark.parametrize(("minutes", "accepted"), [(-14, True), (14, True), (-16, False), (16, False)])
def test_a_signature_is_of_this_quarter_of_an_hour(sandbox: LiveSandbox, minutes: int, accepted: bool) -> None:
    stamp = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")
    assert (signed_call(sandbox, stamp).status_code == 200) == accepted


@pytest.mark.parametrize(
    "changed",
    [
        {"Authorization": ""},
        {"Authorization": "AWS4-HMAC-SHA256 nonsense"},
        {"Content-Type": "text/plain"},
        {"X-Amz-Target": "AWSIdentityStore.Nothing"},
    ],
    ids=str,
)
def test_a_call_whose_headers_are_not_good_is_refused(sandbox: LiveSandbox, changed: dict[str, str]) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    assert signed_call(sandbox, stamp, **changed).status_code == 400


def signed_call(sandbox: LiveSandbox, stamp: str, **changed: str) -> requests.Response:
    headers = {"X-Amz-Target": "AWSIdentityStore.ListUsers", "Content-Type": "application/x-amz-json-1.1"}
    body = json.dumps({"IdentityStoreId": sandbox.sandbox.store.store_id})
    signed = AWSRequest("POST", f"{sandbox.url}/identitystore/", headers=headers, data=body)
    signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "identitystore", "us-east-1")
    signed.headers["X-Amz-Date"] = signed.context["timestamp"] = stamp
    string = signer.string_to_sign(signed, signer.canonical_request(signed))
    signer._inject_signature_to_request(signed, signer.signature(string, signed))  # type: ignore[attr-defined] # noqa: SLF001
    return requests.post(str(signed.url), data=body, headers=dict(signed.headers) | changed, timeout=5)


def test_a_store_that_is_not_there_is_named(client: "IdentityStoreClient") -> None:
    error = error_of(client, "list_users", IdentityStoreId="d-0000000000")
    assert error.response["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": "IdentityStore not present for IdentityStoreId: d-0000000000",  # awslabs/ssosync#221
    }
    assert (error.response["ResourceType"], error.response["ResourceId"]) == (  # type: ignore[typeddict-item] # modelled
        "IDENTITY_STORE",
        "d-0000000000",
    )
