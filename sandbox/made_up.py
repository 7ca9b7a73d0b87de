"""A company that nobody has: made up from a seed, with what makes real ones hard."""

import random
from typing import Any

Json = dict[str, Any]
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
