"""SCIM patches (RFC 7644, 3.5.2) as far as AWS supports them (PatchUser, PatchGroup)."""

import re
from collections import Counter
from copy import deepcopy
from typing import Any

from sandbox.identity_center.record_rules import invalid
from sandbox.identity_center.scim_listing import unquoted
from sandbox.identity_center.scim_records import (
    ENTERPRISE_SCHEMA,
    EXTENSION,
    MAX_MEMBERS,
    enterprise_of,
    extension,
    external_id,
    group_name,
    items,
    lower,
    manager,
    member_ids,
    name_of,
    simple,
    text,
    upper,
)
from sandbox.identity_center.store import Store
from sandbox.identity_center.user_attributes import ENTERPRISE, ITEMS, NAME_PARTS, SIMPLE

Json = dict[str, Any]
Operation = tuple[str, str, Any]
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LISTS = {"emails", "addresses", "phoneNumbers"}  # PatchUser does not name roles
LIST_PATH = re.compile(r'(\w+)(?:\[(\w+)\s+(\w+)\s+(?:"((?:[^"\\]|\\.)*)"|(true|false))\])?(?:\.(\w+))?', re.IGNORECASE)


def _operations(body: Json, ignored: frozenset[str] = frozenset()) -> list[Operation]:
    """Read operations as (op, path, value); `ignored` may stand in a value beside what it changes."""
    schemas = body.get("schemas")
    if not isinstance(schemas, list) or PATCH_SCHEMA not in schemas:
        raise invalid("schemas: the PatchOp schema is required")
    operations = body.get("Operations")
    if not isinstance(operations, list) or not operations:
        raise invalid("Operations: at least one operation is required")
    return [_operation(operation, ignored) for operation in operations]


def _operation(operation: Any, ignored: frozenset[str]) -> Operation:
    if not isinstance(operation, dict) or "op" not in operation:
        raise invalid("op: the operation must be specified")
    op, path, value = str(operation["op"]).lower(), operation.get("path", ""), operation.get("value")
    if op not in {"add", "replace", "remove"}:
        raise invalid("op: add, replace or remove is expected")
    if not isinstance(path, str):
        raise invalid("path: text is expected")
    if op == "remove" and not path:
        raise invalid("path: it is required for remove")
    if op != "remove" and value is None:
        raise invalid("value: it is required for add and replace")
    if not path:
        given = {name: part for name, part in value.items() if name not in ignored} if isinstance(value, dict) else {}
        if len(given) != 1:
            raise invalid(
                'Current PATCH support allows omitting "path" attribute only for Add and Replace operations '
                "modifying a single attribute."
            )
        ((path, value),) = given.items()
    return op, path, value


def patch_user(store: Store, user_id: str, body: Json) -> Json:
    """Return the attributes that a patch changes; None removes."""
    user = store.user(user_id)
    operations = _operations(body)
    counted = Counter(path for _, path, _ in operations)
    if counted["userName"] > 1 or counted["active"] > 1:
        raise invalid("Multiple operations on userName or active are not supported")
    changed: Json = {"Name": deepcopy(user["Name"])}
    enterprise = deepcopy(enterprise_of(user))
    for op, path, value in operations:
        if path.startswith(ENTERPRISE_SCHEMA):
            _patch_enterprise(enterprise, op, path.removeprefix(ENTERPRISE_SCHEMA).lstrip(":"), value)
            changed["Extensions"] = {ENTERPRISE: enterprise} if enterprise else None
        elif path.split(".")[0] == "name":
            _patch_name(changed["Name"], op, path, value)
        else:
            changed |= _patched(store, user | changed, op, path, value)
    return changed


