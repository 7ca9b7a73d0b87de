"""Small companies, and what Identity Center must hold for them: computed here, not by the program."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def person(number: int, **changed: object) -> Json:
    """Make one person of example.com."""
    fields: Json = {
        "id": f"u{number}",
        "email": f"p{number}@example.com",
        "givenName": f"Given{number}",
        "familyName": f"Family{number}",
        "suspended": False,
    }
    return fields | changed


def team(name: str, users: list[str], groups: list[str] | None = None, **changed: object) -> Json:
    """Make one group with direct users and sub-groups, by id; its own id is "g-" and its name."""
    members = [{"type": "USER", "id": user} for user in users]
    members += [{"type": "GROUP", "id": group} for group in groups or []]
    fields: Json = {"id": f"g-{name}", "email": f"{name}@example.com", "name": name, "members": members}
    return fields | changed


def company(users: list[Json], groups: list[Json], **changed: object) -> Json:
    """Make a directory."""
    return {"domain": "example.com", "users": users, "groups": groups} | changed


def expected_memberships(data: Mapping[str, Any]) -> dict[str, set[str]]:
    """Flatten a directory's groups by repeated union until nothing changes."""
    emails = {u["id"]: u["email"] for u in data["users"] if not u.get("suspended")}
    people = {
        g["id"]: {emails[m["id"]] for m in g["members"] if m["type"] == "USER" and m["id"] in emails}
        for g in data["groups"]
    }
    below = {g["id"]: [m["id"] for m in g["members"] if m["type"] == "GROUP"] for g in data["groups"]}
    while True:
        larger = {i: people[i].union(*(people[j] for j in below[i] if j in people)) for i in people}
        if larger == people:
            return {g["name"]: people[g["id"]] for g in data["groups"]}
        people = larger
