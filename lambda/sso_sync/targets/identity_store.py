"""Identity Center through the Identity Store API: read as a whole, write object by object.

Limits and quotas: the Identity Store API reference and "Quotas and limits" of the IAM Identity
Center user guide: pages of 100, one membership a call, 20 requests a second for each operation.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.changes import UpdateGroup, UpdateUser
from sso_sync.core.errors import ChangeRefused, ChangeUnknown, SsoSyncError, TargetError
from sso_sync.core.model import Directory, Group, User
from sso_sync.http.boto import error_code, translate
from sso_sync.targets import identity_store_format as wire

if TYPE_CHECKING:
    from mypy_boto3_identitystore import IdentityStoreClient
    from mypy_boto3_identitystore.type_defs import GroupMembershipTypeDef

log = logging.getLogger(__name__)
REFUSALS = {
    "ConflictException",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
    "ValidationException",
}
REQUESTS_PER_SECOND = 20.0  # for each operation and store
CONNECTIONS = 10  # at 20 requests a second, enough for answers that take half a second


class IdentityStoreReader:
    """Reads one identity store."""

    def __init__(self, client: "IdentityStoreClient", store_id: str, *, enterprise: bool = False) -> None:
        self.client, self.store_id = client, store_id
        self._extensions = {"Extensions": [wire.EXTENSION]} if enterprise else {}
        self.membership_ids: dict[tuple[str, str], str] = {}  # (group id, user id) → membership id

    def read(self) -> Directory:
        """Read every user, group and membership; one call for each page, and each group's members."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            reading_users = pool.submit(self._list, "list_users", "Users", **self._extensions)
            groups = self._list("list_groups", "Groups")
            reading_members = {
                group["GroupId"]: pool.submit(
                    self._list, "list_group_memberships", "GroupMemberships", GroupId=group["GroupId"]
                )
                for group in groups
            }
            raw_users = reading_users.result()
            memberships = {group_id: reading.result() for group_id, reading in reading_members.items()}
        try:
            # By id, because an object that changes while pages are read may be on two of them.
            users = {raw["UserId"]: wire.parse_user(raw) for raw in raw_users}
            members = {group_id: self._members(found, users) for group_id, found in memberships.items()}
            by_id = {raw["GroupId"]: wire.parse_group(raw) for raw in groups}
        except (KeyError, TypeError, AttributeError) as exc:
            raise TargetError(
                f"Cannot read Identity Center: its answer lacks {exc}, so it is not complete; nothing was changed."
            ) from exc
        return Directory.of(users.values(), by_id.values(), members)

    def _members(self, memberships: "Iterable[GroupMembershipTypeDef]", known: Collection[str]) -> set[str]:
        """Collect user ids; a user who appeared or went between two listings is left to the next run."""
        user_ids = set()
        for membership in memberships:
            user_id = membership["MemberId"].get("UserId", "")
            if user_id in known:
                user_ids.add(user_id)
                self.membership_ids[membership["GroupId"], user_id] = membership["MembershipId"]
        return user_ids

    def _list(self, operation: str, key: str, **parameters: Any) -> list[Any]:
        paginator = self.client.get_paginator(operation)  # type: ignore[call-overload] # the stubs want literals
        pages = paginator.paginate(IdentityStoreId=self.store_id, PaginationConfig={"PageSize": 100}, **parameters)
        doing = f"read Identity Center ({operation})"
        try:
            return [item for page in pages for item in page[key]]
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, doing, TargetError) from exc
        except (KeyError, TypeError) as exc:
            raise TargetError(f"Cannot {doing}: a page has no {key}, so it is not complete.") from exc

    def exists(self, kind: str, aws_id: str) -> bool:
        """Tell whether a user or group with this id is in this store."""
        try:
            if kind == "user":
                self.client.describe_user(IdentityStoreId=self.store_id, UserId=aws_id)
            else:
                self.client.describe_group(IdentityStoreId=self.store_id, GroupId=aws_id)
        except ClientError as exc:
            if error_code(exc) == "ResourceNotFoundException":
                return False
            raise translate(exc, f"look up a {kind} in Identity Center", TargetError) from exc
        except BotoCoreError as exc:
            raise translate(exc, f"look up a {kind} in Identity Center", TargetError) from exc
        return True

    def confirm_gone(self, kind: str, aws_id: str) -> None:
        """Raise ChangeUnknown if an object that a deletion did not find is still here.

        The ledger forgets what is deleted, and what it forgets can never be deleted again.
        """
        if self.exists(kind, aws_id):
            raise ChangeUnknown(
                f"Cannot delete a {kind}: it was answered that there is none, but it can still be read."
            )


