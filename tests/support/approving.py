"""People who approve, and accounts that groups have been given, in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sso_sync.core.approval import Approval, Refusal
from sso_sync.core.errors import SsoSyncError
from sso_sync.core.model import Assignment, Kind

SOMEBODY = "arn:aws:sts::111122223333:assumed-role/sso-sync-Approver/ann"


class MemoryApprovals:
    """Approvals that somebody gives."""

    def __init__(self) -> None:
        self.given: list[Approval] = []
        self.reads = 0

    def approve(self, refusal: Refusal, at: datetime | None = None) -> None:
        self.given.append(Approval(refusal.digest, SOMEBODY, at or datetime.now(UTC)))

    def granted(self) -> Sequence[Approval]:
        self.reads += 1
        return self.given


class MemoryAssignments:
    """Account assignments by AWS id, or an error in their place."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[Assignment, ...]] = {}
        self.error: SsoSyncError | None = None
        self.asked: list[str] = []

    def give(self, aws_id: str, account: str = "111122223333") -> None:
        self.known[aws_id] = (*self.known.get(aws_id, ()), Assignment(account, "arn:aws:sso:::permissionSet/a/b"))

    def of(self, kind: Kind, aws_ids: Collection[str]) -> Mapping[str, tuple[Assignment, ...]]:
        del kind
        self.asked += aws_ids
        if self.error:
            raise self.error
        return {aws_id: self.known.get(aws_id, ()) for aws_id in aws_ids}
