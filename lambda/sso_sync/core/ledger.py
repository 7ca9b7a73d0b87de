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
    """One managed object: its AWS id and how it came to be managed."""

    aws_id: str
    origin: Origin


class Ledger(Struct, kw_only=True):
    """Which source id belongs to which AWS id in the identity store `store_id`.

    The planner only reads it; the applier's outcomes are written to it by `engine.bookkeeper`.
    """

    store_id: str
    version: int = LEDGER_VERSION
    users: dict[str, Entry] = field(default_factory=dict)
    groups: dict[str, Entry] = field(default_factory=dict)

    def entries(self, kind: Kind) -> dict[str, Entry]:
        """Return the entries of one kind, by source id."""
        return self.users if kind == "user" else self.groups
