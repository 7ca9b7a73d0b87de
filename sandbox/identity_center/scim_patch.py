"""SCIM patches (RFC 7644, 3.5.2) as far as AWS supports them (PatchUser, PatchGroup)."""

from collections import Counter
from copy import deepcopy
from typing import Any

from sandbox.identity_center.scim_records import (
    ENTERPRISE,
    ENTERPRISE_SCHEMA,
    EXTENSION,
    ITEMS,
    MAX_MEMBERS,
    NAME,
    SIMPLE,
    extension,
    external_id,
    items,
    manager,
    member_ids,
    name_of,
    text,
)
from sandbox.identity_center.store import Store, invalid

Json = dict[str, Any]
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def _operations(body: Json) -> list[tuple[str, str, Any]]:
    """Read operations as (op, path, value)."""
    if PATCH_SCHEMA not in body.get("schemas", []):
        raise invalid("schemas: the PatchOp schema is required")
    operations = body.get("Operations")
    if not isinstance(operations, list) or not operations:
        raise invalid("Operations: at least one operation is required")
    read = []
    for operation in operations:
        op = str(operation.get("op", "")).lower()
        path, value = operation.get("path", ""), operation.get("value")
        if op not in {"add", "replace", "remove"}:
            raise invalid("op: add, replace or remove is expected")
        if op == "remove" and not path:
            raise invalid("path: it is required for remove")
        if op != "remove" and value is None:
            raise invalid("value: it is required for add and replace")
        if not path:
            if not isinstance(value, dict) or len(value) != 1:
                raise invalid(
                    'Current PATCH support allows omitting "path" attribute only for Add and Replace operations '
                    "modifying a single attribute."
                )
            ((path, value),) = value.items()
        read.append((op, path, value))
    return read


def patch_user(store: Store, user_id: str, body: Json) -> Json:
    """Return the attributes that a patch changes; None removes."""
    user = store.user(user_id)
    operations = _operations(body)
    counted = Counter(path for _, path, _ in operations)
    if counted["userName"] > 1 or counted["active"] > 1:
        raise invalid("Multiple operations on userName or active are not supported")
    changed: Json = {"Name": deepcopy(user["Name"])}
    enterprise = deepcopy(user.get("Extensions", {}).get(ENTERPRISE, {}))
    for op, path, value in operations:
        if path.startswith(ENTERPRISE_SCHEMA):
            _patch_enterprise(enterprise, op, path.removeprefix(ENTERPRISE_SCHEMA).lstrip(":"), value)
        else:
            changed |= _patched(store, changed["Name"], op, path, value)
    changed["Extensions"] = {ENTERPRISE: enterprise} if enterprise else None
    return changed


def _patched(store: Store, name: Json, op: str, path: str, value: Any) -> Json:
    gone = op == "remove"
    if path in {"userName", "active"} and gone:
        raise invalid(f"{path}: remove is not supported")
    if path == "active":
        if not isinstance(value, bool):
            raise invalid("active: a boolean is expected")
        return {"UserStatus": "ENABLED" if value else "DISABLED"}
    if path == "externalId":
        return {"ExternalIds": [] if gone else store.external_ids(external_id(value))}
    if path in SIMPLE:
        return {SIMPLE[path]: None if gone else text(path, value)}
    if path in ITEMS and path != "roles" and store.switches.scim_patch_lists:
        return {ITEMS[path][0]: None if gone else items(path, value)}
    if path == "name":
        return {"Name": {} if gone else name_of(value)}
    part = path.removeprefix("name.")
    if path.startswith("name.") and part in NAME:
        name[part[0].upper() + part[1:]] = None if gone else text(path, value)
        return {}
    raise invalid(f"{path}: this path is not supported")


def _patch_enterprise(enterprise: Json, op: str, name: str, value: Any) -> None:
    if not name:
        enterprise.clear()
        if op != "remove":
            enterprise |= extension(value)
    elif name not in EXTENSION:
        raise invalid(f"{name}: this path is not supported")
    elif op == "remove":
        enterprise.pop(name, None)
    else:
        enterprise[name] = manager(value) if name == "manager" else text(name, value)


def patch_group(store: Store, body: Json) -> tuple[Json, list[str], list[str]]:
    """Return changed attributes, members to add and members to remove."""
    changed: Json = {}
    added: list[str] = []
    removed: list[str] = []
    for op, path, value in _operations(body):
        if path == "members":
            if op == "replace" or value is None:
                raise invalid("Replacing or removing all members is not supported")
            (added if op == "add" else removed).extend(member_ids(value))
        elif path == "displayName" and op != "remove":
            changed["DisplayName"] = text(path, value)
        elif path == "externalId":
            changed["ExternalIds"] = [] if op == "remove" else store.external_ids(external_id(value))
        else:
            raise invalid(f"{op} {path}: only displayName, members and externalId are allowed")
    if len(added) + len(removed) > MAX_MEMBERS:
        raise invalid(f"members: at most {MAX_MEMBERS} membership changes are allowed in a single request")
    return changed, added, removed
