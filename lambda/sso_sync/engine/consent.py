"""What people have agreed to: approvals that were given in AWS, and a plan that was reviewed and handed in."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from sso_sync.core.approval import BY_COMMAND, BY_FILE, VALID, Approval, Refusal
from sso_sync.core.ledger import Ledger
from sso_sync.core.limits import Breach
from sso_sync.core.once import once
from sso_sync.core.ports import Approvals, State


class Consent:
    """Where to find what was agreed to; `reviewed` are the keys of changes of a plan that was handed in."""

    def __init__(self, approvals: Approvals | None = None, reviewed: Iterable[str] = ()) -> None:
        self._approvals, self._reviewed = approvals, frozenset(reviewed)

    @property
    def how(self) -> str:
        """Say how to agree to what is refused, as the end of a sentence; {} stands for the id."""
        if self._approvals:
            return f"run '{BY_COMMAND}'"
        return BY_FILE

    def command(self, refusal: Refusal | None) -> str:
        """Return the command that agrees to what was refused, empty if there is none."""
        return BY_COMMAND.format(refusal.id) if refusal and self._approvals else ""

    def agreed(self, state: State, ledger: Ledger, config: str, now: datetime) -> "Agreed":
        """Return what was agreed to for this store and config, and is neither too old nor used up."""

        def read() -> dict[Approval, frozenset[str]]:
            given = self._approvals.granted() if self._approvals else ()
            fresh = [approval for approval in given if approval.key not in ledger.used and now - approval.at < VALID]
            return dict(_refused(fresh, state, ledger.store_id, config))

        return Agreed(self._reviewed, read)


class Agreed:
    """What was agreed to, read when it is first asked for, and which of the approvals were needed."""

    def __init__(self, reviewed: frozenset[str], read: Callable[[], Mapping[Approval, frozenset[str]]]) -> None:
        self._reviewed, self._read = reviewed, read
        self.needed: list[Approval] = []

    def covers(self, breach: Breach) -> bool:
        """Tell whether all that breaks a limit was agreed to in one word; raises StateError or CredentialsError."""
        if breach.changes <= self._reviewed:
            return True
        for approval, changes in self._approved.items():
            if breach.changes <= changes:
                self.needed.append(approval)
                return True
        return False

    @once
    def _approved(self) -> Mapping[Approval, frozenset[str]]:
        return self._read()


def _refused(
    approvals: Iterable[Approval], state: State, store_id: str, config: str
) -> Iterator[tuple[Approval, frozenset[str]]]:
    """Find what was refused and then approved.

    The whole digest is compared: what a run may write, the refusal, must not be able to widen an approval.
    """
    for approval in approvals:
        refusal: Refusal | None = state.load_refusal(approval.refusal_id)
        if refusal and (refusal.digest, refusal.store_id, refusal.config) == (approval.digest, store_id, config):
            yield approval, frozenset(refusal.changes)
