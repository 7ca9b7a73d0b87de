"""The company behind the stand-ins of its directory, as each of them shows it."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from sandbox.google.resources import customer_member, group_resource, member_resource, user_resource

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
        members = self.members_of(group_key, derived=derived)
        if members is None:
            return None
        return [self.google_member(member, typed_externals=typed_externals) for member in members]

    def members_of(self, group_key: str, *, derived: bool) -> list[Json] | None:
        """List members as the directory has them: cheap, where a listing shows but a page of them."""
        group = self._group_of(group_key)
        if group is None:
            return None
        if not derived:
            members: list[Json] = group["members"]
            return members
        return list({self._member_id(member): member for member in self._derived(group)}.values())

    def _member_id(self, member: Json) -> str:
        return self.customer_id if member["type"] == "CUSTOMER" else str(member["id"])

    def _derived(self, group: Json) -> Iterable[Json]:
        """Walk down to members that are no groups of the company; a cycle ends where it began."""
        seen = {group["id"]}
        walks = [iter(group["members"])]  # no recursion: groups may be nested deeper than calls
        while walks:
            for member in walks[-1]:
                below = self._groups_by_key.get(member.get("id", ""))
                if below is None:
                    yield member
                elif below["id"] not in seen:
                    seen.add(below["id"])
                    walks.append(iter(below["members"]))
                    break
            else:
                walks.pop()

    def _group_of(self, key: str) -> Json | None:
        return self._groups_by_key.get(key) or self._groups_by_key.get(key.casefold())

    @cached_property
    def _groups_by_key(self) -> dict[str, Json]:
        return {key: group for group in self._groups for key in (group["id"], group["email"].casefold())}

    @cached_property
    def _records(self) -> dict[tuple[str, str], Json]:
        users = {("USER", user["id"]): user for user in self._users}
        return users | {("GROUP", group["id"]): group for group in self._groups}

    def google_member(self, member: Json, *, typed_externals: bool) -> Json:
        """Show one member as Google's Member resource."""
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
