"""Identity Center read as a whole, through the Identity Store API, whatever it is written by.

Limits and quotas: the Identity Store API reference and "Quotas and limits" of the IAM Identity
Center user guide: pages of 100, 20 requests a second for each operation.
"""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import ChangeUnknown, TargetError
from sso_sync.core.model import Directory, Kind
from sso_sync.http.boto_errors import MISSHAPEN, is_absent, translate
from sso_sync.http.calls import Calls
from sso_sync.targets import identity_store_format as wire

if TYPE_CHECKING:
    from mypy_boto3_identitystore import IdentityStoreClient
    from mypy_boto3_identitystore.type_defs import GroupMembershipTypeDef

SYSTEM = "identitystore"  # as calls are counted
REQUESTS_PER_SECOND = 20.0  # for each operation and store
CONNECTIONS = 10  # at 20 requests a second, enough for answers that take half a second


@contextmanager
def _complete() -> Iterator[None]:
    """Raise TargetError for an answer that does not have the shape of the API's model."""
    try:
        yield
    except MISSHAPEN as exc:
        raise TargetError(
            f"Cannot read Identity Center: its answer is not complete ({type(exc).__name__}: {str(exc)[:200]}); "
            "nothing was changed."
        ) from exc


class IdentityStoreReader:
    """Reads one identity store."""

    def __init__(
        self, client: "IdentityStoreClient", store_id: str, *, enterprise: bool = False, calls: Calls | None = None
    ) -> None:
        self.client, self.store_id, self._calls = client, store_id, calls or Calls()
        self._extensions = {"Extensions": [wire.EXTENSION]} if enterprise else {}
        self.membership_ids: dict[tuple[str, str], str] = {}  # (group id, user id) → membership id

    def read(self) -> Directory:
        """Read every user, group and membership; one call for each page, and each group's members."""
        with _complete():
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                reading_users = pool.submit(self._list, "list_users", "Users", **self._extensions)
                groups = self._list("list_groups", "Groups")
                self._calls.expect(SYSTEM, "groups", len(groups))
                reading_members = {
                    group_id: pool.submit(self._memberships, group_id)
                    for group_id in (wire.text(group["GroupId"]) for group in groups)
                }
                raw_users = reading_users.result()
                memberships = {group_id: reading.result() for group_id, reading in reading_members.items()}
            # By id, because an object that changes while pages are read may be on two of them.
            users = {raw["UserId"]: wire.parse_user(raw) for raw in raw_users}
            since = {group_id: self._members(found, users) for group_id, found in memberships.items()}
            by_id = {raw["GroupId"]: wire.parse_group(raw) for raw in groups}
            known = {group_id: {user_id: at for user_id, at in made.items() if at} for group_id, made in since.items()}
            return Directory.of(users.values(), by_id.values(), since, since=known)

    def names(self, kind: Kind) -> dict[str, str]:
        """List what users or groups are called, by id; raises as `read` does."""
        with _complete():
            if kind == "user":
                return {raw["UserId"]: wire.text(raw["UserName"]) for raw in self._list("list_users", "Users")}
            return {raw["GroupId"]: wire.text(raw["DisplayName"]) for raw in self._list("list_groups", "Groups")}

    def _memberships(self, group_id: str) -> "list[GroupMembershipTypeDef]":
        found = self._list("list_group_memberships", "GroupMemberships", GroupId=group_id)
        self._calls.finish(SYSTEM, "groups")
        return found

    def _members(
        self, memberships: "Iterable[GroupMembershipTypeDef]", known: Collection[str]
    ) -> dict[str, datetime | None]:
        """Collect user ids, and since when; a user who came or went between two listings is left to the next run."""
        since: dict[str, datetime | None] = {}
        for membership in memberships:
            member = membership["MemberId"]
            if wire.is_unknown_kind(member):
                continue
            user_id = wire.text(member["UserId"])
            if user_id in known:
                since[user_id] = wire.moment(membership.get("CreatedAt"))
                self.membership_ids[wire.text(membership["GroupId"]), user_id] = wire.text(membership["MembershipId"])
        return since

    def _list(self, operation: str, key: str, **parameters: Any) -> list[Any]:
        paginator = self.client.get_paginator(operation)  # type: ignore[call-overload] # the stubs want literals
        pages = paginator.paginate(IdentityStoreId=self.store_id, PaginationConfig={"PageSize": 100}, **parameters)
        doing = f"read Identity Center ({operation})"
        try:
            return [item for page in pages for item in page[key]]
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, doing, TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(
                f"Cannot {doing}: a page has no {key} as it should be ({type(exc).__name__}), so it is not complete."
            ) from exc

    def exists(self, kind: str, aws_id: str) -> bool:
        """Tell whether a user or group with this id is in this store."""
        try:
            if kind == "user":
                self.client.describe_user(IdentityStoreId=self.store_id, UserId=aws_id)
            else:
                self.client.describe_group(IdentityStoreId=self.store_id, GroupId=aws_id)
        except ClientError as exc:
            if is_absent(exc, "USER", "GROUP"):
                return False
            raise translate(exc, f"look up a {kind} in Identity Center", TargetError) from exc
        except BotoCoreError as exc:
            raise translate(exc, f"look up a {kind} in Identity Center", TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(
                f"Cannot look up a {kind} in Identity Center: the answer is broken ({type(exc).__name__}); run again."
            ) from exc
        return True

    def confirm_gone(self, kind: str, aws_id: str) -> None:
        """Raise ChangeUnknown if an object that a deletion did not find is still here.

        The ledger forgets what is deleted, and what it forgets can never be deleted again.
        """
        if self.exists(kind, aws_id):
            raise ChangeUnknown(
                f"Cannot delete a {kind}: it was answered that there is none, but it can still be read."
            )
