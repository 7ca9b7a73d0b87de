"""Safety limits: what a plan may take away before a person has to look."""

from msgspec import Struct

from sso_sync.core.changes import DeleteGroup, DeleteMembership, DeleteUser
from sso_sync.core.errors import LimitExceeded
from sso_sync.core.model import Directory
from sso_sync.core.plan import Plan


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most that one run may take away, in percent of what is there.

    A percentage counts only above `small_change` objects, so that one leaver from a company of
    three is an ordinary day. 100 switches a limit off.
    """

    users_deleted_percent: int = 20
    groups_deleted_percent: int = 20
    memberships_deleted_percent: int = 30
    small_change: int = 5


def check(plan: Plan, desired: Directory, actual: Directory, limits: Limits) -> None:
    """Raise LimitExceeded if the plan takes away too much, or rests on an empty directory."""
    if not desired.groups and not desired.users:
        raise LimitExceeded(
            "The directory or its filters gave no user and no group at all, so nothing was written; "
            "check the filters in the config and the source, then run again."
        )
    removed_with_groups = sum(c.members for c in plan.changes if isinstance(c, DeleteGroup))
    removed_alone = sum(isinstance(c, DeleteMembership) for c in plan.changes)
    for what, setting, removed, existing in (
        (
            "users",
            "users_deleted_percent",
            sum(isinstance(c, DeleteUser) for c in plan.changes),
            len(actual.users),
        ),
        (
            "groups",
            "groups_deleted_percent",
            sum(isinstance(c, DeleteGroup) for c in plan.changes),
            len(actual.groups),
        ),
        (
            "memberships",
            "memberships_deleted_percent",
            removed_alone + removed_with_groups,
            actual.membership_count,
        ),
    ):
        allowed: int = getattr(limits, setting)
        if removed > limits.small_change and removed * 100 > existing * allowed:
            raise LimitExceeded(
                f"The plan would remove {removed} of {existing} {what}, more than the {allowed} % that "
                f"limits.{setting} allows, so nothing was written; if that is right, raise the limit and "
                "run again."
            )
