"""Pages as HTML. What a template prints is cleaned and escaped, whatever it is."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sso_sync.core.model import Directory
from sso_sync.core.report import RunReport
from sso_sync.core.wording import counted, one_line
from sso_sync.reporters import summary
from sso_sync.reporters.docs_site.roster import in_order, rosters, without_group
from sso_sync.reporters.lines import lines_of, sections
from sso_sync.reporters.sentences import Name

TEMPLATES = Path(__file__).with_name("templates")


class Pages:
    """Makes the pages of the documentation; each is one file that needs nothing else."""

    def __init__(self) -> None:
        style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_cleaned,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.globals |= {
            "style": style,
            "style_hash": f"sha256-{digest}",
            "counted": counted,
            "duration": summary.duration,
            "instant": summary.instant,
        }
        self._environment.tests["a_name"] = lambda part: isinstance(part, Name)

    def run(self, report: RunReport) -> bytes:
        """Make the page of one run."""
        return self._render(
            "run.html",
            report,
            sections=sections(report, lines_of(report)),
            counts=summary.counts(report),
            warnings=report.plan.warnings if report.plan else (),
        )

    def index(self, report: RunReport, directory: Directory) -> bytes:
        """Make the page of all groups and people, as they are after a run."""
        return self._render(
            "index.html", report, directory=directory, rosters=rosters(directory), alone=without_group(directory)
        )

    def _render(self, template: str, report: RunReport, **content: object) -> bytes:
        html = self._environment.get_template(template).render(
            report=report,
            headline=summary.headline(report),
            tone=summary.tone(report),
            summary=summary.summary(report),
            set_aside=in_order(report.plan.set_aside) if report.plan else [],
            **content,
        )
        return html.encode()


def _cleaned(value: object) -> object:
    """Clean every text on its way into a page; Markup is our own."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value
