"""The SCIM stand-in under scim2-tester: what fails is what AWS documents as its limits, and nothing else."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from scim2_client import BaseSyncSCIMClient
from scim2_models import ResourceType, Schema, ScimPolicy, ScimProvider, ServiceProviderConfig
from scim2_tester import CheckResult, Status, check_server

from sandbox.calls import Reply
from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.witnesses import scim

Key = tuple[str, str, str]  # check, resource type, attribute or method
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

UNSUPPORTED_METHOD = "errors of every page: an unsupported operation is a ValidationException, 400 instead of 405"
NO_RESOURCE_TYPE = "Supported API operations: there is ListResourceTypes, and nothing that gets one"
NO_SCHEMAS_MEMBER = "GetSchema, example: the answer has no schemas, by which the tester's client knows what it is"
NO_MEMBERS_PARAMETER = "ListUsers, ListGroups, not supported: attributes and excludedAttributes"
NO_SEARCH = "Limitations from SCIM specification: no search endpoint"
NO_LOCATION = "CreateUser, example: meta has no location, so that the tester makes a member up"
ROLES = "PatchUser, constraints: roles are not among the attributes that can be modified"
SCHEMAS_INSIDE = "RFC 7643, 3.3: an extension has no schemas inside, and the tester sends some"
EXCEPTIONS: dict[Key, str] = {
    **{
        (f"{endpoint}_endpoint_methods", "", method): UNSUPPORTED_METHOD
        for endpoint in ("service_provider_config", "resource_types", "schemas")
        for method in ("POST", "PUT", "PATCH", "DELETE")
    },
    ("query_resource_type_by_id", "", ""): NO_RESOURCE_TYPE,
    ("access_invalid_resource_type", "", ""): NO_RESOURCE_TYPE,
    ("resource_types_schema_validation", "", "User"): NO_SCHEMAS_MEMBER,
    ("resource_types_schema_validation", "", "Group"): NO_SCHEMAS_MEMBER,
    ("access_schema_by_id", "", ""): NO_SCHEMAS_MEMBER,
    ("access_invalid_schema", "", ""): "GetSchema, errors: there is no 404, only ValidationException",
    ("object_query_with_attributes", "User", ""): "GetUser, like every page, has no excludedAttributes",
    ("object_list_with_attributes", "User", ""): NO_MEMBERS_PARAMETER,
    ("search_with_attributes", "User", ""): NO_SEARCH,
    ("check_add_attribute", "User", "roles"): ROLES,
    ("check_remove_attribute", "User", "roles"): ROLES,
    ("check_replace_attribute", "User", "roles"): ROLES,
    ("check_add_attribute", "User", ENTERPRISE): SCHEMAS_INSIDE,
    ("check_replace_attribute", "User", ENTERPRISE): SCHEMAS_INSIDE,
    ("check_remove_attribute", "User", "active"): "PatchUser, constraints: remove is not for userName and active",
    ("object_query_with_attributes", "Group", ""): NO_LOCATION,
    ("object_list_with_attributes", "Group", ""): NO_LOCATION,
    ("search_with_attributes", "Group", ""): NO_LOCATION,
    ("check_add_attribute", "Group", "members"): NO_LOCATION,
    ("check_remove_attribute", "Group", ""): NO_LOCATION,
    ("check_replace_attribute", "Group", "members"): "Limitations from SCIM specification: PatchGroup has no replace",
    ("object_replacement", "Group", ""): "Supported API operations: there is no PutGroup",
}
# With the number of results at the least: what must have been carried out with success.
CARRIED_OUT = {
    ("object_creation", "User"): 1,
    ("object_query", "User"): 1,
    ("object_query_without_id", "User"): 1,
    ("object_replacement", "User"): 1,
    ("object_deletion", "User"): 1,
    ("check_add_attribute", "User"): 18,
    ("check_remove_attribute", "User"): 17,
    ("check_replace_attribute", "User"): 21,
    ("object_creation", "Group"): 1,
    ("object_query", "Group"): 1,
    ("object_query_without_id", "Group"): 1,
    ("object_deletion", "Group"): 1,
    ("check_add_attribute", "Group"): 1,
    ("check_replace_attribute", "Group"): 2,
    ("query_all_schemas", ""): 1,
    ("query_all_resource_types", ""): 1,
    ("service_provider_config_endpoint", ""): 1,
    ("random_url", ""): 1,
}


class Client(BaseSyncSCIMClient):
    """The tester's client over httpx; the engine that comes with it wants a newer httpx."""

    def __init__(self, http: httpx.Client, provider: ScimProvider) -> None:
        super().__init__(provider=provider)
        self._http = http

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        return self._http.request(method, url, **kwargs)


def described_by_itself(http: httpx.Client) -> ScimProvider:
    """Read what the endpoint says of itself, as far as the tester's own way cannot."""
    schemas = [Schema.model_validate(row) for row in http.get("Schemas").json()["Resources"]]
    types = [ResourceType.model_validate(row) for row in http.get("ResourceTypes").json()["Resources"]]
    for extension in types[0].schema_extensions or []:
        # ListResourceTypes says that it is required; CreateUser and the users of ListUsers say that it is not.
        extension.required = False
    config = ServiceProviderConfig.model_validate(http.get("ServiceProviderConfig").json())
    # AWS's errors have members that are not in RFC 7644; the witness of this suite is strict about all others.
    return ScimProvider.from_discovery(schemas, types, config, ScimPolicy(unknown=ScimPolicy.Unknown.ignore))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[CheckResult]]:
    with LiveSandbox(company([], []), tmp_path_factory.mktemp("scim")) as live:
        token = {"Authorization": f"Bearer {live.sandbox.scim_token}"}
        with httpx.Client(base_url=live.sandbox.scim_endpoint, headers=token) as http:
            random.seed(0)
            yield check_server(Client(http, described_by_itself(http)))


