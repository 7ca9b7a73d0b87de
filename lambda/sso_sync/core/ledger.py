"""The ledger: what one deployment wrote or adopted in one identity store, by source id."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct, field

from sso_sync.core.digests import SHORT, digest
from sso_sync.core.model import Group, Kind, User


class Origin(StrEnum):
    """How an object came to be managed; a deployment that goes takes back only what it has created."""

    CREATED = "created"
    ADOPTED = "adopted"


class Entry(Struct, frozen=True):
    """One managed object.

    `off` says that we switched the user off. `seen` is the day on which the directory had it last,
    `left` the moment since which it is not wanted. `synced` is the digest of the record that the
    object was last equal to, a group with all its members. `sources` are the directories that had it
    when they were last read, `also` the other ids under which they have the person.
    """

    aws_id: str
    origin: Origin
    off: bool = False
    seen: date | None = None
    left: datetime | None = None
    synced: str = ""
    sources: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class Ledger(Struct, kw_only=True):
    """Which source id belongs to which AWS id in the identity store `store_id`.

    `pending_users` and `pending_groups` are source ids whose creation was begun and not seen to end:
    an object that is found for one of them was created here. `memberships` says since when we know a
    membership that is wanted: group → user → moment, by AWS id. `going` are the AWS ids of objects whose
    deletion was begun: one that is not there any more was deleted here. `loading` is set from the beginning of
    the first run that writes until a run has made, or tried, every change. `used` are the approvals that have
    been used up. `others` are the AWS ids of what other deployments manage, with their names; it is
    theirs to write. The planner only reads the ledger; what becomes of a run is written to it by
    `engine.bookkeeper`.
    """

    store_id: str
    users: dict[str, Entry] = field(default_factory=dict)
    groups: dict[str, Entry] = field(default_factory=dict)
    pending_users: set[str] = field(default_factory=set)
    pending_groups: set[str] = field(default_factory=set)
    memberships: dict[str, dict[str, datetime]] = field(default_factory=dict)
    going: set[str] = field(default_factory=set)
    loading: bool = False
    used: set[str] = field(default_factory=set)
    others: Mapping[str, str] = {}

    def entries(self, kind: Kind) -> dict[str, Entry]:
        """Return the entries of one kind, by source id."""
        return self.users if kind == "user" else self.groups

    def pending(self, kind: Kind) -> set[str]:
        """Return the source ids of one kind whose creation may have happened."""
        return self.pending_users if kind == "user" else self.pending_groups

    @property
    def is_new(self) -> bool:
        """Tell whether nothing was ever written, so that nothing is known of who belongs to whom."""
        return not (self.users or self.groups or self.pending_users or self.pending_groups)

    def expected(self, kind: Kind) -> set[str]:
        """Return the AWS ids of one kind that must be in the store: of leavers nobody knows."""
        return {entry.aws_id for entry in self.entries(kind).values() if not entry.left} - self.going

    @property
    def is_first(self) -> bool:
        """Tell whether the first load has not ended yet."""
        return self.loading or not (self.users or self.groups)


def digest_of(record: User | Group) -> str:
    """Return what tells two states of a record of the directory apart."""
    return digest(record)[:SHORT]
