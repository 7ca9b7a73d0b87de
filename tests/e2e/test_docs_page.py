"""The documentation in a real browser: it shows names, runs nothing, asks for nothing, and fits a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Request

from sso_sync.core.changes import CreateUser
from sso_sync.core.plan import Plan
from sso_sync.reporters.docs_site import DocsSite
from tests.support.memory import directory, group, user
from tests.support.reports import HOSTILE, joins, report


class Folder:
    """Publishes into a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def publish(self, key: str, body: bytes, content_type: str) -> None:
        del content_type
        file = self._path / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_with_hostile_names_show_them_and_do_nothing_else(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    people = [user(f"u{n}", display_name=name, user_name=f"{n}@example.com") for n, name in enumerate(HOSTILE)]
    crew = group("crew", description=HOSTILE[0])
    company = directory(people, {crew: [person.id for person in people]})
    plan = Plan.of("d-1", [CreateUser(people[0], HOSTILE[0]), joins(HOSTILE[1], "crew")])
    ended = report(plan, identity_center=company)
    DocsSite(Folder(tmp_path)).report(ended)
    view = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    asked: list[str] = []
    said: list[str] = []

    def remember(request: Request) -> None:
        asked.append(request.url)

    def listen(message: ConsoleMessage) -> None:
        said.append(message.text)

    view.on("request", remember)
    view.on("console", listen)
    for file in ("index.html", f"runs/{ended.run_id}.html"):
        asked.clear()
        address = (tmp_path / file).as_uri()
        view.goto(address)
        assert asked == [address]
        assert HOSTILE[0] in view.inner_text("main")
        assert view.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
