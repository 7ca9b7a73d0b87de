"""Identity Center written object by object, through the Identity Store API.

Limits: the Identity Store API reference: one membership a call, no external ids, no status.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from sso_sync.core.changes import UpdateGroup, UpdateUser
from sso_sync.core.errors import ChangeError, ChangeRefused, ChangeUnknown, ValueRefused
from sso_sync.core.model import Directory, Group, User
from sso_sync.http.boto_errors import MISSHAPEN, error_code, error_reason, is_absent, translate
from sso_sync.http.collisions import unless_collided
from sso_sync.targets import identity_store_format as wire
from sso_sync.targets.identity_store_reader import CONNECTIONS, IdentityStoreReader
from sso_sync.targets.write_errors import is_collision, translate_write


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
            except ChangeError as exc:
                if _reason(exc) == "UNIQUENESS_CONSTRAINT_VIOLATION":
                    continue  # already a member, by whomever or by an attempt of ours without an answer
                raise
            self._reader.membership_ids[group_id, user_id] = _id(answer, "MembershipId", "add a member")

    def remove_members(self, group_id: str, user_ids: Collection[str]) -> None:
        for user_id in user_ids:
            membership_id = self._reader.membership_ids.get((group_id, user_id))
            if membership_id is None:
                raise ChangeRefused("Cannot remove a member: the membership was not there when it was read.")
            self._delete("delete_group_membership", "remove a member", MembershipId=membership_id)

    def finish(self) -> None:
        pass

    def _delete(self, operation: str, doing: str, **parameters: Any) -> bool:
        """Delete; tell whether it was there."""
        try:
            self._write(operation, doing, **parameters)
        except ChangeRefused as exc:
            if isinstance(exc.__cause__, ClientError) and is_absent(exc.__cause__, "USER", "GROUP", "GROUP_MEMBERSHIP"):
                return False
            raise
        return True

    def _write(self, operation: str, doing: str, **parameters: Any) -> Mapping[str, Any]:
        method: Callable[..., Mapping[str, Any]] = getattr(self._client, operation)
        answer_lost = False  # an attempt went without an answer, and may have happened

        def attempt() -> Mapping[str, Any] | ClientError:
            nonlocal answer_lost
            try:
                return method(IdentityStoreId=self.store_id, **parameters)
            except ClientError as exc:
                answer_lost |= bool(exc.response.get("ResponseMetadata", {}).get("RetryAttempts", 0))
                return exc

        try:
            outcome = unless_collided(attempt, is_collision)
        except ParamValidationError as exc:  # boto3 itself knows that it would be refused, and sends nothing
            raise ValueRefused(f"Cannot {doing}: {' '.join(str(exc).split())}.") from exc
        except BotoCoreError as exc:
            raise translate(exc, doing, ChangeUnknown) from exc  # no answer, or half of one: it may have happened
        except MISSHAPEN as exc:
            raise ChangeUnknown(
                f"Cannot {doing}: Identity Center's answer is broken ({type(exc).__name__}), so it may have happened."
            ) from exc
        if isinstance(outcome, ClientError):
            raise translate_write(outcome, doing, answer_lost=answer_lost) from outcome
        return outcome


def _id(answer: Mapping[str, Any], key: str, doing: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise ChangeUnknown(f"Cannot {doing}: the answer of Identity Center has no {key}, so it may have happened.")
    return value


def _reason(exc: ChangeError) -> str:
    """Return the Reason of a ConflictException; older services send none for a duplicate."""
    cause = exc.__cause__
    if not isinstance(cause, ClientError) or error_code(cause) != "ConflictException":
        return ""
    return error_reason(cause) or "UNIQUENESS_CONSTRAINT_VIOLATION"
