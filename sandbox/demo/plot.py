"""What the story does to the company, and what has to come of it: told from the directory alone."""

import json
from collections.abc import Mapping
from copy import deepcopy
from fnmatch import fnmatchcase
from typing import Any

from sandbox.company import Company

Json = dict[str, Any]
NOBODY = "aws-typing-mistake-*"


def filters_of(directory: Json) -> tuple[str, str]:
    """Choose a first filter and a second one that is added to it."""
    names = [group["name"] for group in directory["groups"]]
    if any(name.startswith("aws-") for name in names):
        return "aws-*", next(name for name in names if not name.startswith("aws-"))
    return max(directory["groups"], key=lambda group: len(group["members"]))["name"], "*"


def expected(directory: Json, filters: list[str]) -> Json:
    """Work out who must be in which group, by a way of its own: globs over names, members flattened."""
    company = Company(directory)
    users = {user["id"]: user["primaryEmail"] for user in company.google_users() if not user["suspended"]}
    groups = {
        group["name"]: sorted(
            users[member["id"]]
            for member in company.google_members(group["id"], derived=True) or []
            if member["id"] in users
        )
        for group in company.google_groups()
        if any(fnmatchcase(group["name"].lower(), pattern.lower()) for pattern in filters)
    }
    return {"users": sorted({email for emails in groups.values() for email in emails}), "groups": groups}


def counts(content: Mapping[str, Any]) -> dict[str, int]:
    """Count users, groups and memberships."""
    groups = content["groups"]
    return {"users": len(content["users"]), "groups": len(groups), "memberships": sum(map(len, groups.values()))}


def a_day_passes(directory: Json, filters: list[str]) -> tuple[Json, list[str]]:
    """Let one person join, one leave, one change name and address, and rename a group; say what happened."""
    changed = deepcopy(directory)
    wanted = [g for g in changed["groups"] if any(fnmatchcase(g["name"].lower(), f.lower()) for f in filters)]
    team = max(wanted, key=lambda group: sum(member["type"] == "USER" for member in group["members"]))
    people = {user["id"]: user for user in changed["users"] if not user.get("suspended")}
    members = [people[m["id"]] for m in team["members"] if m["type"] == "USER" and m["id"] in people]
    leaver, married = members[0], members[1]
    domain = leaver["email"].partition("@")[2]
    changed["users"] = [user for user in changed["users"] if user["id"] != leaver["id"]]
    for group in changed["groups"]:
        group["members"] = [member for member in group["members"] if member["id"] != leaver["id"]]
    changed["users"].append(
        {"id": "demo-joiner", "email": f"noor.newcomer@{domain}", "givenName": "Noor", "familyName": "Newcomer"}
    )
    team["members"].append({"type": "USER", "id": "demo-joiner"})
    before = married["email"]
    married |= {"familyName": "Married-Lind", "email": f"married.lind@{domain}"}
    renamed = next((g for g in wanted if g is not team), team)
    old_name, renamed["name"] = renamed["name"], f"{renamed['name']}-team"
    story = [
        f"Noor Newcomer joins, in {team['name']}",
        f"{leaver['email']} leaves the company",
        f"{before} marries and is {married['email']} now",
        f"the group {old_name} is called {renamed['name']}",
    ]
    if not any(fnmatchcase(renamed["name"].lower(), f.lower()) for f in filters):
        renamed["name"] = old_name
        story.pop()
    return json.loads(json.dumps(changed)), story
