"""What changes come to for the people concerned."""

from collections import Counter
from collections.abc import Iterable
from enum import Enum, auto
from typing import assert_never

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    UpdateGroup,
    UpdateUser,
    edits,
)

NAMES = frozenset({"user_name", "given_name", "family_name", "display_name"})


class Effect(Enum):
    """What happens to somebody or something, in the order for readers; an update may have several."""

    DELETED = auto()
    LEFT = auto()
    SWITCHED_OFF = auto()
    CREATED = auto()
    JOINED = auto()
    SWITCHED_ON = auto()
    RENAMED = auto()
    MOVED_ASIDE = auto()  # a name for the moment, so that somebody else can have the right one
    CHANGED = auto()
    TAKEN_OVER = auto()


TAKES_AWAY = frozenset({Effect.DELETED, Effect.LEFT, Effect.SWITCHED_OFF})


def effects_of(change: Change) -> tuple[Effect, ...]:
    """List the effects of a change."""
    match change:
        case Adopt():
            return (Effect.TAKEN_OVER,)
        case CreateUser() | CreateGroup():
            return (Effect.CREATED,)
        case DeleteUser() | DeleteGroup():
            return (Effect.DELETED,)
        case CreateMembership():
            return (Effect.JOINED,)
        case DeleteMembership():
            return (Effect.LEFT,)
        case UpdateUser(aside=True) | UpdateGroup(aside=True):
            return (Effect.MOVED_ASIDE,)
        case UpdateUser() | UpdateGroup():
            return tuple(dict.fromkeys(_effect_of_edit(edit.attribute, edit.after) for edit in edits(change)))
        case _:
            assert_never(change)


def _effect_of_edit(attribute: str, after: str | bool) -> Effect:
    if attribute == "active":
        return Effect.SWITCHED_ON if after else Effect.SWITCHED_OFF
    return Effect.RENAMED if attribute in NAMES else Effect.CHANGED


def takes_away(change: Change) -> bool:
    """Tell whether a change takes access from anyone."""
    return not TAKES_AWAY.isdisjoint(effects_of(change))


def tally(changes: Iterable[Change]) -> Counter[Effect]:
    """Count effects."""
    return Counter(effect for change in changes for effect in effects_of(change))
