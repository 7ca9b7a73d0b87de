"""The company behind the Google stand-in: from a file, or made up from a seed."""

import json
import random
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

Json = dict[str, Any]


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

    def google_users(self) -> list[Json]:
        """List users as Google's User resources."""
        return self._google_users

    @cached_property
    def _google_users(self) -> list[Json]:
        return [_google_user(user) for user in self._users]

    def google_groups(self) -> list[Json]:
        """List groups as Google's Group resources."""
        return [
            {
                "kind": "admin#directory#group",
                "id": group["id"],
                "email": group["email"],
                "name": group["name"],
                "description": group.get("description", ""),
                "directMembersCount": str(len(group["members"])),
                "adminCreated": True,
            }
            for group in self._groups
        ]

    def google_members(self, group_key: str, *, derived: bool) -> list[Json] | None:
        """List members of a group, by id or e-mail; None if there is no such group."""
        group = next((g for g in self._groups if group_key in {g["id"], g["email"]}), None)
        if group is None:
            return None
        if not derived:
            return [self._google_member(member) for member in group["members"]]
        return list({m["id"]: m for m in self._derived(group, set())}.values())

    def _derived(self, group: Json, seen: set[str]) -> Iterable[Json]:
        seen.add(group["id"])
        for member in group["members"]:
            below = self._groups_by_id.get(member["id"])
            if below is None:
                yield self._google_member(member)
            elif below["id"] not in seen:
                yield from self._derived(below, seen)

    @cached_property
    def _groups_by_id(self) -> dict[str, Json]:
        return {group["id"]: group for group in self._groups}

    @cached_property
    def _users_by_id(self) -> dict[str, Json]:
        return {user["id"]: user for user in self._users}

    def _google_member(self, member: Json) -> Json:
        """Show a member; people from outside have no status, and a customer has no address."""
        kind, member_id = member["type"], member["id"]
        shown: Json = {
            "kind": "admin#directory#member",
            "id": member_id,
            "role": member.get("role", "MEMBER"),
            "type": kind,
        }
        own = self._users_by_id.get(member_id) if kind == "USER" else self._groups_by_id.get(member_id)
        address = member.get("email") or (own or {}).get("email")
        if address:
            shown["email"] = address
        if own or member.get("status"):
            suspended = bool((own or {}).get("suspended"))
            shown["status"] = member.get("status") or ("SUSPENDED" if suspended else "ACTIVE")
        return shown


def _google_user(user: Json) -> Json:
    """Show a user; whatever stands under "google" is part of the resource as it is."""
    given, family = user.get("givenName", ""), user.get("familyName", "")
    name = {"givenName": given, "familyName": family, "fullName": f"{given} {family}".strip()}
    return {
        "kind": "admin#directory#user",
        "id": user["id"],
        "primaryEmail": user["email"],
        "name": {part: text for part, text in name.items() if text},
        "suspended": bool(user.get("suspended")),
        "archived": bool(user.get("archived")),
        "orgUnitPath": user.get("orgUnitPath", "/"),
        "emails": [{"address": user["email"], "primary": True}],
        **({"customSchemas": user["customSchemas"]} if "customSchemas" in user else {}),
        **user.get("google", {}),
    }


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
    """Return the directory if it has the right shape; raises ValueError with a sentence."""
    if not isinstance(data, dict) or not all(isinstance(data.get(key), list) for key in ("users", "groups")):
        raise ValueError("a directory is an object with the lists 'users' and 'groups'")
    for kind, needed in (("users", ("id", "email")), ("groups", ("id", "email", "name", "members"))):
        for record in data[kind]:
            if not isinstance(record, dict) or any(key not in record for key in needed):
                raise ValueError(f"every one of the {kind} needs {', '.join(needed)}")
        ids = [record["id"] for record in data[kind]]
        if len(set(ids)) != len(ids):
            raise ValueError(f"two {kind} share an id")
    for group in data["groups"]:
        for member in group["members"]:
            if member.get("type") not in {"USER", "GROUP", "CUSTOMER", "EXTERNAL"} or "id" not in member:
                raise ValueError(f"group {group['name']}: a member needs a type and an id")
    return data


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
