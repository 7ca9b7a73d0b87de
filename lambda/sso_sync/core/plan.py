"""A plan: the ordered changes that turn actual into desired."""

from collections import Counter
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from sso_sync.core.changes import (
    Adopt,
    Change,
    ChangeName,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    UpdateGroup,
    UpdateUser,
    edits,
    name_of,
    subject,
    switches_off,
    unique_names,
)
from sso_sync.core.digests import SHORT, digest
from sso_sync.core.model import SetAside

# Access is taken away before any is given, names are freed before they are taken, and what cannot
# be undone comes last: a run that dies half-way errs towards less access and loses no object.
PHASES = (
    "take memberships away",
    "free names",
    "create and update users",
    "create and update groups",
    "give memberships",
    "delete groups",
    "deactivate and delete users",
)


def phase_of(change: Change) -> int:
    """Return the index in PHASES of the step that makes the change."""
    match change:
        case DeleteMembership():
            return 0
        case UpdateUser(aside=True) | UpdateGroup(aside=True):
            return 1
        case UpdateUser() if only_switches_off(change):
            return 6
        case CreateUser() | UpdateUser() | Adopt(kind="user"):
            return 2
        case CreateGroup() | UpdateGroup() | Adopt():
            return 3
        case CreateMembership():
            return 4
        case DeleteGroup():
            return 5
        case DeleteUser():
            return 6


def only_switches_off(change: UpdateUser) -> bool:
    """Tell whether an update deactivates a user and does nothing else."""
    return switches_off(change) and len(edits(change)) == 1


class Plan(Struct, frozen=True, kw_only=True):
    """Ordered changes for one identity store, what was set aside, and sentences for the reader."""

    store_id: str
    changes: tuple[Change, ...]
    set_aside: tuple[SetAside, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        store_id: str,
        changes: Iterable[Change],
        *,
        set_aside: Iterable[SetAside] = (),
        warnings: Iterable[str] = (),
    ) -> "Plan":
        """Put changes into their order: by phase, and within a phase by name, so that it is repeatable."""
        ordered = sorted(changes, key=lambda change: (phase_of(change), _sort_key(change)))
        return cls(store_id=store_id, changes=tuple(ordered), set_aside=tuple(set_aside), warnings=tuple(warnings))

    @property
    def checksum(self) -> str:
        """Identify exactly these changes on this store: 16 hex digits; reasons do not count."""
        bare = [msgspec.structs.replace(change, reason="") for change in self.changes]
        return digest([self.store_id, bare])[:SHORT]

    @property
    def counts(self) -> Counter[ChangeName]:
        """Count changes by name."""
        return Counter(name_of(change) for change in self.changes)


def _sort_key(change: Change) -> tuple[str, ...]:
    ref = subject(change)[1]
    user = change.user if isinstance(change, CreateMembership | DeleteMembership) else None
    of_user = (user.name.casefold(), user.key) if user else ()
    return name_of(change), ref.name.casefold(), ref.key, *of_user


class Prerequisites:
    """Tell which earlier changes of a plan a change needs.

    A membership needs its new user and its new group; taking a name needs the change that frees
    it; a second update of an object needs the first.
    """

    def __init__(self, changes: Iterable[Change]) -> None:
        self._by_key: dict[str, Change] = {}
        self._freed_by: dict[tuple[str, str], Change] = {}
        for change in changes:
            match change:
                case CreateUser() | CreateGroup():
                    self._by_key[_object_key(change)] = change
                case UpdateUser(before=before, after=after, aside=True):
                    self._by_key[_object_key(change)] = change
                    self._freed_by |= dict.fromkeys(unique_names(before) - unique_names(after), change)
                case UpdateGroup(before=before_group, after=after_group, aside=True):
                    self._by_key[_object_key(change)] = change
                    self._freed_by |= dict.fromkeys(unique_names(before_group) - unique_names(after_group), change)
                case _:
                    pass

    def of(self, change: Change) -> list[Change]:
        """Return the changes that have to succeed first."""
        match change:
            case CreateMembership(group=group, user=user):
                needed = [self._by_key.get(f"group {group.key}"), self._by_key.get(f"user {user.key}")]
                return [need for need in needed if isinstance(need, CreateUser | CreateGroup)]
            case UpdateUser(aside=True) | UpdateGroup(aside=True):
                return []
            case CreateUser(user=taker):
                return self._freeing(change, unique_names(taker))
            case CreateGroup(group=taker_group):
                return self._freeing(change, unique_names(taker_group))
            case UpdateUser(after=after):
                return self._freeing(change, unique_names(after))
            case UpdateGroup(after=after_group):
                return self._freeing(change, unique_names(after_group))
            case Adopt() | DeleteMembership() | DeleteUser() | DeleteGroup():
                return []

    def _freeing(self, change: Change, names: Iterable[tuple[str, str]]) -> list[Change]:
        first_step = self._by_key.get(_object_key(change))
        needed = [self._freed_by.get(name) for name in names] + [first_step if first_step is not change else None]
        return [need for need in needed if need is not None]


def _object_key(change: Change) -> str:
    kind, ref = subject(change)
    return f"{kind} {ref.key}"