def _patched(store: Store, user: Json, op: str, path: str, value: Any) -> Json:
    gone = op == "remove"
    if path in {"userName", "active"} and gone:
        raise invalid(f"{path}: remove is not supported")
    if path == "active":
        return {"UserStatus": "ENABLED" if _truth(value) else "DISABLED"}
    if path == "externalId":
        return {"ExternalIds": [] if gone else store.external_ids(external_id(value))}
    if path in SIMPLE:
        return {SIMPLE[path]: None if gone else simple(path, value, store.switches)}
    parsed = LIST_PATH.fullmatch(path)
    if not parsed or parsed[1] not in LISTS or (path in LISTS and not store.switches.scim_patch_lists):
        raise invalid(f"{path}: this path is not supported")
    stored = ITEMS[parsed[1]][0]
    now = [lower(item) for item in user.get(stored) or []]
    after = _patched_list(now, op, parsed, value)
    return {stored: None if after is None else items(parsed[1], after)}


def _truth(value: Any) -> bool:
    """Read a boolean, which may be text here (PatchUser, example)."""
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise invalid("active: a boolean is expected")
    return value


def _patched_list(now: list[Json], op: str, path: re.Match[str], value: Any) -> list[Json] | None:
    """Return a list after an operation on it, on what a filter finds, or on a part; None if nothing is left."""
    name, by, operator, quoted, truth, part = path.groups()
    if by and operator.lower() != "eq":
        raise invalid(f"{operator}: only the eq operator is supported in filters")
    wanted: Json = {by: truth.lower() == "true" if truth else unquoted(quoted)} if by else {}
    if wanted and any(item.get(by) != wanted[by] for item in now):
        # Whether a second value may be meant is open; there can be only one (PatchUser, constraints).
        raise invalid(f"{name}: no value matches the filter, and List attribute {name} must have exactly 1 value")
    if op == "remove":
        rest = [{key: item[key] for key in item if key != part} for item in now] if part else []
        return [item for item in rest if item] or None
    if part:
        return [{**(now[0] if now else wanted), part: value}]
    after = [value] if by else value
    if not isinstance(after, list) or not all(isinstance(item, dict) for item in after):
        raise invalid(f"{name}: {'an object' if by else 'a list of objects'} is expected")
    after = [wanted | item for item in after]
    if op == "add" and now and after != now:
        raise invalid(f"{name}: List attribute {name} must have exactly 1 value")
    return after


def _patch_name(name: Json, op: str, path: str, value: Any) -> None:
    """Change a name; what a value does not mention stays (RFC 7644, 3.5.2.3)."""
    part = path.removeprefix("name").removeprefix(".")
    if not part and op == "remove":
        name.clear()
    elif not part:
        name |= name_of(value)
    elif part not in NAME_PARTS:
        raise invalid(f"{path}: this path is not supported")
    elif op == "remove":
        name.pop(upper(part), None)
    else:
        name[upper(part)] = text(path, value)


def _patch_enterprise(enterprise: Json, op: str, name: str, value: Any) -> None:
    if not name and op == "remove":
        enterprise.clear()
    elif not name:
        enterprise |= extension(value)
    elif name not in EXTENSION:
        raise invalid(f"{name}: this path is not supported")
    elif op == "remove":
        enterprise.pop(name, None)
    else:
        enterprise[name] = manager(value) if name == "manager" else text(name, value)


def patch_group(store: Store, body: Json) -> tuple[Json, list[tuple[str, str]]]:
    """Return changed attributes, and what happens to members in the order of the operations: (op, id of the user)."""
    changed: Json = {}
    moves: list[tuple[str, str]] = []  # RFC 7644, 3.5.2: in the order in which they appear
    for op, path, value in _operations(body, ignored=frozenset({"id"})):  # the page's example has the group's id
        if path == "members":
            if op == "replace":
                raise invalid("Replacing group memberships is not supported.")
            if value is None:
                raise invalid("Removing all group memberships is not supported.")
            moves += [(op, user_id) for user_id in member_ids(value)]
        elif path == "displayName" and op != "remove":
            changed["DisplayName"] = group_name(value)
        elif path == "externalId":
            changed["ExternalIds"] = [] if op == "remove" else store.external_ids(external_id(value))
        else:
            raise invalid(f"{op} {path}: only displayName, members and externalId are allowed")
    if len(moves) > MAX_MEMBERS:
        raise invalid(f"members: at most {MAX_MEMBERS} membership changes are allowed in a single request")
    return changed, moves
