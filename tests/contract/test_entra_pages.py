"""The Entra source over real HTTP: pages, batches, throttling, and how many calls it all takes."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.calls import Reply
from sandbox.entra_id.company import guid
from sso_sync.core.errors import SourceError
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.http.session import Session
from sso_sync.settings import EntraIdSettings
from sso_sync.sources.entra_id.graph import Graph
from sso_sync.sources.entra_id.keys import SecretKey
from sso_sync.sources.entra_id.login import Login
from sso_sync.sources.entra_id.tenant import members
from sso_sync.sources.entra_id.wire import Wire
from sso_sync.sources.tools import Tools
from tests.contract.sources.entra_id_place import entra_source
from tests.support.clock import Clock
from tests.support.companies import company, person, team
from tests.support.entra import emails, spoil
from tests.support.live import LiveSandbox

Json = dict[str, Any]
Live = Callable[..., LiveSandbox]


@pytest.mark.parametrize("where", ["https://graph.example/v1.0/users?x=1", "/users", "http://127.0.0.1:1/v1.0/u", 7])
def test_a_next_page_elsewhere_is_not_asked_for(live: Live, where: Any) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    spoil(sandbox, "users.list", lambda body: body | {"@odata.nextLink": where})
    with pytest.raises(SourceError, match=r"names a next page that is not at .*/v1\.0.*'graph_url'"):
        entra_source(sandbox).read()
    assert sandbox.calls()["entra_in_batch"]["users.list"] == 1


def test_a_page_that_comes_twice_is_no_listing(live: Live) -> None:
    sandbox = live(company([person(n) for n in range(500)], [team("a", ["u1"])]))
    sandbox.switch(short_pages=True)
    links: list[str] = []

    def repeat(body: Json) -> Json:
        links.append(body.get("@odata.nextLink", ""))
        return body | {"@odata.nextLink": links[0]}

    spoil(sandbox, "users.list", repeat)
    with pytest.raises(SourceError, match="sent the same page twice"):
        entra_source(sandbox).read()


def test_a_listing_without_end_is_given_up(live: Live) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    pages: list[str] = []

    def endless(_: str, operation: str, reply: Reply) -> Reply:
        if operation != "users.list":
            return reply
        pages.append(f"{sandbox.sandbox.entra.graph_url}/v1.0/users?$skiptoken={len(pages)}")
        return Reply(200, {"value": [], "@odata.nextLink": pages[-1]})

    sandbox.sandbox.switchboard.spoilers.append(endless)
    with pytest.raises(SourceError, match="pages without anything new"):
        entra_source(sandbox).read()
    assert len(pages) == 101


def test_a_later_page_of_assignments_that_is_not_there_is_no_end_of_them(live: Live) -> None:
    people = [person(n) for n in range(400)]
    assigned = [{"type": "USER", "id": one["id"]} for one in people]
    sandbox = live(company(people, [], application=assigned))
    sandbox.switch(short_pages=True)  # 333 rows
    source = entra_source(sandbox, application=sandbox.sandbox.entra.application_id)
    assert len(source.read().users) == 400
    sandbox.fail("entra", "appRoleAssignedTo.list", "not_found", nth=3)
    with pytest.raises(SourceError, match="list who is assigned to the application: Microsoft Graph answered 404"):
        source.read()


def test_short_pages_are_followed_side_by_side_to_their_ends(live: Live) -> None:
    people = [person(n) for n in range(800)]
    groups = [team(f"t{n}", [one["id"] for one in people[: 200 * n]]) for n in range(5)]
    sandbox = live(company(people, groups))
    sandbox.switch(short_pages=True)  # 333 rows
    read = entra_source(sandbox).read()
    assert {name: len(members) for name, members in emails(read).items()} == {f"t{n}": 200 * n for n in range(5)}
    calls = sandbox.calls()
    # Users have three pages, beside the one of groups; the largest group has three, two others have two.
    assert calls["entra"] == {"batch": 3, "users.list": 2, "members.list": 1}


def graph_of(sandbox: LiveSandbox, governor: RateGovernor, calls: Calls, patience: Patience) -> Graph:
    """Make what the source reads with, and its pauses under the eyes of the test."""
    entra = sandbox.sandbox.entra
    settings = EntraIdSettings(
        tenant=entra.tenant_id, client_id=entra.app.client_id, graph_url=entra.graph_url, login_url=entra.login_url
    )
    login = Login(settings, SecretKey(entra.app.secrets[0].text), Session())
    session = Session(attempts=2, governor=governor, calls=calls, patience=patience)
    return Graph(Wire(entra.graph_url, session, login.token, governor, calls))


def test_only_what_was_throttled_in_a_batch_is_asked_for_again_and_when_graph_says(live: Live) -> None:
    sandbox, clock, calls = live(company([], [team(f"t{n}", []) for n in range(5)])), Clock(), Calls()
    graph = graph_of(sandbox, RateGovernor(1000, burst=1000, clock=clock.now, sleep=clock.sleep), calls, Patience(60))
    sandbox.fail("entra", "members.list", "throttle", nth=2, times=3)
    wanted = {str(n): members(guid(f"g-t{n}")) for n in range(5)}
    assert {key for key, _, last in graph.read(wanted) if last} == wanted.keys()
    found = sandbox.calls()
    assert found["entra_in_batch"]["members.list"] == 5 + 3
    assert found["entra"] == {"batch": 2}
    assert sum(clock.slept) == pytest.approx(1.0)  # Retry-After
    assert calls.troubles()["entra"].said == "asks for fewer calls"


def test_what_stays_throttled_in_a_batch_ends_with_the_patience_of_the_run(live: Live) -> None:
    sandbox, clock = live(company([], [team(f"t{n}", []) for n in range(2)])), Clock()
    governor = RateGovernor(1000, burst=1000, clock=clock.now, sleep=clock.sleep)
    graph = graph_of(sandbox, governor, Calls(), Patience(3, clock=clock.now))
    sandbox.fail("entra", "members.list", "throttle", times=0)
    with pytest.raises(SourceError, match=r"kept throttling or failing \(asks for fewer calls\)"):
        list(graph.read({str(n): members(guid(f"g-t{n}")) for n in range(2)}))
    assert sum(clock.slept) == pytest.approx(3.0)


def test_graph_is_asked_more_slowly_before_it_refuses(live: Live) -> None:
    data = company([], [team(f"t{n}", []) for n in range(2)])
    sandbox, clock = live(data, quota_scale=0.004), Clock()  # fourteen units in ten seconds
    graph = graph_of(sandbox, RateGovernor(1, clock=clock.now, sleep=clock.sleep), Calls(), Patience(0))
    wanted = {str(n): members(guid(f"g-t{n}")) for n in range(2)}
    for _ in range(3):  # four units each: with the third, Graph says that most of them are used
        list(graph.read(wanted))
    sandbox.sandbox.clock.advance(10)
    for _ in range(2):
        list(graph.read(wanted))
    assert clock.slept[:3] == [4.0, 4.0, 4.0]
    assert clock.slept[3] == pytest.approx(2 * 4.0, rel=0.1)


BROKEN_BATCHES: dict[str, Callable[[Json], Any]] = {
    "an answer is missing": lambda body: {"responses": body["responses"][1:]},
    "an answer comes twice": lambda body: {"responses": [*body["responses"], body["responses"][0]]},
    "no answers": lambda _: {},
    "answers of another kind": lambda _: {"responses": ["x"]},
    "a status that is none": lambda body: {"responses": [one | {"status": "OK"} for one in body["responses"]]},
    "a body of another shape": lambda body: {"responses": [one | {"body": []} for one in body["responses"]]},
    "a page without rows": lambda body: {"responses": [one | {"body": {}} for one in body["responses"]]},
    "rows that are none": lambda body: {"responses": [one | {"body": {"value": [1]}} for one in body["responses"]]},
}


@pytest.mark.parametrize("broken", BROKEN_BATCHES)
def test_a_batch_that_is_not_whole_stops_the_run(live: Live, broken: str) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    spoil(sandbox, "batch.answer", BROKEN_BATCHES[broken])
    with pytest.raises(SourceError):
        entra_source(sandbox).read()


def test_no_call_is_made_before_somebody_reads(live: Live) -> None:
    sandbox = live(company([], []))
    assert entra_source(sandbox).name == "Microsoft Entra ID"
    assert not sandbox.calls()


def test_the_calls_of_a_run_are_those_of_the_formula(live: Live) -> None:
    people = [person(n) for n in range(1001)]
    groups = [team(f"t{n}", ["u1"]) for n in range(45)] + [team("all", [one["id"] for one in people])]
    sandbox, tools = live(company(people, groups)), Tools()
    entra_source(sandbox, tools=tools).read()
    # The listings' first pages, the users' second; 46 groups in batches of 20, and the second page of one.
    assert sandbox.calls()["entra"] == {"batch": 1 + 3, "users.list": 1, "members.list": 1}
    counted = {"entra GET groups": 1, "entra GET users": 1, "entra POST $batch": 4, "entra login": 1, "entra token": 1}
    assert tools.calls.counts() == counted
    (share,) = tools.calls.shares()
    assert (share.done, share.expected) == (46, 46)
