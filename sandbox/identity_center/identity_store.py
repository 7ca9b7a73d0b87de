"""The Identity Store API: AWS JSON 1.1, one operation for each X-Amz-Target."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.identity_center.paging import page
from sandbox.identity_center.shapes import check_input, fits
from sandbox.identity_center.store import Store, invalid, not_found
from sandbox.refusal import Refusal

Json = dict[str, Any]
CONTENT_TYPE = "application/x-amz-json-1.1"
ENTERPRISE = "aws:identitystore:enterprise"
ACCESS_KEY = "000000000000"
CALLER = "arn:aws:sts::123456789012:assumed-role/sandbox/session"
CODES = {
    "bad_request": (400, "ValidationException"),
    "conflict": (400, "ConflictException"),
    "not_found": (400, "ResourceNotFoundException"),
    "throttle": (400, "ThrottlingException"),
    "unauthorized": (400, "UnrecognizedClientException"),
    "forbidden": (400, "AccessDeniedException"),
    "error": (500, "InternalServerException"),
    "unavailable": (503, "ServiceUnavailableException"),
}
SIMPLE_PATHS = {
    "userName": "UserName",
    "displayName": "DisplayName",
    "nickName": "NickName",
    "profileUrl": "ProfileUrl",
    "userType": "UserType",
    "title": "Title",
    "preferredLanguage": "PreferredLanguage",
    "locale": "Locale",
    "timezone": "Timezone",
    "website": "Website",
    "birthdate": "Birthdate",
}
NAME_PATHS = ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")
LIST_PATHS = {"emails": "Emails", "phoneNumbers": "PhoneNumbers", "addresses": "Addresses", "roles": "Roles"}
ITEM_MEMBERS = {
    "emails": {"value", "type", "primary"},
    "phoneNumbers": {"value", "type", "primary"},
    "roles": {"value", "type", "primary"},
    "addresses": {
        "streetAddress", "locality", "region", "postalCode", "country", "formatted", "type", "primary",
    },
}  # fmt: skip


class IdentityStoreApi:
    """Serves one store."""

    def __init__(self, store: Store, switchboard: Switchboard) -> None:
        self._store, self._switchboard = store, switchboard
        self._operations: dict[str, Callable[[Json], Json]] = {
            "CreateUser": self._create_user,
            "DescribeUser": self._describe_user,
            "UpdateUser": self._update_user,
            "DeleteUser": self._delete_user,
            "ListUsers": self._list_users,
            "GetUserId": self._get_user_id,
            "CreateGroup": self._create_group,
            "DescribeGroup": lambda p: self._store.group(p["GroupId"]),
            "UpdateGroup": self._update_group,
            "DeleteGroup": self._delete_group,
            "ListGroups": self._list_groups,
            "GetGroupId": self._get_group_id,
            "CreateGroupMembership": self._create_membership,
            "DescribeGroupMembership": lambda p: self._store.membership(p["MembershipId"]),
            "DeleteGroupMembership": self._delete_membership,
            "GetGroupMembershipId": self._get_membership_id,
            "ListGroupMemberships": self._list_memberships,
            "ListGroupMembershipsForMember": self._list_memberships_for_member,
            "IsMemberInGroups": self._is_member_in_groups,
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        operation = request.headers.get("X-Amz-Target", "").partition("AWSIdentityStore.")[2]
        body = await request.read()

        def answer() -> Reply:
            check_signature(request)
            if operation not in self._operations:
                raise Refusal("bad_request", f"Unknown operation {operation}")
            return Reply(200, self._answer(operation, body))

        return await send(
            request,
            lambda: self._switchboard.call("identity_store", operation or "unknown", render_error, answer),
            CONTENT_TYPE,
        )

    def _answer(self, operation: str, body: bytes) -> Json:
        try:
            parameters = json.loads(body or b"{}")
        except ValueError as exc:
            raise invalid("The request is not JSON") from exc
        check_input("identitystore", operation, parameters)
        store = parameters["IdentityStoreId"].rpartition("/")[2]
        if store != self._store.store_id:
            raise not_found("IDENTITY_STORE", store)
        return self._operations[operation](parameters)

    def _ids(self, **ids: str) -> Json:
        return {**ids, "IdentityStoreId": self._store.store_id}

    def _create_user(self, parameters: Json) -> Json:
        attributes = {k: v for k, v in parameters.items() if k != "IdentityStoreId"}
        user = self._store.create_user(attributes, CALLER)
        return self._ids(UserId=user["UserId"], UserArn=user["UserArn"], Revision=user["Revision"])

    def _describe_user(self, parameters: Json) -> Json:
        return shown_user(self._store.user(parameters["UserId"]), parameters)

    def _update_user(self, parameters: Json) -> Json:
        user = self._store.user(parameters["UserId"])
        _check_revision(user, parameters)
        changed: Json = {"Name": deepcopy(user["Name"]), "Extensions": deepcopy(user.get("Extensions", {}))}
        for operation in parameters["Operations"]:
            apply_user_operation(changed, operation["AttributePath"], operation.get("AttributeValue"))
        after = self._store.update_user(user["UserId"], changed, CALLER)
        return {"Revision": after["Revision"]}

    def _delete_user(self, parameters: Json) -> Json:
        _check_revision(self._store.user(parameters["UserId"]), parameters)
        self._store.delete_user(parameters["UserId"])
        return {}

    def _list_users(self, parameters: Json) -> Json:
        users = list(self._store.users.values())
        for filtering in parameters.get("Filters", []):
            if filtering["AttributePath"] != "UserName":
                raise invalid("Only UserName can be filtered on")
            wanted = filtering["AttributeValue"].casefold()
            users = [user for user in users if user["UserName"].casefold() == wanted]
        found, rest = page(users, parameters)
        return {"Users": [shown_user(user, parameters) for user in found], **rest}

    def _get_user_id(self, parameters: Json) -> Json:
        wanted = parameters["AlternateIdentifier"]
        for user in self._store.users.values():
            emails = [{"Value": email["Value"]} for email in user.get("Emails", [])]
            if _is_meant(wanted, user, {"userName": [user["UserName"]], "emails.value": [e["Value"] for e in emails]}):
                return self._ids(UserId=user["UserId"])
        raise not_found("USER", "")

    def _create_group(self, parameters: Json) -> Json:
        attributes = {k: v for k, v in parameters.items() if k != "IdentityStoreId"}
        group = self._store.create_group(attributes, CALLER)
        return self._ids(GroupId=group["GroupId"], GroupArn=group["GroupArn"], Revision=group["Revision"])

    def _update_group(self, parameters: Json) -> Json:
        group = self._store.group(parameters["GroupId"])
        _check_revision(group, parameters)
        changed: Json = {}
        for operation in parameters["Operations"]:
            path, value = operation["AttributePath"], operation.get("AttributeValue")
            if path not in {"displayName", "description"}:
                raise invalid(f"AttributePath {path} is not supported")
            changed[path[0].upper() + path[1:]] = _text(path, value)
        after = self._store.update_group(group["GroupId"], changed, CALLER)
        return {"Revision": after["Revision"]}

    def _delete_group(self, parameters: Json) -> Json:
        _check_revision(self._store.group(parameters["GroupId"]), parameters)
        self._store.delete_group(parameters["GroupId"])
        return {}

    def _list_groups(self, parameters: Json) -> Json:
        groups = list(self._store.groups.values())
        for filtering in parameters.get("Filters", []):
            if filtering["AttributePath"] != "DisplayName":
                raise invalid("Only DisplayName can be filtered on")
            wanted = filtering["AttributeValue"].casefold()
            groups = [group for group in groups if group["DisplayName"].casefold() == wanted]
        found, rest = page(groups, parameters)
        return {"Groups": found, **rest}

    def _get_group_id(self, parameters: Json) -> Json:
        for group in self._store.groups.values():
            if _is_meant(parameters["AlternateIdentifier"], group, {"displayName": [group["DisplayName"]]}):
                return self._ids(GroupId=group["GroupId"])
        raise not_found("GROUP", "")

    def _create_membership(self, parameters: Json) -> Json:
        user_id = parameters["MemberId"].get("UserId", "")
        membership = self._store.create_membership(parameters["GroupId"], user_id, CALLER)
        return self._ids(MembershipId=membership["MembershipId"], MembershipArn=membership["MembershipArn"])

    def _delete_membership(self, parameters: Json) -> Json:
        self._store.delete_membership(parameters["MembershipId"])
        return {}

    def _get_membership_id(self, parameters: Json) -> Json:
        pair = (parameters["GroupId"], parameters["MemberId"].get("UserId", ""))
        if pair not in self._store.by_pair:
            raise not_found("GROUP_MEMBERSHIP", "")
        return self._ids(MembershipId=self._store.by_pair[pair])

    def _list_memberships(self, parameters: Json) -> Json:
        self._store.group(parameters["GroupId"])
        found, rest = page(self._store.memberships_of(parameters["GroupId"]), parameters)
        return {"GroupMemberships": found, **rest}

    def _list_memberships_for_member(self, parameters: Json) -> Json:
        self._store.user(parameters["MemberId"]["UserId"])
        found, rest = page(self._store.memberships_of(parameters["MemberId"]["UserId"]), parameters)
        return {"GroupMemberships": found, **rest}

    def _is_member_in_groups(self, parameters: Json) -> Json:
        member = parameters["MemberId"]
        return {
            "Results": [
                {
                    "GroupId": group_id,
                    "MemberId": member,
                    "MembershipExists": (group_id, member["UserId"]) in self._store.by_pair,
                }
                for group_id in parameters["GroupIds"]
            ]
        }


def check_signature(request: web.Request) -> None:
    """Refuse calls that are not signed, or signed with keys that this account does not have."""
    authorization = request.headers.get("Authorization", "")
    if not authorization.startswith("AWS4-HMAC-SHA256 "):
        raise Refusal("forbidden", "Missing Authentication Token")
    if f"Credential={ACCESS_KEY}/" not in authorization:
        raise Refusal("unauthorized", "The security token included in the request is invalid.")


def shown_user(user: Json, parameters: Json) -> Json:
    """Show a user; extensions only where they were asked for."""
    asked = parameters.get("Extensions", [])
    shown = {k: v for k, v in user.items() if k != "Extensions"}
    extensions = {name: value for name, value in user.get("Extensions", {}).items() if name in asked}
    return shown | ({"Extensions": extensions} if extensions else {})


def apply_user_operation(changed: Json, path: str, value: Any) -> None:
    """Apply one attribute operation to what is to change; null removes."""
    if path in SIMPLE_PATHS:
        changed[SIMPLE_PATHS[path]] = _text(path, value)
    elif path.startswith("name.") and path.removeprefix("name.") in NAME_PATHS:
        member = path.removeprefix("name.")
        changed["Name"][member[0].upper() + member[1:]] = _text(path, value)
    elif path in LIST_PATHS:
        changed[LIST_PATHS[path]] = None if value is None else _items(path, value)
    elif path == ENTERPRISE:
        if value is not None and not (isinstance(value, dict) and value):
            raise invalid(f"{path}: an object is expected")
        changed["Extensions"] = {ENTERPRISE: value} if value else None
    else:
        raise invalid(f"AttributePath {path} is not supported")


def _items(path: str, value: Any) -> list[Json]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid(f"{path}: a list of objects is expected")
    for item in value:
        for name, content in item.items():
            if name not in ITEM_MEMBERS[path]:
                raise invalid(f"{path}.{name} is not a known member")
            if name == "primary":
                if not isinstance(content, bool):
                    raise invalid(f"{path}.primary: a boolean is expected")
            else:
                _text(f"{path}.{name}", content, clearable=False)
    return [{name[0].upper() + name[1:]: content for name, content in item.items()} for item in value]


def _text(path: str, value: Any, *, clearable: bool = True) -> str | None:
    """Accept text of 1 to 1,024 characters, or null where that clears."""
    if value is None and clearable:
        return None
    shape = "UserName" if path == "userName" else "SensitiveStringType"
    if not isinstance(value, str) or not fits(shape, value):
        raise invalid(f"Value at '{path}' failed to satisfy constraint: Member must be a {shape}")
    return value


def _check_revision(record: Json, parameters: Json) -> None:
    if "Revision" in parameters and parameters["Revision"] != record["Revision"]:
        raise Refusal("conflict", "The resource has changed", Reason="CONCURRENT_MODIFICATION")


def _is_meant(wanted: Json, record: Json, unique: dict[str, list[str]]) -> bool:
    if "ExternalId" in wanted:
        return wanted["ExternalId"] in record["ExternalIds"]
    attribute = wanted["UniqueAttribute"]
    if attribute["AttributePath"] not in unique:
        raise invalid(f"AttributePath {attribute['AttributePath']} is not supported")
    values = [value.casefold() for value in unique[attribute["AttributePath"]]]
    return str(attribute["AttributeValue"]).casefold() in values


def render_error(refusal: Refusal) -> Reply:
    """Write an error as AWS JSON 1.1 does."""
    status, code = CODES[refusal.kind]
    body: Json = {"__type": code, "Message": refusal.message, "RequestId": "sandbox", **refusal.details}
    if refusal.kind == "throttle":
        body["RetryAfterSeconds"] = 1
    return Reply(status, body, {"x-amzn-errortype": code})
