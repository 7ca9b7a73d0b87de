"""Reports of runs that never happened, one for each way in which a run can end."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sso_sync.core.changes import Change, CreateMembership, DeleteMembership, Ref
from sso_sync.core.errors import (
    ChangeError,
    ChangeRefused,
    CredentialsAwaited,
    Interrupted,
    LimitExceeded,
    TargetError,
)
from sso_sync.core.joining import Unread
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport, Verdict

STARTED = datetime(2026, 11, 22, 3, 20, 7, tzinfo=UTC)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe",
    "one\ntwo\r\n\u2028three",
    "[x](javascript:alert(1))",
    "[x](https://evil.example)",
    "<at>everyone</at>",
    "{{DATE(2026-01-01T00:00:00Z)}} {{TIME(2026-01-01T00:00:00Z)}}",
    "{{ 7 * 7 }}{% raw %}",
    "**b** _i_ `c` ~~s~~ | # 1. &lt; a\\",
    "half \ud800 a pair",
    "x" * 2000,
]


def ref(name: str) -> Ref:
    return Ref(f"U-{name}", name, name)


def joins(user: str, group: str) -> Change:
    return CreateMembership(ref(group), ref(user), "member in the directory")


def leaves(user: str, group: str) -> Change:
    return DeleteMembership(ref(group), ref(user), "suspended")


def report(plan: Plan | None = None, **changed: Any) -> RunReport:
    fields: dict[str, Any] = {
        "run_id": "20261122T032007Z-abcdef",
        "trigger": "schedule",
        "started": STARTED,
        "ended": STARTED + timedelta(seconds=74),
        "source": "Google Workspace",
        "plan": plan,
    }
    return RunReport(**fields | changed)


def planned(*changes: Change, **changed: Any) -> RunReport:
    """Report a run that planned changes and made none."""
    return report(Plan.of("d-1", changes), **changed)


def made(*changes: Change, **changed: Any) -> RunReport:
    """Report a run that made every change."""
    plan = Plan.of("d-1", changes)
    return report(
        plan, outcomes=tuple(Outcome(change, Result.DONE, aws_id="new") for change in plan.changes), **changed
    )


def failing(failures: Iterable[Change], *others: Change, error: ChangeError | None = None) -> RunReport:
    """Report a run in which some changes failed."""
    bad, error = list(failures), error or ChangeRefused("AWS said no.")
    plan = Plan.of("d-1", [*bad, *others])
    outcomes = [Outcome(c, Result.FAILED, error) if c in bad else Outcome(c, Result.DONE) for c in plan.changes]
    return report(plan, outcomes=tuple(outcomes))


ENDINGS = {
    Verdict.UNCHANGED: planned(),
    Verdict.DONE: made(joins("ann", "devs")),
    Verdict.DECLINED: planned(joins("ann", "devs")),
    Verdict.PARTIAL: failing([joins("ann", "devs")], leaves("bob", "devs")),
    Verdict.INCOMPLETE: made(joins("ann", "devs"), unread=(Unread("Okta", "Okta answered 503."),)),
    Verdict.WAITING: report(error=CredentialsAwaited(["google"])),
    Verdict.REFUSED: planned(leaves("ann", "devs"), error=LimitExceeded("Too many would leave.")),
    Verdict.INTERRUPTED: made(joins("ann", "devs"), error=Interrupted("Stopped on request.")),
    Verdict.FAILED: report(error=TargetError("AWS is away.")),
}
