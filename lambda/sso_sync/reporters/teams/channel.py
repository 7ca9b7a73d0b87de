"""Which runs a channel hears of: those that changed something, and each problem once."""

import logging
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from sso_sync.core.errors import ReportError, SsoSyncError
from sso_sync.core.outcomes import Result
from sso_sync.core.ports import Notes
from sso_sync.core.report import DEPLOYMENT, RunReport, Verdict
from sso_sync.reporters.teams.backlog import Backlog, UntoldRun
from sso_sync.reporters.teams.card import make_card
from sso_sync.reporters.teams.memory import Memory, News, recalled
from sso_sync.reporters.teams.webhook import TeamsWebhook
from sso_sync.settings.telling import Notify

log = logging.getLogger(__name__)
MAIN, PROBLEMS = "teams", "teams-problems"  # names of the notes


class Audience(Struct, frozen=True, kw_only=True):
    """What a channel wants to hear of; `problems` is False if another one hears of them."""

    notify: Notify = "changes"
    problems: bool = True

    def wants(self, report: RunReport, news: News) -> bool:
        """Tell whether the channel wants to hear of a run."""
        aside = news.set_aside and self.notify != "problems"
        return news.problem or bool(news.healed) or aside or self.wants_itself(report)

    def wants_itself(self, report: RunReport) -> bool:
        """Tell whether the channel wants to hear of a run for what it was, whatever it tells of problems."""
        if self.notify == "problems":
            return False
        return bool(report.results[Result.DONE]) or report.trigger == DEPLOYMENT or self.notify == "every_run"


class TeamsChannel:
    """Tells one channel about runs, and remembers in a note what it was told, and what it is yet to be told.

    `notes` is None where there is no memory: then all that lasts is told again and again, which is better than
    never. `takes_over` names the note of a channel that is no more, if there may be one. `links` gives a card its
    buttons: (title, URL). `by_function` is False on a workstation.
    """

    def __init__(
        self,
        webhook: TeamsWebhook,
        audience: Audience,
        notes: Notes | None,
        *,
        note: str = MAIN,
        takes_over: str = "",
        links: Callable[[RunReport], Sequence[tuple[str, str]]],
        by_function: bool = True,
    ) -> None:
        self._webhook, self._audience, self._notes = webhook, audience, notes
        self._note, self._takes_over = note, takes_over
        self._links, self._by_function = links, by_function

    @property
    def name(self) -> str:
        """Name the channel for the log."""
        return "the Teams channel for problems" if self._note == PROBLEMS else "Teams"

    def report(self, report: RunReport) -> None:
        """Post a card if the run is worth it, or an earlier one is yet to be told; raises ReportError."""
        memory = self._recall()
        _, news = self._after(memory, report)
        late = len(memory.untold) and report.verdict is not Verdict.DECLINED
        if not (late or self._audience.wants(report, news)):
            self._remember(memory, lambda known: self._unmentioned(known, report))
            return
        card = make_card(report, links=self._links(report), healed=news.healed, untold=memory.untold)
        try:
            self._webhook.post(card)
        except ReportError:
            self._remember(memory, lambda known: self._unposted(known, report))
            raise
        self._remember(memory, lambda known: self._posted(known, report, memory.untold))

    def _after(self, memory: Memory, report: RunReport) -> tuple[Memory, News]:
        return memory.after(report, by_function=self._by_function, problems=self._audience.problems)

    def _unmentioned(self, memory: Memory, report: RunReport) -> Memory:
        after, news = self._after(memory, report)
        return msgspec.structs.replace(after, set_aside=memory.set_aside) if news.set_aside else after

    def _posted(self, memory: Memory, report: RunReport, told: Backlog) -> Memory:
        after, _ = self._after(memory, report)
        return msgspec.structs.replace(after, untold=after.untold.without(told))

    def _unposted(self, memory: Memory, report: RunReport) -> Memory:
        run = UntoldRun.of(report) if self._audience.wants_itself(report) else None
        return memory.unposted(*self._after(memory, report), run)

    def _recall(self) -> Memory:
        if self._notes is None:
            return Memory()
        try:
            self._take_over(self._notes)
            return recalled(self._notes.read(self._note))
        except SsoSyncError as exc:
            log.warning("it is not known what Teams was told", extra={"error": str(exc)})
            return Memory()

    def _take_over(self, notes: Notes) -> None:
        left = recalled(notes.read(self._takes_over)) if self._takes_over else Memory()
        if left.troubles or len(left.untold):
            notes.amend(self._note, lambda stored: msgspec.json.encode(recalled(stored).joined(left)))
            notes.amend(self._takes_over, lambda _: msgspec.json.encode(Memory()))

    def _remember(self, memory: Memory, how: Callable[[Memory], Memory]) -> None:
        if self._notes is None or how(memory) == memory:
            return
        try:
            self._notes.amend(self._note, lambda stored: msgspec.json.encode(how(recalled(stored))))
        except SsoSyncError as exc:
            log.warning("what Teams was told cannot be remembered", extra={"error": str(exc)})
