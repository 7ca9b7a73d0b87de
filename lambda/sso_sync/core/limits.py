"""Safety limits: what a plan may take away before a person has to look."""

from typing import Annotated

from msgspec import Meta, Struct

from sso_sync.core.changes import DeleteGroup, UpdateUser
from sso_sync.core.errors import LimitExceeded
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Directory
from sso_sync.core.plan import Plan

Percent = Annotated[int, Meta(ge=0, le=100)]


class Limits(Struct, frozen=True, kw_only=True):
    """The most that one run may take away, in percent of what is there.

    A percentage counts only above `small_change` objects, so that one leaver from a company of
    three is an ordinary day. 100 switches a limit off.
    """

    users_deleted_percent: Percent = 20
    groups_deleted_percent: Percent = 20
    memberships_deleted_percent: Percent = 30
    small_change: Annotated[int, Meta(ge=0)] = 5


def check(plan: Plan, desired: Directory, actual: Directory, ledger: Ledger, limits: Limits) -> None:
    """Raise LimitExceeded if the plan takes away too much, or rests on a side that looks empty.

    Percentages are of what the ledger manages, so that foreign objects in the store hide nothing.
    """
    managed_users = {entry.aws_id for entry in ledger.users.values()}
    managed_groups = {entry.aws_id for entry in ledger.groups.values()}
    users, groups = managed_users & actual.users.keys(), managed_groups & actual.groups.keys()
    _check_not_empty(desired, ledger)
    for what, managed, present in (("users", managed_users, users), ("groups", managed_groups, groups)):
        lost = len(managed) - len(present)
        if lost > limits.small_change and lost > len(present):
            raise LimitExceeded(
                f"Identity Center lists {len(present)} of the {len(managed)} {what} that the ledger knows, so its "
                "answer is not trusted and nothing was written; if they were removed on purpose, move the ledger away "
                "and run again."
            )
    with_groups = sum(change.members for change in plan.changes if isinstance(change, DeleteGroup))
    switched_off = sum(
        change.before.active and not change.after.active for change in plan.changes if isinstance(change, UpdateUser)
    )
    counts = plan.counts
    for what, removed, existing, allowed in (
        ("users", counts["delete_user"] + switched_off, len(users), limits.users_deleted_percent),
        ("groups", counts["delete_group"], len(groups), limits.groups_deleted_percent),
        (
            "memberships",
            counts["delete_membership"] + with_groups,
            sum(len(actual.members[group_id]) for group_id in groups),
            limits.memberships_deleted_percent,
        ),
    ):
        if removed > limits.small_change and removed * 100 > existing * allowed:
            raise LimitExceeded(
                f"The plan would remove {removed} of {existing} {what}, more than the {allowed} % that "
                f"limits.{what}_deleted_percent allows, so nothing was written; if that is right, raise the limit "
                "and run again."
            )


def _check_not_empty(desired: Directory, ledger: Ledger) -> None:
    empty = [
        what
        for what, wanted, managed in (
            ("user", desired.users, ledger.users),
            ("group", desired.groups, ledger.groups),
        )
        if not wanted and (managed or not (desired.users or desired.groups))
    ]
    if empty:
        raise LimitExceeded(
            f"The directory or its filters gave no {' and no '.join(empty)} at all, so nothing was written; "
            "check the filters in the config and the source, then run again."
        )
