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
from sso_sync.core.scope import Scope
from sso_sync.core.wording import one_line, visible
from sso_sync.reporters.discretion import Discretion
from sso_sync.reporters.docs_site import pages
from tests.support.memory import user
from tests.support.reports import ENDINGS, HOSTILE, STARTED, joins, planned, report
from tests.support.site import (
    READ,
    a_run,
    hostile_facts,
    instant,
    last_run,
    site_facts,
    small_facts,
    unread_facts,
    what_waits,
)


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


@pytest.mark.parametrize("facts", [hostile_facts(), small_facts(), unread_facts()])
def test_the_site_allows_its_own_script_and_style_and_nothing_else(facts: dict[str, Any]) -> None:
    page = pages.site(facts)
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
    data, _ = Reader(pages.site(hostile_facts())).within("script")
    assert not re.search("[<>&\u2028\u2029]", data)
    assert json.loads(Reader(pages.site(small_facts())).within("script")[0]) == small_facts()
    assert [person["name"] for person in json.loads(data)["people"]] == [one_line(name) for name in HOSTILE]


def test_no_hostile_text_is_more_than_text_in_any_page() -> None:
    plain = {tag for tag, _ in Reader(pages.site(small_facts())).elements} | {"details", "summary", "h3", "strong"}
    for page in (pages.site(hostile_facts()), pages.snippet(hostile_facts())):
        reader = Reader(page)
        assert {tag for tag, _ in reader.elements} <= plain
        for name in HOSTILE:
            assert one_line(name) in reader.text
        assert visible(page.decode(), keep="\n") == page.decode()


def test_a_site_without_any_run_has_no_picture_and_says_so() -> None:
    reader = Reader(pages.site(site_facts([], [], [], read=None, filters=[])))
    assert "No run has been recorded yet." in reader.text
    assert "AWS has not been read yet" in reader.text
    assert "svg" not in {tag for tag, _ in reader.elements}


def test_the_pictures_are_numbers_too() -> None:
    reader = Reader(pages.site(small_facts()))
    described = reader.within("desc")
    assert described[0] == "10 at the end, between 9 and 10, from 2026-11-21 to 2026-11-22."
    assert described[2] == "3 runs, alike ones as one, the last at the right; 3 went well, 0 did not."
    assert reader.within("td")[1:5] == ["20 s", "10", "3", "20"]


def test_runs_that_are_alike_are_all_counted() -> None:
    reader = Reader(pages.site(site_facts([], [], [a_run(0, repeats=3), a_run(9)])))
    assert "5 runs, the newest first" in reader.within("caption")
    assert "2026-11-22 03:20 UTC: Nothing to do, 20 s, and 3 runs alike" in reader.within("title")


def test_the_overview_tells_the_newest_run_and_since_when_it_was_the_same() -> None:
    newest = {"started": "2026-11-22T09:00:00Z", "ended": "2026-11-22T09:00:30Z", "repeats": 2}
    once = Reader(pages.site(small_facts(last=last_run(a_run(0, **newest | {"repeats": 0})))))
    reader = Reader(pages.site(small_facts(last=last_run(a_run(0, **newest), since=instant(READ)))))
    assert "Began2026-11-22 09:00 UTC" in reader.text
    assert "The same since2026-11-22 03:20 UTC, 3 runs" in reader.text
    assert "The same since" not in once.text


def test_a_problem_that_lasts_is_told_with_its_beginning() -> None:
    failed = {"tone": "attention", "headline": "Run failed", "started": "2026-11-22T09:00:00Z", "repeats": 1}
    reader = Reader(pages.site(small_facts(last=last_run(a_run(0, **failed), since=instant(READ)))))
    assert (
        "The last run began 2026-11-22 09:00 UTC; 1 run before it, since 2026-11-22 03:20 UTC, ended alike."
        in reader.text
    )


def test_what_was_never_read_is_not_told() -> None:
    reader = Reader(pages.site(unread_facts()))
    assert "Run failed. Google says no." in reader.text
    assert "AWS has not been read yet, so nobody and nothing can be shown here. Runs start every 15" in reader.text
    assert "is kept equal to" not in reader.text
    assert "as AWS was read" not in reader.text
    assert "Switched off" not in reader.within("dt")
    snippet = Reader(pages.snippet(unread_facts()))
    assert snippet.within("caption") == ["Groups in AWS IAM Identity Center: AWS has not been read yet"]


def test_without_a_source_nothing_is_kept_equal_to_it() -> None:
    facts = small_facts(source="", schedule={"text": "", "next": None})
    reader = Reader(pages.site(facts))
    assert "These pages show the identity store d-1234567890." in reader.text
    assert "kept equal" not in reader.text
    assert "Next run" not in reader.text


def test_a_deployment_that_was_removed_keeps_nothing_equal_and_says_so() -> None:
    reader = Reader(pages.site(small_facts(removed=True)))
    assert "This deployment was removed 2026-11-22 03:20 UTC." in reader.text
    assert "The identity store d-1234567890 is not kept equal to Google Workspace any more." in reader.text
    assert "What was synced" in reader.within("h2")
    for untrue in ("is kept equal to", "Next run", "every 15 minutes", "Identity Center follows the directory: what"):
        assert untrue in Reader(pages.site(small_facts())).text
        assert untrue not in reader.text
    gone = Reader(pages.site(small_facts(removed=True, last=last_run(a_run(0), waiting=what_waits()))))
    assert "approve" not in gone.text


