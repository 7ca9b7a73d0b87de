"""Hand-written fakes at the engine's ports: an identity store with its rules, a state, a source."""

import itertools
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from sso_sync.core.approval import Refusal
from sso_sync.core.changes import UpdateGroup, UpdateUser, unique_names
from sso_sync.core.errors import ChangeRefused, SsoSyncError, StateError, ValueRefused
from sso_sync.core.findings import Credential, Finding
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Directory, Group, User

Record = TypeVar("Record", User, Group)


def user(name: str, **changed: object) -> User:
    """Make a user of the source whose id, user name and address follow from `name`."""
    fields = {
        "id": name,
        "external_id": name,
        "user_name": f"{name}@example.com",
        "given_name": name.title(),
        "family_name": "Doe",
        "display_name": f"{name.title()} Doe",
        "email": f"{name}@example.com",
    }
    return User(**fields | changed)  # type: ignore[arg-type]


def group(name: str, **changed: str) -> Group:
    fields = {"id": f"id-{name}", "external_id": f"id-{name}", "display_name": name}
    return Group(**fields | changed)


def directory(users: Sequence[User], members: Mapping[Group, Sequence[str]]) -> Directory:
    """Make a directory from users, and groups with the ids of their users."""
    return Directory.of(users, members, {g.id: ids for g, ids in members.items()})


class MemoryTarget:
    """An identity store in memory that refuses what the real one refuses."""

    store_id = "d-0123456789"
    concurrency = 4

    def __init__(
        self, *, unwritable: Collection[str] = (), members_per_create: int = 100, members_per_change: int = 100
    ) -> None:
        self.unwritable = frozenset(unwritable)
        self.members_per_create, self.members_per_change = members_per_create, members_per_change
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.members: dict[str, set[str]] = {}
        self.calls: list[tuple[str, str]] = []
        self.failures: dict[tuple[str, str], SsoSyncError] = {}  # (call, name or id) → what it raises
        self.refused_values: set[str] = set()  # of optional attributes
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def read(self) -> Directory:
        return Directory.of(self.users.values(), self.groups.values(), self.members)

    def create_user(self, user: User) -> str:
        with self._called("create_user", user.user_name):
            return self.put_user(self._forced(user, f"U{next(self._ids)}"))

    def put_user(self, record: User) -> str:
        """Store a user as it is: by us, or by somebody else."""
        if not record.given_name or not record.family_name:
            raise ChangeRefused("a name is required")
        self._check_unique(record, self.users)
        if bad := sorted(name for name, value in record.attributes.items() if value in self.refused_values):
            raise ValueRefused(f"{', '.join(bad)}: not valid.")
        filled = {name: value for name, value in record.attributes.items() if value}
        self.users[record.id] = msgspec.structs.replace(record, attributes=filled)
        return record.id

    def put_group(self, record: Group, members: Collection[str] = ()) -> str:
        """Store a group as it is."""
        self._check_unique(record, self.groups)
        self.groups[record.id] = record
        self.members.setdefault(record.id, set()).update(members)
        return record.id

    def update_user(self, change: UpdateUser) -> None:
        with self._called("update_user", change.before.user_name):
            self._present(self.users, change.after.id)
            self.put_user(change.after)

    def delete_user(self, user_id: str) -> None:
        with self._called("delete_user", user_id):
            self.users.pop(user_id, None)
            for ids in self.members.values():
                ids.discard(user_id)

    def create_group(self, group: Group, member_ids: Sequence[str]) -> str:
        with self._called("create_group", group.display_name):
            assert len(member_ids) <= self.members_per_create
            for user_id in member_ids:
                self._present(self.users, user_id)
            return self.put_group(self._forced(group, f"G{next(self._ids)}"), member_ids)

    def update_group(self, change: UpdateGroup) -> None:
        with self._called("update_group", change.before.display_name):
            self._present(self.groups, change.after.id)
            self.put_group(change.after)

    def delete_group(self, group_id: str) -> None:
        with self._called("delete_group", group_id):
            self.groups.pop(group_id, None)
            self.members.pop(group_id, None)

    def add_members(self, group_id: str, user_ids: Sequence[str]) -> None:
        with self._called("add_members", group_id):
            assert 0 < len(user_ids) <= self.members_per_change
            self._present(self.groups, group_id)
            for user_id in user_ids:
                self._present(self.users, user_id)
                if ("add_member", user_id) in self.failures:
                    raise self.failures["add_member", user_id]
            self.members[group_id].update(user_ids)

    def remove_members(self, group_id: str, user_ids: Collection[str]) -> None:
        with self._called("remove_members", group_id):
            assert 0 < len(user_ids) <= self.members_per_change
            self._present(self.groups, group_id)
            self.members[group_id].difference_update(user_ids)

    def finish(self) -> None:
        pass

    def named_members(self) -> dict[str, set[str]]:
        """Show memberships by names."""
        return {
            self.groups[group_id].display_name: {self.users[user_id].user_name for user_id in ids}
            for group_id, ids in self.members.items()
        }

    @contextmanager
    def _called(self, call: str, name: str) -> Iterator[None]:
        with self._lock:
            self.calls.append((call, name))
            if (call, name) in self.failures:
                raise self.failures[call, name]
            yield

    def _forced(self, record: Record, new_id: str) -> Record:
        kept = {"external_id": ""} if "external_id" in self.unwritable else {}
        return msgspec.structs.replace(record, id=new_id, **kept)

    @staticmethod
    def _present(table: dict[str, User] | dict[str, Group], object_id: str) -> None:
        if object_id not in table:
            raise ChangeRefused(f"{object_id} is not there")

    @staticmethod
    def _check_unique(record: User | Group, table: dict[str, User] | dict[str, Group]) -> None:
        for other in table.values():
            if other.id != record.id and unique_names(other) & unique_names(record):
                raise ChangeRefused(f"duplicate of {other.id}")


