"""One identity store: users, groups and memberships, with the rules that every way in shares.

Users and groups are kept in the words of the Identity Store API (PascalCase).
"""

import secrets
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.identity_center.record_rules import check_group, check_user
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
Names = list[tuple[str, str]]  # what is unique, and the name
ARN = "arn:aws:identitystore:::"


def conflict(message: str) -> Refusal:
    return Refusal("conflict", message, Reason="UNIQUENESS_CONSTRAINT_VIOLATION")


def not_found(kind: str, object_id: str, message: str = "") -> Refusal:
    resource_id = {"ResourceId": object_id} if object_id else {}
    return Refusal("not_found", message or f"{kind} not found.", ResourceType=kind, **resource_id)


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
    assignments: list[Json] = field(default_factory=list)  # of accounts; see assignments.py
    permission_sets: dict[str, Json] = field(default_factory=dict)  # by ARN
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
        for table in (self.groups, self.users):
            for object_id in list(table):
                self._release(table, object_id)
        self.assignments = []
        self.permission_sets = {}

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
        self._check_room("users", self.users, self.switches.max_users)
        self._check(check_user, user, self._user_names)
        self._stamp(user, "user", user["UserId"], created_by, new=True)
        self._put(self.users, user["UserId"], user, self._user_names(user))
        return user

    def update_user(self, user_id: str, changed: Json, by: str) -> Json:
        """Replace attributes; None removes."""
        after = _filled(self.user(user_id) | changed)
        self._check(check_user, after, self._user_names)
        self._stamp(after, "user", user_id, by)
        self._put(self.users, user_id, after, self._user_names(after))
        return after

    def delete_user(self, user_id: str) -> None:
        self.user(user_id)
        self._release(self.users, user_id)

    def user(self, user_id: str) -> Json:
        return self._found(self.users, "USER", user_id)

    # groups

    def create_group(self, attributes: Json, created_by: str, external_id: str = "") -> Json:
        group = _filled(attributes | {"ExternalIds": self.external_ids(external_id)}) | {"GroupId": self._new_id()}
        self._check_room("groups", self.groups, self.switches.max_groups)
        self._check(check_group, group, self._group_names)
        self._stamp(group, "group", group["GroupId"], created_by, new=True)
        self._put(self.groups, group["GroupId"], group, self._group_names(group))
        return group

    def update_group(self, group_id: str, changed: Json, by: str) -> Json:
        after = _filled(self.group(group_id) | changed)
        self._check(check_group, after, self._group_names)
        self._stamp(after, "group", group_id, by)
        self._put(self.groups, group_id, after, self._group_names(after))
        return after

    def delete_group(self, group_id: str) -> None:
        self.group(group_id)
        self._release(self.groups, group_id)

    def group(self, group_id: str) -> Json:
        return self._found(self.groups, "GROUP", group_id)

    # memberships

    def create_membership(self, group_id: str, user_id: str, by: str) -> Json:
        self.group(group_id)
        self.user(user_id)
        if (group_id, user_id) in self.by_pair:
            raise conflict("Member and Group relationship already exists.")
        return self.add_membership(group_id, user_id, by)

    def add_membership(self, group_id: str, user_id: str, by: str) -> Json:
        """Put a user into a group, without asking whether both can be found."""
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
        self.membership(membership_id)
        self.remove_membership(membership_id)

    def remove_membership(self, membership_id: str) -> None:
        """Take a user out of a group, without asking whether the membership can be found."""
        gone = self.memberships.pop(membership_id)
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

    def _put(self, table: dict[str, Json], object_id: str, record: Json, names: Names) -> None:
        table[object_id] = record
        for name in self._names.get(object_id, []):
            del self._taken[name]
        self._names[object_id] = names
        self._taken |= dict.fromkeys(names, object_id)

    def _release(self, table: dict[str, Json], object_id: str) -> None:
        del table[object_id]
        for membership in self.memberships_of(object_id):
            self.remove_membership(membership["MembershipId"])
        for name in self._names.pop(object_id):
            del self._taken[name]

    def _check(self, rules: Callable[[Json], None], record: Json, names_of: Callable[[Json], Names]) -> None:
        rules(record)
        object_id = record.get("UserId") or record["GroupId"]
        for what, name in names_of(record):
            if self._taken.get((what, name), object_id) != object_id:
                raise conflict(f"Duplicate {what}")

    @staticmethod
    def _check_room(what: str, table: dict[str, Json], quota: int) -> None:
        if len(table) >= quota:
            raise Refusal("quota", f"The number of {what} has reached its quota.")

    def _stamp(self, record: Json, kind: str, object_id: str, by: str, *, new: bool = False) -> None:
        record["IdentityStoreId"] = self.store_id
        record[f"{kind.capitalize()}Arn"] = f"{ARN}{kind}/{object_id}"
        record["Revision"] = str(int(record.get("Revision", "0")) + 1)
        record |= {"UpdatedAt": self.clock.now(), "UpdatedBy": by}
        if new:
            record |= {"CreatedAt": record["UpdatedAt"], "CreatedBy": by}

    def _folded(self, name: str) -> str:
        return name.casefold() if self.switches.names_fold_case else name

    def _user_names(self, user: Json) -> Names:
        """List what no other user may have, as (what, name)."""
        names = [("UserName", user["UserName"])]
        names += [("email", str(email["Value"])) for email in user.get("Emails", []) if "Value" in email]
        external = [("user ExternalId", external["Id"]) for external in user.get("ExternalIds", [])]
        return [(what, self._folded(name)) for what, name in names] + external

    def _group_names(self, group: Json) -> Names:
        """List what no other group may have."""
        names = [("GroupDisplayName", self._folded(group["DisplayName"]))]
        return names + [("group ExternalId", external["Id"]) for external in group.get("ExternalIds", [])]
