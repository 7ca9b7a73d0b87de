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
from sso_sync.core.objects import Objects, Rules
from sso_sync.core.plan import Plan
from sso_sync.core.wording import counted


def make_plan(desired: Directory, actual: Directory, ledger: Ledger, rules: Rules | None = None) -> Plan:
    """Plan the changes that turn `actual` into `desired`.

    Only objects that the ledger calls created are deleted; a membership is removed only from a
    group that is managed. The objects of records set aside keep their attributes.
    """
    rules = rules or Rules()
    users = Objects.of("user", desired, desired.users, actual.users, ledger, rules)
    groups = Objects.of("group", desired, desired.groups, actual.groups, ledger, rules)
    changes: list[Change] = [*_user_changes(users), *_group_changes(groups)]
    changes += _new_memberships(desired, actual, users, groups)
    if not rules.additive:
        changes += _lost_memberships(desired, actual, users, groups)
        changes += _deletions(users, groups, actual)
    return Plan.of(
        ledger.store_id,
        changes,
        set_aside=(*desired.set_aside, *users.blocked(), *groups.blocked()),
        warnings=(
            *desired.warnings,
            *_forgotten(ledger, users, groups),
            *users.kept_warnings(),
            *groups.kept_warnings(),
        ),
    )


def _forgotten(ledger: Ledger, users: Objects[User], groups: Objects[Group]) -> Iterator[str]:
    """Warn of a ledger that was left behind: what an earlier deployment created would never be deleted again."""
    if ledger.users or ledger.groups:
        return
    known = sum(users.existing[hit.aws_id].external_id == source_id for source_id, hit in users.matches.items())
    known += sum(groups.existing[hit.aws_id].external_id == source_id for source_id, hit in groups.matches.items())
    if known:
        yield (
            f"the ledger is empty, but Identity Center holds {counted(known, 'object')} with ids of this directory, so "
            "an earlier deployment has created them; they are taken over, and never deleted. If its ledger is still "
            "there, set 'state' to it (s3://BUCKET/state) first"
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
    kept_leavers = {aws_id for aws_id, leaver in groups.leavers.items() if leaver.origin is Origin.ADOPTED}
    for group_id in {*source_of, *kept_leavers, *groups.frozen}:
        group = groups.existing_ref(group_id)
        if group_id in source_of:
            group = msgspec.structs.replace(group, source_id=source_of[group_id])
            losing = actual.members[group_id] - _may_stay(source_of[group_id], desired, users)
        else:
            losing = actual.members[group_id] & users.leavers.keys()
        for user_id in losing:
            leaver = users.leavers.get(user_id)
            reason = leaver.why if leaver else "not a member in the directory"
            yield DeleteMembership(group, users.existing_ref(user_id), reason)


def _may_stay(group_id: str, desired: Directory, users: Objects[User]) -> set[str]:
    """Collect who may stay in a group, by AWS id.

    These are its members, those of them whose records are set aside, and whoever has the name of a
    member who could not be created for it: most likely the same person, under another source's id,
    unless the directory still knows the holder as somebody else.
    """
    staying = {aws_id for aws_id, group_ids in users.frozen.items() if group_id in group_ids}
    for user_id in desired.members[group_id]:
        ref = users.ref(user_id)
        staying |= {ref.id} if ref else users.names.holders[user_id] - users.leavers.keys() - users.frozen.keys()
    return staying


def _deletions(users: Objects[User], groups: Objects[Group], actual: Directory) -> Iterator[Change]:
    for ref, why in groups.deletions():
        yield DeleteGroup(ref, len(actual.members[ref.id]), why)
    for ref, why in users.deletions():
        yield DeleteUser(ref, why)
