"""A company as Active Directory holds it: objects with distinguished names, attributes and members."""

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]
DOMAIN = "DC=corp,DC=example,DC=test"
COMPANY = f"OU=Company,{DOMAIN}"
PEOPLE, GROUPS = f"OU=People,{COMPANY}", f"OU=Groups,{COMPANY}"
FOREIGN = f"CN=ForeignSecurityPrincipals,{DOMAIN}"
# userAccountControl: NORMAL_ACCOUNT, with PASSWD_NOTREQD because nobody of the company signs in here.
ENABLED, DISABLED = 0x220, 0x222
NEVER = "9223372036854775807"
GLOBAL_SECURITY = "-2147483646"  # groupType
_IDS = uuid.UUID("6f0f1bb6-5a3c-4a4e-9d0b-54b1e3f0a2c7")
_NOT_IN_ACCOUNT_NAMES = re.compile(r'["/\\\[\]:;|=,+*?<>@\x00-\x1f]|^\.|\.$|^\s|\s$')


def guid_of(record_id: str) -> str:
    """Return the objectGUID of a user or group by its id in the company: the same wherever it is loaded."""
    return str(uuid.uuid5(_IDS, record_id))


def objects_of(company: Mapping[str, Any]) -> list[Json]:
    """List a company's objects, with `guid`, `dn`, `attributes` and the guids of `members`.

    Raises ValueError for what Active Directory cannot hold. Members from outside become foreign security
    principals; a CUSTOMER is everybody.
    """
    taken: set[str] = set()
    users = [_user(user, taken) for user in company["users"]]
    groups = [_group(group, taken) for group in company["groups"]]
    known = {one["guid"] for one in (*users, *groups)}
    foreign: dict[str, Json] = {}
    everybody = [user["guid"] for user in users]
    for group, made in zip(company["groups"], groups, strict=True):
        made["members"] = list(dict.fromkeys(_members(group["members"], everybody, known, foreign)))
    _check_names([*users, *groups])
    return [*users, *foreign.values(), *groups]


def _members(members: Iterable[Json], everybody: list[str], known: set[str], foreign: dict[str, Json]) -> Iterable[str]:
    for member in members:
        if member["type"] == "CUSTOMER":
            yield from everybody
            continue
        guid = guid_of(member["id"])
        if guid not in known:
            foreign[guid] = _foreign(guid)
        yield guid


def _foreign(guid: str) -> Json:
    """Make the stand-in of somebody of another domain, whom this one knows by SID alone."""
    number = uuid.UUID(guid).int
    sid = f"S-1-5-21-{number % 2**32}-{(number >> 32) % 2**32}-{(number >> 64) % 2**32}-1105"
    attributes = {"objectClass": ["foreignSecurityPrincipal"], "objectSid": [sid]}
    return {"guid": guid, "dn": f"CN={sid},{FOREIGN}", "attributes": attributes, "members": []}


def _user(user: Json, taken: set[str]) -> Json:
    given, family = user.get("givenName", ""), user.get("familyName", "")
    account = _account_name(user["id"], user["id"], 20, taken)
    shown = f"{given} {family}".strip()
    inactive = user.get("suspended") or user.get("archived")
    attributes = {
        "objectClass": ["user"],
        "sAMAccountName": [account],
        "userPrincipalName": [user["email"]],
        "mail": [user["email"]],
        "givenName": [given],
        "sn": [family],
        "displayName": [shown],
        "userAccountControl": [str(DISABLED if inactive else ENABLED)],
        "accountExpires": [NEVER],
    }
    return _object(user["id"], f"{shown} ({account})".strip(), PEOPLE, attributes | user.get("active_directory", {}))


def _group(group: Json, taken: set[str]) -> Json:
    attributes = {
        "objectClass": ["group"],
        "sAMAccountName": [_account_name(group["name"], group["id"], 64, taken)],
        "mail": [group["email"]],
        "description": [group.get("description", "")],
        "groupType": [GLOBAL_SECURITY],
    }
    return _object(group["id"], group["name"], GROUPS, attributes | group.get("active_directory", {}))


def _object(record_id: str, name: str, place: str, attributes: Mapping[str, list[str]]) -> Json:
    cut = name if place == GROUPS else name[:64].strip()
    if len(cut) > 64:  # the upper range of cn
        raise ValueError(f"{record_id}: Active Directory holds names of 64 characters, and '{name}' has more")
    values = {attribute: found for attribute, found in attributes.items() if found and found[0]}
    return {"guid": guid_of(record_id), "dn": f"CN={escaped(cut)},{place}", "attributes": values, "members": []}


def _account_name(wanted: str, otherwise: str, longest: int, taken: set[str]) -> str:
    """Choose a sAMAccountName: unique among users and groups together, whatever their case."""
    hashed = f"x{uuid.uuid5(_IDS, otherwise).hex[:18]}"
    for name in (wanted, otherwise, hashed):
        if len(name) <= longest and not _NOT_IN_ACCOUNT_NAMES.search(name) and name.casefold() not in taken:
            taken.add(name.casefold())
            return name
    raise ValueError(f"{otherwise}: no account name is left for it")


def _check_names(objects: Iterable[Json]) -> None:
    seen: set[str] = set()
    for one in objects:
        folded = one["dn"].casefold()
        if folded in seen:
            raise ValueError(f"two objects would be called {one['dn']}")
        seen.add(folded)


def escaped(value: str) -> str:
    """Write a value for a distinguished name (RFC 4514, 2.4)."""
    made = re.sub(r'([,\\#+<>;"=])', r"\\\1", value).replace("\x00", "\\00").replace("\n", "\\0A")
    made = f"\\{made}" if made.startswith(" ") else made
    return f"{made[:-1]}\\ " if made.endswith(" ") and len(made) > 1 else made
