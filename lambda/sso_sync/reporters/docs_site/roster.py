"""Who is in which group, sorted for readers: the same facts always come in the same order."""

from collections.abc import Iterable

from msgspec import Struct

from sso_sync.core.model import Directory, Group, SetAside, User


class Roster(Struct, frozen=True):
    """A group and its members."""

    group: Group
    members: tuple[User, ...]


def rosters(directory: Directory) -> list[Roster]:
    """List every group by name, its members by theirs."""
    groups = sorted(directory.groups.values(), key=lambda group: _in_order(group.display_name, group.id))
    return [
        Roster(group, people(directory.users[user_id] for user_id in directory.members[group.id])) for group in groups
    ]


def people(users: Iterable[User]) -> tuple[User, ...]:
    """Sort people by name."""
    return tuple(sorted(users, key=lambda user: _in_order(user.display_name, user.user_name, user.id)))


def without_group(directory: Directory) -> tuple[User, ...]:
    """List the people who are in no group."""
    placed = frozenset[str]().union(*directory.members.values())
    return people(user for user in directory.users.values() if user.id not in placed)


def in_order(records: Iterable[SetAside]) -> list[SetAside]:
    """Sort records set aside by kind and name."""
    return sorted(records, key=lambda record: _in_order(record.kind, record.name, record.source_id, record.reason))


def _in_order(*texts: str) -> tuple[str, ...]:
    return *(text.casefold() for text in texts), *texts
