"""Whether the state can be read, looked at one by one; nothing is written."""

import time
from collections.abc import Callable, Iterator

from sso_sync.core.errors import SsoSyncError
from sso_sync.core.findings import Finding, Mark, look_at
from sso_sync.core.wording import counted
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.lease import clock_time

LEDGER = "State: ledger"


def examine_state(
    state: StateKeeper, store_id: str, grant: str, now: Callable[[], float] = time.time
) -> Iterator[Finding]:
    """Look at the lease and at the ledger of a store; without a store, at the lease alone."""

    def lease() -> str:
        holder = state.holder()
        if holder is None:
            return f"{state.place} can be read, and no run is at work."
        since, until = clock_time(holder.since), clock_time(holder.until)
        if holder.until <= now():
            return f"{state.place} can be read; a run that died held the lease until {until}, and it is free."
        return f"{state.place} can be read; a run is at work ({holder.run_id} by {holder.who}, since {since})."

    finding = look_at("State: lease", lease, grant=grant)
    yield finding
    if finding.mark is Mark.GOOD and store_id:
        yield _ledger(state, store_id)


def _ledger(state: StateKeeper, store_id: str) -> Finding:
    try:
        ledger = state.load_ledger(store_id)
    except SsoSyncError as exc:
        return Finding(LEDGER, Mark.PROBLEM, str(exc))
    if not ledger.is_new:
        users, groups = counted(len(ledger.users), "user"), counted(len(ledger.groups), "group")
        return Finding(LEDGER, Mark.GOOD, f"It knows {users} and {groups} that are managed.")
    return Finding(
        LEDGER,
        Mark.NOTE,
        f"It is empty for the store {store_id}: nothing is managed yet, and nothing can be deleted.",
        "After a deployment was destroyed or named anew, set 'state' to where its ledger is.",
    )
