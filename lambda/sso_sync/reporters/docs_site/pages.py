"""Pages as HTML, each a file that needs nothing else. What a template prints is cleaned and escaped, whatever it is."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sso_sync.core.report import RunReport
from sso_sync.core.wording import counted, one_line
from sso_sync.reporters import summary
from sso_sync.reporters.discretion import Discretion
from sso_sync.reporters.docs_site.facts import set_aside
from sso_sync.reporters.docs_site.overview import latest, numbers, pictures
from sso_sync.reporters.lines import lines_of, sections
from sso_sync.reporters.sentences import Name

TEMPLATES = Path(__file__).with_name("templates")
STYLES = ("base", "parts", "site", "narrow", "paper")
# One script in the end, so the order tells what rests on what.
SCRIPTS = (
    *("facts", "words", "elements", "access", "listing", "table", "cells"),
    *("csv", "nesting", "group", "groups", "person", "people", "changes", "routes"),
)
# What would end the element that holds the facts, or a line of a script.
_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def site(facts: Mapping[str, Any]) -> bytes:
    """Make the page of everything, from what `facts.facts` returns."""
    facts = _all_cleaned(facts)
    data = msgspec.json.encode(facts).decode().translate(_IN_SCRIPT)
    return _render(
        "site.html",
        facts=facts,
        data=Markup(data),  # noqa: S704 # nothing in it can end an element
        numbers=numbers(facts),
        latest=latest(facts),
        pictures=pictures(facts),
    )


def snippet(facts: Mapping[str, Any]) -> bytes:
    """Make a table of all groups for other pages to include; its looks are theirs."""
    return _render("snippet.html", facts=facts)


def run(report: RunReport, discretion: Discretion | None = None) -> bytes:
    """Make the page of one run; `discretion` may leave names of people out."""
    discretion = discretion or Discretion(names=True)
    return _render(
        "run.html",
        report=report,
        discretion=discretion,
        headline=summary.headline(report),
        tone=summary.tone(report),
        summary=summary.summary(report),
        sections=sections(report, lines_of(report)),
        counts=summary.counts(report),
        set_aside=set_aside(report.plan.set_aside, discretion) if report.plan else [],
        warnings=report.plan.warnings if report.plan else (),
    )


def _render(template: str, **content: object) -> bytes:
    return _environment().get_template(template).render(**content).encode()


@cache
def _environment() -> Environment:
    """Make what compiles the templates; a process that makes many pages compiles each once."""
    style, script = _joined("style", STYLES, "css"), _joined("script", SCRIPTS, "js")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        "style": Markup(style),  # noqa: S704 # files of our own
        "style_hash": _source(style),
        "script": Markup(script),  # noqa: S704
        "script_hash": _source(script),
        "counted": counted,
        "duration": summary.duration,
        "instant": summary.instant,
        "moment": datetime.fromisoformat,
    }
    environment.tests["a_name"] = lambda part: isinstance(part, Name)
    return environment


def _joined(folder: str, names: tuple[str, ...], suffix: str) -> str:
    return "".join((TEMPLATES / folder / f"{name}.{suffix}").read_text(encoding="utf-8") for name in names)


def _source(text: str) -> str:
    """Name a text as a Content-Security-Policy does."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _cleaned(value: object) -> object:
    """Clean every text on its way into a page; Markup is our own."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _all_cleaned(value: Any) -> Any:
    """Clean every text in lists and dicts; parts of sentences keep the spaces at their ends."""
    match value:
        case str():
            before, after = value[:1] == " ", value[-1:] == " "
            return f"{' ' * before}{one_line(value)}{' ' * after}"
        case list():
            return [_all_cleaned(part) for part in value]
        case dict():
            return {one_line(key): _all_cleaned(part) for key, part in value.items()}
        case _:
            return value
