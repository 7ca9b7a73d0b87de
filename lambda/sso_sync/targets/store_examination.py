"""Whether Identity Center can be read, looked at operation by operation; nothing is written."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import PermissionMissing, TargetError
from sso_sync.core.findings import Finding, look_at
from sso_sync.http.boto import NOBODY
from sso_sync.http.boto_errors import MISSHAPEN, is_absent, translate
from sso_sync.targets.identity_store_reader import IdentityStoreReader

Grant = Callable[[str], str]  # IAM action → how to be allowed it


class StoreExaminer:
    """Makes one call of each operation that reads; `user_id` and `group_id` are of the store, if it holds any.

    `user_id` is None while it is not known whether it holds one.
    Without `members` only what lists users and groups is looked at.
    """

    def __init__(self, reader: IdentityStoreReader, grant: Grant, *, members: bool = True) -> None:
        self._reader, self._grant, self._members = reader, grant, members
        self.user_id: str | None = None
        self.group_id = ""
        self._hopeless = False  # what is in the way is no permission, so that no other call can do better

    def examine(self) -> Iterator[Finding]:
        """Look at every permission that a read needs."""
        yield self._look("ListUsers", self._users)
        if self._hopeless:
            return
        yield self._look("ListGroups", self._groups)
        if not self._members:
            return
        group, user = self.group_id or NOBODY, self.user_id or NOBODY
        for operation, parameters, good in (
            ("ListGroupMemberships", {"GroupId": group, "MaxResults": 1}, "Members of groups can be listed."),
            ("DescribeUser", {"UserId": user}, "Single users can be looked up."),
            ("DescribeGroup", {"GroupId": group}, "Single groups can be looked up."),
        ):
            yield self._look(operation, self._allowed(operation, parameters, good))

    def _look(self, operation: str, look: Callable[[], str]) -> Finding:
        return look_at(f"Identity store: {operation}", look, grant=self._grant(f"identitystore:{operation}"))

    def _users(self) -> str:
        rows = self._call("ListUsers", {"MaxResults": 1}).get("Users", [])
        self.user_id = str(rows[0]["UserId"]) if rows else ""
        return "Users can be listed." if rows else "Users can be listed; there are none."

    def _groups(self) -> str:
        rows = self._call("ListGroups", {"MaxResults": 1}).get("Groups", [])
        self.group_id = str(rows[0]["GroupId"]) if rows else ""
        return "Groups can be listed." if rows else "Groups can be listed; there are none."

    def _allowed(self, operation: str, parameters: Mapping[str, Any], good: str) -> Callable[[], str]:
        def look() -> str:
            self._call(operation, parameters)
            return good

        return look

    def _call(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        client, doing = self._reader.client, f"read Identity Center ({operation})"
        method: Callable[..., Mapping[str, Any]] = getattr(client, xform_name(operation))
        try:
            return method(IdentityStoreId=self._reader.store_id, **parameters)
        except ClientError as exc:
            if is_absent(exc, "USER", "GROUP"):
                return {}
            error = translate(exc, doing, TargetError)
            self._hopeless |= not isinstance(error, PermissionMissing)
            raise error from exc
        except BotoCoreError as exc:
            self._hopeless = True
            raise translate(exc, doing, TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(f"Cannot {doing}: the answer is broken ({type(exc).__name__}); run again.") from exc
