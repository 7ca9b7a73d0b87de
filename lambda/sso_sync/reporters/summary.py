"""A run in a few words: how it ended, what it came to, when it was."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sso_sync.core.changes import Change, is_drift
from sso_sync.core.outcomes import Result
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import counted, last_part, listed, one_line
from sso_sync.reporters.effects import Effect, tally

# The words at a glance, and the colour that goes with them.
HEADLINES: dict[Verdict, tuple[str, str]] = {
    Verdict.UNCHANGED: ("Nothing to do", "good"),
    Verdict.DONE: ("All changes made", "good"),
    Verdict.DECLINED: ("Changes declined", "warning"),
    Verdict.PARTIAL: ("Some changes failed", "attention"),
    Verdict.INCOMPLETE: ("A directory could not be read", "attention"),
    Verdict.WAITING: ("Waiting for credentials", "warning"),
    Verdict.REFUSED: ("Refused for safety", "attention"),
    Verdict.INTERRUPTED: ("Stopped early", "warning"),
    Verdict.FAILED: ("Run failed", "attention"),
}

# Effects as titles of a number: of what was done, and of what was planned only.
TITLES: dict[Effect, tuple[str, str]] = {
    Effect.DELETED: ("Deleted", "To delete"),
    Effect.LEFT: ("Left a group", "To leave a group"),
    Effect.SWITCHED_OFF: ("Switched off", "To switch off"),
    Effect.CREATED: ("Created", "To create"),
    Effect.JOINED: ("Joined a group", "To join a group"),
    Effect.SWITCHED_ON: ("Switched on", "To switch on"),
    Effect.RENAMED: ("Renamed", "To rename"),
    Effect.MOVED_ASIDE: ("Moved aside", "To move aside"),
    Effect.CHANGED: ("Changed", "To change"),
    Effect.TAKEN_OVER: ("Taken over", "To take over"),
}


def headline(report: RunReport) -> str:
    """Say in a few words how the run ended."""
    return HEADLINES[report.verdict][0]


def tone(report: RunReport) -> str:
    """Return "good", "warning" or "attention"."""
    return HEADLINES[report.verdict][1]


def summary(report: RunReport) -> str:
    """Say in a sentence how the run ended."""
    planned = len(report.plan.changes) if report.plan else 0
    total = max(planned, len(report.outcomes))
    done = report.results[Result.DONE]
    follows = _follows(report)
    match report.verdict:
        case Verdict.UNCHANGED:
            return f"There was nothing to change; {follows}."
        case Verdict.DONE if lost := sum(bool(outcome.lost) for outcome in report.outcomes):
            return f"{counted(done, 'change')} made, {lost} of them without values that AWS refused."
        case Verdict.DONE:
            return f"{counted(done, 'change')} made; {follows}."
        case Verdict.DECLINED:
            return f"{counted(total, 'change')} planned and declined; nothing was written."
        case Verdict.PARTIAL:
            return f"{total - done} of {counted(total, 'change')} could not be made; the next run tries again."
        case Verdict.INCOMPLETE:
            made = f"{counted(done, 'change')} made" if done else "There was nothing to change"
            names = listed([one.source for one in report.unread])
            return f"{made} for the directories that could be read; what came from {names} stays as it is."
        case Verdict.WAITING:
            return "There is nothing to run with until every credential is stored; nothing was written."
        case Verdict.REFUSED:
            return f"{counted(total, 'change')} planned and refused; nothing was written." if total else _UNWRITTEN
        case Verdict.INTERRUPTED | Verdict.FAILED:
            if report.outcomes:
                return f"The run ended early: {done} of {counted(total, 'change')} made."
            return _UNWRITTEN


def _follows(report: RunReport) -> str:
    """Say what stands after a run in which nothing went wrong."""
    if report.removes:
        return "what the deployment had created is removed"
    if report.partly:
        return f"that is all of what was asked for ({_asked(report)})"
    if report.waiting:
        return "Identity Center follows the directory, save for what waits for approval"
    if report.held:
        return "Identity Center follows the directory, save for what nobody has allowed"
    return "Identity Center follows the directory"


def _asked(report: RunReport) -> str:
    group = f"the group '{one_line(report.scope.group)}' alone" if report.scope.group else ""
    return ", ".join(filter(None, (group, "nothing taken away" if report.scope.additive else "")))


_UNWRITTEN = "The run ended early; no change was made."


def counts(report: RunReport) -> list[tuple[str, int]]:
    """Count what was changed, or would have been, what was not, and what was set aside; nothing that is zero."""
    applied = bool(report.outcomes)
    changes: Sequence[Change] = report.plan.changes if report.plan and not applied else ()
    if applied:
        changes = [outcome.change for outcome in report.outcomes if outcome.result is Result.DONE]
    effects = tally(changes)
    rows = [(TITLES[effect][not applied], effects[effect]) for effect in Effect]
    rows += [
        ("Drift", sum(map(is_drift, changes))),
        ("Failed", report.results[Result.FAILED]),
        ("Skipped", report.results[Result.SKIPPED]),
        ("Not tried", report.results[Result.NOT_TRIED]),
        ("Set aside", len(report.plan.set_aside) if report.plan else 0),
    ]
    return [(title, number) for title, number in rows if number]


def approvers(report: RunReport) -> str:
    """Name who approved what the run rests on: the end of the caller's ARN, where the person is."""
    return ", ".join(dict.fromkeys(last_part(approval.by) for approval in report.approved))


def instant(at: datetime) -> str:
    """Write a time for people, such as 2026-11-22 03:20 UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def duration(time: timedelta) -> str:
    """Write a duration for people, such as "2 min 5 s", in its two largest units."""
    seconds = round(time.total_seconds())
    if seconds < 1:
        return "less than 1 s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next(place for place, (number, _) in enumerate(units) if number)
    return " ".join(f"{number} {unit}" for number, unit in units[first : first + 2])
