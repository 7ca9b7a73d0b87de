"""The company behind the Google stand-in: from a file, or made up from a seed."""

import hashlib
import json
import random
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox.google.discovery import discovery_document
from sandbox.google.resources import customer_member, group_resource, member_resource, user_resource

Json = dict[str, Any]
MEMBER_TYPES = ("USER", "GROUP", "CUSTOMER", "EXTERNAL")
ROLES = ("OWNER", "MANAGER", "MEMBER")
PYTHON_TYPES = {"string": str, "boolean": bool, "array": list, "object": dict}  # discovery document → JSON in Python


class Company:
    """A directory in the format of sandbox/README.md; everything is shown as Google shows it."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._users: list[Json] = list(data["users"])
        self._groups: list[Json] = list(data["groups"])
        primary = str(data.get("domain", "example.com"))
        self.domains: list[str] = [primary, *(name for name in data.get("domains", []) if name != primary)]

    @property
    def admin(self) -> str:
        """Return the administrator whom the service account may act for."""
        return f"admin@{self.domains[0]}"

    @property
    def customer_id(self) -> str:
        """Return the id of the company's Google account."""
        return f"C0{hashlib.sha256(self.domains[0].encode()).hexdigest()[:7]}"

    def google_users(self) -> list[Json]:
        """List users as Google's User resources."""
        return self._google_users

    @cached_property
    def _google_users(self) -> list[Json]:
        return [user_resource(user, self.customer_id, self.admin) for user in self._users]

    def google_user(self, key: str) -> Json | None:
        """Return a user by id, address or alias."""
        return self._users_by_key.get(key) or self._users_by_key.get(key.casefold())

    @cached_property
    def _users_by_key(self) -> dict[str, Json]:
        users: dict[str, Json] = {}
        for user in self._google_users:
            names = (user["primaryEmail"], *user.get("aliases", []), *user.get("nonEditableAliases", []))
            users |= {user["id"]: user} | {name.casefold(): user for name in names}
        return users

    def google_groups(self) -> list[Json]:
        """List groups as Google's Group resources."""
        return self._google_groups

    @cached_property
    def _google_groups(self) -> list[Json]:
        return [group_resource(group) for group in self._groups]

    def google_group(self, key: str) -> Json | None:
        """Return a group by id or address."""
        group = self._group_of(key)
        return None if group is None else group_resource(group)

    def google_members(self, group_key: str, *, derived: bool, typed_externals: bool = False) -> list[Json] | None:
        """List members of a group, by id or e-mail; None if there is no such group."""
        group = self._group_of(group_key)
        if group is None:
            return None
        if not derived:
            return [self._google_member(member, typed_externals) for member in group["members"]]
        below = (self._google_member(member, typed_externals) for member in self._derived(group, set()))
        return list({member["id"]: member for member in below}.values())

    def _derived(self, group: Json, seen: set[str]) -> Iterable[Json]:
        """Walk down to members that are no groups of the company; a cycle ends where it began."""
        seen.add(group["id"])
        for member in group["members"]:
            below = self._groups_by_key.get(member.get("id", ""))
            if below is None:
                yield member
            elif below["id"] not in seen:
                yield from self._derived(below, seen)

    def _group_of(self, key: str) -> Json | None:
        return self._groups_by_key.get(key) or self._groups_by_key.get(key.casefold())

    @cached_property
    def _groups_by_key(self) -> dict[str, Json]:
        return {key: group for group in self._groups for key in (group["id"], group["email"].casefold())}

    @cached_property
    def _records(self) -> dict[tuple[str, str], Json]:
        users = {("USER", user["id"]): user for user in self._users}
        return users | {("GROUP", group["id"]): group for group in self._groups}

    def _google_member(self, member: Json, typed_externals: bool) -> Json:
        if member["type"] == "CUSTOMER":
            return customer_member(member, self.customer_id)
        own = self._records.get((member["type"], member["id"]))
        outside = typed_externals and own is None and self._is_outside(member)
        return member_resource(member, own, "EXTERNAL" if outside else member["type"])

    def _is_outside(self, member: Json) -> bool:
        """Tell by the address, else by the status, whether a member that no list has is from outside."""
        address = member.get("email", "")
        if not address:
            return "status" not in member
        return address.rpartition("@")[2].casefold() not in map(str.casefold, self.domains)


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
    for number, user in enumerate(data["users"]):
        _check_user(user, f"user {number + 1}")
    for number, group in enumerate(data["groups"]):
        _check_group(group, f"group {number + 1}")
    _check_unique([*data["users"], *data["groups"]], "id")
    _check_unique([*data["users"], *data["groups"]], "email")
    return data


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _check_record(record: Any, what: str) -> str:
    """Check what users and groups share; returns what to call the record from then on."""
    if not isinstance(record, dict):
        raise ValueError(f"{what} is not an object")  # noqa: TRY004 # it is a mistake in a file
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
    types = dict.fromkeys(("suspended", "archived"), bool) | dict.fromkeys(("customSchemas", "google"), dict)
    _check_types(user, types | dict.fromkeys(("givenName", "familyName", "orgUnitPath"), str), what)
    if not user.get("orgUnitPath", "/").startswith("/"):
        raise ValueError(f"{what}: orgUnitPath does not begin with /")
    if not all(isinstance(values, dict) for values in user.get("customSchemas", {}).values()):
        raise ValueError(f"{what}: a schema of customSchemas is not an object")
    known = discovery_document()["schemas"]["User"]["properties"]
    for field, value in user.get("google", {}).items():
        if field not in known:
            raise ValueError(f"{what}: Google's users have no field {field}")
        wanted = PYTHON_TYPES.get("object" if "$ref" in known[field] else known[field]["type"], object)
        if field in {"id", "primaryEmail", "kind", "etag"} or not isinstance(value, wanted):
            raise ValueError(f"{what}: google.{field} cannot be {value!r}")


