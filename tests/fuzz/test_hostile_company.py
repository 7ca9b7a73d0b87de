"""A company in which every text is hostile, all the way: run, plan, explanation, record, pages and card."""

import io
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from rich.console import Console

from sso_sync.core.errors import UnknownName
from sso_sync.core.explain import explain
from sso_sync.core.model import AttributeName
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.policy import Policy
from sso_sync.core.record import encode_record, plan_as_json
from sso_sync.core.report import RunReport
from sso_sync.core.situation import Situation
from sso_sync.core.wording import visible
from sso_sync.engine.drafting import Draft
from sso_sync.engine.run import Review, Run
from sso_sync.entrypoints.cli.explained import print_explanation
from sso_sync.entrypoints.cli.plan_text import print_plan
from sso_sync.entrypoints.cli.render import print_summary
from sso_sync.reporters.access import GroupAccess
from sso_sync.reporters.docs_site import pages
from sso_sync.reporters.docs_site.about import About
from sso_sync.reporters.docs_site.facts import Known, facts
from sso_sync.reporters.docs_site.snapshot import Snapshot
from sso_sync.reporters.history import History, PastRun
from sso_sync.reporters.teams.blocks import size_of
from sso_sync.reporters.teams.card import make_card
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.google_workspace.retries import Pauses
from sso_sync.sources.google_workspace.sign_in import stored
from tests.support.companies import company, person, team
from tests.support.google_source import google_source
from tests.support.hostile import TEXTS, assert_sentence
from tests.support.live import LiveSandbox
from tests.support.memory import MemoryState
from tests.support.targets import make_target

Json = dict[str, Any]
ATTRIBUTES: dict[AttributeName, str] = {
    "title": "organizations[0].title",
    "department": "organizations[0].department",
    "nick_name": "customSchemas.Odd.field",
    "phone_number": "phones[0].value",
    "formatted_address": "addresses[0].formatted",
}
LARGEST_CARD = 28 * 1024  # bytes


def writable(text: str) -> str:
    """Make text what a stand-in of Google takes: no halves of characters."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


WORDS = [writable(text) for text in TEXTS]


def hostile_company() -> Json:
    """Put each text in every place of a person and of a group."""
    users, groups = [], []
    for n, word in enumerate(WORDS):
        odd = {
            "organizations": [{"title": word, "department": word}],
            "phones": [{"value": word}],
            "addresses": [{"formatted": word}],
        }
        more = {"orgUnitPath": f"/{word}", "customSchemas": {"Odd": {"field": word}}, "google": odd}
        users.append(person(n, givenName=word, familyName=word, **more))
        address = f"{word}@example.com" if word.strip() and "@" not in word else f"blank{n}@example.com"
        users.append(person(100 + n, email=address, givenName=word))
        called = word if word.strip() else f"blank {n}"
        groups.append(team(f"t{n}", [f"u{n}", f"u{100 + n}"], description=word) | {"name": f"{n} {word}"})
        groups.append(team(f"s{n}", [f"u{n}"], [f"g-t{n}"], description=word) | {"name": called})
    return company(users, groups)


class Seen(Review):
    """Agrees, keeps the draft, and is told of the run's end."""

    name = "this test"
    draft: Draft
    ended: RunReport

    def approve(self, draft: Draft) -> bool:
        self.draft = draft
        return True

    def report(self, ended: RunReport) -> None:
        self.ended = ended


class Ran:
    """A run of the hostile company: what it planned, what became of it, and what was refused."""

    def __init__(self, live: LiveSandbox, *, scim: bool) -> None:
        self.live, self.refused = live, list[str]()
        settings = GoogleWorkspaceSettings(
            admin=live.sandbox.admin,
            credentials="unused",
            groups=SelectionSettings(include=["*"]),
            root_url=f"{live.url}/google/",
            attributes=ATTRIBUTES,
        )
        sign_in = stored(live.key, settings.admin)
        source = google_source(settings, sign_in, pauses=Pauses())
        live.sandbox.switchboard.witnesses.append(self._note)
        seen, state = Seen(), MemoryState()
        run = Run([source], make_target(live, scim=scim), state, Policy(), reporters=lambda: [seen])
        self.outcomes: list[Outcome] = run.execute("test", seen)
        self.draft, self.ended, self.records = seen.draft, seen.ended, list(state.records.values())
        self.second = run.draft()

    def _note(self, system: str, operation: str, reply: Any) -> None:
        if system in {"scim", "identity_store"} and reply.status >= 400:
            self.refused.append(f"{system} {operation}: {reply.body}")