class MemoryLease:
    """A lease that can be lost."""

    def __init__(self) -> None:
        self.error: SsoSyncError | None = None

    def check(self) -> None:
        if self.error:
            raise self.error


class MemoryState:
    """State in memory; what is loaded is a copy, as from a file."""

    def __init__(self) -> None:
        self.ledgers: dict[str, bytes] = {}
        self.records: dict[str, bytes] = {}
        self.refusals: dict[str, Refusal] = {}
        self.lease = MemoryLease()
        self.saves = 0

    @contextmanager
    def hold_lease(self, run_id: str) -> Iterator[MemoryLease]:
        del run_id
        yield self.lease

    def load_ledger(self, store_id: str) -> Ledger:
        stored = self.ledgers.get(store_id)
        return msgspec.json.decode(stored, type=Ledger) if stored else Ledger(store_id=store_id)

    def save_ledger(self, ledger: Ledger) -> None:
        self.saves += 1
        self.ledgers[ledger.store_id] = msgspec.json.encode(ledger)

    def save_record(self, run_id: str, record: bytes) -> None:
        self.records[run_id] = record

    def save_refusal(self, refusal: Refusal) -> None:
        self.refusals.setdefault(refusal.id, refusal)

    def load_refusal(self, refusal_id: str) -> Refusal | None:
        return self.refusals.get(refusal_id)


class MemoryNotes:
    """Notes in memory; `error` is raised by every use."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.error: SsoSyncError | None = None

    def read(self, name: str) -> bytes | None:
        if self.error:
            raise self.error
        return self.content.get(name)

    def amend(self, name: str, how: Callable[[bytes | None], bytes]) -> None:
        self.content[name] = how(self.read(name))


class MortalState(MemoryState):
    """A state that keeps nothing once the run that uses it has died."""

    is_dead = False

    def save_ledger(self, ledger: Ledger) -> None:
        if self.is_dead:
            raise StateError("the process has died")
        super().save_ledger(ledger)


class MemorySource:
    """A source that gives what it was given, or raises it."""

    name = "memory"

    def __init__(self, content: Directory | SsoSyncError) -> None:
        self.content = content
        self.signed_in_with: Sequence[Credential] = ()

    def read(self) -> Directory:
        if isinstance(self.content, SsoSyncError):
            raise self.content
        return self.content

    def credentials(self) -> Sequence[Credential]:
        return self.signed_in_with

    def examine(self) -> Iterator[Finding]:
        yield from ()
