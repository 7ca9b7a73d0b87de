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
    403: {"forbidden", "accessNotConfigured", "insufficientPermissions", "userRateLimitExceeded", "quotaExceeded"},
    404: {"notFound"},
    405: {"httpMethodNotAllowed"},
    409: {"conflict"},
    429: {"rateLimitExceeded"},
    500: {"backendError", "internalError"},
    503: {"backendError"},
}
KEYS = {"domains": "domainName", "roles": "roleId", "roleAssignments": "roleAssignmentId", "schemas": "schemaId"}
ROWS = {"roles": "items", "roleAssignments": "items"}
MOST = {
    "users": 500,
    "groups": 200,
    "members": 200,
    "roleAssignments": 200,
    "roles": 100,
}  # rows of a page: reference of each listing
MEMBER_WORDS = {"type": {"USER", "GROUP", "CUSTOMER", "EXTERNAL"}, "role": {"OWNER", "MANAGER", "MEMBER"}}
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
        return [*_error_problems(reply.status, reply.body), *_refusal_problems(operation, reply)]
    if operation == "batch":  # its parts are looked at one by one
        return []
    found = _validator(str(method(operation)["response"]["$ref"])).iter_errors(reply.body)
    return [*_told(found), *_content_problems(operation, reply.body)]


def _refusal_problems(operation: str, reply: Reply) -> Iterator[str]:
    """Tell what no schema does: RFC 9110 (11.6.1) wants a challenge, and a whole company is always found."""
    if reply.status == 401 and "WWW-Authenticate" not in reply.headers:
        yield "a 401 without WWW-Authenticate"
    # A fault that a test asked for says that it is one, and may be anything.
    if reply.status == 404 and operation in {"users.list", "groups.list"} and "fault" not in str(reply.body):
        yield f"{operation} found nothing to list"


def _content_problems(operation: str, body: Json) -> Iterator[str]:
    """Tell what the schema lets pass, as it requires nothing; a body without `kind` was cut by a mask."""
    name = operation.partition(".")[0]
    if not operation.endswith(".list"):
        rows, needed = [body], {"id", "kind", "etag"} if "kind" in body else set()
    else:
        rows = body.get(ROWS.get(name, name), [])
        own = {KEYS.get(name, "id")}
        needed = own | {"kind", "etag"} if "kind" in body else own - {*KEYS.values()}
        if "kind" in body and "etag" not in body:
            yield "a listing without an etag"
    if len(rows) > MOST.get(name, len(rows)):
        yield f"{len(rows)} rows in one page"
    for row in (body, *rows):
        if "etag" in row and not (len(row["etag"]) > 2 and row["etag"][0] == row["etag"][-1] == '"'):
            yield f"the etag {row['etag']} is not quoted"
    for row in rows:
        yield from _row_problems(name, row, needed)


def _row_problems(name: str, row: Json, needed: set[str]) -> Iterator[str]:
    if not row:
        yield f"nothing in one of the {name}"
    elif not needed <= row.keys():
        yield f"one of the {name} is without {', '.join(sorted(needed - row.keys()))}"
    if name == "members":
        for field, words in MEMBER_WORDS.items():
            if row.get(field, next(iter(words))) not in words:
                yield f"a member with the {field} {row[field]}"


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
