"""What the template lets the sync do to sign in to Okta."""

from typing import Any

from tests.infra.conftest import Synthesizer, resources, statements

Json = dict[str, Any]
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0123abcd-0000-4000-8000-000000000000"
OKTA: Json = {"type": "okta", "url": "https://example.okta.com", "groups": {"include": ["aws-admins"]}}
BY_TOKEN = OKTA | {"name": "by token"}
BY_KEY = OKTA | {"name": "by key", "client_id": "0oa1"}
KEYLESS = OKTA | {"name": "keyless", "client_id": "0oa2", "kms_key": KEY}


def test_a_key_in_kms_may_sign_in_one_way_and_only_the_others_are_stored(synthesizer: Synthesizer) -> None:
    template = synthesizer.template(sources=[BY_TOKEN, BY_KEY, KEYLESS], identity_center={}, teams=None)
    (allowed,) = (s for s in statements(template, "FunctionSync").values() if "kms:Sign" in s["Action"])
    assert (allowed["Action"], allowed["Resource"], allowed["Effect"]) == ("kms:Sign", KEY, "Allow")
    assert allowed["Condition"] == {
        "StringEquals": {"kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256", "kms:MessageType": "DIGEST"}
    }
    assert str(template["Resources"]).count("kms:Sign'") == 1
    secrets = [str(secret["Properties"]) for secret in resources(template, "AWS::SecretsManager::Secret")]
    assert len(secrets) == 2
    assert all(any(name in text for text in secrets) for name in ("okta-api-token", "okta-private-key"))
