"""The ledger: what this tool wrote or adopted in one identity store, by source id."""

from enum import StrEnum

from msgspec import Struct, field

from sso_sync.core.model import Kind

LEDGER_VERSION = 1


class Origin(StrEnum):
    """How an object came to be managed; only what was created here may be deleted here."""

    CREATED = "created"
    ADOPTED = "adopted"


class Entry(Struct, frozen=True):
    """One managed object: its AWS id, how it came to be managed, and whether we switched it off."""

    aws_id: str
    origin: Origin
    off: bool = False


class Ledger(Struct, kw_only=True):
    """Which source id belongs to which AWS id in the identity store `store_id`.

    `pending_users` and `pending_groups` are source ids whose creation was begun and not seen to end:
    an object that is found for one of them was created here. The planner only reads the ledger; the
    applier's outcomes are written to it by `engine.bookkeeper`.
    """

    store_id: str
    version: int = LEDGER_VERSION
    users: dict[str, Entry] = field(default_factory=dict)
    groups: dict[str, Entry] = field(default_factory=dict)
    pending_users: set[str] = field(default_factory=set)
    pending_groups: set[str] = field(default_factory=set)

    def entries(self, kind: Kind) -> dict[str, Entry]:
        """Return the entries of one kind, by source id."""
        return self.users if kind == "user" else self.groups

    def pending(self, kind: Kind) -> set[str]:
        """Return the source ids of one kind whose creation may have happened."""
        return self.pending_users if kind == "user" else self.pending_groups
