"""Changes known again by another run, and shown to whoever is asked about them."""

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
    name_of,
    subject,
)
from sso_sync.core.digests import SHORT, digest


def key_of(change: Change) -> str:
    """Identify a change across runs, whatever its reason: what, on whom, and what makes it another change.

    Who adopts or deletes means one object of the store, who creates means a name, and who updates
    means values.
    """
    _, ref = subject(change)
    parts = [name_of(change), ref.lasting]
    match change:
        case CreateMembership(user=user) | DeleteMembership(user=user):
            parts.append(user.lasting)
        case UpdateUser() | UpdateGroup():
            parts.append(digest([(edit.attribute, edit.after) for edit in edits(change)])[:SHORT])
        case CreateUser() | CreateGroup():
            parts.append(digest(ref.name)[:SHORT])
        case Adopt() | DeleteUser() | DeleteGroup():
            parts.append(ref.id)
        case _:
            assert_never(change)
    return " ".join(parts)


def in_short(change: Change) -> str:
    """Say in a line what a change does to whom, such as "delete user ann@example.com"."""
    kind, ref = subject(change)
    match change:
        case CreateMembership(user=user):
            return f"put {user.name} into {ref.name}"
        case DeleteMembership(user=user):
            return f"take {user.name} out of {ref.name}"
        case UpdateUser() | UpdateGroup():
            attributes = ", ".join(edit.attribute for edit in edits(change))
            return f"change {kind} {ref.name}: {attributes}"
        case _:
            return f"{name_of(change).partition('_')[0]} {kind} {ref.name}"
