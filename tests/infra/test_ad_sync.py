"""What a stack is allowed, and called, that keeps sync filters."""

import json
from typing import Any

import pytest

from sso_sync.core.errors import SettingsError
from tests.infra.conftest import Json, Synthesizer, resources, statements

SOURCE: Json = {
    "type": "ad_sync",
    "domain": "corp.example.com",
    "groups": [{"name": "aws-admins", "description": "Administrators"}],
    "users": [{"name": "break-glass"}],
}


def template_of(synthesizer: Synthesizer, source: Json | None = None, **changed: Any) -> Json:
    wanted: Json = {"sources": [SOURCE | (source or {})], "identity_center": {}} | changed
    return synthesizer.template(**wanted)


@pytest.fixture(scope="module")
def template(synthesizer: Synthesizer) -> Json:
    return template_of(synthesizer)


def test_the_role_may_keep_the_filters_of_the_one_profile_and_write_no_identity_store(template: Json) -> None:
    allowed = statements(template, "FunctionSync")
    keeping = allowed["KeepSyncFilters"]
    assert {action.removeprefix("identity-sync:") for action in keeping["Action"]} == {
        "CreateSyncFilter",
        "CreateSyncTarget",
        "DeleteSyncFilter",
        "GetSyncProfile",
        "GetSyncTarget",
        "ListSyncFilters",
        "StartSync",
    }
    profile = "SynchronizationToActiveDirectoryAwsSso"
    own = ["arn:", {"Ref": "AWS::Partition"}, ":identity-sync:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}]
    assert [resource["Fn::Join"][1] for resource in keeping["Resource"]] == [
        [*own, f":profile/{profile}"],
        [*own, f":target/{profile}/IdentityStoreForSSO"],
    ]
    assert allowed["CreateSyncProfile"]["Action"] == "identity-sync:CreateSyncProfile"
    assert allowed["AuthorizeSync"]["Action"] == "ds:AuthorizeApplication"
    assert allowed["ReadIdentityStore"]["Action"] == ["identitystore:ListGroups", "identitystore:ListUsers"]
    assert "WriteIdentityStore" not in allowed


def test_the_role_may_authorize_the_directory_of_the_config_alone(synthesizer: Synthesizer) -> None:
    arn = "arn:aws:ds:eu-west-1:111122223333:directory/d-0123456789"
    allowed = statements(template_of(synthesizer, {"directory_id": arn}), "FunctionSync")
    assert allowed["AuthorizeSync"]["Resource"] == arn
    center = {"identity_store_id": "d-9876543210"}
    allowed = statements(template_of(synthesizer, identity_center=center), "FunctionSync")
    assert allowed["AuthorizeSync"]["Resource"]["Fn::Join"][1][-1] == ":*:directory/d-9876543210"


def test_without_such_a_source_there_is_nothing_of_it(synthesizer: Synthesizer) -> None:
    assert "identity-sync" not in json.dumps(synthesizer.template())


def test_the_groups_are_in_the_parameter_with_their_descriptions(template: Json) -> None:
    (parameter,) = resources(template, "AWS::SSM::Parameter")
    assert json.loads(parameter["Properties"]["Value"]) == [{"type": "ad_sync", "groups": SOURCE["groups"]}]


def test_product_stage_and_prefix_name_the_stack(synthesizer: Synthesizer) -> None:
    named = {"product": "SSO-AD-GroupSync", "stage": "Test", "prefix": "Company"}
    _, stack = synthesizer.app(sources=[SOURCE], identity_center={}, deployment=named)
    assert stack.stack_name == "COMPANY-SSO-AD-GROUPSYNC-TEST"


@pytest.mark.parametrize(
    ("deployment", "said"),
    [
        ({"product": "p", "stage": "s"}, "deployment.prefix: product, stage and prefix make the name together"),
        ({"product": "p", "stage": "s", "prefix": "c", "name": "x"}, "deployment.name: product, stage and prefix make"),
        ({"product": "p" * 50, "stage": "s", "prefix": "c"}, "is longer than 50 characters"),
        ({"product": "p", "stage": "s", "prefix": "aws"}, "deployment.prefix: AWS keeps names that begin with"),
    ],
)
def test_a_name_in_parts_is_whole_alone_and_short_enough(synthesizer: Synthesizer, deployment: Json, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        synthesizer.app(sources=[SOURCE], identity_center={}, deployment=deployment)