def test_what_waits_has_its_reasons_once_and_the_command() -> None:
    facts = small_facts()
    facts["last"] |= {"tone": "attention", "problem": "Too many: 9 would leave.", "waiting": what_waits()}
    reader = Reader(pages.site(facts))
    assert what_waits()["command"] in reader.within("code")
    assert reader.text.count("9 would leave") == 1
    assert "5 would join" in reader.within("li")
    assert "What the run would have done has been waiting for approval since 2026-11-22 03:20 UTC:" in reader.text


def test_what_cannot_be_approved_by_a_command_has_a_sentence_instead() -> None:
    how = HOSTILE[0] + " Review it."
    reader = Reader(pages.site(small_facts(last=last_run(a_run(0), waiting=what_waits(command="", how=how)))))
    assert one_line(how) in reader.within("p")
    assert "sso-sync approve" not in reader.text


def test_what_all_of_the_runs_alike_left_waiting_is_of_no_earlier_run() -> None:
    last = last_run(a_run(0, repeats=1), run_id="newest", since=instant(READ), waiting=what_waits())
    assert "What the run would have done" in Reader(pages.site(small_facts(last=last))).text


def test_what_an_earlier_run_left_waiting_is_told_beside_the_last() -> None:
    earlier = a_run(7)
    waiting = what_waits(run_id=earlier["run_id"], since=earlier["started"])
    reader = Reader(pages.site(small_facts(last=last_run(a_run(0), waiting=waiting))))
    assert (
        "What an earlier run would have done has been waiting for approval since 2026-11-21 20:20 UTC:" in reader.text
    )
    assert "Nothing to do." in reader.within("strong")
    assert earlier["page"] in {keys["href"] for tag, keys in reader.elements if tag == "a"}
    no_page = a_run(0, page="")
    without = Reader(pages.site(site_facts([], [], [no_page], last=last_run(no_page, waiting=waiting))))
    assert not any((keys["href"] or "").startswith("runs/") for tag, keys in without.elements if tag == "a")


def test_the_snippet_is_one_table_to_put_into_any_page() -> None:
    reader = Reader(pages.snippet(small_facts()))
    tags = [tag for tag, _ in reader.elements]
    assert tags[0] == "table"
    assert not {"html", "style", "script"} & set(tags)
    assert reader.text.count("03:20 UTC") == 2
    assert (
        "2 groups in AWS IAM Identity Center, as AWS was read 2026-11-22 03:20 UTC, and their accounts" in reader.text
    )
    assert reader.within("li") == ["production: AdministratorAccess", "staging: AdministratorAccess"]
    assert "not read yet" in reader.within("td")
    classes = {name for _, keys in reader.elements if (name := keys.get("class"))}
    assert all(name.startswith("sso-sync-") for name in classes)
    hidden = Reader(pages.snippet(small_facts(accounts={"shown": False, "why": "no"})))
    assert len(hidden.within("th")) == 4
    assert "their accounts" not in hidden.text


def test_the_snippet_says_how_old_the_accounts_are_at_most() -> None:
    facts = small_facts()
    facts["groups"][1] |= {"accounts": [], "accounts_read": "2026-11-20T08:00:00Z"}
    assert "their accounts 2026-11-20 08:00 UTC or later" in Reader(pages.snippet(facts)).text
    never = [group | {"accounts": None, "accounts_read": None} for group in facts["groups"]]
    assert "their accounts" not in Reader(pages.snippet(small_facts() | {"groups": never})).text


def test_the_page_of_a_run_without_names_has_ids_in_their_place() -> None:
    aside = [SetAside("user", "u-7", "dot@example.com", "no family name"), SetAside("group", "g-7", "crew", "too long")]
    plan = Plan.of("d-1", [joins("zoe", "devs"), CreateUser(user("cem"), "new")], set_aside=aside)
    ended = report(plan, trigger="command line, otto", error=LimitExceeded("zoe and max@example.com are too many."))
    discretion = Discretion(names=False, known=["zoe"])
    page, named = Reader(pages.run(ended, discretion)), Reader(pages.run(ended))
    for name in ("zoe", "Cem", "cem@", "dot@", "max@", "otto"):
        assert name in named.text
        assert name not in page.text.replace("U-zoe", "")
    assert {"U-zoe", "u-7", "crew"} <= set(page.within("bdi"))
    record = "20261122T032007Z-abcdef.json"
    assert [record in [keys.get("href") for _, keys in one.elements] for one in (page, named)] == [False, True]


@pytest.mark.parametrize("ended", ENDINGS.values(), ids=str)
def test_the_page_of_a_run_needs_no_script(ended: Any) -> None:
    reader = Reader(pages.run(ended))
    (style,) = reader.within("style")
    assert policies(reader) == [f"default-src 'none'; style-src {digest(style)}; base-uri 'none'; form-action 'none'"]
    assert "script" not in {tag for tag, _ in reader.elements}


def test_the_page_of_a_run_says_how_to_approve_it() -> None:
    refusal = Refusal.of("d-1", "c", {"key": "ann leaves devs"}, ["too many"], "run", STARTED)
    command = f"sso-sync approve {refusal.id}"
    by_command = Reader(pages.run(planned(waiting=refusal, how_to_approve=command)))
    by_hand = Reader(pages.run(planned(waiting=refusal)))
    assert by_command.within("code") == [command]
    assert by_hand.within("code") == ["sso-sync plan --out FILE", "sso-sync apply FILE"]
    assert "too many" in by_hand.within("li")


def test_the_page_of_the_run_that_removes_all_promises_nothing_more() -> None:
    promise = "what is changed there by hand does not last"
    assert promise in Reader(pages.run(planned())).text
    assert promise not in Reader(pages.run(planned(scope=Scope(created=True)))).text
