"""A company as Entra shows it: users, groups and members with GUIDs, and who is assigned to the AWS application."""

import re
import uuid
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from sandbox.entra_id.properties import GROUP, USER

Json = dict[str, Any]
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CREATED = "2024-05-06T07:08:09Z"
APPLICATION_NAME = "AWS IAM Identity Center"
USER_ROLE = "8774f594-1d59-4279-b9d9-59ef09a23530"  # "User", an app role of the AWS application


def guid(text: str) -> str:
    """Return the GUID that stands for an id of the directory file; one that is a GUID stays."""
    return text if GUID.fullmatch(text) else str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox:{text}"))


APPLICATION_ID, SERVICE_PRINCIPAL_ID = guid("the AWS application"), guid("the AWS service principal")


class EntraCompany:
    """A directory in the format of sandbox/README.md, as Graph's resources."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._domain = str(data.get("domain", "example.com"))

    @cached_property
    def users(self) -> dict[str, Json]:
        """Return users by id, guests too: members of groups who are in no list and have an address."""
        own = {guid(user["id"]): _user(user) for user in self._data["users"]}
        outside = [m for g in self._data["groups"] for m in g["members"] if m["type"] in {"USER", "EXTERNAL"}]
        guests = {guid(m["id"]): self._guest(m) for m in outside if "email" in m and guid(m["id"]) not in own}
        return own | guests

    @cached_property
    def groups(self) -> dict[str, Json]:
        """Return groups by id."""
        return {guid(group["id"]): _group(group) for group in self._data["groups"]}

    @cached_property
    def members(self) -> dict[str, list[tuple[str, str]]]:
        """Return direct members of each group, as (kind, id) in the order of the file."""
        return {guid(group["id"]): list(self._members(group)) for group in self._data["groups"]}

    def _members(self, group: Json) -> Iterable[tuple[str, str]]:
        seen: set[str] = set()
        for member in group["members"]:
            if member["type"] == "CUSTOMER":  # as a dynamic group of everybody: each is listed
                yield from (("user", user_id) for user_id in self.users if user_id not in seen)
                seen.update(self.users)
                continue
            kind, member_id = ("group" if member["type"] == "GROUP" else "user"), guid(member["id"])
            is_there = member_id in (self.groups if kind == "group" else self.users)
            if is_there and member_id not in seen:
                seen.add(member_id)
                yield kind, member_id
        yield from ((member["type"], guid(member["id"])) for member in group.get("entra", {}).get("members", []))

    @cached_property
    def assignments(self) -> list[Json]:
        """List who is assigned to the AWS application."""
        return [self._assignment(one) for one in self._data.get("application", [])]

    def _assignment(self, one: Json) -> Json:
        kind = {"USER": "User", "GROUP": "Group", "SERVICE_PRINCIPAL": "ServicePrincipal"}[one["type"]]
        record = (self.users if kind == "User" else self.groups).get(guid(one["id"]), {})
        return {
            "id": f"{guid(one['id'])}{guid(one.get('role', USER_ROLE))}".replace("-", "")[:43],
            "deletedDateTime": None,
            "appRoleId": guid(one.get("role", USER_ROLE)),
            "createdDateTime": CREATED,
            "principalDisplayName": record.get("displayName", one["id"]),
            "principalId": guid(one["id"]),
            "principalType": kind,
            "resourceDisplayName": APPLICATION_NAME,
            "resourceId": SERVICE_PRINCIPAL_ID,
        }

    def _guest(self, member: Json) -> Json:
        address = member["email"]
        principal = f"{address.replace('@', '_')}#EXT#@{self._domain.partition('.')[0]}.onmicrosoft.com"
        given = {"displayName": address.partition("@")[0], "mail": address, "userType": "Guest"}
        return _resource(member["id"], USER, given | {"userPrincipalName": principal, "accountEnabled": True})


def _user(user: Json) -> Json:
    given, family = user.get("givenName") or None, user.get("familyName") or None
    shown = {
        "givenName": given,
        "surname": family,
        "displayName": " ".join(filter(None, (given, family))) or user["email"].partition("@")[0],
        "mail": user["email"],
        "userPrincipalName": user["email"],
        "accountEnabled": not (user.get("suspended") or user.get("archived")),
        "userType": "Member",
    }
    return _resource(user["id"], USER, shown | user.get("entra", {}))


def _group(group: Json) -> Json:
    extras = {name: value for name, value in group.get("entra", {}).items() if name != "members"}
    shown = {
        "displayName": group["name"],
        "description": group.get("description") or None,
        "mail": group["email"],
        "mailNickname": group["email"].partition("@")[0],
        "mailEnabled": True,
        "securityEnabled": True,
    }
    return _resource(group["id"], GROUP, shown | extras)


def _resource(record_id: str, known: Mapping[str, tuple[type, ...]], shown: Json) -> Json:
    """Fill up what is not given: empty lists, the day of creation, null."""
    empty: Json = {name: [] if types == (list,) else None for name, types in known.items()}
    return {"id": guid(record_id), **empty, "createdDateTime": CREATED, **shown}
