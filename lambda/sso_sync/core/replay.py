"""What a store holds after changes were made, told without reading it again."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from sso_sync.core.changes import (
    Adopt,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Ref,
    UpdateGroup,
    UpdateUser,
)
from sso_sync.core.model import Directory, Group, User
from sso_sync.core.outcomes import Outcome, Result


def after(actual: Directory, outcomes: Iterable[Outcome]) -> Directory:
    """Return `actual` with every change applied that was done, as far as an answer tells.

    A change without a usable answer counts as not made; the next reading says what became of it.
    """
    replay = _Replay(actual)
    for outcome in outcomes:
        if outcome.result is Result.DONE:
            replay.apply(outcome)
    members = {group_id: ids & replay.users.keys() for group_id, ids in replay.members.items()}
    return Directory.of(
        replay.users.values(),
        replay.groups.values(),
        members,
        warnings=actual.warnings,
        since=actual.since,
        synced_by_aws=actual.synced_by_aws,
    )


class _Replay:
    def __init__(self, actual: Directory) -> None:
        self.users, self.groups = dict(actual.users), dict(actual.groups)
        self.members = {group_id: set(ids) for group_id, ids in actual.members.items()}
        self._new_ids: dict[str, str] = {}

    def apply(self, outcome: Outcome) -> None:
        match outcome.change:
            case CreateUser(user=user):
                self._new_ids[f"user {user.external_id}"] = outcome.aws_id
                self._put_user(msgspec.structs.replace(_without(user, outcome.lost, {}), id=outcome.aws_id))
            case UpdateUser(before=before, after=user):
                self._put_user(_without(user, outcome.lost, before.attributes))
            case DeleteUser(user=ref):
                self.users.pop(ref.id, None)
            case CreateGroup(group=group):
                self._new_ids[f"group {group.external_id}"] = outcome.aws_id
                self._put_group(msgspec.structs.replace(group, id=outcome.aws_id))
            case UpdateGroup(after=group):
                self._put_group(group)
            case DeleteGroup(group=ref):
                self.groups.pop(ref.id, None)
                self.members.pop(ref.id, None)
            case CreateMembership(group=group_ref, user=user_ref):
                self.members[self._id("group", group_ref)].add(self._id("user", user_ref))
            case DeleteMembership(group=group_ref, user=user_ref):
                self.members[self._id("group", group_ref)].discard(self._id("user", user_ref))
            case Adopt():
                pass  # the ledger alone changes

    def _put_user(self, user: User) -> None:
        self.users[user.id] = user

    def _put_group(self, group: Group) -> None:
        self.groups[group.id] = group
        self.members.setdefault(group.id, set())

    def _id(self, kind: str, ref: Ref) -> str:
        return ref.id or self._new_ids[f"{kind} {ref.source_id}"]


def _without(user: User, lost: Collection[str], before: Mapping[str, str]) -> User:
    """Put the values from before in place of attributes that were lost."""
    written = {name: value for name, value in user.attributes.items() if name not in lost}
    kept = {name: value for name, value in before.items() if name in lost}
    return msgspec.structs.replace(user, attributes=written | kept)
