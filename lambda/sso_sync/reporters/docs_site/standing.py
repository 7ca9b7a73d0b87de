"""Whose an object of Identity Center is."""

from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import KINDS, Directory, Group, Kind, User

MANAGED = {Origin.CREATED: "created by sso-sync", Origin.ADOPTED: "adopted by sso-sync"}


class Standing:
    """Tells from the ledger who an object belongs to."""

    def __init__(self, directory: Directory, ledger: Ledger) -> None:
        self._directory, self._others = directory, ledger.others
        self._ledger = ledger
        self._entries: dict[str, tuple[str, Entry]] = {
            entry.aws_id: (source_id, entry) for kind in KINDS for source_id, entry in ledger.entries(kind).items()
        }

    def of(self, kind: Kind, aws_id: str) -> str:
        """Say in a few words whose a user or group is, and whether it leaves."""
        if aws_id not in self._entries:
            other = self._others.get(aws_id)
            return f"managed by {other}" if other else "made by others"
        _, entry = self._entries[aws_id]
        said = MANAGED[entry.origin]
        if entry.left:
            said += f", not wanted since {entry.left:%Y-%m-%d}"
        user = self._directory.users.get(aws_id) if kind == "user" else None
        if user and not user.active:
            said += ", switched off by sso-sync" if entry.off else ", switched off by others"
        return said

    def source_id(self, record: User | Group) -> str:
        """Return the id in the directory, empty if there is none."""
        return self._entries[record.id][0] if record.id in self._entries else record.external_id

    def aws_id(self, kind: Kind, source_id: str) -> str:
        """Return the id in Identity Center of a managed object, empty if there is none."""
        entry = self._ledger.entries(kind).get(source_id)
        return entry.aws_id if entry else ""
