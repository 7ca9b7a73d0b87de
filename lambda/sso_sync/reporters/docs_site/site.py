"""What is published after a run, and where."""

from sso_sync.core.record import encode_record
from sso_sync.core.report import RunReport
from sso_sync.reporters.docs_site.pages import Pages
from sso_sync.reporters.publishing import Publisher

HTML, JSON = "text/html; charset=utf-8", "application/json"


class DocsSite:
    """Publishes each run's record and page, and the page of all groups."""

    name = "the documentation"

    def __init__(self, publisher: Publisher) -> None:
        self._publisher, self._pages = publisher, Pages()

    def report(self, report: RunReport) -> None:
        run = f"runs/{report.run_id}"
        self._publisher.publish(f"{run}.json", encode_record(report), JSON)
        self._publisher.publish(f"{run}.html", self._pages.run(report), HTML)
        if report.identity_center is not None:  # last, so that it never links to what is not there
            self._publisher.publish("index.html", self._pages.index(report, report.identity_center), HTML)
