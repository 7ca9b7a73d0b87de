"""The Identity Store API: what each operation does.

Source of every rule: the Identity Store API reference, which botocore's service model is made from.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.identity_center.attribute_operations import changed_group, changed_user
from sandbox.identity_center.instances import Instances
from sandbox.identity_center.paging import Pages
from sandbox.identity_center.record_rules import check_extension_names, invalid
from sandbox.identity_center.resource_ids import KINDS, bare, with_bare_ids
from sandbox.identity_center.shapes import service_model
from sandbox.identity_center.store import Store, not_found
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
CALLER = "arn:aws:sts::000000000000:assumed-role/sandbox/session"
PAGE = 100
READS = ("Describe", "Get", "IsMember", "List")
KMS_KINDS = {"KMS_ACCESS_DENIED": "forbidden", "KMS_KEY_NOT_FOUND": "not_found", "KMS_THROTTLING": "throttle"}


class IdentityStore:
    """Answers for the stores of all instances of a company."""

    def __init__(self, instances: Instances, pages: Pages, switches: Switches) -> None:
        self._instances, self._pages, self._switches = instances, pages, switches
        self._operations: dict[str, Callable[[Store, Json], Json]] = {
            "CreateUser": self._create_user,
            "DescribeUser": self._describe_user,
            "UpdateUser": self._update_user,
            "DeleteUser": self._delete_user,
            "ListUsers": self._list_users,
            "GetUserId": self._get_user_id,
            "CreateGroup": self._create_group,
            "DescribeGroup": self._describe_group,
            "UpdateGroup": self._update_group,
            "DeleteGroup": self._delete_group,
            "ListGroups": self._list_groups,
            "GetGroupId": self._get_group_id,
            "CreateGroupMembership": self._create_group_membership,
            "DescribeGroupMembership": self._describe_group_membership,
            "DeleteGroupMembership": self._delete_group_membership,
            "GetGroupMembershipId": self._get_group_membership_id,
            "ListGroupMemberships": self._list_group_memberships,
            "ListGroupMembershipsForMember": self._list_group_memberships_for_member,
            "IsMemberInGroups": self._is_member_in_groups,
        }

    def answer(self, operation: str, parameters: Json, region: str) -> Json:
        """Answer one call: whatever the operation has to show, cut to what its answer has."""
        check_extension_names(parameters.get("Extensions", ()))
        if operation not in self._operations:
            raise Refusal("bad_request", f"The sandbox does not stand in for {operation}.")
        writing = not operation.startswith(READS)
        store = self._instances.store(parameters["IdentityStoreId"], region, writing=writing)
        key = self._switches.customer_managed_key
        if key != "usable":
            raise Refusal(
                KMS_KINDS.get(key, "bad_request"), f"The KMS key of the store cannot be used: {key}.", Reason=key
            )
        members = getattr(service_model("identitystore").operation_model(operation).output_shape, "members", ())
        return {
            name: value
            for name, value in self._operations[operation](store, with_bare_ids(parameters)).items()
            if name in members
        }

    def changes(self, operation: str, parameters: Json) -> list[str]:
        """Name the objects that a call changes."""
        ids = {name: bare(parameters[name], kind) for name, kind in KINDS.items() if name in parameters}
        if operation in {"UpdateUser", "DeleteUser", "UpdateGroup", "DeleteGroup"}:
            return list(ids.values())
        if operation in {"CreateGroupMembership", "DeleteGroupMembership"} and self._switches.memberships_conflict:
            memberships = self._instances.organisation.memberships
            return [str(memberships.get(ids.get("MembershipId", ""), ids).get("GroupId"))]
        return []

    # users

    def _create_user(self, store: Store, parameters: Json) -> Json:
        return store.create_user(_without_store(parameters), CALLER)

    def _describe_user(self, store: Store, parameters: Json) -> Json:
        return self._shown_user(store.user(parameters["UserId"]), parameters)

    def _update_user(self, store: Store, parameters: Json) -> Json:
        user = store.user(parameters["UserId"])
        _check_revision(user, parameters)
        changed = changed_user(user, parameters["Operations"], self._switches)
        return store.update_user(user["UserId"], changed, CALLER)

    def _delete_user(self, store: Store, parameters: Json) -> Json:
        _check_revision(store.user(parameters["UserId"]), parameters)
        store.delete_user(parameters["UserId"])
        return {}

    def _list_users(self, store: Store, parameters: Json) -> Json:
        wanted = _filtered_on(parameters, "UserName")
        users = store.users.values() if wanted is None else _only(store.users, store.holder("UserName", wanted))
        found, rest = self._page(store, users, "Users", parameters)
        return {"Users": [self._shown_user(user, parameters) for user in found], **rest}

    def _get_user_id(self, store: Store, parameters: Json) -> Json:
        paths = {"userName": "UserName", "emails.value": "email"}
        return store.user(_holder(store, "user", parameters["AlternateIdentifier"], paths))

    def _shown_user(self, user: Json, parameters: Json) -> Json:
        """Show a user; extensions only where they were asked for."""
        shown = {k: v for k, v in user.items() if k != "Extensions"}
        asked = parameters.get("Extensions", [])
        extensions = {name: dict(value) for name, value in user.get("Extensions", {}).items() if name in asked}
        for extension in extensions.values():
            if self._switches.manager_as_text and isinstance(extension.get("manager"), dict):
                extension["manager"] = extension["manager"].get("value", "")
        return shown | ({"Extensions": extensions} if extensions else {})

    # groups

    def _create_group(self, store: Store, parameters: Json) -> Json:
        return store.create_group(_without_store(parameters), CALLER)

    @staticmethod
    def _describe_group(store: Store, parameters: Json) -> Json:
        return store.group(parameters["GroupId"])

    @staticmethod
    def _update_group(store: Store, parameters: Json) -> Json:
        group = store.group(parameters["GroupId"])
        _check_revision(group, parameters)
        changed = changed_group(parameters["Operations"])
        return store.update_group(group["GroupId"], changed, CALLER)

    @staticmethod
    def _delete_group(store: Store, parameters: Json) -> Json:
        _check_revision(store.group(parameters["GroupId"]), parameters)
        store.delete_group(parameters["GroupId"])
        return {}

    def _list_groups(self, store: Store, parameters: Json) -> Json:
        wanted = _filtered_on(parameters, "DisplayName")
        holder = store.holder("GroupDisplayName", wanted or "")
        found, rest = self._page(
            store, store.groups.values() if wanted is None else _only(store.groups, holder), "Groups", parameters
        )
        return {"Groups": found, **rest}

    @staticmethod
    def _get_group_id(store: Store, parameters: Json) -> Json:
        paths = {"displayName": "GroupDisplayName"}
        return store.group(_holder(store, "group", parameters["AlternateIdentifier"], paths))

    # memberships

    @staticmethod
    def _create_group_membership(store: Store, parameters: Json) -> Json:
        return store.create_membership(parameters["GroupId"], _member(parameters), CALLER)

    @staticmethod
    def _describe_group_membership(store: Store, parameters: Json) -> Json:
        return store.membership(parameters["MembershipId"])

    @staticmethod
    def _delete_group_membership(store: Store, parameters: Json) -> Json:
        store.delete_membership(parameters["MembershipId"])
        return {}

    @staticmethod
    def _get_group_membership_id(store: Store, parameters: Json) -> Json:
        pair = (parameters["GroupId"], _member(parameters))
        if pair not in store.by_pair:
            raise not_found("GROUP_MEMBERSHIP", "")
        return store.membership(store.by_pair[pair])

    def _list_group_memberships(self, store: Store, parameters: Json) -> Json:
        return self._list_memberships(store, store.group(parameters["GroupId"])["GroupId"], parameters)

    def _list_group_memberships_for_member(self, store: Store, parameters: Json) -> Json:
        return self._list_memberships(store, store.user(_member(parameters))["UserId"], parameters)

    def _list_memberships(self, store: Store, object_id: str, parameters: Json) -> Json:
        found, rest = self._page(store, store.memberships_of(object_id), f"Memberships of {object_id}", parameters)
        return {"GroupMemberships": found, **rest}

    @staticmethod
    def _is_member_in_groups(store: Store, parameters: Json) -> Json:
        member = parameters["MemberId"]
        return {
            "Results": [
                {
                    "GroupId": group_id,
                    "MemberId": member,
                    "MembershipExists": (group_id, member["UserId"]) in store.by_pair,
                }
                for group_id in parameters["GroupIds"]
            ]
        }

    def _page(self, store: Store, rows: Iterable[Json], what: str, parameters: Json) -> tuple[list[Json], Json]:
        listing = f"{store.store_id} {what} {json.dumps(parameters.get('Filters', []))}"
        size, token = parameters.get("MaxResults", PAGE), parameters.get("NextToken", "")
        found, rest = self._pages.cut(store.listed(rows), size, token, listing, store.number_of)
        return found, {"NextToken": rest} if rest else {}


def _without_store(parameters: Json) -> Json:
    return {name: value for name, value in parameters.items() if name != "IdentityStoreId"}


def _member(parameters: Json) -> str:
    return str(parameters["MemberId"].get("UserId", ""))


def _only(table: dict[str, Json], object_id: str | None) -> list[Json]:
    return [table[object_id]] if object_id else []


def _filtered_on(parameters: Json, attribute: str) -> str | None:
    """Return the value that a listing is filtered on, or None."""
    filters = parameters.get("Filters", [])
    for one in filters:
        if one["AttributePath"] != attribute:
            raise invalid(f"Only {attribute} can be filtered on")
        return str(one["AttributeValue"])
    return None


def _holder(store: Store, kind: str, wanted: Json, paths: dict[str, str]) -> str:
    """Find by an external id or a unique attribute; raises a refusal if there is none."""
    holder = None
    if "ExternalId" in wanted:
        holder = store.holder_of_external_id(kind, wanted["ExternalId"])
    elif "UniqueAttribute" in wanted:
        path, value = wanted["UniqueAttribute"]["AttributePath"], wanted["UniqueAttribute"]["AttributeValue"]
        if path not in paths:
            raise invalid(f"AttributePath {path} is not supported")
        holder = store.holder(paths[path], str(value))
    if holder is None:
        raise not_found(kind.upper(), "")
    return holder


def _check_revision(record: Json, parameters: Json) -> None:
    if "Revision" in parameters and parameters["Revision"] != record["Revision"]:
        raise Refusal("conflict", "The resource has changed", Reason="CONCURRENT_MODIFICATION")