def _check_group(group: Any, what: str) -> None:
    what = _check_record(group, what)
    if not _is_text(group.get("name")) or not isinstance(group.get("members"), list):
        raise ValueError(f"{what} needs a name and a list of members")
    _check_types(group, {"description": str}, what)
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


def _check_unique(records: Iterable[Json], field: str) -> None:
    seen: set[str] = set()
    for record in records:
        value = record[field].casefold() if field == "email" else record[field]
        if value in seen:
            raise ValueError(f"two records share the {field} {record[field]}")
        seen.add(value)


GIVEN = [
    "Aino",
    "Amara",
    "Björn",
    "Chiara",
    "Dmitri",
    "Elif",
    "Femi",
    "Grete",
    "Haruto",
    "Ines",
    "João",
    "Kaja",
    "Leila",
    "Mateo",
    "Ngozi",
    "Oisín",
    "Priya",
    "Quim",
    "Ruth",
    "Søren",
    "Thị",
    "Uma",
    "Viktor",
    "Wren",
    "Xiu",
    "Yara",
    "Zoë",
    "Łukasz",
    "Đorđe",
    "Ana",
]
FAMILY = [
    "Abara",
    "Bianchi",
    "Čech",
    "Dubois",
    "Eriksen",
    "Fonseca",
    "García",
    "Hansen",
    "Ito",
    "Jansen",
    "Kowalska",
    "Lindqvist",
    "Müller",
    "Nguyễn",
    "Okafor",
    "Petrov",
    "Quispe",
    "Rossi",
    "Sato",
    "Tanaka",
    "Ueda",
    "Vega",
    "Wójcik",
    "Xu",
    "Yılmaz",
    "Zhang",
    "O'Neill",
    "de-la-Cruz",
    "Van-Dijk",
    "Ångström",
]
TEAMS = ("engineering", "platform", "data", "security", "finance", "people", "sales", "support")


def make_company(seed: int = 7, people: int = 120) -> Json:
    """Make up a lively company: nested teams, suspended people, an outsider, a missing name, a cycle."""
    chance = random.Random(seed)  # noqa: S311 # a story, not a secret
    domain = "example.com"
    users = [_person(chance, number, domain) for number in range(1, people + 1)]
    by_team: dict[str, list[str]] = {team: [] for team in TEAMS}
    for user in users:
        by_team[user["orgUnitPath"].strip("/").casefold()].append(user["id"])
    groups = [
        _group(f"g{number:04}", team, domain, f"Everyone in {team}", by_team[team])
        for number, team in enumerate(TEAMS, 1)
    ]
    ids = {group["name"]: group["id"] for group in groups}
    admins = chance.sample(by_team["platform"], min(3, len(by_team["platform"])))
    auditors = chance.sample(by_team["security"], min(2, len(by_team["security"])))
    groups += [
        _group("g0101", "aws-admins", domain, "Administrators of all AWS accounts", admins),
        _group("g0102", "aws-developers", domain, "Developers: engineering, platform and data", []),
        _group("g0103", "aws-read-only", domain, "May look at everything", auditors),
        _group("g0104", "aws-billing", domain, "Costs and invoices", by_team["finance"]),
        _group("g0105", "aws-everyone", domain, "All with any access to AWS", []),
    ]
    nesting = {
        "aws-developers": ["engineering", "platform", "data"],
        "aws-read-only": ["support"],
        "aws-everyone": ["aws-admins", "aws-developers", "aws-read-only", "aws-billing"],
    }
    ids |= {group["name"]: group["id"] for group in groups}
    for group in groups:
        group["members"] += [{"type": "GROUP", "id": ids[name]} for name in nesting.get(group["name"], [])]
    outsider = {"type": "USER", "id": "x0001", "email": "consultant@partner.example"}
    next(g for g in groups if g["name"] == "aws-read-only")["members"].append(outsider)
    next(g for g in groups if g["name"] == "engineering")["members"].append({"type": "GROUP", "id": ids["platform"]})
    next(g for g in groups if g["name"] == "platform")["members"].append({"type": "GROUP", "id": ids["engineering"]})
    return {"source": f"made up from seed {seed}", "domain": domain, "users": users, "groups": groups}


def _person(chance: random.Random, number: int, domain: str) -> Json:
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    team = chance.choice(TEAMS)
    return {
        "id": f"u{number:05}",
        "email": f"person{number:03}@{domain}",
        "givenName": given,
        "familyName": "" if number % 40 == 0 else family,
        "suspended": number % 30 == 0,
        "orgUnitPath": f"/{team.capitalize()}",
        "google": {
            "organizations": [
                {"title": chance.choice(("Engineer", "Analyst", "Lead")), "department": team, "primary": True}
            ],
            "phones": [{"type": "work", "value": f"+1 555 {number:04}", "primary": True}],
        },
    }


def _group(group_id: str, name: str, domain: str, description: str, members: list[str]) -> Json:
    rows = [{"type": "USER", "id": member} for member in members]
    address = f"{name}@{domain}"
    return {"id": group_id, "email": address, "name": name, "description": description, "members": rows}
