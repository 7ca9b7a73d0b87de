"""A run as an Adaptive Card that Teams takes: small enough, and with nothing in it but what it says."""

from collections.abc import Iterator, Sequence

from sso_sync.core.changes import Change, is_drift
from sso_sync.core.model import Directory
from sso_sync.core.outcomes import Result
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.tally import describe
from sso_sync.core.wording import counted
from sso_sync.reporters.lines import WORDS
from sso_sync.reporters.sentences import Name
from sso_sync.reporters.stories import Story, stories_of
from sso_sync.reporters.summary import approvers, duration, headline, summary, tone
from sso_sync.reporters.teams import blocks
from sso_sync.reporters.teams.backlog import Backlog
from sso_sync.reporters.teams.blocks import Json, size_of, text
from sso_sync.reporters.teams.changes import changes
from sso_sync.reporters.teams.glance import at_a_glance
from sso_sync.reporters.teams.markdown import in_markdown, literal
from sso_sync.reporters.teams.memory import Trouble

# Teams refuses messages above 28 KB (Microsoft: "Create incoming webhooks").
MAX_BYTES = 28_000
# Characters, of which each takes 3 bytes at most on the average: a third of the card is left to the changes.
LONGEST_PROBLEM, LONGEST_FACT, LONGEST_REASON = 800, 60, 250
_MISSED = (Result.FAILED, Result.SKIPPED, Result.NOT_TRIED)
MAX_WARNINGS, MAX_SET_ASIDE, MAX_REASONS = 2, 4, 3
NOTHING_UNTOLD = Backlog()


def make_card(
    report: RunReport,
    *,
    links: Sequence[tuple[str, str]] = (),
    healed: Sequence[Trouble] = (),
    untold: Backlog = NOTHING_UNTOLD,
) -> Json:
    """Make the message for a channel.

    `links` are buttons: (title, URL), of which only web addresses are taken; `healed` are problems that
    are over with this run, `untold` earlier runs whose cards could not be posted.
    """
    stories = stories_of(report)
    before = [_glance(report, stories, healed, untold), *_problem(report), *_waiting(report)]
    after = [*_set_aside(report), *_warnings(report), _facts(report)]
    room = MAX_BYTES - size_of(_message([*before, *after], links))
    body = [*before, *changes(report, stories, untold, room), *after]
    body[1] |= {"separator": False}  # the colours of what stands before part them
    return _message(body, links)


def _message(body: Sequence[Json], links: Sequence[tuple[str, str]]) -> Json:
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": list(body),
        "actions": blocks.buttons(links),
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}


def _glance(report: RunReport, stories: Sequence[Story], healed: Sequence[Trouble], untold: Backlog) -> Json:
    title, colour = _title(report, healed, untold)
    items = [text(f"AWS access: {title}", size="Large", weight="Bolder", color=colour.title())]
    items.append(text(summary(report), spacing="Small"))
    if healed:
        items.append(text(_lasted(healed, report), spacing="Small"))
    items += blocks.numbers(at_a_glance(stories))
    return {"type": "Container", "style": colour, "bleed": True, "items": items}


def _title(report: RunReport, healed: Sequence[Trouble], untold: Backlog) -> tuple[str, str]:
    """Return the result in words, and its colour."""
    result, colour = headline(report), tone(report)
    colour = "warning" if report.expiring and colour == "good" else colour
    if report.waiting and not report.error:
        nothing_else = report.verdict is Verdict.UNCHANGED
        return "Waiting for approval" if nothing_else else f"{result}, more waits for approval", "warning"
    if report.verdict is Verdict.UNCHANGED and report.expiring and not healed:
        return "A credential expires" if len(report.expiring) == 1 else "Credentials expire", colour
    if report.verdict is Verdict.UNCHANGED and (healed or len(untold)):
        return "Healed" if healed else "News of earlier runs", colour
    return (f"Healed, {result[0].lower()}{result[1:]}" if healed else result), colour


def _lasted(healed: Sequence[Trouble], report: RunReport) -> str:
    """Say what is over, and how long it was there."""
    latest = max(healed, key=lambda trouble: trouble.last)
    lasted = duration(report.started - min(trouble.since for trouble in healed))
    runs = counted(sum(trouble.runs for trouble in healed), "run")
    others = f", and {counted(len(healed) - 1, 'other problem')}" if len(healed) > 1 else ""
    return f"Healed: it lasted {lasted}, {runs}{others}; it was: {literal(latest.sentence)}"


def _problem(report: RunReport) -> Iterator[Json]:
    if report.problem:
        yield text(literal(report.problem, LONGEST_PROBLEM), spacing="Medium")
    if report.verdict is Verdict.REFUSED:
        yield from _command(report)


def _waiting(report: RunReport) -> Iterator[Json]:
    """Show what a run that was not refused has held back."""
    if report.waiting and report.verdict is not Verdict.REFUSED:
        yield blocks.heading("Waiting for approval")
        reasons = report.waiting.reasons
        yield from blocks.bullets(literal(reason, LONGEST_REASON) for reason in reasons[:MAX_REASONS])
        yield from blocks.rest(len(reasons) - MAX_REASONS)
        yield from _command(report)


def _command(report: RunReport) -> Iterator[Json]:
    """Show the command that approves, where there is one."""
    if report.how_to_approve:
        yield blocks.command(report.how_to_approve)


def _set_aside(report: RunReport) -> Iterator[Json]:
    records = report.plan.set_aside if report.plan else ()
    if records:
        yield blocks.heading(f"Set aside: {counted(len(records), 'record')}")
        yield from blocks.bullets(
            f"{in_markdown((Name(record.name),))} – {literal(record.reason, LONGEST_REASON)}"
            for record in records[:MAX_SET_ASIDE]
        )
        yield from blocks.rest(len(records) - MAX_SET_ASIDE)


def _all_warnings(report: RunReport) -> tuple[str, ...]:
    return report.plan.warnings if report.plan else ()


def _warnings(report: RunReport) -> Iterator[Json]:
    """Show warnings, save the one that says again what waits for approval."""
    asked = report.waiting.id if report.waiting else None
    warnings = [warning for warning in _all_warnings(report) if not (asked and asked in warning)]
    for warning in warnings[:MAX_WARNINGS]:
        yield text(f"Warning: {literal(warning, LONGEST_REASON)}", color="Warning", spacing="Small")
    yield from blocks.rest(len(warnings) - MAX_WARNINGS, "more warnings")


def _facts(report: RunReport) -> Json:
    planned = report.plan.changes if report.plan else ()
    made = [outcome.change for outcome in report.outcomes if outcome.result is Result.DONE]
    drift = sum(map(is_drift, made if report.outcomes else planned))
    held = report.identity_center
    rows = [
        ("Made", _described(made)),
        ("Planned", "" if report.outcomes else _described(planned)),
        ("Drift", f"{drift} {'put right' if report.outcomes else 'to put right'}" if drift else ""),
        *((WORDS[result].capitalize(), _number(report.results[result])) for result in _MISSED),
        ("In AWS now", _size(held) if held else ""),
        ("Directory", literal(report.source, LONGEST_FACT)),
        ("Trigger", literal(report.trigger, LONGEST_FACT)),
        ("Approved by", literal(approvers(report), LONGEST_FACT)),
        ("Duration", duration(report.ended - report.started)),
    ]
    return blocks.facts(rows)


def _size(held: Directory) -> str:
    return f"{counted(len(held.users), 'user')}, {counted(len(held.groups), 'group')}"


def _described(made: Sequence[Change]) -> str:
    return describe(made).rstrip(".") if made else ""


def _number(count: int) -> str:
    return str(count) if count else ""
