"""Query parameters, checked against the discovery document.

Documented: names, types, enumerations and bounds (discovery document), the form of the errors (page
about errors of the global domain), also that an unknown parameter is `invalidParameter`. Open, and our
choice: that one which comes twice is refused; strictness shows a mistake that Google may pass over.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.google.discovery import discovery_document, method
from sandbox.google.errors import not_stood_in_for, wrong_parameter
from sandbox.refusal import Refusal

Json = dict[str, Any]
INTEGER = re.compile(r"-?[0-9]{1,10}")
# The document gives no maximum for these two; their reference pages say 1 to 200. Google has been seen
# to answer 200 rows to who asks for more: our choice is to refuse, so that nobody counts on more.
MAXIMA = {"groups.list": "200", "members.list": "200"}
ROLES = {"OWNER", "MANAGER", "MEMBER"}
# What a parameter (of one operation, or of any) may say here; anything else would have to change the answer.
STOOD_IN_FOR: dict[str, tuple[str, ...]] = {
    "query": (),
    "event": (),
    "groups.list userKey": (),
    "showDeleted": ("false",),
    "viewType": ("admin_view",),
    "access_token": (),
    "oauth_token": (),
    "callback": (),
    "uploadType": (),
    "upload_protocol": (),
    "$.xgafv": (),
}


def read(operation: str, text: str) -> dict[str, str]:
    """Return the parameters of a query; raises a refusal."""
    known = _known(operation)
    values: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in known:
            raise wrong_parameter(name, f"Unknown parameter: {name}")
        if name in values:
            raise wrong_parameter(name, f"The parameter {name} must not come twice.")
        if name == "alt":
            _check_alt(value, known[name])
        _check_value(name, value, known[name])
        allowed = STOOD_IN_FOR.get(name, STOOD_IN_FOR.get(f"{operation} {name}"))
        if allowed is not None and value not in allowed:
            raise not_stood_in_for(f"{name}={value}")
        values[name] = value
    _check_custom_fields(values)
    _check_roles(values)
    return values


def _known(operation: str) -> Json:
    own = {name: spec for name, spec in method(operation)["parameters"].items() if spec["location"] == "query"}
    if operation in MAXIMA:
        own["maxResults"] = own["maxResults"] | {"maximum": MAXIMA[operation]}
    return {**discovery_document()["parameters"], **own}


def _check_value(name: str, value: str, spec: Json) -> None:
    if spec["type"] == "integer":
        lowest, highest = spec.get("minimum", str(-(2**31))), spec.get("maximum", str(2**31 - 1))
        if not INTEGER.fullmatch(value) or not int(lowest) <= int(value) <= int(highest):
            bounds = f"[{lowest}, {highest}]"
            raise wrong_parameter(name, f"Invalid value '{value}'. Values must be within the range: {bounds}")
    elif spec["type"] == "boolean" and value not in {"true", "false"}:
        raise wrong_parameter(name, f"Invalid boolean value: '{value}'.")
    elif "enum" in spec and value not in spec["enum"]:
        allowed = ", ".join(spec["enum"])
        raise wrong_parameter(name, f"Invalid string value: '{value}'. Allowed values: [{allowed}]")


def _check_alt(value: str, spec: Json) -> None:
    """Refuse a format that is not known, and one that a service may lack (both have reasons of their own)."""
    if value not in spec["enum"]:
        raise Refusal("bad_request", f"Invalid alt value: '{value}'", reason="invalidAltValue", parameter="alt")
    if value != "json":
        message = f"Unsupported output format: '{value}'"
        raise Refusal("bad_request", message, reason="unsupportedOutputFormat", parameter="alt")


def _check_custom_fields(values: dict[str, str]) -> None:
    """Hold the mask and the projection together, which only belong together (users.list).

    What Google says to one without the other is open.
    """
    if (values.get("projection") == "custom") != bool(values.get("customFieldMask")):
        raise Refusal("bad_request", "Invalid Input: customFieldMask", parameter="customFieldMask")


def _check_roles(values: dict[str, str]) -> None:
    """Hold roles to the allowed values (members.list); that others are refused is our choice."""
    if values.get("roles") and not set(values["roles"].split(",")) <= ROLES:
        raise Refusal("bad_request", "Invalid Input: roles", parameter="roles")
