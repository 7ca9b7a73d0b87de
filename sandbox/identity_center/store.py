"""One identity store: users, groups and memberships, with the rules that every way in shares.

Users and groups are kept in the words of the Identity Store API (PascalCase).
"""

import secrets
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sandbox.refusal import Refusal

Json = dict[str, Any]
Names = Callable[[Json], list[tuple[str, str]]]
RESERVED = {"administrator", "awsadministrators"}
ISSUER = "https://scim.amazonaws.com"  # which text AWS puts here is not documented
ARN = "arn:aws:identitystore:::"


def conflict(message: str) -> Refusal:
    return Refusal("conflict", message, Reason="UNIQUENESS_CONSTRAINT_VIOLATION")


def not_found(kind: str, object_id: str) -> Refusal:
    return Refusal("not_found", f"{kind} not found.", ResourceType=kind, ResourceId=object_id)


def invalid(message: str) -> Refusal:
    return Refusal("bad_request", message)


@dataclass
class Store:
    """The store of one instance."""

    store_id: str = field(default_factory=lambda: "d-" + secrets.token_hex(5))
    users: dict[str, Json] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    memberships: dict[str, Json] = field(default_factory=dict)
    by_pair: dict[tuple[str, str], str] = field(default_factory=dict)
    _taken: dict[tuple[str, str], str] = field(default_factory=dict)  # (what, name) → who has it
    _of: defaultdict[str, dict[str, Json]] = field(default_factory=lambda: defaultdict(dict))

    def memberships_of(self, object_id: str) -> list[Json]:
        """Return the memberships of a user or of a group, oldest first."""
        return list(self._of[object_id].values())

    def new_id(self) -> str:
        return f"{self.store_id.removeprefix('d-')}-{uuid.uuid4()}"

    # users

    def create_user(self, attributes: Json, created_by: str, external_id: str = "", *, active: bool = True) -> Json:
        user = {k: v for k, v in deepcopy(attributes).items() if v not in (None, [], {})}
        user |= {
            "UserId": self.new_id(),
            "UserStatus": "ENABLED" if active else "DISABLED",
            "ExternalIds": [{"Issuer": ISSUER, "Id": external_id}] if external_id else [],
        }
        self._check_user(user)
        self._stamp(user, "user", user["UserId"], created_by, new=True)
        self._put(self.users, user["UserId"], user, user_names)
        return user

    def update_user(self, user_id: str, changed: Json, by: str) -> Json:
        """Replace attributes; None removes."""
        after = {k: v for k, v in (deepcopy(self.user(user_id)) | changed).items() if v not in (None, [], {})}
        after.setdefault("ExternalIds", [])
        self._check_user(after)
        self._stamp(after, "user", user_id, by)
        self._put(self.users, user_id, after, user_names)
        return after

    def delete_user(self, user_id: str) -> None:
        self.user(user_id)
        self._release(user_id, user_names(self.users.pop(user_id)))

    def user(self, user_id: str) -> Json:
        if user_id not in self.users:
            raise not_found("USER", user_id)
        return self.users[user_id]

    def _check_user(self, user: Json) -> None:
        name = user.get("Name") or {}
        for present, what in (
            (user.get("UserName"), "userName"),
            (user.get("DisplayName"), "displayName"),
            (name.get("GivenName"), "name.givenName"),
            (name.get("FamilyName"), "name.familyName"),
        ):
            if not present:
                raise invalid(f"{what}: The attribute {what} is required")
        if user["UserName"].casefold() in RESERVED:
            raise invalid(f"{user['UserName']} is a reserved name")
        for attribute in ("Emails", "PhoneNumbers", "Addresses", "Roles"):
            if len(user.get(attribute, [])) > 1:
                raise invalid(f"{attribute}: only one value is allowed")
        self._check_unique(user["UserId"], user_names(user))

    # groups

    def create_group(self, attributes: Json, created_by: str, external_id: str = "") -> Json:
        group = {k: v for k, v in deepcopy(attributes).items() if v}
        group |= {
            "GroupId": self.new_id(),
            "ExternalIds": [{"Issuer": ISSUER, "Id": external_id}] if external_id else [],
        }
        self._check_group(group)
        self._stamp(group, "group", group["GroupId"], created_by, new=True)
        self._put(self.groups, group["GroupId"], group, group_names)
        return group

    def update_group(self, group_id: str, changed: Json, by: str) -> Json:
        after = {k: v for k, v in (deepcopy(self.group(group_id)) | changed).items() if v}
        after.setdefault("ExternalIds", [])
        self._check_group(after)
        self._stamp(after, "group", group_id, by)
        self._put(self.groups, group_id, after, group_names)
        return after

    def delete_group(self, group_id: str) -> None:
        self.group(group_id)
        self._release(group_id, group_names(self.groups.pop(group_id)))

    def group(self, group_id: str) -> Json:
        if group_id not in self.groups:
            raise not_found("GROUP", group_id)
        return self.groups[group_id]

    def _check_group(self, group: Json) -> None:
        if not group.get("DisplayName"):
            raise invalid("displayName: The attribute displayName is required")
        if group["DisplayName"].casefold() in RESERVED:
            raise invalid(f"{group['DisplayName']} is a reserved name")
        self._check_unique(group["GroupId"], group_names(group))

    # memberships

    def create_membership(self, group_id: str, user_id: str, by: str) -> Json:
        self.group(group_id)
        self.user(user_id)
        if (group_id, user_id) in self.by_pair:
            raise conflict("Member and Group relationship already exists.")
        membership: Json = {"MembershipId": self.new_id(), "GroupId": group_id, "MemberId": {"UserId": user_id}}
        self._stamp(membership, "membership", membership["MembershipId"], by, new=True)
        del membership["Revision"]
        self.memberships[membership["MembershipId"]] = membership
        self.by_pair[group_id, user_id] = membership["MembershipId"]
        for object_id in (group_id, user_id):
            self._of[object_id][membership["MembershipId"]] = membership
        return membership

    def membership(self, membership_id: str) -> Json:
        if membership_id not in self.memberships:
            raise not_found("GROUP_MEMBERSHIP", membership_id)
        return self.memberships[membership_id]

    def delete_membership(self, membership_id: str) -> None:
        gone = self.membership(membership_id)
        del self.memberships[membership_id]
        pair = (gone["GroupId"], gone["MemberId"]["UserId"])
        del self.by_pair[pair]
        for object_id in pair:
            del self._of[object_id][membership_id]

    def _put(self, table: dict[str, Json], object_id: str, record: Json, names_of: Names) -> None:
        for name in names_of(table.get(object_id, {})):
            del self._taken[name]
        table[object_id] = record
        self._taken |= dict.fromkeys(names_of(record), object_id)

    def _release(self, object_id: str, names: list[tuple[str, str]]) -> None:
        for membership in self.memberships_of(object_id):
            self.delete_membership(membership["MembershipId"])
        for name in names:
            del self._taken[name]

    def _check_unique(self, object_id: str, names: list[tuple[str, str]]) -> None:
        for what, name in names:
            if self._taken.get((what, name), object_id) != object_id:
                raise conflict(f"Duplicate {what}")

    def _stamp(self, record: Json, kind: str, object_id: str, by: str, *, new: bool = False) -> None:
        record["IdentityStoreId"] = self.store_id
        record[f"{kind.capitalize()}Arn"] = f"{ARN}{kind}/{object_id}"
        record["Revision"] = str(int(record.get("Revision", "0")) + 1)
        record |= {"UpdatedAt": time.time(), "UpdatedBy": by}
        if new:
            record |= {"CreatedAt": record["UpdatedAt"], "CreatedBy": by}


def user_names(user: Json) -> list[tuple[str, str]]:
    """List what no other user may have: (what, name) pairs, folded."""
    emails = [("email", str(email.get("Value", "")).casefold()) for email in user.get("Emails", [])]
    names = [("UserName", user["UserName"].casefold())] if user else []
    return names + emails + [("user ExternalId", external["Id"]) for external in user.get("ExternalIds", [])]


def group_names(group: Json) -> list[tuple[str, str]]:
    """List what no other group may have."""
    names = [("GroupDisplayName", group["DisplayName"].casefold())] if group else []
    return names + [("group ExternalId", external["Id"]) for external in group.get("ExternalIds", [])]
