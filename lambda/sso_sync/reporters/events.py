"""A run as an event, for those who have something else than Teams: the facts of a card, for programs."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Protocol

import msgspec
from msgspec import Struct

from sso_sync import __version__
from sso_sync.core.approval import Refusal
from sso_sync.core.changes import is_drift
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import one_line
from sso_sync.reporters.discretion import Discretion, names_in_side
from sso_sync.reporters.lines import Line, lines_of
from sso_sync.reporters.summary import approvers, counts, headline, summary

SOURCE, KIND = "sso-sync", "sso-sync run"
# Bytes of an entry ("Calculating PutEvents event entry size" of the EventBridge user guide: less than 256 KB).
MAX_BYTES = 250_000
CHANGES, REASONS = 200, 20
# Characters, of which each takes 4 bytes at most; together they leave most of the entry to the changes.
LONGEST_PROBLEM, LONGEST_REASON, LONGEST_NAME, LONGEST_FACT = 2000, 500, 100, 200


class Link(Struct, frozen=True):
    """Where people read more."""

    title: str
    url: str


class Waiting(Struct, frozen=True):
    """What somebody can approve, and by which command, empty where there is none."""

    id: str
    command: str
    reasons: tuple[str, ...]


class Aside(Struct, frozen=True):
    """A record that is set aside, and why."""

    kind: str
    name: str
    reason: str


class RunFacts(Struct, frozen=True, kw_only=True):
    """What an event tells of a run.

    `changes` are sentences, `more_changes` counts those there was no room for. Of `warnings` and of `aside`, the
    records that are set aside, there are the first; `set_aside` counts them all.
    """

    version: str
    deployment: str
    run_id: str
    source: str
    trigger: str
    started: datetime
    ended: datetime
    verdict: Verdict
    headline: str
    summary: str
    problem: str
    counts: dict[str, int]
    set_aside: int
    aside: tuple[Aside, ...]
    warnings: tuple[str, ...]
    waiting: Waiting | None
    approved_by: str
    links: tuple[Link, ...]
    changes: tuple[str, ...] = ()
    more_changes: int = 0


class EventBus(Protocol):
    """A place that programs listen to."""

    def put(self, source: str, kind: str, detail: bytes) -> None:
        """Put one event there; raises ReportError or CredentialsError."""


class RunEvents:
    """Puts one event for every run; `links` gives what it links to: (title, URL). Without `names` people have ids."""

    name = "the event bus"

    def __init__(
        self,
        bus: EventBus,
        deployment: str,
        *,
        names: bool,
        links: Callable[[RunReport], Sequence[tuple[str, str]]],
    ) -> None:
        self._bus, self._deployment, self._names, self._links = bus, deployment, names, links

    def report(self, report: RunReport) -> None:
        known = chain(names_in_side(report.desired), names_in_side(report.identity_center))
        discretion = Discretion(names=self._names, known=known)
        facts = _facts(report, self._deployment, discretion, self._links(report))
        self._bus.put(SOURCE, KIND, _with_changes(facts, lines_of(report), discretion))


def _facts(report: RunReport, deployment: str, discretion: Discretion, links: Sequence[tuple[str, str]]) -> RunFacts:
    return RunFacts(
        version=__version__,
        deployment=deployment,
        run_id=report.run_id,
        source=one_line(report.source, LONGEST_FACT),
        trigger=one_line(discretion.trigger(report.trigger), LONGEST_FACT),
        started=report.started,
        ended=report.ended,
        verdict=report.verdict,
        headline=headline(report),
        summary=summary(report),
        problem=one_line(discretion.text(report.problem), LONGEST_PROBLEM),
        counts=dict(counts(report)),
        set_aside=len(report.plan.set_aside) if report.plan else 0,
        aside=tuple(_aside(report.plan, discretion)) if report.plan else (),
        warnings=tuple(_cut(report.plan.warnings, discretion)) if report.plan else (),
        waiting=_waiting(report.waiting, report.how_to_approve, discretion) if report.waiting else None,
        approved_by=one_line(discretion.person(approvers(report)), LONGEST_FACT),
        links=tuple(Link(one_line(title, LONGEST_FACT), url) for title, url in links),
    )


def _waiting(refusal: Refusal, command: str, discretion: Discretion) -> Waiting:
    return Waiting(refusal.id, command, tuple(_cut(refusal.reasons, discretion)))


def _cut(sentences: Sequence[str], discretion: Discretion) -> Iterator[str]:
    return (one_line(discretion.text(sentence), LONGEST_REASON) for sentence in sentences[:REASONS])


def _aside(plan: Plan, discretion: Discretion) -> Iterator[Aside]:
    for record in plan.set_aside[:REASONS]:
        name, reason = discretion.record(record), discretion.reason(record)
        yield Aside(record.kind, one_line(name, LONGEST_NAME), one_line(reason, LONGEST_REASON))


def _with_changes(facts: RunFacts, lines: Sequence[Line], discretion: Discretion) -> bytes:
    """Write the facts as JSON, with as many changes as there is room for."""
    room = MAX_BYTES - len(msgspec.json.encode(facts))
    said = tuple(_fitting(lines, discretion, room))
    return msgspec.json.encode(msgspec.structs.replace(facts, changes=said, more_changes=len(lines) - len(said)))


def _fitting(lines: Sequence[Line], discretion: Discretion, room: int) -> Iterator[str]:
    for line in lines[:CHANGES]:
        said = _said(line, discretion)
        room -= len(msgspec.json.encode(said)) + len(",")
        if room < 0:
            return
        yield said


def _said(line: Line, discretion: Discretion) -> str:
    parts = (
        part if isinstance(part, str) else one_line(discretion.shown(part), LONGEST_NAME) for part in line.sentence
    )
    said = "".join(parts)
    if line.result and (line.lost or not line.made):
        error = one_line(discretion.text(line.error), LONGEST_REASON)
        return f"{said} – {line.became}{f': {error}' if error else ''}"
    if line.why and (line.takes_away or is_drift(line.change)):
        return f"{said} – {one_line(discretion.text(line.why), LONGEST_REASON)}"
    return said
