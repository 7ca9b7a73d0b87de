"""Query parameters of the listings.

Documented: names, and the largest limits ("List all users": 200; "List all groups": 10,000; "List all member
users": 1,000). Open, and our choice: that a larger or senseless limit is refused, and that an unknown
parameter is, which Okta may pass over.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from sandbox.okta.errors import wrong_parameter

MOST = {"listUsers": 200, "listGroups": 10_000, "listGroupUsers": 1_000}
DEFAULTS = {"listUsers": 200, "listGroups": 200, "listGroupUsers": 1_000}
FILTERS = {"listUsers": "status", "listGroups": "type"}
NOT_STOOD_IN_FOR = {"q", "search", "sortBy", "sortOrder", "expand"}


def read(operation: str, text: str) -> dict[str, str]:
    """Return the parameters of a query; raises a refusal."""
    values: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in NOT_STOOD_IN_FOR:
            raise wrong_parameter(name, "the sandbox does not stand in for it")
        if name not in {"limit", "after"} and not (name == "filter" and operation in FILTERS):
            raise wrong_parameter(name, "there is no such parameter")
        if name in values:
            raise wrong_parameter(name, "it must not come twice")
        values[name] = value
    limit_of(operation, values)
    wanted(operation, values)
    return values


def limit_of(operation: str, values: Mapping[str, str]) -> int:
    """Return how many rows a page is to have; raises a refusal."""
    text = values.get("limit", str(DEFAULTS[operation]))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= MOST[operation]:
        raise wrong_parameter("limit", f"it is a number from 1 to {MOST[operation]}")
    return int(text)


def wanted(operation: str, values: Mapping[str, str]) -> str | None:
    """Return the status or type that a filter asks for, None without one; raises a refusal."""
    if "filter" not in values:
        return None
    found = re.fullmatch(rf'{FILTERS[operation]} eq "([A-Z_]+)"', values["filter"])
    if not found:
        raise wrong_parameter("filter", f'the sandbox stands in for {FILTERS[operation]} eq "…" only')
    return found[1]
