"""Nested groups, flattened."""

from collections.abc import Iterable, Mapping


def flatten(group_id: str, users: Mapping[str, Iterable[str]], groups: Mapping[str, Iterable[str]]) -> set[str]:
    """Collect the users of a group and of every group below it.

    `users` and `groups` map a group id to its direct users and its direct sub-groups. A group that
    contains itself, directly or through others, is walked once.
    """
    found: set[str] = set()
    seen = {group_id}
    waiting = [group_id]
    while waiting:
        current = waiting.pop()
        found.update(users.get(current, ()))
        below = set(groups.get(current, ())) - seen
        seen |= below
        waiting.extend(below)
    return found
