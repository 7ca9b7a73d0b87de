"""Which runs a channel hears of: those that changed something, and each problem once."""

import logging
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from sso_sync.core.errors import SsoSyncError
from sso_sync.core.outcomes import Result
from sso_sync.core.ports import Notes
from sso_sync.core.report import RunReport
from sso_sync.reporters.teams.card import make_card
from sso_sync.reporters.teams.memory import Memory, News, decoded
from sso_sync.reporters.teams.webhook import TeamsWebhook

log = logging.getLogger(__name__)
MAIN, PROBLEMS = "teams", "teams-problems"  # names of the notes


class Audience(Struct, frozen=True, kw_only=True):
    """What a channel wants to hear of; `problems` is False if another one hears of them."""

    notify: Literal["every_run", "changes", "problems"] = "changes"
    problems: bool = True

    def wants(self, report: RunReport, news: News) -> bool:
        """Tell whether the channel wants to hear of a run."""
        problems = news.problem or bool(news.healed)
        if self.notify == "problems":
            return problems
        changes = bool(report.results[Result.DONE]) or news.set_aside or report.trigger == "deployment"
        return changes or problems or self.notify == "every_run"


class TeamsChannel:
    """Tells one channel about runs, and remembers in a note what it was told.

    `notes` is None where there is no memory: then all that lasts is told again and again, which is better than
    never. `links` gives a card its buttons: (title, URL). `by_function` is False on a workstation.
    """

    def __init__(
        self,
        webhook: TeamsWebhook,
        audience: Audience,
        notes: Notes | None,
        *,
        note: str = MAIN,
        links: Callable[[RunReport], Sequence[tuple[str, str]]],
        by_function: bool = True,
    ) -> None:
        self._webhook, self._audience, self._notes, self._note = webhook, audience, notes, note
        self._links, self._by_function = links, by_function

    @property
    def name(self) -> str:
        """Name the channel for the log."""
        return "the Teams channel for problems" if self._note == PROBLEMS else "Teams"

    def report(self, report: RunReport) -> None:
        """Post a card if the run is worth it; raises ReportError, and what could not be posted is not remembered."""
        memory = self._recall()
        after, news = self._after(memory, report)
        told = self._audience.wants(report, news)
        if told:
            self._webhook.post(make_card(report, links=self._links(report), healed=news.healed))
        if after != memory:
            self._remember(report, told=told)

    def _after(self, memory: Memory, report: RunReport) -> tuple[Memory, News]:
        after, news = memory.after(report, by_function=self._by_function)
        if self._audience.problems:
            return after, news
        return Memory(set_aside=after.set_aside), News(set_aside=news.set_aside)

    def _recall(self) -> Memory:
        try:
            return decoded(self._notes.read(self._note)) if self._notes else Memory()
        except SsoSyncError as exc:
            log.warning("it is not known what Teams was told", extra={"error": str(exc)})
            return Memory()

    def _remember(self, report: RunReport, *, told: bool) -> None:
        def amended(stored: bytes | None) -> bytes:
            memory = decoded(stored)
            after, news = self._after(memory, report)
            if news.set_aside and not told:
                after = msgspec.structs.replace(after, set_aside=memory.set_aside)
            return msgspec.json.encode(after)

        try:
            if self._notes:
                self._notes.amend(self._note, amended)
        except SsoSyncError as exc:
            log.warning("what Teams was told cannot be remembered", extra={"error": str(exc)})
