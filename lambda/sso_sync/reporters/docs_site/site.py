"""What is published after a run, and where."""

from sso_sync.core.record import encode_record
from sso_sync.core.report import RunReport
from sso_sync.reporters.docs_site.pages import Pages
from sso_sync.reporters.publishing import Publisher

HTML, JSON = "text/html; charset=utf-8", "application/json"


class DocsSite:
    """Publishes each run's record and page, and the page of all groups; `website` is where people read them."""

    name = "the documentation"

    def __init__(self, publish: Publisher, *, website: str = "") -> None:
        self._publisher, self._website, self._pages = publish, website.rstrip("/"), Pages()

    def report(self, report: RunReport) -> None:
        run = f"runs/{report.run_id}"
        self._publisher.publish(f"{run}.json", encode_record(report), JSON)
        self._publisher.publish(f"{run}.html", self._pages.run(report), HTML)
        if report.identity_center is not None:  # last, so that it never links to what is not there
            self._publisher.publish("index.html", self._pages.index(report, report.identity_center), HTML)

    def links(self, report: RunReport) -> list[tuple[str, str]]:
        """List titles and addresses of the pages that tell of a run, none without a website."""
        if not self._website:
            return []
        return [
            ("Open this run", f"{self._website}/runs/{report.run_id}.html"),
            ("Who is in which group", f"{self._website}/index.html"),
        ]