@pytest.fixture(scope="module", params=[True, False], ids=["scim", "identity_store"])
def ran(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Ran]:
    patch = pytest.MonkeyPatch()
    with LiveSandbox(hostile_company(), tmp_path_factory.mktemp("hostile")) as live:
        for name, value in live.environment(scim=request.param).items():
            patch.setenv(name, value)
        yield Ran(live, scim=request.param)
    patch.undo()


def assert_readable(console: Console) -> str:
    file = console.file
    assert isinstance(file, io.StringIO)
    shown = file.getvalue()
    assert shown
    assert visible(shown, keep="\n") == shown
    return shown


def terminal() -> Console:
    return Console(file=io.StringIO(), highlight=False, soft_wrap=True)


def test_the_store_takes_everything_that_is_not_set_aside(ran: Ran) -> None:
    assert not ran.refused, ran.refused[:3]
    assert {outcome.result for outcome in ran.outcomes} == {Result.DONE}
    assert len(ran.draft.plan.set_aside) > 5
    assert not ran.second.plan.changes, ran.second.plan.changes[:2]


def test_the_terminal_shows_nothing_that_could_fool_a_reader(ran: Ran) -> None:
    console = terminal()
    print_plan(ran.draft.plan, console)
    print_summary(ran.outcomes, console)
    shown = assert_readable(console)
    for line in shown.splitlines():
        assert (
            line.startswith(("  ", "Members of ", "Users", "Groups", "Set aside", "Warning: ", "Plan: ", "Done: "))
            or not line
        )
    assert "[bold]rich[/bold] :smile:" in shown


def test_everybody_and_everything_can_be_explained(ran: Ran) -> None:
    found = 0
    for draft in (ran.draft, ran.second):
        situation = Situation(
            desired=draft.desired, actual=draft.actual, ledger=draft.ledger, plan=draft.plan, protects=lambda _: False
        )
        company = hostile_company()
        names = [user["email"] for user in company["users"]] + [group["name"] for group in company["groups"]]
        for name in [*names, *WORDS, *TEXTS]:
            try:
                explanations = explain(name, situation)
            except UnknownName as exc:
                assert_sentence(exc)
                continue
            found += len(explanations)
            console = terminal()
            for explanation in explanations:
                print_explanation(explanation, console)
                msgspec.json.encode(explanation)
            assert_readable(console)
    print(f"hostile company, explanations: {found}")  # noqa: T201 # shown with -rP
    assert found > 2 * len(hostile_company()["users"])


def test_the_record_is_json_and_holds_every_name(ran: Ran) -> None:
    for record in (
        *ran.records,
        encode_record(ran.ended),
        msgspec.json.encode(plan_as_json(ran.draft.plan), enc_hook=str),
    ):
        json.loads(record)
    shown = json.loads(encode_record(ran.ended))
    assert shown["verdict"] == "done"
    assert len(shown["plan"]["changes"]) == len(ran.outcomes)
    assert "<script>alert(1)</script>" in json.dumps(shown)


class Elements(HTMLParser):
    """Lists the elements and addresses of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") or name == "srcdoc" for name, _ in attrs)
        self.links |= {value or "" for name, value in attrs if name in {"href", "src", "action"}}


def test_the_pages_hold_names_and_no_markup_of_theirs(ran: Ran) -> None:
    snapshot = Snapshot.of(ran.ended, About(title="sso-sync"))
    assert snapshot is not None
    history = History().with_run(PastRun.of(ran.ended))
    shown = facts(Known(snapshot=snapshot, history=history, access=GroupAccess(), written=ran.ended.ended))
    for page, scripts in ((pages.run(ran.ended), 0), (pages.site(shown), 2), (pages.snippet(shown), 0)):
        elements = Elements(page)
        assert page.count(b"<script") == scripts
        assert not elements.tags & {"img", "iframe", "at", "b"}
        assert not any("javascript" in link or "evil" in link for link in elements.links)
        assert visible(page.decode(), keep="\n") == page.decode()


def test_the_card_holds_names_and_no_links_of_theirs(ran: Ran) -> None:
    card = make_card(ran.ended, links=[("This run", "https://example.com/x")])
    assert size_of(card) <= LARGEST_CARD
    written = json.dumps(card, ensure_ascii=False)
    assert "<at>" not in written
    assert "](javascript" not in written
    assert "{{DATE" not in written
    assert visible(written, keep="\n") == written
