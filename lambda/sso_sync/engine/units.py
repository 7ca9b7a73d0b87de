"""Units of work: a plan's changes packed into as few calls as the target takes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import assert_never

from msgspec import Struct

from sso_sync.core.changes import (
    Adopt,
    Change,
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
from sso_sync.core.errors import ChangeError, ChangeRefused
from sso_sync.core.model import Kind
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.ports import Target
from sso_sync.engine.user_parts import create_user, update_user

Membership = CreateMembership | DeleteMembership
AwsId = Callable[[Kind, Ref], str]


class Unit(Struct, frozen=True):
    """Changes that one call makes: any single change, memberships of one group, or a new group with members."""

    changes: tuple[Change, ...]

    def run(self, target: Target, aws_id: AwsId) -> list[Outcome]:
        """Make the changes and say what became of each; raises what is not about one change."""
        first, *rest = self.changes
        if isinstance(first, CreateGroup):
            members = [change for change in rest if isinstance(change, CreateMembership)]
            return _create_group(target, first, members, aws_id)
        if isinstance(first, CreateMembership | DeleteMembership):
            of_one_group = [c for c in self.changes if isinstance(c, CreateMembership | DeleteMembership)]
            return _change_members(target, of_one_group, aws_id)
        if isinstance(first, CreateUser):
            return [create_user(target, first)]
        if isinstance(first, UpdateUser):
            return [update_user(target, first)]
        try:
            _make(target, first)
        except ChangeError as exc:
            return [Outcome(first, Result.FAILED, exc)]
        return [Outcome(first, Result.DONE)]


def _make(target: Target, change: UpdateGroup | DeleteUser | DeleteGroup | Adopt) -> None:
    """Make a change that stands alone."""
    match change:
        case UpdateGroup():
            target.update_group(change)
        case DeleteUser(user=ref):
            target.delete_user(ref.id)
        case DeleteGroup(group=ref):
            target.delete_group(ref.id)
        case Adopt():
            pass  # the ledger alone changes
        case _:
            assert_never(change)


def _create_group(
    target: Target, creation: CreateGroup, members: Sequence[CreateMembership], aws_id: AwsId
) -> list[Outcome]:
    """Create a group with members; if that is refused, without them, and give each of them its own try."""
    try:
        group_id = target.create_group(creation.group, [aws_id("user", member.user) for member in members])
    except ChangeRefused as exc:
        if not members:
            return [Outcome(creation, Result.FAILED, exc)]
        alone = _create_group(target, creation, [], aws_id)[0]
        if alone.result is not Result.DONE:
            return [alone, *(Outcome(member, Result.SKIPPED, alone.error) for member in members)]

        def known_id(kind: Kind, ref: Ref) -> str:
            return alone.aws_id if kind == "group" else aws_id(kind, ref)

        size = target.members_per_change
        batches = [members[start : start + size] for start in range(0, len(members), size)]
        return [alone, *(o for batch in batches for o in _change_members(target, batch, known_id))]
    except ChangeError as exc:
        return [Outcome(creation, Result.FAILED, exc), *(Outcome(member, Result.FAILED, exc) for member in members)]
    return [
        Outcome(creation, Result.DONE, aws_id=group_id),
        *(Outcome(member, Result.DONE) for member in members),
    ]


def _change_members(target: Target, changes: Sequence[Membership], aws_id: AwsId) -> list[Outcome]:
    """Add or remove members of one group; halve a refused batch until only the guilty ones fail."""
    first: Membership = changes[0]
    call = target.add_members if isinstance(first, CreateMembership) else target.remove_members
    try:
        call(aws_id("group", first.group), [aws_id("user", change.user) for change in changes])
    except ChangeRefused as exc:
        if len(changes) == 1:
            return [Outcome(first, Result.FAILED, exc)]
        middle = len(changes) // 2
        return [
            *_change_members(target, changes[:middle], aws_id),
            *_change_members(target, changes[middle:], aws_id),
        ]
    except ChangeError as exc:
        return [Outcome(change, Result.FAILED, exc) for change in changes]
    return [Outcome(change, Result.DONE) for change in changes]


def pack(changes: Sequence[Change], later: Iterable[Change], target: Target) -> Iterator[Unit]:
    """Pack the changes of one phase into units.

    `later` holds memberships of the phases to come, from which new groups take their first members.
    """
    waiting: defaultdict[str, list[Change]] = defaultdict(list)
    for change in later:
        if isinstance(change, CreateMembership):
            waiting[change.group.key].append(change)
    memberships: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if isinstance(change, CreateMembership | DeleteMembership):
            memberships[change.group.key].append(change)
        elif isinstance(change, CreateGroup):
            first_members = waiting[f"new:{change.group.external_id}"][: target.members_per_create]
            yield Unit((change, *first_members))
        else:
            yield Unit((change,))
    size = target.members_per_change
    for of_one_group in memberships.values():
        for start in range(0, len(of_one_group), size):
            yield Unit(tuple(of_one_group[start : start + size]))
