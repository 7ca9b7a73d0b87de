"""Attribute operations of UpdateUser and UpdateGroup (API_AttributeOperation)."""

from copy import deepcopy
from typing import Any

from sandbox.identity_center.record_rules import invalid
from sandbox.identity_center.shapes import fits
from sandbox.identity_center.user_attributes import ENTERPRISE, ITEMS, NAME_PARTS, SIMPLE
from sandbox.switches import Switches

Json = dict[str, Any]
SIMPLE_PATHS = SIMPLE | {"website": "Website", "birthdate": "Birthdate"}


def changed_user(user: Json, operations: list[Json], switches: Switches) -> Json:
    """Return the attributes that operations change; None removes."""
    changed: Json = {"Name": deepcopy(user["Name"]), "Extensions": deepcopy(user.get("Extensions", {}))}
    for operation in operations:
        if operation["AttributePath"] == "userName" and not switches.user_name_by_update:
            raise invalid("userName cannot be updated")
        _apply(changed, operation["AttributePath"], operation.get("AttributeValue"))
    return changed


def changed_group(operations: list[Json]) -> Json:
    """Return the attributes that operations change; None removes."""
    changed: Json = {}
    for operation in operations:
        path = operation["AttributePath"]
        if path not in {"displayName", "description"}:
            raise invalid(f"AttributePath {path} is not supported")
        changed[path[0].upper() + path[1:]] = _text(path, operation.get("AttributeValue"))
    return changed


def _apply(changed: Json, path: str, value: Any) -> None:
    if path in SIMPLE_PATHS:
        changed[SIMPLE_PATHS[path]] = _text(path, value)
    elif path.startswith("name.") and path.removeprefix("name.") in NAME_PARTS:
        member = path.removeprefix("name.")
        changed["Name"][member[0].upper() + member[1:]] = _text(path, value)
    elif path in ITEMS:
        changed[ITEMS[path][0]] = None if value is None else _items(path, value)
    elif path == ENTERPRISE:
        changed["Extensions"] = {ENTERPRISE: value} if value else None
    else:
        raise invalid(f"AttributePath {path} is not supported")


def _items(path: str, value: Any) -> list[Json]:
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise invalid(f"{path}: a list of objects is expected")
    for item in value:
        for name, content in item.items():
            if name not in ITEMS[path][1]:
                raise invalid(f"{path}.{name} is not a known member")
            if name == "primary":
                if not isinstance(content, bool):
                    raise invalid(f"{path}.primary: a boolean is expected")
            else:
                _text(f"{path}.{name}", content, clearable=False)
    return [{name[0].upper() + name[1:]: content for name, content in item.items()} for item in value]


def _text(path: str, value: Any, *, clearable: bool = True) -> str | None:
    """Accept text of 1 to 1,024 characters, or null where that clears."""
    if value is None and clearable:
        return None
    shape = "UserName" if path == "userName" else "SensitiveStringType"
    if not isinstance(value, str) or not fits(shape, value):
        raise invalid(f"Value at '{path}' failed to satisfy constraint: Member must be a {shape}")
    return value
