"""Answers of the Directory API against the schemas of Google's discovery document."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from sandbox.calls import Reply
from sandbox.google.discovery import discovery_document, method

Json = dict[str, Any]
DATE_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"
FORMATS = {"int64": r"^-?\d+$", "uint64": r"^\d+$", "date-time": DATE_TIME}  # in JSON these are strings
# Reasons by status: the page about errors of the global domain that Google's APIs share, and the
# Directory API's page about limits (403 and 429).
REASONS = {
    400: {
        "badRequest",
        "badContent",
        "invalid",
        "invalidAltValue",
        "invalidParameter",
        "required",
        "tooManyParts",
        "unsupportedOutputFormat",
    },
    401: {"authError", "required"},
    403: {"forbidden", "insufficientPermissions", "userRateLimitExceeded", "quotaExceeded"},
    404: {"notFound"},
    405: {"httpMethodNotAllowed"},
    409: {"conflict"},
    429: {"rateLimitExceeded"},
    500: {"backendError", "internalError"},
    503: {"backendError"},
}
TEXT: Json = {"type": "string", "minLength": 1}
ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "errors"],
            "additionalProperties": False,
            "properties": {
                "code": {"type": "integer"},
                "message": TEXT,
                "errors": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["domain", "reason", "message"],
                        "additionalProperties": False,
                        "properties": {
                            "domain": {"enum": ["global", "usageLimits"]},
                            "reason": TEXT,
                            "message": TEXT,
                            "locationType": {"enum": ["parameter", "header"]},
                            "location": TEXT,
                        },
                    },
                },
            },
        }
    },
}


def problems(operation: str, reply: Reply) -> list[str]:
    """List what an answer has that Google's schema has not, and the other way round."""
    if reply.body is None:
        return ["an answer without a body"]
    if reply.status != 200:
        return _error_problems(reply.status, reply.body)
    if operation == "batch":  # its parts are looked at one by one
        return []
    found = _validator(str(method(operation)["response"]["$ref"])).iter_errors(reply.body)
    return list(_told(found))


def _error_problems(status: int, body: Json) -> list[str]:
    wrong = list(_told(_error_validator().iter_errors(body)))
    if wrong:
        return wrong
    error = body["error"]
    reasons = {row["reason"] for row in error["errors"]}
    unknown = [f"no document has the reason {reason} for {status}" for reason in reasons - REASONS.get(status, set())]
    return unknown if error["code"] == status else [*unknown, f"the code {error['code']} in an answer of {status}"]


def _told(errors: Iterator[ValidationError]) -> Iterator[str]:
    return (f"{error.json_path}: {error.message[:200]}" for error in errors)


@cache
def _error_validator() -> Draft202012Validator:
    return Draft202012Validator(ERROR)


@cache
def _validator(schema: str) -> Draft202012Validator:
    """Build the validator of one of Google's schemas."""
    definitions = {name: json_schema(found) for name, found in discovery_document()["schemas"].items()}
    return Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": definitions})


def json_schema(schema: Json) -> Json:
    """Turn a schema of a discovery document (JSON Schema draft 3, more or less) into today's JSON Schema."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type", "any")
    if kind == "any":
        return {}
    if kind == "array":
        return {"type": "array", "items": json_schema(schema["items"])}
    if kind == "object":
        known = {name: json_schema(found) for name, found in schema.get("properties", {}).items()}
        if "kind" in known and "default" in schema["properties"]["kind"]:
            known["kind"] = {"const": schema["properties"]["kind"]["default"]}
        more = json_schema(schema["additionalProperties"]) if "additionalProperties" in schema else not known
        return {"type": "object", "properties": known, "additionalProperties": more}
    pattern = FORMATS.get(schema.get("format", ""))
    return {"type": kind} | ({"pattern": pattern} if pattern else {})
