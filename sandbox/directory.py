"""The directory of a company as a file, in the format of sandbox/README.md: read, and checked field by field."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sandbox.entra_id.properties import check_group as check_entra_group
from sandbox.entra_id.properties import check_user as check_entra_user
from sandbox.google.discovery import discovery_document
from sandbox.okta.resources import check_okta

Json = dict[str, Any]
MEMBER_TYPES = ("USER", "GROUP", "CUSTOMER", "EXTERNAL")
ROLES = ("OWNER", "MANAGER", "MEMBER")
ASSIGNABLE = ("USER", "GROUP", "SERVICE_PRINCIPAL")
# Open, and our choice: the discovery document says "Status of member" and names none; these have been seen.
STATUSES = ("ACTIVE", "ARCHIVED", "SUSPENDED", "UNKNOWN")
PYTHON_TYPES = {"string": str, "boolean": bool, "array": list, "object": dict}  # discovery document → JSON in Python


def load(path: Path) -> Json:
    """Read a directory file; raises ValueError with a sentence."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ValueError(f"{path} cannot be read ({exc.strerror})") from exc
    except ValueError as exc:
        raise ValueError(f"{path} is not JSON ({exc})") from exc
    return check(data)


def check(data: Any) -> Json:
    """Return the directory if it has the right shape; raises ValueError with a sentence that names the record."""
    if not isinstance(data, dict) or not all(isinstance(data.get(key), list) for key in ("users", "groups")):
        raise ValueError("a directory is an object with the lists 'users' and 'groups'")
    domains = data.get("domains", [])
    if not isinstance(domains, list) or not all(map(_is_text, [data.get("domain", "example.com"), *domains])):
        raise ValueError("the domains of a directory are 'domain', a text, and 'domains', a list of texts")
    _check_characters({name: value for name, value in data.items() if name not in {"users", "groups"}}, "the directory")
    for number, user in enumerate(data["users"]):
        _check_user(user, f"user {number + 1}")
    for number, group in enumerate(data["groups"]):
        _check_group(group, f"group {number + 1}")
    _check_together(data)
    return data


def _check_together(data: Json) -> None:
    """Check what one record alone cannot show."""
    records = [*data["users"], *data["groups"]]
    _check_unique([[record["id"]] for record in records], "id")
    addresses = [_addresses(record) for record in records]
    _check_unique(addresses, "email")
    domains = {name.casefold() for name in (data.get("domain", "example.com"), *data.get("domains", []))}
    for record, own in zip(records, addresses, strict=True):
        if own[0].rpartition("@")[2].casefold() not in domains:
            raise ValueError(f"{record['id']}: {own[0]} is of none of the domains of the directory")
    kinds = {user["id"]: "USER" for user in data["users"]} | {group["id"]: "GROUP" for group in data["groups"]}
    for group in data["groups"]:
        _check_membership(group, kinds)
    _check_assignments(data.get("application", []))


def _check_assignments(assigned: Any) -> None:
    """Hold what is assigned to the AWS application in Entra to its form; who was deleted may still be assigned."""
    if not isinstance(assigned, list):
        raise ValueError("'application' is a list of what is assigned to the AWS application")  # noqa: TRY004 # a file
    for one in assigned:
        if not isinstance(one, dict) or one.get("type") not in ASSIGNABLE or not _is_text(one.get("id")):
            raise ValueError(f"an assignment to the application needs an id, and a type: {', '.join(ASSIGNABLE)}")
        if not _is_text(one.get("role", "-")):
            raise ValueError("the role of an assignment to the application is not a text")


def _addresses(record: Json) -> list[str]:
    google = record.get("google", {})
    return [record["email"], *google.get("aliases", []), *google.get("nonEditableAliases", [])]


