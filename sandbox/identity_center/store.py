"""One identity store: users, groups and memberships, with the rules that every way in shares.

Users and groups are kept in the words of the Identity Store API (PascalCase).
"""

import secrets
import uuid
from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
RESERVED = {"administrator", "awsadministrators"}
ARN = "arn:aws:identitystore:::"


def conflict(message: str) -> Refusal:
    return Refusal("conflict", message, Reason="UNIQUENESS_CONSTRAINT_VIOLATION")


def not_found(kind: str, object_id: str, message: str = "") -> Refusal:
    resource_id = {"ResourceId": object_id} if object_id else {}
    return Refusal("not_found", message or f"{kind} not found.", ResourceType=kind, **resource_id)


def invalid(message: str) -> Refusal:
    return Refusal("bad_request", message)


def _filled(record: Json) -> Json:
    """Copy a record without what is empty: no answer of AWS has an empty list or text."""
    return {name: value for name, value in deepcopy(record).items() if value not in (None, "", [], {})}


@dataclass
class Store:
    """The store of one instance."""

    switches: Switches
    clock: Clock
    store_id: str = field(default_factory=lambda: "d-" + secrets.token_hex(5))
    users: dict[str, Json] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    memberships: dict[str, Json] = field(default_factory=dict)
    by_pair: dict[tuple[str, str], str] = field(default_factory=dict)
    _taken: dict[tuple[str, str], str] = field(default_factory=dict)  # (what, name) → who has it
    _names: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # id → what it has taken
    _of: defaultdict[str, dict[str, Json]] = field(default_factory=lambda: defaultdict(dict))
    _numbers: dict[str, int] = field(default_factory=dict)  # id → place in listings
    _created: int = 0

    def memberships_of(self, object_id: str) -> list[Json]:
        """Return the memberships of a user or of a group, oldest first."""
        return list(self._of[object_id].values())

    def listed(self, records: Iterable[Json]) -> list[Json]:
        """Leave out what is too new to be listed."""
        if not self.switches.listed_after:
            return list(records)
        newest = self.clock.now() - self.switches.listed_after
        return [record for record in records if record["CreatedAt"] <= newest]

    def number_of(self, record: Json) -> int:
        """Return the place of a user, group or membership in its listing; it never changes."""
        return self._numbers[record.get("MembershipId") or record.get("UserId") or record["GroupId"]]

    def holder(self, what: str, name: str) -> str | None:
        """Return the id of whoever has a unique name, such as ("UserName", "ann@example.com")."""
        return self._taken.get((what, self._folded(name)))

    def holder_of_external_id(self, kind: str, wanted: Json) -> str | None:
        """Return the id of the user or group that has an external id ({"Issuer", "Id"}), compared exactly."""
        holder = self._taken.get((f"{kind} ExternalId", wanted["Id"]))
        record = (self.users if kind == "user" else self.groups).get(holder or "", {})
        return holder if wanted in record.get("ExternalIds", []) else None

    def empty(self) -> None:
        """Delete everything."""
        for group_id in list(self.groups):
            self.delete_group(group_id)
        for user_id in list(self.users):
            self.delete_user(user_id)

    def external_ids(self, external_id: str) -> list[Json]:
        """Return the external ids of who has this one, given by SCIM."""
        return [{"Issuer": self.switches.external_id_issuer, "Id": external_id}] if external_id else []

    def _new_id(self) -> str:
        self._created += 1
        new = f"{self.store_id.removeprefix('d-')}-{uuid.uuid4()}"
        self._numbers[new] = self._created
        return new

    # users

    def create_user(self, attributes: Json, created_by: str, external_id: str = "", *, active: bool = True) -> Json:
        status = {"UserStatus": "ENABLED" if active else "DISABLED", "ExternalIds": self.external_ids(external_id)}
        user = _filled(attributes | status) | {"UserId": self._new_id()}
        self._check_user(user)
        self._stamp(user, "user", user["UserId"], created_by, new=True)
        self._put(self.users, user["UserId"], user, self._user_names(user))
        return user

    def update_user(self, user_id: str, changed: Json, by: str) -> Json:
        """Replace attributes; None removes."""
        after = _filled(self.user(user_id) | changed)
        self._check_user(after)
        self._stamp(after, "user", user_id, by)
        self._put(self.users, user_id, after, self._user_names(after))
        return after

    def delete_user(self, user_id: str) -> None:
        self.user(user_id)
        del self.users[user_id]
        self._release(user_id)

    def user(self, user_id: str) -> Json:
        return self._found(self.users, "USER", user_id)

    def _check_user(self, user: Json) -> None:
        if user["UserId"] not in self.users and len(self.users) >= self.switches.max_users:
            raise Refusal("quota", "The number of users has reached its quota.")
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
        self._check_unique(user["UserId"], self._user_names(user))

    # groups

    def create_group(self, attributes: Json, created_by: str, external_id: str = "") -> Json:
        group = _filled(attributes | {"ExternalIds": self.external_ids(external_id)}) | {"GroupId": self._new_id()}
        self._check_group(group)
        self._stamp(group, "group", group["GroupId"], created_by, new=True)
        self._put(self.groups, group["GroupId"], group, self._group_names(group))
        return group

    def update_group(self, group_id: str, changed: Json, by: str) -> Json:
        after = _filled(self.group(group_id) | changed)
        self._check_group(after)
        self._stamp(after, "group", group_id, by)
        self._put(self.groups, group_id, after, self._group_names(after))
        return after

    def delete_group(self, group_id: str) -> None:
        self.group(group_id)
        del self.groups[group_id]
        self._release(group_id)

    def group(self, group_id: str) -> Json:
        return self._found(self.groups, "GROUP", group_id)

    def _check_group(self, group: Json) -> None:
        if group["GroupId"] not in self.groups and len(self.groups) >= self.switches.max_groups:
            raise Refusal("quota", "The number of groups has reached its quota.")
        if not group.get("DisplayName"):
            raise invalid("displayName: The attribute displayName is required")
        if group["DisplayName"].casefold() in RESERVED:
            raise invalid(f"{group['DisplayName']} is a reserved name")
        self._check_unique(group["GroupId"], self._group_names(group))

    # memberships

    def create_membership(self, group_id: str, user_id: str, by: str) -> Json:
        self.group(group_id)
        self.user(user_id)
        if (group_id, user_id) in self.by_pair:
            raise conflict("Member and Group relationship already exists.")
        membership: Json = {"MembershipId": self._new_id(), "GroupId": group_id, "MemberId": {"UserId": user_id}}
        self._stamp(membership, "membership", membership["MembershipId"], by, new=True)
        del membership["Revision"]
        self.memberships[membership["MembershipId"]] = membership
        self.by_pair[group_id, user_id] = membership["MembershipId"]
        for object_id in (group_id, user_id):
            self._of[object_id][membership["MembershipId"]] = membership
        self._touch(group_id)
        return membership

    def membership(self, membership_id: str) -> Json:
        return self._found(self.memberships, "GROUP_MEMBERSHIP", membership_id)

    def delete_membership(self, membership_id: str) -> None:
        gone = self.membership(membership_id)
        del self.memberships[membership_id]
        pair = (gone["GroupId"], gone["MemberId"]["UserId"])
        del self.by_pair[pair]
        for object_id in pair:
            del self._of[object_id][membership_id]
        self._touch(gone["GroupId"])

    def _touch(self, group_id: str) -> None:
        if self.switches.membership_changes_revision and group_id in self.groups:
            group = self.groups[group_id]
            group["Revision"] = str(int(group["Revision"]) + 1)

    def _found(self, table: dict[str, Json], kind: str, object_id: str) -> Json:
        record = table.get(object_id)
        if record is None or record["CreatedAt"] > self.clock.now() - self.switches.found_after:
            raise not_found(kind, object_id)
        return record

    def _put(self, table: dict[str, Json], object_id: str, record: Json, names: list[tuple[str, str]]) -> None:
        table[object_id] = record
        for name in self._names.get(object_id, []):
            del self._taken[name]
        self._names[object_id] = names
        self._taken |= dict.fromkeys(names, object_id)

    def _release(self, object_id: str) -> None:
        for membership in self.memberships_of(object_id):
            self.delete_membership(membership["MembershipId"])
        for name in self._names.pop(object_id):
            del self._taken[name]

    def _check_unique(self, object_id: str, names: list[tuple[str, str]]) -> None:
        for what, name in names:
            if self._taken.get((what, name), object_id) != object_id:
                raise conflict(f"Duplicate {what}")

    def _stamp(self, record: Json, kind: str, object_id: str, by: str, *, new: bool = False) -> None:
        record["IdentityStoreId"] = self.store_id
        record[f"{kind.capitalize()}Arn"] = f"{ARN}{kind}/{object_id}"
        record["Revision"] = str(int(record.get("Revision", "0")) + 1)
        record |= {"UpdatedAt": self.clock.now(), "UpdatedBy": by}
        if new:
            record |= {"CreatedAt": record["UpdatedAt"], "CreatedBy": by}

    def _folded(self, name: str) -> str:
        return name.casefold() if self.switches.names_fold_case else name

    def _user_names(self, user: Json) -> list[tuple[str, str]]:
        """List what no other user may have, as (what, name)."""
        names = [("UserName", user["UserName"])]
        names += [("email", str(email["Value"])) for email in user.get("Emails", []) if "Value" in email]
        external = [("user ExternalId", external["Id"]) for external in user.get("ExternalIds", [])]
        return [(what, self._folded(name)) for what, name in names] + external

    def _group_names(self, group: Json) -> list[tuple[str, str]]:
        """List what no other group may have."""
        names = [("GroupDisplayName", self._folded(group["DisplayName"]))]
        return names + [("group ExternalId", external["Id"]) for external in group.get("ExternalIds", [])]
