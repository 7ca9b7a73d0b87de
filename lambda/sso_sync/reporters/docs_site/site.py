"""What is published after a run, and where."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain

import msgspec

from sso_sync.core.outcomes import Result
from sso_sync.core.record import encode_record
from sso_sync.core.report import RunReport
from sso_sync.reporters.access import Access, GroupAccess
from sso_sync.reporters.discretion import Discretion, names_in
from sso_sync.reporters.docs_site.about import About
from sso_sync.reporters.docs_site.facts import Known, facts
from sso_sync.reporters.docs_site.pages import Pages
from sso_sync.reporters.docs_site.snapshot import Snapshot
from sso_sync.reporters.history import History
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
        self._access, self._names, self._pages = access, names, Pages()

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
        yield "group-monitoring.html", self._pages.snippet(shown), HTML
        yield PAGE, self._pages.site(shown), HTML

    def page_of(self, report: RunReport, known: Snapshot | None) -> bytes:
        """Make the page of one run, beside what is known of people."""
        wanted = names_in(report.desired) if report.desired else ()
        names = chain(known.names() if known else (), wanted)
        return self._pages.run(report, Discretion(names=self._names, known=names))


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
        run = f"runs/{report.run_id}"
        snapshot, at_once = Snapshot.of(report, self._about), AT_ONCE
        if snapshot is None:  # it ended early: nothing more is read for it, by a function that may not be allowed to
            snapshot, at_once = self._last(), 0
        if self._names:  # of whom the record is full
            self._publisher.publish(f"{run}.json", encode_record(report), JSON)
        self._publisher.publish(f"{run}.html", self._site.page_of(report, snapshot), HTML)
        if snapshot:
            for name, content, content_type in self._site.files(snapshot, self._history(), at_once, run_pages=True):
                if name == PAGE and report.results[Result.DONE]:
                    self._publisher.publish(f"{run}-site.html", content, content_type)
                self._publisher.publish(name, content, content_type)
