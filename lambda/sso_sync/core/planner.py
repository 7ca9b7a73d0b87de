"""The planner: from what should be and what is to the changes between them. Pure."""

from collections.abc import Iterator

import msgspec

from sso_sync.core.changes import (
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    UpdateGroup,
    UpdateUser,
)
from sso_sync.core.ledger import Ledger, Origin
from sso_sync.core.model import Directory, Group, User
from sso_sync.core.objects import Objects
from sso_sync.core.plan import Plan


def make_plan(
    desired: Directory,
    actual: Directory,
    ledger: Ledger,
    *,
    unwritable: frozenset[str] = frozenset(),
    additive: bool = False,
) -> Plan:
    """Plan the changes that turn `actual` into `desired`.

    Only objects that the ledger calls created are deleted; a membership is removed only from a
    group that is managed. Records set aside, and what they own in the store, stay as they are.
    Attributes in `unwritable` are not compared. With `additive`, nothing is taken from anyone:
    no deletion, no removed membership, no name taken from somebody who leaves.
    """
    users = Objects.of("user", desired, desired.users, actual.users, ledger, unwritable=unwritable, additive=additive)
    groups = Objects.of(
        "group", desired, desired.groups, actual.groups, ledger, unwritable=unwritable, additive=additive
    )
    changes: list[Change] = [*_user_changes(users), *_group_changes(groups)]
    changes += _new_memberships(desired, actual, users, groups)
    if not additive:
        changes += _lost_memberships(desired, actual, users, groups)
        changes += _deletions(users, groups, actual)
    return Plan.of(
        ledger.store_id,
        changes,
        set_aside=(*desired.set_aside, *users.blocked(), *groups.blocked()),
        warnings=(*desired.warnings, *users.kept_warnings(), *groups.kept_warnings()),
    )


def _user_changes(users: Objects[User]) -> Iterator[Change]:
    yield from users.adoptions()
    for user in users.creations():
        yield CreateUser(user, "in the directory, not in Identity Center")
    for update in users.updates():
        yield UpdateUser(*update)


def _group_changes(groups: Objects[Group]) -> Iterator[Change]:
    yield from groups.adoptions()
    for group in groups.creations():
        yield CreateGroup(group, "in the directory, not in Identity Center")
    for update in groups.updates():
        yield UpdateGroup(*update)


def _new_memberships(
    desired: Directory, actual: Directory, users: Objects[User], groups: Objects[Group]
) -> Iterator[Change]:
    for group_id, user_ids in desired.members.items():
        group = groups.ref(group_id)
        if group is None:
            continue
        have = actual.members.get(group.id, frozenset())
        for user_id in user_ids:
            user = users.ref(user_id)
            if user and user.id not in have:
                yield CreateMembership(group, user, "member in the directory")


def _lost_memberships(
    desired: Directory, actual: Directory, users: Objects[User], groups: Objects[Group]
) -> Iterator[Change]:
    source_of = {hit.aws_id: source_id for source_id, hit in groups.matches.items()}
    for group_id in {*source_of, *groups.leavers}:
        group = groups.existing_ref(group_id)
        if group_id in source_of:
            refs = (users.ref(user_id) for user_id in desired.members[source_of[group_id]])
            wanted = {ref.id for ref in refs if ref} | users.untouchable
            group = msgspec.structs.replace(group, source_id=source_of[group_id])
            losing = actual.members[group_id] - wanted
        elif groups.leavers[group_id][1] is Origin.ADOPTED:
            losing = actual.members[group_id] & users.leavers.keys()
        else:
            continue  # deleting the group takes its memberships along
        for user_id in losing:
            leaver = users.leavers.get(user_id)
            reason = leaver[2] if leaver else "not a member in the directory"
            yield DeleteMembership(group, users.existing_ref(user_id), reason)


def _deletions(users: Objects[User], groups: Objects[Group], actual: Directory) -> Iterator[Change]:
    for ref, why in groups.deletions():
        yield DeleteGroup(ref, len(actual.members[ref.id]), why)
    for ref, why in users.deletions():
        yield DeleteUser(ref, why)
