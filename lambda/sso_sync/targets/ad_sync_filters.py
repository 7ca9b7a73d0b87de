"""IAM Identity Center where AWS itself syncs an Active Directory: what can be written is whom it syncs."""

import logging
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.changes import UpdateGroup, UpdateUser
from sso_sync.core.errors import ChangeRefused, ChangeUnknown
from sso_sync.core.model import Directory, Group, Kind, User
from sso_sync.core.wording import counted
from sso_sync.http.boto_errors import MISSHAPEN, error_code, translate
from sso_sync.http.identity_sync import ABSENT, CONFLICT
from sso_sync.targets.ad_sync_profile import SyncProfile
from sso_sync.targets.ad_sync_reader import TYPES, Listed, SyncFilterReader
from sso_sync.targets.write_errors import translate_write

log = logging.getLogger(__name__)


class AdSyncTarget:
    """Reads and writes sync filters; see `core.ports.Target`. There is nothing in a filter that could be changed."""

    unwritable = frozenset({*User.__struct_fields__, *Group.__struct_fields__}) - {"id", "attributes"}
    members_per_create = 0
    members_per_change = 1
    concurrency = 4  # open: nobody tells a quota

    def __init__(self, reader: SyncFilterReader, profile: SyncProfile) -> None:
        self._reader, self._api, self._profile = reader, reader.api, profile
        self.store_id = reader.store_id
        self._has_written = False

    def read(self) -> Directory:
        return self._reader.read()

    def create_user(self, user: User) -> str:
        return self._create("user", user.user_name)

    def update_user(self, change: UpdateUser) -> None:
        raise _cannot("update a user", change.ref.name)

    def delete_user(self, user_id: str) -> None:
        self._delete("user", user_id)

    def create_group(self, group: Group, member_ids: Sequence[str]) -> str:
        assert not member_ids, "a sync filter has no members"
        return self._create("group", group.display_name)

    def update_group(self, change: UpdateGroup) -> None:
        raise _cannot("update a group", change.ref.name)

    def delete_group(self, group_id: str) -> None:
        self._delete("group", group_id)

    def add_members(self, group_id: str, user_ids: Sequence[str]) -> None:
        raise _cannot(f"add {counted(len(user_ids), 'member')}", group_id)

    def remove_members(self, group_id: str, user_ids: Collection[str]) -> None:
        raise _cannot(f"remove {counted(len(user_ids), 'member')}", group_id)

    def finish(self) -> None:
        """Start a sync if filters have changed; AWS would start one by itself, within the hour."""
        if self._has_written:
            self._has_written = False
            try:
                self._api.start_sync()
            except (ClientError, BotoCoreError, *MISSHAPEN) as exc:
                log.warning("no sync was started; AWS starts one by itself", extra={"error": str(exc)})

    def _create(self, kind: Kind, name: str) -> str:
        wanted, doing = self._reader.named(kind, name), f"create the sync filter for the {kind} '{name}'"
        names = msgspec.json.encode({"samaccountname": [wanted.name], "associateddomain": [wanted.domain]}).decode()
        self._profile.ensure()
        answer = self._write(doing, lambda: self._api.create_filter(TYPES[kind], names))
        self._has_written = True
        found = answer.get("SyncFilterId")
        filter_id = found if isinstance(found, str) and found else self._look_up(kind, wanted.key, doing)
        self._reader.known.setdefault(kind, {})[filter_id] = Listed(filter_id, wanted, name)
        return filter_id

    def _look_up(self, kind: Kind, key: str, doing: str) -> str:
        """Find the filter that has just been created, where the answer does not tell its id."""
        for one in self._reader.list(kind).values():
            if one.of and one.of.key == key:
                return one.id
        raise ChangeUnknown(f"Cannot {doing}: the answer has no SyncFilterId, and the filter is not listed.")

    def _delete(self, kind: Kind, filter_id: str) -> None:
        listed = self._reader.known.get(kind, {}).get(filter_id)
        doing = f"delete the sync filter for the {kind} '{listed.shown if listed else filter_id}'"
        try:
            self._write(doing, lambda: self._api.delete_filter(filter_id))
        except ChangeRefused as exc:
            if not (isinstance(exc.__cause__, ClientError) and error_code(exc.__cause__) == ABSENT):
                raise
            # The ledger forgets what is deleted, and what it forgets can never be deleted again.
            if filter_id in self._reader.list(kind):
                raise ChangeUnknown(f"Cannot {doing}: it was answered that there is none, but it is listed.") from exc
        self._has_written = True

    @staticmethod
    def _write(doing: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except ClientError as exc:
            answer_lost = bool(exc.response.get("ResponseMetadata", {}).get("RetryAttempts", 0))
            if error_code(exc) == CONFLICT and not answer_lost:
                raise ChangeRefused(
                    f"Cannot {doing}: there is one already, perhaps one that excludes it, or somebody else is at it; "
                    "look at the sync filters in the console (IAM Identity Center, Settings, Manage sync)."
                ) from exc
            raise translate_write(exc, doing, answer_lost=answer_lost) from exc
        except BotoCoreError as exc:
            raise translate(exc, doing, ChangeUnknown) from exc  # no answer, or half of one: it may have happened
        except MISSHAPEN as exc:
            raise ChangeUnknown(
                f"Cannot {doing}: the answer of identity-sync is broken ({type(exc).__name__}), so it may have "
                "happened."
            ) from exc


def _cannot(doing: str, name: str) -> ChangeRefused:
    return ChangeRefused(f"Cannot {doing} ({name}): a sync filter holds a name and nothing else.")
