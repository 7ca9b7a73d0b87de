"""How many changes of which kind, in words."""

from collections import Counter

from sso_sync.core.changes import ChangeName

WORDS: dict[ChangeName, tuple[str, str]] = {
    "adopt": ("adoption", "adoptions"),
    "create_user": ("new user", "new users"),
    "update_user": ("changed user", "changed users"),
    "delete_user": ("deleted user", "deleted users"),
    "create_group": ("new group", "new groups"),
    "update_group": ("changed group", "changed groups"),
    "delete_group": ("deleted group", "deleted groups"),
    "create_membership": ("membership given", "memberships given"),
    "delete_membership": ("membership taken away", "memberships taken away"),
}
NOTHING = "nothing to do, Identity Center equals the directory."


def describe(counts: Counter[ChangeName]) -> str:
    """Say how many changes of which kind, in words."""
    parts = [f"{counts[name]} {WORDS[name][counts[name] != 1]}" for name in WORDS if counts[name]]
    return ", ".join(parts) + "." if parts else NOTHING
