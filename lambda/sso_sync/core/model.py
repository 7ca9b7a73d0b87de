"""The directory as data: one immutable type for what should be and for what is."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, TypeVar, get_args

from msgspec import Struct

from sso_sync.core.provenance import Provenance

Kind = Literal["user", "group"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# The optional attributes of a user that a mapping may fill; everything else on a user is always managed.
# Names follow the Identity Store API (API_User), in snake case; the last six are its enterprise extension.
AttributeName = Literal[
    "title",
    "nick_name",
    "profile_url",
    "user_type",
    "preferred_language",
    "locale",
    "timezone",
    "phone_number",
    "formatted_address",
    "street_address",
    "locality",
    "region",
    "postal_code",
    "country",
    "employee_number",
    "cost_center",
    "organization",
    "division",
    "department",
    "manager",
]
OPTIONAL_ATTRIBUTES: tuple[str, ...] = get_args(AttributeName)
ADDRESS_ATTRIBUTES = OPTIONAL_ATTRIBUTES[8:14]
ENTERPRISE_ATTRIBUTES = OPTIONAL_ATTRIBUTES[14:]


class User(Struct, frozen=True, kw_only=True):
    """A person.

    `id` is the id in the directory that holds the user: the source's immutable id on the desired
    side, the AWS UserId on the actual side. `external_id` is the source's id on both sides, and
    empty for an AWS user that carries none. `attributes` holds optional attributes by name
    (`OPTIONAL_ATTRIBUTES`); a name that is missing is not managed, an empty value means "has none".
    """

    id: str
    external_id: str
    user_name: str
    given_name: str
    family_name: str
    display_name: str
    email: str
    active: bool = True
    attributes: Mapping[str, str] = {}


class Group(Struct, frozen=True, kw_only=True):
    """A group of people; ids as in `User`."""

    id: str
    external_id: str
    display_name: str
    description: str = ""


Record = TypeVar("Record", bound=User | Group)


class SetAside(Struct, frozen=True):
    """A record that cannot be provisioned as it stands: it is listed, and its object keeps its attributes.

    `groups` are the source ids of the groups that a person set aside is in: who is in the store
    already follows them, so that a bad record keeps nobody inside.
    """

    kind: Kind
    source_id: str
    name: str
    reason: str
    groups: frozenset[str] = frozenset()


class Belonging(Struct, frozen=True):
    """Which sources have a record, and under which other ids than its own: a person may be in several."""

    sources: tuple[str, ...]
    also: tuple[str, ...] = ()


class Assignment(Struct, frozen=True, order=True):
    """An AWS account that a user or group has been given directly: its id, and the permission set's ARN."""

    account: str
    permission_set: str


class Directory(Struct, frozen=True, kw_only=True):
    """A complete snapshot of users, groups and flattened memberships.

    `members` maps every group id to the ids of its users. `set_aside` lists what the directory
    holds but could not be put into it, `left_out` says of people and groups that exist there, by
    source id, why they are not wanted; `warnings` are sentences for whoever reads the plan.
    `kept` are the objects of a source that could not be read, which stay as they are; `belonging` says
    of users and groups, by source id, where they come from.
    `provenance` says how a source came to all this, `since` when memberships were made, by group and
    user, as far as a store tells. `synced_by_aws` says that users and groups are but names: of whom AWS
    itself syncs from an Active Directory (core.sync_filters), so that members are known to AWS alone.
    """

    users: Mapping[str, User]
    groups: Mapping[str, Group]
    members: Mapping[str, frozenset[str]]
    set_aside: tuple[SetAside, ...] = ()
    left_out: Mapping[str, str] = {}
    warnings: tuple[str, ...] = ()
    provenance: Provenance | None = None
    since: Mapping[str, Mapping[str, datetime]] = {}
    kept: tuple[SetAside, ...] = ()
    belonging: Mapping[Kind, Mapping[str, Belonging]] = {}
    synced_by_aws: bool = False

    @classmethod
    def of(
        cls,
        users: Iterable[User],
        groups: Iterable[Group],
        members: Mapping[str, Iterable[str]],
        *,
        set_aside: Iterable[SetAside] = (),
        left_out: Mapping[str, str] | None = None,
        warnings: Iterable[str] = (),
        provenance: Provenance | None = None,
        since: Mapping[str, Mapping[str, datetime]] | None = None,
        kept: Iterable[SetAside] = (),
        belonging: Mapping[Kind, Mapping[str, Belonging]] | None = None,
        synced_by_aws: bool = False,
    ) -> "Directory":
        """Index users and groups by id; members must be known users of known groups.

        Raises ValueError if they are not, or if two records share an id.
        """
        user_list, group_list = list(users), list(groups)
        by_id = {user.id: user for user in user_list}
        groups_by_id = {group.id: group for group in group_list}
        if len(by_id) != len(user_list) or len(groups_by_id) != len(group_list):
            raise ValueError("two records of one kind share an id")
        memberships = {group_id: frozenset(members.get(group_id, ())) for group_id in groups_by_id}
        if set(members) - set(groups_by_id) or any(ids - by_id.keys() for ids in memberships.values()):
            raise ValueError("a membership names an unknown user or group")
        return cls(
            users=by_id,
            groups=groups_by_id,
            members=memberships,
            set_aside=tuple(set_aside),
            left_out=left_out or {},
            warnings=tuple(warnings),
            provenance=provenance,
            since=since or {},
            kept=tuple(kept),
            belonging=belonging or {},
            synced_by_aws=synced_by_aws,
        )

    @property
    def membership_count(self) -> int:
        """Count memberships over all groups."""
        return sum(len(ids) for ids in self.members.values())


def fold(name: str) -> str:
    """Fold a name or e-mail the way Identity Center compares them: without regard to case."""
    return name.lower()
