"""What a run has to tell: one value that records, pages and cards are made from."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from sso_sync.core.approval import Approval, Refusal
from sso_sync.core.errors import ConfigAltered, CredentialsAwaited, Interrupted, LimitExceeded
from sso_sync.core.joining import Unread
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Assignment, Directory
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan
from sso_sync.core.scope import Scope

# What starts runs of a deployment; whoever else does so says it in words of theirs.
SCHEDULE = "schedule"  # may be left out, because another follows
DEPLOYMENT = "deployment"
DESTRUCTION = "destruction"  # no other run follows, so that all has to be done


class Verdict(StrEnum):
    """How a run ended."""

    UNCHANGED = "unchanged"  # there was nothing to do
    DONE = "done"
    DECLINED = "declined"  # whoever was asked said no
    PARTIAL = "partial"  # some changes failed
    INCOMPLETE = "incomplete"  # all changes made, of those directories that could be read
    WAITING = "waiting"  # a secret holds no value yet
    REFUSED = "refused"  # by a safety limit, or because the filters were not the deployed ones
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class RunReport(Struct, frozen=True, kw_only=True):
    """One run.

    `plan`, `desired` and `ledger` are None if the run ended before there were any. `identity_center` is
    the store after the run, None if it was not read; it was read while the run went on, and its changes
    are those of the run's outcomes. `unread` are sources that could not be read while others were.
    `error` is what ended the run early. `waiting` is what somebody can approve, by the command
    `how_to_approve` where there is one; `held` says why the rest of the plan was left out, `approved` is
    what the run rests on. `scope` is how much of a plan was wanted. `assignments` are the AWS accounts, by
    AWS id, of what was adopted or deleted, None where they could not be read. `expiring` are the
    warnings of credentials that expire, all of them if `expiry_known`. `calls` counts what was asked of the
    outside.
    """

    run_id: str
    trigger: str
    started: datetime
    ended: datetime
    source: str
    plan: Plan | None = None
    waiting: Refusal | None = None
    how_to_approve: str = ""
    held: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    approved: tuple[Approval, ...] = ()
    expiring: tuple[str, ...] = ()
    expiry_known: bool = True
    scope: Scope = Scope()
    assignments: Mapping[str, tuple[Assignment, ...] | None] = {}
    calls: Mapping[str, int] = {}
    outcomes: tuple[Outcome, ...] = ()
    error: BaseException | None = None
    desired: Directory | None = None
    identity_center: Directory | None = None
    ledger: Ledger | None = None

    @property
    def verdict(self) -> Verdict:
        """Say how the run ended, in a word."""
        match self.error:
            case CredentialsAwaited():
                return Verdict.WAITING
            case LimitExceeded() | ConfigAltered():
                return Verdict.REFUSED
            case Interrupted():
                return Verdict.INTERRUPTED
            case None:
                pass
            case _:
                return Verdict.FAILED
        changes = self.plan.changes if self.plan else ()
        if changes and not self.outcomes:
            return Verdict.DECLINED
        if self.results.keys() - {Result.DONE}:
            return Verdict.PARTIAL
        if self.unread:
            return Verdict.INCOMPLETE
        return Verdict.DONE if changes else Verdict.UNCHANGED

    @property
    def partly(self) -> bool:
        """Tell whether the run was to look at a part only, so that it knows nothing of the rest."""
        return self.scope.partly

    @property
    def removes(self) -> bool:
        """Tell whether the run was to remove what the deployment has created."""
        return self.scope.created

    @property
    def results(self) -> Counter[Result]:
        """Count what became of the changes."""
        return Counter(outcome.result for outcome in self.outcomes)

    @property
    def problem(self) -> str:
        """Return the sentence that says what ended the run early, or which directories were not read; or nothing."""
        if self.error:
            return str(self.error) or type(self.error).__name__
        return " ".join(one.sentence for one in self.unread)
