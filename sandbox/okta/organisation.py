"""The company as an Okta organisation has it: users, and groups that do not nest."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from sandbox.okta.resources import group_resource, user_resource

Json = dict[str, Any]
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 20
EVERYONE = "Everyone"


def okta_id(kind: str, own: str) -> str:
    """Return a record's own id if it could be Okta's, else one that is made of it and always the same."""
    if re.fullmatch(rf"[0-9A-Za-z]{{{ID_LENGTH}}}", own):
        return own
    number, made = int.from_bytes(hashlib.sha256(f"{kind}:{own}".encode()).digest()), ""
    while len(made) < ID_LENGTH - len(kind):
        number, digit = divmod(number, len(DIGITS))
        made += DIGITS[digit]
    return kind + made


class Organisation:
    """A directory in the format of sandbox/README.md, as far as Okta can hold it.

    Members of groups that are below a group are in it themselves, everybody is in Everyone, and whoever is from
    outside is nowhere.
    """

    def __init__(self, data: Mapping[str, Any], url: str) -> None:
        self.data, self._url = data, url

    @cached_property
    def users(self) -> dict[str, Json]:
        """Show every user, by id."""
        made = (user_resource(user, okta_id("00u", user["id"]), self._url) for user in self.data["users"])
        return {user["id"]: user for user in made}

    @cached_property
    def groups(self) -> dict[str, Json]:
        """Show every group, by id, the built-in one first."""
        everyone = {"name": EVERYONE, "description": "All users in your organization"}
        made = [group_resource(everyone, self._everyone_id, "BUILT_IN", self._url)]
        made += [group_resource(group, okta_id("00g", group["id"]), "OKTA_GROUP", self._url) for group in self._given]
        return {group["id"]: group for group in made}

    def members(self, group_id: str) -> list[Json] | None:
        """Show the members of a group, None if there is no such group."""
        if group_id == self._everyone_id:
            return list(self.users.values())
        group = self._group_of.get(group_id)
        if group is None:
            return None
        ids = {okta_id("00u", own) for own in self._flattened(group)}
        return [user for user_id, user in self.users.items() if user_id in ids]

    def limited_to(self, names: Iterable[str]) -> "Organisation":
        """Return what an administrator of some groups sees: these groups, their members, and no built-in group."""
        return _Part(self, {group_id for group_id, one in self.groups.items() if one["profile"]["name"] in set(names)})

    @property
    def _everyone_id(self) -> str:
        return okta_id("00g", f"{EVERYONE} of {self.data.get('domain', 'example.com')}")

    @property
    def _given(self) -> list[Json]:
        groups: list[Json] = self.data["groups"]
        return groups

    @cached_property
    def _group_of(self) -> dict[str, Json]:
        return {okta_id("00g", group["id"]): group for group in self._given}

    @cached_property
    def _by_own_id(self) -> dict[str, Json]:
        return {group["id"]: group for group in self._given}

    def _flattened(self, group: Json) -> set[str]:
        """Return the company's own ids of everybody in a group or below it; a cycle ends where it began."""
        seen, waiting, people = {group["id"]}, [group], set[str]()
        while waiting:
            for member in waiting.pop()["members"]:
                if member["type"] == "CUSTOMER":
                    people.update(user["id"] for user in self.data["users"])
                elif member["type"] == "USER":
                    people.add(member["id"])
                elif member["id"] in self._by_own_id and member["id"] not in seen:
                    seen.add(member["id"])
                    waiting.append(self._by_own_id[member["id"]])
        return people


class _Part(Organisation):
    """Some groups of an organisation."""

    def __init__(self, whole: Organisation, group_ids: set[str]) -> None:
        self._whole, self._ids = whole, group_ids

    @cached_property
    def groups(self) -> dict[str, Json]:
        """Show the groups that may be seen."""
        return {group_id: group for group_id, group in self._whole.groups.items() if group_id in self._ids}

    @cached_property
    def users(self) -> dict[str, Json]:
        """Show the members of these groups."""
        rows = [row for group_id in self._ids for row in self._whole.members(group_id) or ()]
        return {row["id"]: row for row in rows}

    def members(self, group_id: str) -> list[Json] | None:
        """Show the members of a group that may be seen."""
        return self._whole.members(group_id) if group_id in self._ids else None
