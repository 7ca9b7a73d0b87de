"""A run as an Adaptive Card that Teams takes: small enough, and with nothing in it but what it says."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from sso_sync.core.changes import is_drift
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import one_line
from sso_sync.reporters.lines import Line, lines_of, sections
from sso_sync.reporters.summary import approvers, counts, duration, headline, summary, tone
from sso_sync.reporters.teams.markdown import in_markdown, literal

Json = dict[str, Any]
# Teams refuses messages above 28 KB (Microsoft: "Create incoming webhooks").
MAX_BYTES = 28_000
LINES = 50  # so many changes are shown, and everything that takes access away as far as there is room
# Characters, of which each may take 12 bytes; together they leave at least a fifth of the card to the changes.
LONGEST_PROBLEM, LONGEST_FACT, LONGEST_TITLE = 800, 60, 40
MAX_WARNINGS, LONGEST_WARNING = 2, 250
MAX_LINKS, LONGEST_URL = 6, 1000
_ROOM_FOR_HEADINGS = 600  # bytes


def make_card(report: RunReport, *, links: Sequence[tuple[str, str]] = ()) -> Json:
    """Make the message for a channel; `links` are buttons: (title, URL), of which only web addresses are taken."""
    lines = lines_of(report)
    begin = [*_glance(report), _facts(report), *_warnings(report)]
    fixed = _message(begin, _buttons(links))
    room = MAX_BYTES - size_of(fixed) - _ROOM_FOR_HEADINGS
    shown = list(_fitting(lines, room))
    return _message([*begin, *_changes(shown, len(lines), report)], _buttons(links))


def size_of(message: Json) -> int:
    """Return the bytes that the message takes when it is sent."""
    return len(json.dumps(message).encode())


def _message(body: Sequence[Json], actions: Sequence[Json]) -> Json:
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": list(body),
        "actions": list(actions),
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}


def _text(text: str, **more: object) -> Json:
    return {"type": "TextBlock", "text": text, "wrap": True} | more


def _glance(report: RunReport) -> Iterator[Json]:
    colour = tone(report)
    heading = _text(f"AWS access: {headline(report)}", size="Large", weight="Bolder", color=colour.title())
    texts = [heading, _text(summary(report), spacing="Small")]
    yield {"type": "Container", "style": colour, "bleed": True, "items": texts}
    if report.problem:
        yield _text(literal(report.problem, LONGEST_PROBLEM), weight="Bolder")


def _facts(report: RunReport) -> Json:
    rows = [(title, str(number)) for title, number in counts(report)]
    rows += [
        ("Directory", literal(report.source, LONGEST_FACT)),
        ("Trigger", literal(report.trigger, LONGEST_FACT)),
        ("Waiting for approval", report.waiting.id if report.waiting else ""),
        ("Approved by", literal(approvers(report), LONGEST_FACT)),
        ("Duration", duration(report.ended - report.started)),
    ]
    return {"type": "FactSet", "facts": [{"title": title, "value": value} for title, value in rows if value]}


def _warnings(report: RunReport) -> Iterator[Json]:
    warnings = report.plan.warnings if report.plan else ()
    for warning in warnings[:MAX_WARNINGS]:
        yield _text(f"Warning: {literal(warning, LONGEST_WARNING)}", color="Warning", spacing="Small")
    if len(warnings) > MAX_WARNINGS:
        yield _text(f"and {len(warnings) - MAX_WARNINGS} more warnings", isSubtle=True, spacing="Small")


def _fitting(lines: Iterable[Line], room: int) -> Iterator[tuple[Line, Json]]:
    """Yield lines and their text blocks as long as they fit."""
    for number, line in enumerate(lines):
        block = _text(f"• {_in_markdown(line)}", spacing="Small")
        room -= len(json.dumps(block)) + len(", ")
        if room < 0 or (number >= LINES and not line.takes_away):
            return
        yield line, block


def _in_markdown(line: Line) -> str:
    said = in_markdown(line.sentence)
    if line.result and (line.lost or not line.made):
        return f"{said} – {line.became}{f': {literal(line.error)}' if line.error else ''}"
    return f"{said} – {literal(line.why)}" if line.why and (line.takes_away or is_drift(line.change)) else said


def _changes(shown: Sequence[tuple[Line, Json]], total: int, report: RunReport) -> Iterator[Json]:
    blocks = (block for _, block in shown)
    for title, lines in sections(report, [line for line, _ in shown]):
        yield _text(title, weight="Bolder", separator=True)
        yield from islice(blocks, len(lines))
    if total > len(shown):
        yield _text(f"and {total - len(shown)} more", isSubtle=True, spacing="Small")


def _buttons(links: Sequence[tuple[str, str]]) -> list[Json]:
    taken = [(title, url) for title, url in links if _is_web_address(url)]
    return [
        {"type": "Action.OpenUrl", "title": one_line(title, LONGEST_TITLE), "url": url}
        for title, url in taken[:MAX_LINKS]
    ]


def _is_web_address(url: str) -> bool:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def worth_telling(report: RunReport) -> bool:
    """Tell whether people want to hear of the run: of a deployment, a change, a fault, a question that is new."""
    silent = {Verdict.UNCHANGED, Verdict.DECLINED, Verdict.WAITING}
    return report.trigger == "deployment" or report.waiting is not None or report.verdict not in silent
