"""What the engine asks of the world, as protocols. Adapters implement them; nothing here does I/O."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sso_sync.core.approval import Approval, Refusal
from sso_sync.core.changes import UpdateGroup, UpdateUser
from sso_sync.core.findings import Credential, Finding
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Assignment, Directory, Group, Kind, User
from sso_sync.core.report import RunReport


class IdentitySource(Protocol):
    """A directory that people and groups come from."""

    @property
    def name(self) -> str:
        """Name the source for people, such as "Google Workspace"."""

    def read(self) -> Directory:
        """Read what the config selects, completely.

        Raises SourceError or CredentialsError; never returns a part.
        """

    def credentials(self) -> Sequence[Credential]:
        """Say with what it signs in. After `read` this makes no call of its own.

        Raises SourceError if the directory would tell when one expires, and did not.
        """

    def examine(self) -> Iterator[Finding]:
        """Look at everything that a read needs, one by one, and write nothing; raises nothing."""


class Target(Protocol):
    """One identity store: read as a whole, written object by object.

    Writers are called from several threads at once. Every writing method raises ChangeRefused or
    ChangeUnknown if that one write failed, and another TargetError or CredentialsError if no write
    can succeed.
    """

    @property
    def store_id(self) -> str:
        """Return the identity store's id."""

    @property
    def unwritable(self) -> frozenset[str]:
        """List the attributes of users and groups that this way of writing cannot set."""

    @property
    def members_per_create(self) -> int:
        """Say how many members a group may be created with."""

    @property
    def members_per_change(self) -> int:
        """Say how many members one call may add or remove."""

    @property
    def concurrency(self) -> int:
        """Say how many writes are worth having under way at once."""

    def read(self) -> Directory:
        """Read every user, group and membership."""

    def create_user(self, user: User) -> str:
        """Create the user and return its AWS id."""

    def update_user(self, change: UpdateUser) -> None:
        """Write the attributes that `change` alters."""

    def delete_user(self, user_id: str) -> None:
        """Delete the user; one that is already gone is fine."""

    def create_group(self, group: Group, member_ids: Sequence[str]) -> str:
        """Create the group with its first members and return its AWS id."""

    def update_group(self, change: UpdateGroup) -> None:
        """Write the attributes that `change` alters."""

    def delete_group(self, group_id: str) -> None:
        """Delete the group; one that is already gone is fine."""

    def add_members(self, group_id: str, user_ids: Sequence[str]) -> None:
        """Add users; one that is already in is fine."""

    def remove_members(self, group_id: str, user_ids: Collection[str]) -> None:
        """Remove users; one that is already out is fine."""

    def finish(self) -> None:
        """Do what the store needs once after all that a run has written; raises nothing."""


class AccountAssignments(Protocol):
    """Which AWS accounts users and groups have been given directly."""

    def of(self, kind: Kind, aws_ids: Collection[str]) -> Mapping[str, tuple[Assignment, ...]]:
        """Return the assignments of each id; raises TargetError or CredentialsError if they cannot be read."""


class Approvals(Protocol):
    """What people have approved."""

    def granted(self) -> Sequence[Approval]:
        """Return every approval there is, old ones too; raises StateError or CredentialsError."""


class Lease(Protocol):
    """The right to write, held by at most one run."""

    def check(self) -> None:
        """Raise StateError if the right was lost."""


class State(Protocol):
    """What is kept between runs."""

    def hold_lease(self, run_id: str) -> AbstractContextManager[Lease]:
        """Hold the lease while the context lasts; raises RunInProgress if another run has it."""

    def load_ledger(self, store_id: str) -> Ledger:
        """Return the store's ledger, an empty one if there is none; raises StateError."""

    def save_ledger(self, ledger: Ledger) -> None:
        """Replace the ledger that was loaded; raises LedgerConflict if another run has written it, or StateError."""

    def save_record(self, run_id: str, record: bytes) -> None:
        """Keep the run's record (JSON); raises StateError."""

    def save_refusal(self, refusal: Refusal) -> None:
        """Keep what waits for approval; raises StateError."""

    def load_refusal(self, refusal_id: str) -> Refusal | None:
        """Return what waits for approval under this id, None if there is no such thing; raises StateError."""


class Notes(Protocol):
    """What those who tell people remember from one run to the next, by name."""

    def read(self, name: str) -> bytes | None:
        """Return a note, None if there is none; raises StateError or CredentialsError."""

    def amend(self, name: str, how: Callable[[bytes | None], bytes]) -> None:
        """Replace a note by what `how` makes of it, and do so again if another run was quicker; raises as `read`."""


class Reporter(Protocol):
    """Tells people about runs."""

    @property
    def name(self) -> str:
        """Name the way for the log, such as "Teams"."""

    def report(self, report: RunReport) -> None:
        """Tell what a run did; raises an SsoSyncError, which is logged and never ends a run."""
