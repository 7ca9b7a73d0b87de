"""How many changes of which kind, in words."""

from collections import Counter
from collections.abc import Iterable

from sso_sync.core.changes import Change, UpdateGroup, UpdateUser, name_of, switches_off, switches_on
from sso_sync.core.plan import Plan
from sso_sync.core.wording import counted

# One word for each change, so that the sum is that of all changes; updates are told apart by what they do.
WORDS: dict[str, tuple[str, str]] = {
    "adopt": ("adoption", "adoptions"),
    "create_user": ("new user", "new users"),
    "update_user": ("changed user", "changed users"),
    "aside": ("name freed", "names freed"),
    "switch_on": ("user switched on", "users switched on"),
    "switch_off": ("user switched off", "users switched off"),
    "delete_user": ("deleted user", "deleted users"),
    "create_group": ("new group", "new groups"),
    "update_group": ("changed group", "changed groups"),
    "delete_group": ("deleted group", "deleted groups"),
    "create_membership": ("membership given", "memberships given"),
    "delete_membership": ("membership taken away", "memberships taken away"),
}
NOTHING = "nothing to do, Identity Center equals the directory"
NOTHING_ASKED = "nothing to do in the part that was asked for"


def describe(changes: Iterable[Change]) -> str:
    """Say how many changes of which kind, in words; of none say nothing."""
    counts = Counter(map(_word_of, changes))
    return ", ".join(f"{counts[name]:,} {WORDS[name][counts[name] != 1]}" for name in WORDS if counts[name])


def describe_plan(plan: Plan, *, waits: bool = False, partly: bool = False) -> str:
    """Sum a plan up in a sentence.

    `waits` tells that a part was left out of it until somebody approves, `partly` that no more than a part was
    asked for.
    """
    aside = f"{counted(len(plan.set_aside), 'record')} set aside" if plan.set_aside else ""
    if plan.changes:
        return "; ".join(filter(None, (describe(plan.changes), aside))) + "."
    exceptions = " and ".join(filter(None, ("what waits for approval" if waits else "", aside)))
    nothing = NOTHING_ASKED if partly else NOTHING
    return f"{nothing} except for {exceptions}." if exceptions else f"{nothing}."


def _word_of(change: Change) -> str:
    if isinstance(change, UpdateUser | UpdateGroup) and change.aside:
        return "aside"
    if switches_off(change):
        return "switch_off"
    return "switch_on" if switches_on(change) else name_of(change)
