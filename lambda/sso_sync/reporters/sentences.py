"""Changes in people's words, with names kept apart so that no name can pass for words of ours."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from msgspec import Struct

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Edit,
    Ref,
    UpdateGroup,
    UpdateUser,
    edits,
)
from sso_sync.core.wording import counted
from sso_sync.reporters.effects import NAMES


class Name(Struct, frozen=True):
    """A name out of a directory; whoever shows it cleans it first.

    `person` is what may stand in its place where no names of people are shown, empty for anything else.
    """

    text: str
    person: str = ""


LEFT_OUT = "…"  # in place of a second name of the same person
Sentence = tuple[str | Name, ...]


def sentence(change: Change, *, made: bool) -> Sentence:
    """Say what a change did, such as "ann joined devs", or if it was not made, what it was to do."""
    was = " was " if made else " was to be "
    match change:
        case CreateMembership(group=group, user=user):
            return _person(user), " joined " if made else " was to join ", Name(group.name)
        case DeleteMembership(group=group, user=user):
            return _person(user), " left " if made else " was to leave ", Name(group.name)
        case CreateUser(user=new):
            also = () if new.display_name == new.user_name else (" (", Name(new.display_name, LEFT_OUT), ")")
            return "User ", Name(new.user_name, new.external_id), *also, was, "created"
        case CreateGroup(group=new_group):
            return "Group ", Name(new_group.display_name), was, "created"
        case DeleteUser(user=user):
            return "User ", _person(user), was, "deleted"
        case DeleteGroup(group=group, members=members):
            lost = (", and with it ", counted(members, "membership")) if members else ()
            return "Group ", Name(group.name), was, "deleted", *lost
        case UpdateUser(ref=ref):
            return "User ", _person(ref), was, *update_words(change)
        case UpdateGroup(ref=ref):
            return "Group ", Name(ref.name), was, *update_words(change)
        case Adopt(kind=kind, ref=ref):
            return f"{kind.title()} ", _person(ref) if kind == "user" else Name(ref.name), was, "taken over"
        case _:
            assert_never(change)


def _person(ref: Ref) -> Name:
    return Name(ref.name, ref.id or ref.source_id)


def update_words(change: UpdateUser | UpdateGroup) -> Sentence:
    """Say what an update does, as the end of a sentence with "was" or "was to be"."""
    all_edits = edits(change)
    renaming = _telling([edit for edit in all_edits if edit.attribute in NAMES | {"email"}])
    switched = [edit for edit in all_edits if edit.attribute == "active"]
    others = [edit for edit in all_edits if edit.attribute not in NAMES | {"email", "active"}]
    parts: list[Sentence] = []
    if renaming:
        parts.append(
            (
                "moved aside (" if change.aside else "renamed (",
                *_before_and_after(renaming, isinstance(change, UpdateUser)),
                ")",
            )
        )
    parts += [("switched on" if edit.after else "switched off",) for edit in switched]
    if others:  # without values: they may be private, such as a telephone number; the record has them
        parts.append((f"changed ({', '.join(_in_words(edit.attribute) for edit in others)})",))
    return tuple(_enumerated(parts))


def _telling(renaming: Sequence[Edit]) -> list[Edit]:
    """Leave out edits that only repeat another: an address that is the user name, the parts of a display name."""
    pairs = {edit.attribute: (edit.before, edit.after) for edit in renaming}
    redundant = {"given_name", "family_name"} if "display_name" in pairs else set()
    if pairs.get("email") == pairs.get("user_name"):
        redundant |= {"email"}
    return [edit for edit in renaming if edit.attribute not in redundant]


def _before_and_after(renaming: Sequence[Edit], of_person: bool) -> Iterator[str | Name]:
    instead = LEFT_OUT if of_person else ""
    for number, edit in enumerate(renaming):
        yield f"{', ' if number else ''}{_in_words(edit.attribute)} "
        yield Name(str(edit.before), instead)
        yield " → "
        yield Name(str(edit.after), instead)


def _enumerated(parts: Sequence[Sentence]) -> Iterator[str | Name]:
    for number, part in enumerate(parts):
        if number:
            yield " and " if number == len(parts) - 1 else ", "
        yield from part


def _in_words(attribute: str) -> str:
    return "e-mail address" if attribute == "email" else attribute.replace("_", " ")
