"""What is kept between runs, and what the last of them did."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sso_sync.bootstrap.doctor.known import NOT_DEPLOYED, NOT_SIGNED_IN, Known, not_looked_at
from sso_sync.core.errors import SsoSyncError
from sso_sync.core.findings import Finding, Mark, in_a_line
from sso_sync.reporters.history import HistoryNote
from sso_sync.reporters.summary import HEADLINES, instant
from sso_sync.state.examination import examine_state
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.storage import S3_SCHEME

LAST = "State: last run"
UNITS = {"minute": "minutes", "hour": "hours", "day": "days"}
LATE = 4  # times the schedule's interval: runs may take their time, and one may fail to start


def examine_kept(known: Known, store_id: str) -> Iterator[Finding]:
    """Look at lease, ledger and history; the ledger is that of a store, if it is known which."""
    place = known.settings.state or ""
    in_deployment = not place and known.ground.is_deployed
    if in_deployment and not known.deployed:
        yield not_looked_at("State: lease", NOT_DEPLOYED if known.signed_in else NOT_SIGNED_IN)
        return
    if place.startswith(S3_SCHEME) and not known.signed_in:
        yield not_looked_at("State: lease", NOT_SIGNED_IN)
        return
    try:
        state = known.ground.state()
    except SsoSyncError as exc:
        yield Finding("State: lease", Mark.PROBLEM, in_a_line(exc))
        return
    found = list(examine_state(state, store_id, known.grant("s3:GetObject", "s3:ListBucket")))
    yield from found
    if found[0].mark is Mark.GOOD:
        yield _last_run(known, state)
        yield Finding("State: writing", Mark.NOTE, "It was not tried, because that would write.")


def _last_run(known: Known, state: StateKeeper) -> Finding:
    try:
        history = HistoryNote(state.notes).load()
    except SsoSyncError as exc:
        return Finding(LAST, Mark.WARNING, in_a_line(exc))
    if not history.runs:
        return Finding(LAST, Mark.NOTE, "No run is on record yet.", "Look at 'sso-sync plan', and make the first.")
    newest = history.runs[0]
    words, tone = HEADLINES[newest.verdict]
    said = f"It ended at {instant(newest.last.ended)}: {words[0].lower()}{words[1:]}."
    interval = _interval(known.ground.deployment.schedule) if known.deployed else None
    if interval and datetime.now(UTC) - newest.last.ended > LATE * interval:
        remedy = "See the schedule (EventBridge console, Schedules) and the function's log, or run 'sso-sync invoke'."
        return Finding(LAST, Mark.WARNING, f"{said} The schedule should have started others since.", remedy)
    if tone == "good":
        return Finding(LAST, Mark.GOOD, said)
    return Finding(LAST, Mark.WARNING, said, "'sso-sync status' says more.")


def _interval(schedule: str) -> timedelta | None:
    """Return how often a schedule starts runs, None if that is not told by its words alone."""
    found = re.fullmatch(r"(\d+) (minute|hour|day)s?", schedule)
    return timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None
