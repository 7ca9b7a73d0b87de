"""The Directory API's discovery document: what methods, parameters and resources there are."""

import json
import re
from functools import cache
from typing import Any

from googleapiclient.discovery_cache import get_static_doc

Json = dict[str, Any]
OPERATIONS = (
    "users.list",
    "users.get",
    "groups.list",
    "groups.get",
    "members.list",
    "domains.list",
    "roleAssignments.list",
    "roles.list",
    "schemas.list",
)


@cache
def discovery_document() -> Json:
    """Return the document, as google-api-python-client ships it."""
    document: Json = json.loads(get_static_doc("admin", "directory_v1") or "{}")
    return document


def method(operation: str) -> Json:
    """Return what the document says of an operation such as ``users.list``."""
    resource, name = operation.split(".")
    found: Json = discovery_document()["resources"][resource]["methods"][name]
    return found


def schema_of(operation: str) -> str:
    """Return the name of the schema that an operation answers."""
    return str(method(operation)["response"]["$ref"])


def kind_of(schema: str) -> str:
    """Return the `kind` that a resource of a schema has."""
    return str(discovery_document()["schemas"][schema]["properties"]["kind"]["default"])


@cache
def routes() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the path of each operation that the sandbox stands in for, with one group: the key."""
    return tuple(
        (re.compile("/" + re.sub(r"\{\w+\}", "(?P<key>[^/]+)", method(name)["path"])), name) for name in OPERATIONS
    )
