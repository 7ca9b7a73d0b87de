"""Answers of Google's Security Token Service and IAM Service Account Credentials API against their documents."""

import json
from functools import cache
from typing import Any

from googleapiclient.discovery_cache import get_static_doc
from jsonschema import Draft202012Validator

from sandbox.calls import Reply
from tests.support.witnesses.google import json_schema

Json = dict[str, Any]
TEXT: Json = {"type": "string", "minLength": 1}
ANSWERS = {
    "google_sts": (("sts", "v1"), "GoogleIdentityStsV1ExchangeTokenResponse"),
    "google_iam": (("iamcredentials", "v1"), "SignJwtResponse"),
}
NEEDED = {
    "google_sts": ["access_token", "expires_in", "issued_token_type", "token_type"],
    "google_iam": ["keyId", "signedJwt"],
}
STATUS: Json = {"type": "object", "required": ["code", "message", "status"], "additionalProperties": False}
STATUS["properties"] = {"code": {"type": "integer"}, "message": TEXT, "status": TEXT, "details": {"type": "array"}}
ERRORS: dict[str, Json] = {
    # RFC 6749, 5.2; and AIP-193.
    "google_sts": {"type": "object", "required": ["error"], "properties": {"error": TEXT, "error_description": TEXT}},
    "google_iam": {"type": "object", "required": ["error"], "properties": {"error": STATUS}},
}


def problems(system: str, reply: Reply) -> list[str]:
    """List what an answer has that its schema has not, and the other way round."""
    if reply.body is None:
        return ["an answer without a body"]
    schema = _schema(system) if reply.status == 200 else ERRORS[system] | {"additionalProperties": False}
    return [
        f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(schema).iter_errors(reply.body)
    ]


@cache
def _schema(system: str) -> Json:
    document, name = ANSWERS[system]
    schemas = json.loads(get_static_doc(*document) or "{}")["schemas"]
    return json_schema(schemas[name]) | {"required": NEEDED[system]}