class IdentityStoreTarget:
    """Reads and writes one identity store by the Identity Store API; see `core.ports.Target`."""

    unwritable = frozenset({"external_id", "active"})  # the API has no way to set them
    members_per_create = 0
    members_per_change = 1
    concurrency = CONNECTIONS

    def __init__(self, reader: IdentityStoreReader) -> None:
        self._reader, self._client = reader, reader.client
        self.store_id = reader.store_id

    def read(self) -> Directory:
        return self._reader.read()

    def create_user(self, user: User) -> str:
        parameters = wire.user_parameters(user)
        doing = f"create the user '{user.user_name}'"
        return _id(self._write("create_user", doing, **parameters), "UserId", doing)

    def update_user(self, change: UpdateUser) -> None:
        doing = f"update the user '{change.ref.name}'"
        operations = wire.user_operations(change)
        # The API's model lets userName be changed, its documentation does not say so: should it refuse,
        # the rest has been written.
        of_user_name = [operation for operation in operations if operation["AttributePath"] == "userName"]
        for some in ([operation for operation in operations if operation not in of_user_name], of_user_name):
            if some:
                self._write("update_user", doing, UserId=change.after.id, Operations=some)

    def delete_user(self, user_id: str) -> None:
        if not self._delete("delete_user", "delete a user", UserId=user_id):
            self._reader.confirm_gone("user", user_id)

    def create_group(self, group: Group, member_ids: Sequence[str]) -> str:
        assert not member_ids, "the Identity Store API creates groups empty"
        description = {"Description": group.description} if group.description else {}
        doing = f"create the group '{group.display_name}'"
        answer = self._write("create_group", doing, DisplayName=group.display_name, **description)
        return _id(answer, "GroupId", doing)

    def update_group(self, change: UpdateGroup) -> None:
        doing = f"update the group '{change.ref.name}'"
        operations = wire.group_operations(change)
        if operations:
            self._write("update_group", doing, GroupId=change.after.id, Operations=operations)

    def delete_group(self, group_id: str) -> None:
        if not self._delete("delete_group", "delete a group", GroupId=group_id):
            self._reader.confirm_gone("group", group_id)

    def add_members(self, group_id: str, user_ids: Sequence[str]) -> None:
        for user_id in user_ids:
            try:
                answer = self._write(
                    "create_group_membership",
                    "add a member",
                    GroupId=group_id,
                    MemberId={"UserId": user_id},
                )
            except ChangeRefused as exc:
                if _reason(exc) == "UNIQUENESS_CONSTRAINT_VIOLATION":
                    continue  # already a member
                raise
            self._reader.membership_ids[group_id, user_id] = _id(answer, "MembershipId", "add a member")

    def remove_members(self, group_id: str, user_ids: Collection[str]) -> None:
        for user_id in user_ids:
            membership_id = self._reader.membership_ids.get((group_id, user_id))
            if membership_id is None:
                raise ChangeRefused("Cannot remove a member: the membership was not there when it was read.")
            self._delete("delete_group_membership", "remove a member", MembershipId=membership_id)

    def _delete(self, operation: str, doing: str, **parameters: Any) -> bool:
        """Delete; tell whether it was there."""
        try:
            self._write(operation, doing, **parameters)
        except ChangeRefused as exc:
            if _code(exc) != "ResourceNotFoundException":
                raise
            return False
        return True

    def _write(self, operation: str, doing: str, **parameters: Any) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = getattr(self._client, operation)(IdentityStoreId=self.store_id, **parameters)
        except ClientError as exc:
            raise _translate_write(exc, doing) from exc
        except BotoCoreError as exc:
            raise translate(exc, doing, ChangeUnknown) from exc  # no answer, or half of one: it may have happened
        return answer


def _translate_write(exc: ClientError, doing: str) -> SsoSyncError:
    code = error_code(exc)
    metadata = exc.response.get("ResponseMetadata", {})
    if code == "ConflictException" and metadata.get("RetryAttempts", 0):
        return translate(exc, doing, ChangeUnknown)  # most likely an earlier attempt whose answer was lost
    if code in REFUSALS:
        return translate(exc, doing, ChangeRefused)
    if code in {"ThrottlingException", "InternalServerException"} or metadata.get("HTTPStatusCode", 0) >= 500:
        return translate(exc, doing, ChangeUnknown)
    return translate(exc, doing, TargetError)


def _id(answer: Mapping[str, Any], key: str, doing: str) -> str:
    if key not in answer:
        raise ChangeUnknown(f"Cannot {doing}: the answer of Identity Center has no {key}, so it may have happened.")
    return str(answer[key])


def _reason(exc: ChangeRefused) -> str:
    """Return the Reason of a ConflictException; older services send none for a duplicate."""
    cause = exc.__cause__
    if not isinstance(cause, ClientError) or error_code(cause) != "ConflictException":
        return ""
    return str(cause.response.get("Reason", "UNIQUENESS_CONSTRAINT_VIOLATION"))


def _code(exc: ChangeRefused) -> str:
    return error_code(exc.__cause__) if isinstance(exc.__cause__, ClientError) else ""