def _check_membership(group: Json, kinds: Mapping[str, str]) -> None:
    """Hold members to what they are, and to coming once (Google answers 409 to who adds one again)."""
    seen: set[str] = set()
    for member in group["members"]:
        name = "CUSTOMER" if member["type"] == "CUSTOMER" else member["id"]
        if name in seen:
            raise ValueError(f"group {group['id']} has the member {name} twice")
        seen.add(name)
        if member["type"] != "CUSTOMER" and kinds.get(name, member["type"]) != member["type"]:
            raise ValueError(f"group {group['id']}: the member {name} is no {member['type']} but a {kinds[name]}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _check_characters(value: Any, what: str) -> None:
    """Refuse halves of surrogate pairs: JSON can write them, and no answer can (UTF-8)."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as exc:
        raise ValueError(f"{what} has half of a character (a lone surrogate)") from exc


def _check_record(record: Any, what: str) -> str:
    """Check what users and groups share; returns what to call the record from then on."""
    if not isinstance(record, dict):
        raise ValueError(f"{what} is not an object")  # noqa: TRY004 # it is a mistake in a file
    _check_characters(record, what)
    if not _is_text(record.get("id")):
        raise ValueError(f"{what} needs an id that is a text")
    what = f"{what.split(maxsplit=1)[0]} {record['id']}"
    if not _is_text(record.get("email")) or "@" not in record["email"]:
        raise ValueError(f"{what} needs an e-mail address")
    return what


def _check_types(record: Json, types: Mapping[str, type], what: str) -> None:
    names = {str: "a text", bool: "true or false", list: "a list", dict: "an object"}
    for field, wanted in types.items():
        if field in record and not isinstance(record[field], wanted):
            raise ValueError(f"{what}: {field} is not {names[wanted]}")


def _check_user(user: Any, what: str) -> None:
    what = _check_record(user, what)
    objects = ("customSchemas", "google", "okta", "entra")
    types = dict.fromkeys(("suspended", "archived"), bool) | dict.fromkeys(objects, dict)
    _check_types(user, types | dict.fromkeys(("givenName", "familyName", "orgUnitPath"), str), what)
    if not user.get("orgUnitPath", "/").startswith("/"):
        raise ValueError(f"{what}: orgUnitPath does not begin with /")
    if not all(isinstance(values, dict) for values in user.get("customSchemas", {}).values()):
        raise ValueError(f"{what}: a schema of customSchemas is not an object")
    check_okta(user.get("okta", {}), what)
    check_entra_user(user.get("entra", {}), what)
    known = discovery_document()["schemas"]["User"]["properties"]
    for field, value in user.get("google", {}).items():
        if field not in known:
            raise ValueError(f"{what}: Google's users have no field {field}")
        if field in {"id", "primaryEmail", "kind", "etag"} or not _fits(value, known[field]):
            raise ValueError(f"{what}: google.{field} cannot be {value!r}")


def _fits(value: Any, schema: Json) -> bool:
    """Tell whether a value has the shape of a schema of the discovery document, at every depth."""
    if "$ref" in schema:
        schema = discovery_document()["schemas"][schema["$ref"]]
    right = isinstance(value, PYTHON_TYPES.get(schema["type"], object))
    if not right:
        return False
    if schema["type"] == "array":
        return all(_fits(item, schema["items"]) for item in value)
    if schema["type"] != "object":
        return True
    more = {name: schema.get("additionalProperties") for name in value}
    inner = more | schema.get("properties", {})
    return all(inner[name] is not None and _fits(below, inner[name]) for name, below in value.items())


def _check_group(group: Any, what: str) -> None:
    what = _check_record(group, what)
    if not _is_text(group.get("name")) or not isinstance(group.get("members"), list):
        raise ValueError(f"{what} needs a name and a list of members")
    _check_types(group, {"description": str, "entra": dict}, what)
    check_entra_group(group.get("entra", {}), what)
    for number, member in enumerate(group["members"]):
        _check_member(member, f"{what}, member {number + 1}")


def _check_member(member: Any, what: str) -> None:
    if not isinstance(member, dict) or member.get("type") not in MEMBER_TYPES:
        raise ValueError(f"{what} needs a type: {', '.join(MEMBER_TYPES)}")
    # The id of a CUSTOMER is the customer's, whatever stands here.
    if member["type"] != "CUSTOMER" and not _is_text(member.get("id")):
        raise ValueError(f"{what} needs an id that is a text")
    if not _is_text(member.get("email", "-")):
        raise ValueError(f"{what}: email is not a text")
    if member.get("role", "MEMBER") not in ROLES:
        raise ValueError(f"{what}: role is none of {', '.join(ROLES)}")
    _check_types(member, {"status": str}, what)
    if member.get("status", "ACTIVE") not in STATUSES:
        raise ValueError(f"{what}: status is none of {', '.join(STATUSES)}")


def _check_unique(names_of_records: Iterable[Iterable[str]], field: str) -> None:
    seen: set[str] = set()
    for names in names_of_records:
        own = {name.casefold() if field == "email" else name: name for name in names}
        for folded, name in own.items():
            if folded in seen:
                raise ValueError(f"two records share the {field} {name}")
        seen.update(own)
