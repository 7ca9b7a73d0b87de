"""The documentation in a real browser: every view, for every reader, with names that would like to be more."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sso_sync.core.changes import CreateUser
from sso_sync.core.errors import LimitExceeded
from sso_sync.core.plan import Plan
from sso_sync.core.wording import one_line
from sso_sync.reporters.docs_site import pages
from tests.support.browsing import Reader, Scheme
from tests.support.memory import user
from tests.support.reports import HOSTILE, joins, report
from tests.support.site import (
    a_person,
    a_run,
    hostile_facts,
    large_facts,
    last_run,
    small_facts,
    unread_facts,
    what_waits,
)

Json = dict[str, Any]
VIEWS = ["", "#/groups", "#/groups/G-1", "#/people", "#/people/P-1", "#/changes", "#/groups/none"]
SEARCH = "input[type=search]"


@pytest.fixture
def read(browser: Browser, tmp_path: Path) -> Callable[..., Reader]:
    """Return what opens a page made of facts."""

    def opened(page: Json | bytes, name: str = "index.html", *, width: int = 1280, scheme: Scheme = "light") -> Reader:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(page if isinstance(page, bytes) else pages.site(page))
        return Reader(browser, file, width=width, scheme=scheme)

    return opened


@pytest.mark.parametrize(
    ("facts", "scheme", "width"),
    [
        (hostile_facts, "light", 1280),
        (hostile_facts, "dark", 360),
        (small_facts, "dark", 1280),
        (unread_facts, "light", 360),
    ],
)
def test_every_view_is_for_everybody_and_asks_for_nothing(
    read: Callable[..., Reader], facts: Callable[[], Json], scheme: Scheme, width: int
) -> None:
    reader = read(facts(), width=width, scheme=scheme)
    assert {view: found for view in VIEWS if reader.open(view) and (found := reader.faults())} == {}


def test_every_view_of_a_large_company_is_for_everybody(read: Callable[..., Reader]) -> None:
    reader = read(large_facts(), width=360)
    reader.open()
    assert {view: found for view in VIEWS if reader.turn_to(view) and (found := reader.faults())} == {}


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_the_page_of_a_run_is_for_everybody(read: Callable[..., Reader], scheme: Scheme, width: int) -> None:
    sly = [user(f"u{n}", display_name=name) for n, name in enumerate(HOSTILE)]
    plan = Plan.of("d-1", [*(CreateUser(one, HOSTILE[0]) for one in sly), joins(HOSTILE[1], "crew")], warnings=HOSTILE)
    reader = read(pages.run(report(plan, error=LimitExceeded(HOSTILE[0]))), "run.html", width=width, scheme=scheme)
    assert HOSTILE[0] in reader.open().inner_text("main")
    assert reader.faults() == []


@pytest.mark.parametrize("view", ["", "#/groups", "#/groups/G-0", "#/people", "#/people/P-0", "#/changes"])
def test_a_hostile_name_is_shown_and_is_nothing_else(read: Callable[..., Reader], view: str) -> None:
    page = read(hostile_facts()).open(view)
    seen = page.locator("#view" if view else "#overview")
    for name in HOSTILE if view in {"#/groups", "#/people", "#/groups/G-0"} else HOSTILE[:1]:
        expect(seen).to_contain_text(one_line(name))
    assert page.locator("main script, main img, main at, main b").count() == 0
    assert page.locator("main a[href*='evil'], main a[href^='javascript']").count() == 0


def test_every_view_says_when_aws_was_read_and_what_the_last_run_ran_into(read: Callable[..., Reader]) -> None:
    reader = read(hostile_facts())
    reader.open()
    for view in VIEWS:
        page = reader.turn_to(view)
        expect(page.locator("header")).to_contain_text("AWS read 2026-11-22 03:20 UTC")
        notice = page.get_by_label("The last run", exact=True)
        expect(notice).to_be_visible()
        expect(notice).to_contain_text("Refused for safety.")
        expect(notice.locator("code")).to_have_text("sso-sync approve 5f0c9e1b7a42")


def test_what_was_never_read_is_listed_nowhere(read: Callable[..., Reader]) -> None:
    reader = read(unread_facts())
    for view in ("#/groups", "#/people", "#/people/P-1"):
        expect(reader.open(view).locator("#view")).to_contain_text("AWS has not been read yet")
        assert reader.page.locator("#view table").count() == 0
    expect(reader.open("#/changes").locator("#view")).to_contain_text("Google says no.")
    expect(reader.open().locator("#download-buttons button")).to_have_text(["Download facts.json"])


def test_what_waits_is_told_at_its_run_however_it_is_approved(read: Callable[..., Reader]) -> None:
    waits = a_run(1, waiting=what_waits()["id"])
    for waiting, words in (
        (what_waits(run_id=waits["run_id"]), "It waits for approval: sso-sync approve 5f0c9e1b7a42"),
        (what_waits(run_id=waits["run_id"], command="", how="Review it."), "It waits for approval. Review it."),
    ):
        facts = small_facts(last=last_run(a_run(0), waiting=waiting)) | {"history": [a_run(0), waits]}
        runs = read(facts).open("#/changes").locator("#view .runs > li")
        expect(runs.nth(1)).to_contain_text(words)
        expect(runs.nth(0)).not_to_contain_text("approval")


def test_without_a_script_the_overview_can_be_read(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(pages.site(small_facts()))
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((tmp_path / "index.html").as_uri())
    seen = page.inner_text("main")
    assert "drawn by a script that is part of this file; this browser does not run it" in seen
    assert "Everything for AWS" in seen
    assert page.get_by_role("img").count() == 3
    expect(page.locator("#download-buttons")).to_be_hidden()


def test_a_view_has_a_title_and_its_heading_is_gone_to(read: Callable[..., Reader]) -> None:
    page = read(small_facts()).open()
    for view, title in (("Groups", "Groups"), ("People", "People"), ("Changes", "Changes"), ("Overview", "Overview")):
        page.get_by_role("navigation").get_by_role("link", name=view).click()
        expect(page).to_have_title(f"{title} · sso-sync")
        expect(page.locator("h1:visible")).to_be_focused()
        expect(page.locator("nav [aria-current=page]")).to_have_text(view)
    page.goto(page.url.partition("#")[0] + "#/people/P-2")
    expect(page).to_have_title("Bób Çelik · sso-sync")
    expect(page.locator("nav [aria-current]")).to_have_text("People")


def test_a_link_to_nobody_says_so(read: Callable[..., Reader]) -> None:
    page = read(small_facts()).open("#/people/%zz")
    for view in ("#/people/gone", "#/groups/__proto__", "#/elsewhere"):
        page.goto(page.url.partition("#")[0] + view)
        expect(page.locator("h1:visible")).to_have_text("Not found")


def test_a_search_in_ten_thousand_people_draws_few_of_them(read: Callable[..., Reader]) -> None:
    page = read(large_facts()).open("#/people")
    rows, found = page.locator("#view tbody tr"), page.get_by_role("status")
    expect(found).to_have_text("10,000 people")
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Show 100 more").click()
    expect(rows).to_have_count(200)
    expect(rows.nth(100).get_by_role("link")).to_be_focused()
    page.locator(SEARCH).fill("DVORAK elodie")
    expect(found).to_have_text("69 of 10,000 people")
    expect(rows.first).to_contain_text("Élodie Dvořák")
    page.locator(SEARCH).fill("nobody at all")
    expect(found).to_have_text("0 of 10,000 people")
    expect(page.locator("#view table")).to_be_hidden()


def test_who_comes_back_to_a_list_finds_the_place_again(read: Callable[..., Reader]) -> None:
    page = read(large_facts(people_in_all=900, groups_in_all=2, each=50)).open("#/people?show=active")
    page.get_by_role("button", name="Show 100 more").click()
    link = page.locator("#view tbody tr").nth(150).get_by_role("link")
    chosen = link.inner_text()
    link.scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    link.click()
    expect(page.locator("h1:visible")).to_have_text(chosen)
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(page.locator("#view tbody tr")).to_have_count(200)
    expect(page.locator("#view tbody tr").nth(150).get_by_role("link")).to_be_focused()
    page.wait_for_function("(top) => scrollY === top", arg=top)
    page.go_forward()
    expect(page.locator("h1:visible")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    page.get_by_role("navigation").get_by_role("link", name="People").click()
    expect(page.locator("#view tbody tr")).to_have_count(100)
    assert top > page.evaluate("scrollY") == 0


def test_on_paper_there_is_everything(read: Callable[..., Reader]) -> None:
    page = read(large_facts(people_in_all=300, groups_in_all=2, each=250)).open("#/people")
    rows = page.locator("#view tbody tr")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(rows).to_have_count(300)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(rows).to_have_count(100)


def test_all_is_done_by_keyboard(read: Callable[..., Reader]) -> None:
    page = read(small_facts()).open("#/people")
    tabbed_to(page, SEARCH)
    page.keyboard.type("celik")
    expect(page.get_by_role("status")).to_have_text("1 of 3 people")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    tabbed_to(page, "th:has-text('Groups') button")
    for direction in ("descending", "ascending"):
        page.keyboard.press("Enter")
        expect(page.get_by_role("columnheader", name="Groups")).to_have_attribute("aria-sort", direction)
    assert page.locator("th[aria-sort]").count() == 1
    expect(page.locator("#view tbody tr").first).to_contain_text("=HYPERLINK(1)")
    tabbed_to(page, "tbody a")
    page.keyboard.press("Enter")
    expect(page.locator("h1:visible")).to_have_text("=HYPERLINK(1)")


def tabbed_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator(selector).first.evaluate("(element) => element === document.activeElement"):
            return
    pytest.fail(f"Tab does not come to {selector}")


def test_the_skip_link_goes_to_the_content_and_leaves_the_view(read: Callable[..., Reader]) -> None:
    page = read(small_facts()).open("#/groups")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.url.endswith("#/groups")


def test_what_a_list_is_narrowed_to_is_in_the_address(read: Callable[..., Reader]) -> None:
    page = read(small_facts()).open("#/people")
    page.get_by_label("Access to").select_option(label="production (111122223333)")
    page.get_by_label("Show").select_option(label="who is switched off")
    page.get_by_role("button", name="Groups").click()
    page.locator(SEARCH).fill("celik & co")
    page.reload()
    expect(page.locator(SEARCH)).to_have_value("celik & co")
    expect(page.get_by_role("status")).to_have_text("0 of 3 people")
    page.locator(SEARCH).fill("")
    expect(page.locator("#view tbody tr")).to_contain_text(["Bób Çelik"])
    expect(page.get_by_role("columnheader", name="Groups")).to_have_attribute("aria-sort", "descending")


def test_a_group_tells_who_is_in_it_how_since_when_and_what_it_gives(read: Callable[..., Reader]) -> None:
    page = read(small_facts()).open("#/groups/G-1")
    rows = page.get_by_label("Members", exact=True).locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("directly2026-03-01")
    expect(rows.nth(1)).to_contain_text("through crew → night crew2026-03-01 or earlier")
    expect(page.get_by_label("What it gives")).to_contain_text("staging (222233334444)AdministratorAccess")
    nesting = page.get_by_label("Nesting in the directory")
    expect(nesting.locator("svg")).to_contain_text("crew")
    nesting.get_by_text("As lists: inside of 1 group, contains 2 groups").click()
    nesting.get_by_role("link", name="aws-everyone").click()
    expect(page.locator("h1:visible")).to_have_text("aws-everyone")
    expect(page.locator("#view")).to_contain_text("The accounts of 1 group have not been read yet.")
    expect(page.get_by_label("Members", exact=True).locator("tbody tr")).to_contain_text("not knownnot known")


def test_a_person_has_accounts_through_groups(read: Callable[..., Reader]) -> None:
    page = read(small_facts()).open("#/people/P-2")
    expect(page.locator("#view")).to_contain_text("switched off: cannot sign in")
    access = page.get_by_label("Access to AWS accounts")
    expect(access.locator("tbody tr").first).to_contain_text("production (111122223333)AdministratorAccessaws-admins")
    access.get_by_role("link", name="staging (222233334444)").click()
    expect(page.get_by_role("status")).to_have_text("2 of 3 people")


def test_accounts_that_are_not_shown_are_missed_nowhere(read: Callable[..., Reader]) -> None:
    facts = small_facts(accounts={"shown": False, "why": "AWS says no."})
    facts["groups"] = [group | {"accounts": None, "accounts_read": None} for group in facts["groups"]]
    reader = read(facts)
    for view in VIEWS:
        page = reader.open(view)
        assert page.get_by_role("columnheader", name="AWS accounts").count() == 0
        assert page.get_by_label("Access to", exact=True).count() == 0
    expect(reader.open("#/groups/G-1").locator("#view")).to_contain_text("AWS accounts are not shown. AWS says no.")


def test_without_names_no_column_stays_empty(read: Callable[..., Reader]) -> None:
    facts = small_facts(names=False)
    facts["people"] = [one | {"name": one["id"], "user_name": "", "email": ""} for one in facts["people"]]
    page = read(facts).open("#/people")
    expect(page.get_by_role("columnheader")).to_have_text(["Name", "AWS accounts", "Groups"])
    expect(page.locator("#view tbody tr").first).to_contain_text("P-1")


def test_changes_are_found_by_a_name_and_lead_to_the_page_of_the_run(read: Callable[..., Reader]) -> None:
    page = read(small_facts()).open("#/changes")
    runs = page.locator("#view .runs > li")
    expect(runs).to_have_count(3)
    page.locator(SEARCH).fill("zoe")
    expect(runs).to_have_count(1)
    expect(runs).to_contain_text("Zoë left aws-admins – not a member in the directory")
    expect(runs.get_by_role("link")).to_have_attribute("href", "runs/20261121T182007Z-abcdef.html")
    page.locator(SEARCH).fill("")
    page.get_by_label("Show").select_option(label="runs that took access away")
    expect(runs).to_have_count(1)


def test_the_site_of_a_past_run_links_to_its_neighbours(read: Callable[..., Reader]) -> None:
    page = read(small_facts(), "runs/20261122T032007Z-abcdef-site.html").open()
    last = page.get_by_role("link", name="All about this run")
    expect(last).to_have_attribute("href", "../runs/20261122T032007Z-abcdef.html")
    page.goto(page.url + "#/changes")
    expect(page.locator("#view .links a").first).to_have_attribute("href", "../runs/20261122T032007Z-abcdef.html")


def downloaded(page: Page, file: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download {file}").click()
    assert download.value.suggested_filename == file
    return Path(download.value.path()).read_bytes().decode()


def test_downloads_hold_the_same_facts_and_no_formula(read: Callable[..., Reader]) -> None:
    facts = small_facts()
    reader = read(facts)
    page = reader.open()
    people = downloaded(page, "people.csv")
    assert people.startswith("\ufeffid,name,user_name,email,status,standing,groups,accounts\r\n")
    rows = list(csv.reader(io.StringIO(people.removeprefix("\ufeff"), newline=""), strict=True))
    assert rows[1][6:] == ["aws-admins; aws-everyone", "production (111122223333); staging (222233334444)"]
    assert rows[3][:6] == ["P-3", "'=HYPERLINK(1)", '"eve",\' @home', "", "active", "created by sso-sync"]
    assert '"""eve"",\' @home"' in people
    memberships = list(csv.reader(io.StringIO(downloaded(page, "memberships.csv"), newline=""), strict=True))
    assert memberships[1:3] == [
        [
            "G-1",
            "aws-admins",
            "P-1",
            "Ann Lee",
            "person00001@example.com",
            "2026-03-01T00:00:00.000Z",
            "AWS",
            "aws-admins",
        ],
        [
            "G-1",
            "aws-admins",
            "P-2",
            "Bób Çelik",
            "person00002@example.com",
            "2026-03-01T00:00:00.000Z",
            "first seen",
            "aws-admins → crew → night crew",
        ],
    ]
    assert memberships[3][5:] == ["", "", ""]
    access = list(csv.reader(io.StringIO(downloaded(page, "access.csv"), newline=""), strict=True))
    assert access[1][3:] == ["active", "111122223333", "production", "AdministratorAccess", "aws-admins"]
    assert {row[2] for row in access[1:]} == {"person00001@example.com", "person00002@example.com"}
    groups = list(csv.reader(io.StringIO(downloaded(page, "groups.csv"), newline=""), strict=True))
    assert groups[1][6:8] == ["aws-*", "2"]
    assert json.loads(downloaded(page, "facts.json")) == facts
    assert reader.said == []


@pytest.mark.parametrize(("cut", "written"), [(";", "x;'=1"), ("; ", "x;' =1"), (",", "x,'=1"), (';"', 'x;\'""=1')])
def test_no_cell_of_a_download_becomes_a_formula_however_it_is_cut(
    read: Callable[..., Reader], cut: str, written: str
) -> None:
    facts = small_facts()
    facts["people"] = [a_person(number, f"x{cut}{sign}1") for number, sign in enumerate("=+-@\uff1d")]
    facts["groups"][0] |= {"name": "=1+1"}
    people = downloaded(read(facts).open(), "people.csv").removeprefix("\ufeff")
    cells = [cell for row in csv.reader(io.StringIO(people, newline=""), strict=True) for cell in row]
    cells += re.split(r"[;\r\n]", people)  # as a spreadsheet of another language does
    assert not {cell.lstrip(' "')[:1] for cell in cells} & set("=+-@\uff1d")
    assert f'"{written}"' in people
