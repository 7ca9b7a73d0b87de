"""What the stack allows so that the function signs in to Entra ID without a stored key."""

from typing import Any

import pytest

from tests.infra.conftest import Synthesizer, statements

Json = dict[str, Any]
ENTRA: Json = {
    "type": "entra_id",
    "tenant": "0a1b2c3d-0000-4000-8000-000000000001",
    "client_id": "0a1b2c3d-0000-4000-8000-000000000002",
    "groups": {"include": ["aws-*"]},
}
US = {"login_url": "https://login.microsoftonline.us", "graph_url": "https://graph.microsoft.us"}


def tokens(template: Json) -> list[Json]:
    """Find every statement about tokens, of whatever role."""
    found = statements(template, "").values()
    return [one for one in found if "sts:GetWebIdentityToken" in one["Action"]]


def test_a_federated_sign_in_may_get_tokens_for_entra_and_for_nothing_else(synthesizer: Synthesizer) -> None:
    template = synthesizer.template(sources=[ENTRA | {"federated": True}])
    (statement,) = tokens(template)
    assert statement["Resource"] == "*"
    assert statement["Condition"] == {
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": ["api://AzureADTokenExchange"]},
        "StringEquals": {"sts:SigningAlgorithm": "RS256"},
        "NumericLessThanEquals": {"sts:DurationSeconds": 300},
    }
    assert statement in statements(template, "FunctionSyncRole").values()


def test_its_subject_is_an_output_of_the_stack(synthesizer: Synthesizer) -> None:
    outputs = synthesizer.template(sources=[ENTRA | {"federated": True}])["Outputs"]
    role = outputs["EntraSubject"]["Value"]["Fn::GetAtt"][0]
    assert role.startswith("FunctionSyncRole")


def test_every_cloud_has_an_audience_of_its_own(synthesizer: Synthesizer) -> None:
    ways = ({"name": "one"}, {"name": "another"}, US | {"name": "US Government"})
    sources = [ENTRA | {"federated": True} | way for way in ways]
    asked = [one["Condition"]["ForAllValues:StringEquals"] for one in tokens(synthesizer.template(sources=sources))]
    audiences = sorted(audience for one in asked for audience in one["sts:IdentityTokenAudience"])
    assert audiences == ["api://AzureADTokenExchange", "api://AzureADTokenExchangeUSGov"]


@pytest.mark.parametrize("setting", ["client_secret", "certificate"])
def test_whoever_stores_a_secret_needs_no_tokens_of_aws(synthesizer: Synthesizer, setting: str) -> None:
    template = synthesizer.template(sources=[ENTRA | {setting: "secret:entra"}])
    assert tokens(template) == []
    assert "EntraSubject" in template["Outputs"]  # it is needed before the sign-in is federated
