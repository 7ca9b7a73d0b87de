"""From settings to what a run may do."""

from datetime import timedelta

import msgspec

from sso_sync.core.digests import digest
from sso_sync.core.policy import Policy
from sso_sync.core.rules import Rules
from sso_sync.settings.types import Settings


def policy_of(settings: Settings) -> Policy:
    """Return what a run may do of its own accord."""
    center, leaving = settings.identity_center, settings.leaving
    rules = Rules(
        protected=tuple(center.protected),
        match_by=tuple(center.match_users_by),
        existing_groups_only=center.groups == "existing_only",
        leavers=leaving.users or ("deactivate" if center.scim else "delete"),
        delete_after=timedelta(days=leaving.delete_after_days),
        leaving_groups=leaving.groups,
        unmanaged=leaving.unmanaged,
    )
    return Policy(rules=rules, limits=settings.limits, approval=settings.approval, config=fingerprint(settings))


def removal_policy(settings: Settings) -> Policy:
    """Return what a run may do that is to remove what a deployment has created: without limits, and at once."""
    return Policy(rules=Rules(protected=tuple(settings.identity_center.protected)), limits=None)


def fingerprint(settings: Settings) -> str:
    """Tell two configs apart: a SHA-256 in hex of all settings but `deployment`, with which nothing is synced."""
    return digest(msgspec.to_builtins(msgspec.structs.replace(settings, deployment=None)))
