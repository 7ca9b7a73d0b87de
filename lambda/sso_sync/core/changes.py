"""The changes that a plan is made of, as a closed union.

`drift` marks a change that puts right what somebody else did in Identity Center, while the
directory said the same as before.
"""

from collections.abc import Iterator
from typing import Literal, assert_never

from msgspec import Struct

from sso_sync.core.model import Group, Kind, User, fold


class Ref(Struct, frozen=True):
    """Point at one user or group: by AWS id, or by source id while it does not exist there yet."""

    id: str
    source_id: str
    name: str

    @property
    def key(self) -> str:
        """Identify the object within one plan."""
        return self.id or f"new:{self.source_id}"

    @property
    def lasting(self) -> str:
        """Identify the object across runs: it has a source id before it has an AWS id."""
        return f"source:{self.source_id}" if self.source_id else self.id


class Adopt(Struct, frozen=True, tag="adopt"):
    """Manage from now on an object that is already there; writes the ledger alone.

    `created` is set for one that an earlier run of ours created without seeing the answer. `by` is
    the attribute that it was found by, such as "email".
    """

    kind: Kind
    ref: Ref
    reason: str
    created: bool = False
    by: str = ""


class CreateUser(Struct, frozen=True, tag="create_user"):
    """Create `user`; its id is the source's until the store gives one."""

    user: User
    reason: str
    drift: bool = False


class UpdateUser(Struct, frozen=True, tag="update_user"):
    """Turn `before` into `after`; both carry the AWS id. `aside` marks a step that only frees a name."""

    ref: Ref
    before: User
    after: User
    reason: str
    aside: bool = False
    drift: bool = False


class DeleteUser(Struct, frozen=True, tag="delete_user"):
    """Delete a user."""

    user: Ref
    reason: str


class CreateGroup(Struct, frozen=True, tag="create_group"):
    """Create `group`; its id is the source's until the store gives one."""

    group: Group
    reason: str
    drift: bool = False


class UpdateGroup(Struct, frozen=True, tag="update_group"):
    """Turn `before` into `after`; both carry the AWS id. `aside` marks a step that only frees a name."""

    ref: Ref
    before: Group
    after: Group
    reason: str
    aside: bool = False
    drift: bool = False


class DeleteGroup(Struct, frozen=True, tag="delete_group"):
    """Delete a group and with it the memberships that it holds, `members` of them."""

    group: Ref
    members: int
    reason: str


class CreateMembership(Struct, frozen=True, tag="create_membership"):
    """Put a user into a group."""

    group: Ref
    user: Ref
    reason: str
    drift: bool = False


class DeleteMembership(Struct, frozen=True, tag="delete_membership"):
    """Take a user out of a group."""

    group: Ref
    user: Ref
    reason: str
    drift: bool = False


Change = (
    Adopt
    | CreateUser
    | UpdateUser
    | DeleteUser
    | CreateGroup
    | UpdateGroup
    | DeleteGroup
    | CreateMembership
    | DeleteMembership
)
ChangeName = Literal[
    "adopt",
    "create_user",
    "update_user",
    "delete_user",
    "create_group",
    "update_group",
    "delete_group",
    "create_membership",
    "delete_membership",
]


def name_of(change: Change) -> ChangeName:
    """Return the change's name as it stands in JSON, such as `create_user`."""
    tag: ChangeName = type(change).__struct_config__.tag  # type: ignore[assignment] # msgspec types it str | int | None
    return tag


class Edit(Struct, frozen=True):
    """One attribute that an update changes, with `attributes` of a user flattened by name."""

    attribute: str
    before: str | bool
    after: str | bool


def edits(change: UpdateUser | UpdateGroup) -> tuple[Edit, ...]:
    """List what an update changes, in the model's order."""
    return tuple(
        Edit(name, old, new) for name, old, new in _paired_attributes(change.before, change.after) if old != new
    )


def _paired_attributes(before: User | Group, after: User | Group) -> Iterator[tuple[str, str | bool, str | bool]]:
    for name in before.__struct_fields__:
        if name == "attributes":
            assert isinstance(before, User)
            assert isinstance(after, User)
            for attribute in sorted({*before.attributes, *after.attributes}):
                yield attribute, before.attributes.get(attribute, ""), after.attributes.get(attribute, "")
        else:
            yield name, getattr(before, name), getattr(after, name)


def subject(change: Change) -> tuple[Kind, Ref]:
    """Return the object that a change writes; for a membership its group."""
    match change:
        case Adopt(kind=kind, ref=ref):
            return kind, ref
        case CreateUser(user=user):
            return "user", Ref("", user.external_id, user.user_name)
        case CreateGroup(group=group):
            return "group", Ref("", group.external_id, group.display_name)
        case UpdateUser(ref=ref) | DeleteUser(user=ref):
            return "user", ref
        case UpdateGroup(ref=ref) | DeleteGroup(group=ref) | CreateMembership(group=ref) | DeleteMembership(group=ref):
            return "group", ref
        case _:
            assert_never(change)


def is_drift(change: Change) -> bool:
    """Tell whether a change puts right what somebody else did in Identity Center."""
    return not isinstance(change, Adopt | DeleteUser | DeleteGroup) and change.drift


def switches_off(change: Change) -> bool:
    """Tell whether a change keeps a user, and takes the sign-in away."""
    return isinstance(change, UpdateUser) and change.before.active and not change.after.active


def switches_on(change: Change) -> bool:
    """Tell whether a change lets a user sign in again."""
    return isinstance(change, UpdateUser) and change.after.active and not change.before.active


def why(change: Change) -> str:
    """Give the reason of a change for people, and name drift."""
    return f"drift: {change.reason}" if is_drift(change) else change.reason


def unique_names(subject_of: User | Group) -> frozenset[tuple[str, str]]:
    """List the names that nobody else in the store may have, folded: (attribute, name) pairs.

    User names and e-mail addresses are unique among users, display names among groups
    (the AlternateIdentifier of GetUserId and GetGroupId in the Identity Store API).
    """
    if isinstance(subject_of, Group):
        return frozenset({("display_name", fold(subject_of.display_name))})
    names = {("user_name", fold(subject_of.user_name)), ("email", fold(subject_of.email))}
    return frozenset(pair for pair in names if pair[1])
