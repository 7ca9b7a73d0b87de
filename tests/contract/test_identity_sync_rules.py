"""What the stand-in of identity-sync refuses: rule, request, error. Where no document settles a rule, it is open."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from tests.support.ad_sync import DOMAIN, a_company
from tests.support.clients import Clients, Json
from tests.support.live import LiveSandbox

P = "profiles/SynchronizationToActiveDirectoryAwsSso"
NAMES = json.dumps({"samaccountname": ["b"], "associateddomain": [DOMAIN]})
FILTER = {"FilterType": "GROUP", "Effect": "INCLUDE", "Attributes": NAMES}


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    with LiveSandbox(a_company(["a", "b", "c"]), tmp_path_factory.mktemp("rules")) as live:
        yield Clients(live)


def attributes(**changed: Any) -> Json:
    named = {"samaccountname": ["b"], "associateddomain": [DOMAIN]} | changed
    return FILTER | {"Attributes": json.dumps({name: value for name, value in named.items() if value is not None})}


RULES: dict[str, tuple[str, str, Json | None, int, str]] = {
    "a parameter that nobody knows": ("GET", f"{P}/filters?FilterType=GROUP&Sort=x", None, 400, "Validation"),
    "a parameter twice": ("GET", f"{P}/filters?FilterType=GROUP&FilterType=USER", None, 400, "Validation"),
    "no type of filters": ("GET", f"{P}/filters", None, 400, "Validation"),
    "another type of filters": ("GET", f"{P}/filters?FilterType=COMPUTER", None, 400, "Validation"),
    "a page of more than a hundred": ("GET", f"{P}/filters?FilterType=GROUP&MaxResults=101", None, 400, "Validation"),
    "a page of none": ("GET", f"{P}/filters?FilterType=GROUP&MaxResults=0", None, 400, "Validation"),
    "a token that nobody gave": ("GET", f"{P}/filters?FilterType=GROUP&NextToken=x", None, 400, "Validation"),
    "another profile": ("GET", "profiles/Other/filters?FilterType=GROUP", None, 404, "ResourceNotFound"),
    "an operation that is not there": ("GET", f"{P}/stopSync", None, 404, "UnknownOperation"),
    "a filter twice": ("POST", f"{P}/filters", attributes(samaccountname=["A"]), 409, "Conflict"),
    "a name that the directory has not": ("POST", f"{P}/filters", attributes(samaccountname=["x"]), 400, "Validation"),
    "another domain": ("POST", f"{P}/filters", attributes(associateddomain=["x.example"]), 400, "Validation"),
    "two names": ("POST", f"{P}/filters", attributes(samaccountname=["b", "c"]), 400, "Validation"),
    "a name as it is read": (
        "POST",
        f"{P}/filters",
        attributes(samaccountname=[{"display-only": "b"}]),
        400,
        "Validation",
    ),
    "no domain": ("POST", f"{P}/filters", attributes(associateddomain=None), 400, "Validation"),
    "attributes that are no text": ("POST", f"{P}/filters", FILTER | {"Attributes": {}}, 400, "Validation"),
    "attributes that are no JSON": ("POST", f"{P}/filters", FILTER | {"Attributes": "x"}, 400, "Validation"),
    "another effect": ("POST", f"{P}/filters", FILTER | {"Effect": "MAYBE"}, 400, "Validation"),
    "a member that nobody knows": ("POST", f"{P}/filters", FILTER | {"Name": "b"}, 400, "Validation"),
    "a filter that is not there": ("DELETE", f"{P}/filters/none", None, 404, "ResourceNotFound"),
    "a second profile": (
        "POST",
        "profiles",
        {"SyncProfileName": P.removeprefix("profiles/"), "SourceResourceArn": "{source}"},
        409,
        "Conflict",
    ),
    "a profile for another directory": (
        "POST",
        "profiles",
        {
            "SyncProfileName": P.removeprefix("profiles/"),
            "SourceResourceArn": "arn:aws:ds:us-east-1:000000000000:directory/d-1111111111",
        },
        400,
        "Validation",
    ),
    "a target for another store": (
        "POST",
        f"{P}/targets",
        {"SyncTargetName": "x", "TargetResourceArn": "identitystore/d-1111111111"},
        400,
        "Validation",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_breaks_a_rule_is_refused_and_changes_nothing(clients: Clients, rule: str) -> None:
    method, path, body, status, code = RULES[rule]
    profile = clients.live.sandbox.sync_profile
    if isinstance(body, dict) and body.get("SourceResourceArn") == "{source}":
        body = body | {"SourceResourceArn": profile.source}
    before = profile.shown()
    answer = clients.identity_sync(method, path, body)()
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (status, f"{code}Exception"), answer.text
    assert answer.json()["message"]
    assert profile.shown() == before


def test_only_a_signature_for_this_service_and_region_is_let_in(clients: Clients) -> None:
    def asked(service: str, region: str, secret: str = SECRET_KEY) -> tuple[int, str]:
        request = AWSRequest("GET", f"{clients.live.url}/identity-sync/v0/{P}")
        SigV4Auth(Credentials(ACCESS_KEY, secret), service, region).add_auth(request)
        answer = requests.get(str(request.url), headers=dict(request.headers), timeout=5)
        return answer.status_code, answer.headers.get("x-amzn-errortype", "")

    assert asked("identity-sync", "us-east-1") == (200, "")
    assert asked("identitystore", "us-east-1") == (403, "InvalidSignatureException")
    assert asked("identity-sync", "us-east-1", "other") == (403, "InvalidSignatureException")
    assert asked("identity-sync", "eu-west-1") == (404, "ResourceNotFoundException")


def test_a_filter_is_read_in_another_shape_than_it_is_written_in(clients: Clients) -> None:
    rows = clients.identity_sync("GET", f"{P}/filters?Augmentation=true&FilterType=GROUP")().json()["SyncFilters"]
    assert json.loads(rows[0]["Attributes"])["samaccountname"] == [{"display-only": "a"}]
    bare = clients.identity_sync("GET", f"{P}/filters?FilterType=GROUP")().json()["SyncFilters"]
    assert json.loads(bare[0]["Attributes"]).keys() == {"objectsid"}


def test_a_sync_needs_a_target_and_lets_what_is_included_appear(clients: Clients) -> None:
    profile, store = clients.live.sandbox.sync_profile, clients.live.sandbox.store
    targets, profile.targets = profile.targets, {}
    assert clients.identity_sync("POST", f"{P}/startSync", {})().status_code == 400
    profile.targets = targets
    profile.put_filter("GROUP", "c", DOMAIN)
    assert clients.identity_sync("POST", f"{P}/startSync", {})().status_code == 200
    names = {group["DisplayName"] for group in store.groups.values()}
    assert (f"c@{DOMAIN}" in names, f"a@{DOMAIN}" in names) == (True, False), "what is excluded does not appear"
