"""What is published after a run, and where."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain

import msgspec

from sso_sync.core.outcomes import Result
from sso_sync.core.record import encode_record
from sso_sync.core.report import RunReport, Verdict
from sso_sync.reporters.access import Access, GroupAccess
from sso_sync.reporters.discretion import Discretion, names_in_side
from sso_sync.reporters.docs_site import pages
from sso_sync.reporters.docs_site.about import About
from sso_sync.reporters.docs_site.facts import Known, facts
from sso_sync.reporters.docs_site.snapshot import Snapshot
from sso_sync.reporters.history import History, PastRun
from sso_sync.reporters.publishing import Publisher

HTML, JSON = "text/html; charset=utf-8", "application/json"
PAGE = "index.html"
AT_ONCE = 100  # groups whose accounts one run reads, ten seconds at the rate of sso-admin; the next runs read on
HIDDEN = "The config leaves them out (documentation.accounts)."


class Hidden:
    """Knows nothing of accounts; see `reporters.access.Access`."""

    def refresh(self, store_id: str, group_ids: object, at_once: int | None) -> GroupAccess:
        del store_id, group_ids, at_once
        return GroupAccess(why_not=HIDDEN)


class Site:
    """Makes the files of the site from what is known."""

    def __init__(self, access: Access, *, names: bool) -> None:
        self._access, self._names = access, names

    def files(
        self, snapshot: Snapshot, history: History, at_once: int | None = None, *, run_pages: bool = False
    ) -> Iterator[tuple[str, bytes, str]]:
        """Yield name, content and type of each file; the page comes last, so that all it speaks of is there.

        Accounts are read of `at_once` groups at most, None for all.
        """
        known = Known(
            snapshot=snapshot,
            history=history,
            access=self._access.refresh(snapshot.ledger.store_id, snapshot.identity_center.groups, at_once),
            written=datetime.now(UTC),
            names=self._names,
            run_pages=run_pages,
        )
        shown = facts(known)
        yield "facts.json", msgspec.json.encode(shown), JSON
        yield "group-monitoring.html", pages.snippet(shown), HTML
        yield PAGE, pages.site(shown), HTML

    def page_of(self, report: RunReport, known: Snapshot) -> bytes:
        """Make the page of one run, beside what is known of people."""
        names = chain(known.names(), names_in_side(report.desired))
        return pages.run(report, Discretion(names=self._names, known=names))


class DocsSite:
    """Publishes each run's page, and the site as it is after the run; what a run has changed is kept under its id, too.

    A run that ended before it knew anything is told beside what was known `last`.
    """

    name = "the documentation"

    def __init__(
        self,
        publisher: Publisher,
        history: Callable[[], History],
        last: Callable[[], Snapshot | None],
        about: About,
        *,
        access: Access | None = None,
        names: bool = True,
    ) -> None:
        self._publisher, self._history, self._last, self._about = publisher, history, last, about
        self._site, self._names = Site(access or Hidden(), names=names), names

    def report(self, report: RunReport) -> None:
        run, snapshot, history = f"runs/{report.run_id}", self._known(report), self._history_with(report)
        if self._names:  # of whom the record is full
            self._publisher.publish(f"{run}.json", encode_record(report), JSON)
        self._publisher.publish(f"{run}.html", self._site.page_of(report, snapshot), HTML)
        if history.runs[0].last.started > report.started:
            return  # a run that began later was told of already, and its site is the newer one
        # For a run that ended early nothing is read besides, by a function that may not even be allowed to.
        at_once = AT_ONCE if report.identity_center else 0
        for name, content, content_type in self._site.files(snapshot, history, at_once, run_pages=True):
            if name == PAGE and report.results[Result.DONE]:
                self._publisher.publish(f"{run}-site.html", content, content_type)
            self._publisher.publish(name, content, content_type)

    def _known(self, report: RunReport) -> Snapshot:
        """Return what this run knows, else what an earlier one knew; a refused run does not know all."""
        snapshot = Snapshot.of(report, self._about)
        if snapshot and report.verdict is not Verdict.REFUSED:
            return snapshot
        earlier = self._last()
        if snapshot:
            return snapshot.beside(earlier, report)
        return earlier or Snapshot.of_nothing(self._about)

    def _history_with(self, report: RunReport) -> History:
        """Return the history with this run, which is missing there if it could not be written."""
        history = self._history()
        return history if history.has(report.run_id) else history.with_run(PastRun.of(report))