def key(result: CheckResult) -> Key:
    title, reason = str(result.title), result.reason or ""
    subject = re.match(r"(\w+) /", reason) if title.endswith("_methods") else re.search(r"'([\w:.$]+)'", reason)
    named = title.startswith("check_") or title.endswith(("_methods", "schema_validation"))
    return title, result.resource_type or "", subject[1] if subject and named else ""


def failed(results: list[CheckResult]) -> dict[Key, str]:
    return {key(result): str(result.reason) for result in results if result.status is not Status.SUCCESS}


def test_no_check_fails_but_for_a_documented_limit(results: list[CheckResult]) -> None:
    assert {key: reason for key, reason in failed(results).items() if key not in EXCEPTIONS} == {}


@pytest.mark.parametrize("exception", EXCEPTIONS, ids=lambda key: " ".join(filter(None, key)).replace(ENTERPRISE, "E"))
def test_a_listed_exception_does_fail(results: list[CheckResult], exception: Key) -> None:
    assert exception in failed(results), EXCEPTIONS[exception]


def test_the_checks_were_really_carried_out(results: list[CheckResult]) -> None:
    done = Counter((str(r.title), r.resource_type or "") for r in results if r.status is Status.SUCCESS)
    assert {what: done[what] for what, least in CARRIED_OUT.items() if done[what] < least} == {}
    assert len(results) > 100


# The judge that is asked about every answer sees what is wrong with one.

META = {"resourceType": "User", "created": "2026-01-02T03:04:05Z", "lastModified": "2026-01-02T03:04:06Z"}
ANN = {
    "id": "1",
    "meta": META,
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "ann@example.com",
    "name": {"givenName": "Ann", "familyName": "Doe"},
    "displayName": "Ann",
    "active": True,
    "emails": [{"value": "ann@example.com", "type": "work", "primary": True}],
}
ADMINS = {
    "id": "2",
    "meta": META | {"resourceType": "Group"},
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    "displayName": "Admins",
    "members": [],
}
LISTED = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    "totalResults": 1,
    "itemsPerPage": 1,
    "startIndex": 1,
}
REFUSED = {
    "schema": ["urn:ietf:params:scim:api:messages:2.0:Error"],
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
    "detail": "Rate exceeded",
    "status": "429",
    "exceptionRequestId": "1",
    "timeStamp": "2026-01-02 03:04:05.678",
}
SOUND: dict[str, tuple[int, dict[str, Any]]] = {
    "GetUser": (200, ANN),
    "CreateUser": (201, ANN),
    "GetGroup": (200, ADMINS),
    "ListUsers": (200, LISTED | {"Resources": [ANN]}),
    "ListGroups": (200, LISTED | {"Resources": [ADMINS]}),
    "DeleteUser": (429, REFUSED),
}


def judged(operation: str, old: str = "", new: str = "") -> list[str]:
    """Ask about a sound answer, in which one piece of text is replaced."""
    status, body = SOUND[operation]
    return scim.problems(
        operation, Reply(status, json.loads(json.dumps(body).replace(old, new) if old else json.dumps(body)))
    )


@pytest.mark.parametrize("operation", SOUND)
def test_the_judge_has_nothing_against_a_sound_answer(operation: str) -> None:
    assert judged(operation) == []


@pytest.mark.parametrize(
    ("operation", "old", "new", "complaint"),
    [
        ("GetUser", '"resourceType": "User"', '"resourceType": "Group"', "meta.resourceType Group of a User"),
        ("ListGroups", '"resourceType": "Group"', '"resourceType": "User"', "meta.resourceType User of a Group"),
        ("GetUser", "03:04:06Z", "03:04:04Z", "meta.lastModified is before meta.created"),
        ("ListUsers", '"itemsPerPage": 1', '"itemsPerPage": 2', "itemsPerPage 2 of 1 Resources"),
        ("GetUser", '"emails": [', '"emails": [{"value": "b@example.com"}, ', "emails: more than one value"),
        ("ListGroups", '"members": []', '"members": [{"value": "1"}]', "members are shown"),
        ("GetGroup", '"members": []', '"members": [{"value": "1"}]', "members are shown"),
        ("DeleteUser", "02 03:04", "02T03:04", "timeStamp '2026-01-02T03:04:05.678' is of another form"),
        ("DeleteUser", "05.678", "05", "timeStamp '2026-01-02 03:04:05' is of another form"),
    ],
)
def test_the_judge_sees_what_is_wrong(operation: str, old: str, new: str, complaint: str) -> None:
    assert complaint in judged(operation, old, new)


@pytest.mark.parametrize(("operation", "status"), [("GetUser", 200), ("CreateUser", 201), ("ListGroups", 200)])
@pytest.mark.parametrize("body", [None, {}])
def test_the_judge_misses_a_body(operation: str, status: int, body: dict[str, Any] | None) -> None:
    assert scim.problems(operation, Reply(status, body)) == [f"{status} without a body"]
