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
    Ref,
    UpdateGroup,
    UpdateUser,
    switches_off,
)
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Directory, Group, User
from sso_sync.core.objects import Objects
from sso_sync.core.plan import Plan
from sso_sync.core.rules import Rules
from sso_sync.core.standing import Fate
from sso_sync.core.wording import counted

MEMBER = "member in the directory"
NO_MEMBER = "not a member in the directory"
TAKEN_OUT = "removed in Identity Center, not by sso-sync"
PUT_IN = "added in Identity Center, not by sso-sync"


def make_plan(desired: Directory, actual: Directory, ledger: Ledger, rules: Rules | None = None) -> Plan:
    """Plan the changes that turn `actual` into `desired`.

    Only what the ledger knows is deleted, unless the rules say otherwise; a membership is removed only
    from a group that is managed, or from somebody who leaves. The objects of records set aside keep
    their attributes.
    """
    rules = rules or Rules()
    users = Objects.of("user", desired, desired.users, actual.users, ledger, rules)
    groups = Objects.of("group", desired, desired.groups, actual.groups, ledger, rules)
    changes: list[Change] = [*_user_changes(users), *_group_changes(groups)]
    changes += _new_memberships(desired, actual, users, groups, ledger)
    if not rules.additive:
        changes += _lost_memberships(desired, actual, users, groups, ledger)
        changes += _deletions(users, groups, actual)
    else:
        changes = [change for change in changes if not switches_off(change)]
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
    """Warn of a ledger that was left behind, and of names that wait for there to be one."""
    if not ledger.is_new:
        return
    known = sum(users.existing[hit.aws_id].external_id == source_id for source_id, hit in users.matches.items())
    known += sum(groups.existing[hit.aws_id].external_id == source_id for source_id, hit in groups.matches.items())
    if known:
        yield (
            f"the ledger is empty, but Identity Center holds {counted(known, 'object')} with ids of this directory, so "
            "an earlier deployment has created them; they are taken over, and this run deletes and renames nothing. If "
            "its ledger is still there, set 'state' to it (s3://BUCKET/state) first"
        )
    waiting = sum(users.merged[hit.aws_id].user_name != users.wanted[s].user_name for s, hit in users.matches.items())
    waiting += sum(
        groups.merged[hit.aws_id].display_name != groups.wanted[s].display_name for s, hit in groups.matches.items()
    )
    if waiting:
        yield f"{counted(waiting, 'name')} will be changed by the next run: without a ledger nothing is renamed"


def _user_changes(users: Objects[User]) -> Iterator[Change]:
    yield from users.adoptions()
    for user, reason, drift in users.creations():
        yield CreateUser(user, reason, drift)
    for update in users.updates():
        yield UpdateUser(update.ref, update.before, update.after, update.reason, update.aside, update.drift)


def _group_changes(groups: Objects[Group]) -> Iterator[Change]:
    yield from groups.adoptions()
    for group, reason, drift in groups.creations():
        yield CreateGroup(group, reason, drift)
    for update in groups.updates():
        yield UpdateGroup(update.ref, update.before, update.after, update.reason, update.aside, update.drift)


def _new_memberships(
    desired: Directory, actual: Directory, users: Objects[User], groups: Objects[Group], ledger: Ledger
) -> Iterator[Change]:
    for group_id, user_ids in desired.members.items():
        group = groups.ref(group_id)
        if group is None:
            continue
        have = actual.members.get(group.id, frozenset())
        known = ledger.memberships.get(group.id, {})
        for user_id in user_ids:
            user = users.ref(user_id)
            if user and user.id not in have:
                drift = user.id in known
                yield CreateMembership(group, user, TAKEN_OUT if drift else MEMBER, drift)


def _lost_memberships(
    desired: Directory, actual: Directory, users: Objects[User], groups: Objects[Group], ledger: Ledger
) -> Iterator[Change]:
    source_of = {hit.aws_id: source_id for source_id, hit in groups.matches.items()}
    for group_id, have in actual.members.items():
        if group_id in groups.left_alone:
            continue
        if group_id in source_of:
            group = msgspec.structs.replace(groups.existing_ref(group_id), source_id=source_of[group_id])
            losing = have - _may_stay(source_of[group_id], desired, users)
        else:
            group = groups.existing_ref(group_id)
            losing = frozenset(_leavers_of(group_id, have, users, groups))
        known = ledger.memberships.get(group_id)
        for user_id in losing - users.protected:
            yield _lost(group, user_id, users, drift=known is not None and user_id not in known)


def _lost(group: Ref, user_id: str, users: Objects[User], *, drift: bool) -> DeleteMembership:
    leaver = users.leavers.get(user_id)
    reason = leaver.why if leaver else PUT_IN if drift else NO_MEMBER
    return DeleteMembership(group, users.existing_ref(user_id), reason, drift and leaver is None)


def _leavers_of(group_id: str, have: frozenset[str], users: Objects[User], groups: Objects[Group]) -> Iterator[str]:
    """Yield who leaves a group that does not follow the directory; what goes with user or group goes by itself."""
    leaver = groups.leavers.get(group_id)
    if leaver and leaver.fate is Fate.DELETED:
        return
    is_ours = leaver is not None or group_id in groups.frozen
    for user_id in have & users.leavers.keys():
        if is_ours or users.leavers[user_id].fate is not Fate.DELETED:
            yield user_id


def _may_stay(group_id: str, desired: Directory, users: Objects[User]) -> set[str]:
    """Collect who may stay in a group, by AWS id.

    These are its members, those of them whose records are set aside, and whoever has the name of a
    member who could not be created for it: most likely the same person, under another source's id,
    unless the directory knows the holder as somebody else, wanted or not.
    """
    staying = {aws_id for aws_id, group_ids in users.frozen.items() if group_id in group_ids}
    for user_id in desired.members[group_id]:
        ref = users.ref(user_id)
        if ref:
            staying.add(ref.id)
        elif user_id in users.names.holders:
            staying |= users.names.holders[user_id] - users.known
    return staying


def _deletions(users: Objects[User], groups: Objects[Group], actual: Directory) -> Iterator[Change]:
    for ref, why in groups.deletions():
        yield DeleteGroup(ref, len(actual.members[ref.id]), why)
    for ref, why in users.deletions():
        yield DeleteUser(ref, why)
