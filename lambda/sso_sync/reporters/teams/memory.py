"""What a channel has been told, so that nothing is told twice: problems that last, and records set aside."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from sso_sync.core.change_keys import key_of
from sso_sync.core.digests import SHORT, digest
from sso_sync.core.errors import LimitExceeded
from sso_sync.core.outcomes import Result
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import masked, one_line
from sso_sync.reporters.notes import decoded
from sso_sync.reporters.summary import summary
from sso_sync.reporters.teams.backlog import Backlog, UntoldRun

MOST_TROUBLES, LONGEST_SENTENCE = 20, 500
TroubleKind = Literal["end", "changes", "directory", "approval", "expiry"]


class Trouble(Struct, frozen=True, kw_only=True):
    """A problem that runs have, from the `since` of the first to the `last` of them.

    `kind` says what a later run has to do without it: to get to its "end", to make every change, to read
    every directory, to wait for nobody, to sign in with what lasts. `key` is the same as long as the problem
    is. `by_function` is False if only workstations have had it, whose credentials are others. `told` is False
    until this channel has heard of it.
    """

    kind: TroubleKind
    key: str
    sentence: str
    since: datetime
    last: datetime
    runs: int = 1
    by_function: bool = False
    told: bool = True


class News(Struct, frozen=True):
    """What a run tells that was not told before."""

    problem: bool = False
    healed: tuple[Trouble, ...] = ()
    set_aside: bool = False


class Memory(Struct, frozen=True):
    """What a channel has been told: problems that last, digests of records set aside; and what it is yet to be told."""

    troubles: tuple[Trouble, ...] = ()
    set_aside: tuple[str, ...] = ()
    untold: Backlog = Backlog()

    def after(self, report: RunReport, *, by_function: bool, problems: bool = True) -> "tuple[Memory, News]":
        """Take notice of a run, and of what it tells if it is told.

        Without `problems` the channel hears of none but hears the end of those it was told of.
        """
        if report.verdict is Verdict.DECLINED:  # it tried nothing, so that it says nothing of what is told here
            return self, News()
        now = tuple(_troubles(report, by_function))
        is_new = problems and not {trouble.key for trouble in now} <= self._told
        lasting, current, healed = self._beside(now) if report.partly else self._sort_out(report, now, by_function)
        if not problems:
            current = [trouble for trouble in current if trouble.runs > 1]
        aside, is_other = self._set_aside(report, whole=by_function and not report.partly)
        after = msgspec.structs.replace(self, troubles=_newest([*lasting, *current]), set_aside=aside)
        return after, News(is_new, healed, is_other)

    @property
    def _told(self) -> frozenset[str]:
        return frozenset(trouble.key for trouble in self.troubles if trouble.told)

    def _beside(self, now: Sequence[Trouble]) -> tuple[list[Trouble], list[Trouble], tuple[Trouble, ...]]:
        """Leave what is known as it is: a run that looked at a part tells nothing of the whole."""
        keys, known = {trouble.key for trouble in now}, {trouble.key for trouble in self.troubles}
        lasting = [msgspec.structs.replace(old, told=old.told or old.key in keys) for old in self.troubles]
        return lasting, [trouble for trouble in now if trouble.key not in known], ()

    def _sort_out(
        self, report: RunReport, now: Sequence[Trouble], by_function: bool
    ) -> tuple[list[Trouble], list[Trouble], tuple[Trouble, ...]]:
        """Part problems into those that this run did not have and that may still last, those that it had, those over.

        A run that ended early tells nothing of others' problems, one from a workstation nothing of the
        function's, and one that did not read a directory not when what signs in there expires. What has become
        another problem of its kind is neither lasting nor over.
        """
        kinds, keys = {trouble.kind for trouble in now}, {trouble.key for trouble in now}
        others = [trouble for trouble in self.troubles if trouble.key not in keys]
        lasting = [trouble for trouble in others if _may_last(trouble, report, by_function)]
        over = [trouble for trouble in others if trouble not in lasting and trouble.kind not in kinds]
        earlier = [trouble for trouble in self.troubles if trouble not in lasting]
        return lasting, [_merged(trouble, earlier, keys) for trouble in now], tuple(over)

    def _set_aside(self, report: RunReport, *, whole: bool) -> tuple[tuple[str, ...], bool]:
        if report.plan is None:
            return self.set_aside, False
        found = {_key(r.kind, r.source_id, r.name, r.reason) for r in report.plan.set_aside}
        is_new = not found <= set(self.set_aside)
        # A workstation may look at less, so that what it does not see is not forgotten.
        return tuple(sorted(found if whole else found | set(self.set_aside))), is_new

    def unposted(self, after: "Memory", news: News, run: UntoldRun | None) -> "Memory":
        """Remember a run of which people are yet to hear: its problems and ends by themselves, its changes as `run`."""
        troubles = (msgspec.structs.replace(one, told=one.key in self._told) for one in after.troubles)
        return Memory(_newest([*news.healed, *troubles]), self.set_aside, self.untold.with_runs((run,) if run else ()))

    def joined(self, left: "Memory") -> "Memory":
        """Take over what another channel was told and cannot hear the end of any more."""
        known = {trouble.key for trouble in self.troubles}
        others = [msgspec.structs.replace(one, told=False) for one in left.troubles if one.key not in known]
        untold = self.untold.with_runs(left.untold.runs, left.untold.more)
        return Memory(_newest([*others, *self.troubles]), self.set_aside, untold)


def _may_last(trouble: Trouble, report: RunReport, by_function: bool) -> bool:
    unseen = trouble.kind == "expiry" and (report.unread or not report.expiry_known)
    return bool(report.error or unseen or (trouble.by_function and not by_function))


def _newest(troubles: Sequence[Trouble]) -> tuple[Trouble, ...]:
    return tuple(troubles[-MOST_TROUBLES:])


def _troubles(report: RunReport, by_function: bool) -> Iterator[Trouble]:
    def trouble(kind: TroubleKind, sentence: str, *essence: str) -> Trouble:
        return Trouble(
            kind=kind,
            key=_key(kind, *essence),
            sentence=one_line(sentence, LONGEST_SENTENCE),
            since=report.started,
            last=report.ended,
            by_function=by_function,
        )

    for sentence in report.expiring:  # it says the same until it gets urgent, and then is another
        yield trouble("expiry", sentence, sentence)
    asked = report.waiting.id if report.waiting else ""
    if report.error:
        # How many a limit stopped is what matters of it; elsewhere numbers are durations, attempts, ids.
        said = report.problem if isinstance(report.error, LimitExceeded) else masked(report.problem)
        yield trouble("end", report.problem, type(report.error).__name__, said, asked)
        return
    if report.verdict is Verdict.PARTIAL:
        failed = [outcome for outcome in report.outcomes if outcome.result is Result.FAILED]
        why = sorted({f"{key_of(outcome.change)}: {masked(str(outcome.error))}" for outcome in failed})
        yield trouble("changes", f"{summary(report)} {failed[0].error if failed else ''}", *why)
    for one in report.unread:
        yield trouble("directory", one.sentence, one.source, masked(one.problem))
    if report.waiting:
        yield trouble("approval", f"Waiting for approval: {'; '.join(report.waiting.reasons)}", asked)


def _key(*parts: str) -> str:
    """Identify what is told; texts may hold what is not to be encoded, such as half a character."""
    return digest([one_line(part) for part in parts])[:SHORT]


def _merged(trouble: Trouble, known: Sequence[Trouble], keys: Collection[str]) -> Trouble:
    """Go on with a problem that is known, or has become another of its kind; `keys` are of those there are now."""
    same = [old for old in known if old.key == trouble.key]
    before = same or [old for old in known if old.kind == trouble.kind != "end" and old.key not in keys]
    if not before:
        return trouble
    return msgspec.structs.replace(
        trouble,
        since=min(old.since for old in before),
        runs=1 + sum(old.runs for old in before),
        by_function=trouble.by_function or any(old.by_function for old in before),
    )


def recalled(stored: bytes | None) -> Memory:
    """Decode a memory; of a damaged one nothing is left, so that people are told once more."""
    return decoded(stored, Memory, "what Teams was told") or Memory()
