"""Pages of the site as files: what they allow, what they hold, and that no text gets out of its place."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from sso_sync.core.approval import Refusal
from sso_sync.core.changes import CreateUser
from sso_sync.core.errors import LimitExceeded
from sso_sync.core.model import SetAside
from sso_sync.core.plan import Plan
from sso_sync.core.wording import one_line, visible
from sso_sync.reporters.discretion import Discretion
from sso_sync.reporters.docs_site.pages import Pages
from tests.support.memory import user
from tests.support.reports import ENDINGS, HOSTILE, STARTED, joins, planned, report
from tests.support.site import hostile_facts, site_facts, small_facts


class Reader(HTMLParser):
    """Reads a page: its elements with their attributes, and the texts in them by the innermost element."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open = [""]
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1], data))

    @property
    def text(self) -> str:
        return "".join(data for tag, data in self.texts if tag not in {"script", "style"})

    def within(self, tag: str) -> list[str]:
        return [data for inside, data in self.texts if inside == tag]


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policies(reader: Reader) -> list[str | None]:
    return [keys["content"] for tag, keys in reader.elements if tag == "meta" and "http-equiv" in keys]


@pytest.mark.parametrize("facts", [hostile_facts(), small_facts(), site_facts([], [], [], read=None)])
def test_the_site_allows_its_own_script_and_style_and_nothing_else(facts: dict[str, Any]) -> None:
    page = Pages().site(facts)
    reader = Reader(page)
    (style,), (_, script) = reader.within("style"), reader.within("script")
    allowed = f"style-src {digest(style)}; script-src {digest(script)}"
    assert policies(reader) == [f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"]
    assert not any(key.startswith("on") or key in {"src", "style"} for _, keys in reader.elements for key in keys)
    links = {keys["href"] or "" for tag, keys in reader.elements if tag == "a"}
    assert all(link.startswith(("#", "runs/")) for link in links)
    assert "innerHTML" not in script
    assert not re.search(rb"url\(|@import", page)


def test_the_site_holds_the_facts_cleaned_and_unable_to_end_their_element() -> None:
    data, _ = Reader(Pages().site(hostile_facts())).within("script")
    assert not re.search("[<>&\u2028\u2029]", data)
    assert json.loads(Reader(Pages().site(small_facts())).within("script")[0]) == small_facts()
    assert [person["name"] for person in json.loads(data)["people"]] == [one_line(name) for name in HOSTILE]


def test_no_hostile_text_is_more_than_text_in_any_page() -> None:
    plain = {tag for tag, _ in Reader(Pages().site(small_facts())).elements} | {"details", "summary", "h3", "strong"}
    for page in (Pages().site(hostile_facts()), Pages().snippet(hostile_facts())):
        reader = Reader(page)
        assert {tag for tag, _ in reader.elements} <= plain
        for name in HOSTILE:
            assert one_line(name) in reader.text
        assert visible(page.decode(), keep="\n") == page.decode()


def test_a_site_without_any_run_has_no_picture_and_says_so() -> None:
    reader = Reader(Pages().site(site_facts([], [], [], read=None, filters=[])))
    assert "No run has been recorded yet." in reader.text
    assert "AWS has not been read yet" in reader.text
    assert "svg" not in {tag for tag, _ in reader.elements}


def test_the_pictures_are_numbers_too() -> None:
    reader = Reader(Pages().site(small_facts()))
    described = reader.within("desc")
    assert described[0] == "10 at the end, between 9 and 10, from 2026-11-21 to 2026-11-22."
    assert described[2] == "3 runs, the last at the right; 3 went well, 0 did not."
    assert reader.within("td")[1:5] == ["20 s", "10", "3", "20"]


def test_what_waits_has_its_reasons_once_and_the_command() -> None:
    facts = small_facts()
    waiting = {
        "id": "5f",
        "command": "sso-sync approve 5f",
        "reasons": ["9 would leave", "5 would join"],
        "changes": 14,
    }
    facts["last"] |= {"tone": "attention", "problem": "Too many: 9 would leave.", "waiting": waiting}
    reader = Reader(Pages().site(facts))
    assert "sso-sync approve 5f" in reader.within("code")
    assert reader.text.count("9 would leave") == 1
    assert "5 would join" in reader.within("li")


def test_the_snippet_is_one_table_to_put_into_any_page() -> None:
    reader = Reader(Pages().snippet(small_facts()))
    tags = [tag for tag, _ in reader.elements]
    assert tags[0] == "table"
    assert not {"html", "style", "script"} & set(tags)
    assert "as AWS was read 2026-11-22 03:20 UTC" in reader.text
    assert reader.within("li") == ["production: AdministratorAccess", "staging: AdministratorAccess"]
    assert "not read yet" in reader.within("td")
    classes = {name for _, keys in reader.elements if (name := keys.get("class"))}
    assert all(name.startswith("sso-sync-") for name in classes)
    hidden = Reader(Pages().snippet(small_facts(accounts={"shown": False, "why": "no"})))
    assert len(hidden.within("th")) == 4


def test_the_page_of_a_run_without_names_has_ids_in_their_place() -> None:
    aside = [SetAside("user", "u-7", "dot@example.com", "no family name"), SetAside("group", "g-7", "crew", "too long")]
    plan = Plan.of("d-1", [joins("zoe", "devs"), CreateUser(user("cem"), "new")], set_aside=aside)
    ended = report(plan, trigger="command line, otto", error=LimitExceeded("zoe and max@example.com are too many."))
    discretion = Discretion(names=False, known=["zoe"])
    page, named = Reader(Pages().run(ended, discretion)), Reader(Pages().run(ended))
    for name in ("zoe", "Cem", "cem@", "dot@", "max@", "otto"):
        assert name in named.text
        assert name not in page.text.replace("U-zoe", "")
    assert {"U-zoe", "u-7", "crew"} <= set(page.within("bdi"))
    record = "20261122T032007Z-abcdef.json"
    assert [record in [keys.get("href") for _, keys in one.elements] for one in (page, named)] == [False, True]


@pytest.mark.parametrize("ended", ENDINGS.values(), ids=str)
def test_the_page_of_a_run_needs_no_script(ended: Any) -> None:
    reader = Reader(Pages().run(ended))
    (style,) = reader.within("style")
    assert policies(reader) == [f"default-src 'none'; style-src {digest(style)}; base-uri 'none'; form-action 'none'"]
    assert "script" not in {tag for tag, _ in reader.elements}


def test_the_page_of_a_run_says_how_to_approve_it() -> None:
    refusal = Refusal.of("d-1", "c", {"key": "ann leaves devs"}, ["too many"], "run", STARTED)
    assert f"sso-sync approve {refusal.id}" in Reader(Pages().run(planned(waiting=refusal))).within("code")
