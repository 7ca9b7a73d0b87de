"""What a channel has been told, so that nothing is told twice: problems that last, and records set aside."""

import logging
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from sso_sync.core.change_keys import key_of
from sso_sync.core.digests import SHORT, digest
from sso_sync.core.outcomes import Result
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import one_line
from sso_sync.reporters.summary import summary

log = logging.getLogger(__name__)
MOST_TROUBLES, LONGEST_SENTENCE = 20, 500
_WORD = re.compile(r"[\w-]+")


class Trouble(Struct, frozen=True, kw_only=True):
    """A problem that runs have, from the `since` of the first to the `last` of them.

    `kind` says what a later run has to do without it: to get to its "end", to make every change, to wait
    for nobody. `key` is the same as long as the problem is. `by_function` is False if only workstations
    have had it, whose credentials are others.
    """

    kind: Literal["end", "changes", "approval"]
    key: str
    sentence: str
    since: datetime
    last: datetime
    runs: int = 1
    by_function: bool = False


class News(Struct, frozen=True):
    """What a run tells that was not told before."""

    problem: bool = False
    healed: tuple[Trouble, ...] = ()
    set_aside: bool = False


class Memory(Struct, frozen=True):
    """What a channel has been told: problems that last, and digests of records set aside."""

    troubles: tuple[Trouble, ...] = ()
    set_aside: tuple[str, ...] = ()

    def after(self, report: RunReport, *, by_function: bool) -> "tuple[Memory, News]":
        """Take notice of a run."""
        if report.verdict is Verdict.DECLINED:  # it tried nothing, so that it says nothing of what is told here
            return self, News()
        now = tuple(_troubles(report, by_function))
        lasting, healed = self._sort_out(report, now, by_function)
        earlier = [trouble for trouble in self.troubles if trouble not in lasting]
        troubles = tuple(_merged(trouble, earlier) for trouble in now)
        aside, is_new = self._set_aside(report, by_function)
        known = {trouble.key for trouble in self.troubles}
        news = News(any(trouble.key not in known for trouble in now), healed, is_new)
        return Memory((*lasting, *troubles)[-MOST_TROUBLES:], aside), news

    def _sort_out(
        self, report: RunReport, now: Sequence[Trouble], by_function: bool
    ) -> tuple[list[Trouble], tuple[Trouble, ...]]:
        """Part what this run did not have into what may still last, and what is over.

        A run that ended early tells nothing of others' problems, and one from a workstation nothing of
        the function's. What has become another problem of its kind is neither.
        """
        kinds, keys = {trouble.kind for trouble in now}, {trouble.key for trouble in now}
        others = [trouble for trouble in self.troubles if trouble.key not in keys]
        if report.error:
            return others, ()
        lasting = [trouble for trouble in others if trouble.by_function and not by_function]
        over = [trouble for trouble in others if trouble not in lasting and trouble.kind not in kinds]
        return lasting, tuple(over)

    def _set_aside(self, report: RunReport, by_function: bool) -> tuple[tuple[str, ...], bool]:
        if report.plan is None:
            return self.set_aside, False
        found = {_key(r.kind, r.source_id, r.name, r.reason) for r in report.plan.set_aside}
        is_new = not found <= set(self.set_aside)
        # A workstation may look at less, so that what it does not see is not forgotten.
        return tuple(sorted(found if by_function else found | set(self.set_aside))), is_new


def _troubles(report: RunReport, by_function: bool) -> Iterator[Trouble]:
    def trouble(kind: Literal["end", "changes", "approval"], sentence: str, *essence: str) -> Trouble:
        return Trouble(
            kind=kind,
            key=_key(kind, *essence),
            sentence=one_line(sentence, LONGEST_SENTENCE),
            since=report.started,
            last=report.ended,
            by_function=by_function,
        )

    asked = report.waiting.id if report.waiting else ""
    if report.error:
        yield trouble("end", report.problem, type(report.error).__name__, masked(report.problem), asked)
        return
    if report.verdict is Verdict.PARTIAL:
        failed = [outcome for outcome in report.outcomes if outcome.result is Result.FAILED]
        why = sorted({f"{key_of(outcome.change)}: {masked(str(outcome.error))}" for outcome in failed})
        yield trouble("changes", f"{summary(report)} {failed[0].error if failed else ''}", *why)
    if report.waiting:
        yield trouble("approval", f"Waiting for approval: {'; '.join(report.waiting.reasons)}", asked)


def _key(*parts: str) -> str:
    """Identify what is told; texts may hold what is not to be encoded, such as half a character."""
    return digest([one_line(part) for part in parts])[:SHORT]


def masked(sentence: str) -> str:
    """Leave out of a sentence what differs though the problem is the same: words with a digit, as ids have."""
    return _WORD.sub(lambda word: "#" if any(char.isdigit() for char in word[0]) else word[0], sentence)


def _merged(trouble: Trouble, known: Sequence[Trouble]) -> Trouble:
    """Go on with a problem that is known, or has become another of its kind."""
    same = [old for old in known if old.key == trouble.key]
    before = same or [old for old in known if old.kind == trouble.kind != "end"]
    if not before:
        return trouble
    return msgspec.structs.replace(
        trouble,
        since=min(old.since for old in before),
        runs=1 + sum(old.runs for old in before),
        by_function=trouble.by_function or any(old.by_function for old in before),
    )


def decoded(stored: bytes | None) -> Memory:
    """Decode a memory; a damaged one is given up, so that people are told once more."""
    if stored is None:
        return Memory()
    try:
        return msgspec.json.decode(stored, type=Memory)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        log.warning("what Teams was told is damaged, and begun anew")
        return Memory()
