"""The Okta source over real HTTP: what is special about it. What every source must do is in tests/contract/sources."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sandbox.calls import Reply
from sandbox.okta.organisation import okta_id
from sso_sync.core.errors import SourceError
from sso_sync.core.findings import Mark
from sso_sync.http.calls import Calls
from sso_sync.http.patience import Patience
from sso_sync.http.session import Session
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.okta.api import OktaApi
from sso_sync.sources.okta.limits import WindowRetry, Windows
from sso_sync.sources.okta.sign_in import ApiToken
from sso_sync.sources.tools import Tools
from tests.support.companies import company, expected_memberships, person, team
from tests.support.live import LiveSandbox
from tests.support.okta_source import EVERYTHING, emails, small, source, spoil

Json = dict[str, Any]
Live = Callable[..., LiveSandbox]
STATUSES = ("STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "PASSWORD_EXPIRED", "LOCKED_OUT")


def with_statuses(*statuses: str) -> Json:
    people = [person(number, okta={"status": status}) for number, status in enumerate(statuses)]
    return company(people, [team("a", [one["id"] for one in people])])


# statuses


@pytest.mark.parametrize("status", STATUSES)
def test_who_cannot_sign_in_for_the_moment_keeps_access(live: Live, status: str) -> None:
    read = source(live(with_statuses(status))).read()
    assert emails(read) == {"a": {"p0@example.com"}}
    assert all(user.active for user in read.users.values())


def test_who_is_suspended_or_deactivated_has_none_and_it_is_said_why(live: Live) -> None:
    read = source(live(with_statuses("SUSPENDED", "DEPROVISIONED", "ACTIVE"))).read()
    assert emails(read) == {"a": {"p2@example.com"}}
    assert {okta_id("00u", "u0"): "suspended in Okta", okta_id("00u", "u1"): "deactivated in Okta"}.items() <= (
        read.left_out.items()
    )


@pytest.mark.parametrize("method", ["groups", "users_groups"])
def test_they_can_be_kept_as_inactive_users(live: Live, method: str) -> None:
    sandbox = live(with_statuses("SUSPENDED", "DEPROVISIONED", "ACTIVE"))
    read = source(sandbox, method=method, users=EVERYTHING, include_inactive=True).read()
    assert {user.email: user.active for user in read.users.values()} == {
        "p0@example.com": False,
        "p1@example.com": False,
        "p2@example.com": True,
    }


def test_a_deactivated_member_is_one_no_more_whether_okta_lists_them_or_not(live: Live) -> None:
    sandbox = live(with_statuses("DEPROVISIONED", "ACTIVE"))
    sandbox.switch(okta_deactivated_members=False)
    assert emails(source(sandbox).read()) == {"a": {"p1@example.com"}}


@pytest.mark.parametrize("status", ["ON_LEAVE", None, 7])
def test_a_status_that_is_not_known_is_set_aside_and_never_taken_for_gone(live: Live, status: object) -> None:
    sandbox = live(small())

    def change(reply: Reply) -> Reply:
        assert reply.body
        rows = [row | {"status": status} if row["profile"]["login"] == "p1@example.com" else row for row in of(reply)]
        return replace(reply, body={**reply.body, next(iter(reply.body)): rows})

    spoil(sandbox, "listUsers", change)
    spoil(sandbox, "listGroupUsers", change)
    read = source(sandbox).read()
    (aside,) = read.set_aside
    assert aside.source_id == okta_id("00u", "u1")
    assert "status that is not known" in aside.reason
    assert okta_id("00u", "u1") not in read.left_out


def of(reply: Reply) -> list[Json]:
    """Return the rows of an answer."""
    assert reply.body
    rows: list[Json] = next(iter(reply.body.values()))
    return rows


# filters


def test_a_name_without_a_wildcard_is_meant_exactly_in_any_case(live: Live) -> None:
    """Okta's own search matches what begins so, and the old script took whatever came."""
    data = company(
        [person(1), person(2)],
        [team("xx_devops", ["u1"]), team("xx_devops_admins", ["u2"]), team("my_xx_devops", ["u2"])],
    )
    sandbox = live(data)
    for text in ("xx_devops", "XX_DevOps", "name:xx_devops", "name=xx_devops"):
        assert emails(source(sandbox, groups=SelectionSettings(include=[text])).read()) == {
            "xx_devops": {"p1@example.com"}
        }
    nobody = source(sandbox, groups=SelectionSettings(include=["name=XX_DEVOPS", "xx_dev"])).read()
    assert not nobody.groups
    assert set(nobody.warnings) == {
        "the filter 'name=XX_DEVOPS' matches no group",
        "the filter 'xx_dev' matches no group",
    }
    both = source(sandbox, groups=SelectionSettings(include=["xx_devops*"])).read()
    assert emails(both).keys() == {"xx_devops", "xx_devops_admins"}


@pytest.mark.parametrize(("text", "selected"), [("*", False), ("Every*", False), ("everyone", True)])
def test_the_built_in_group_is_meant_by_its_name_only(live: Live, text: str, selected: bool) -> None:
    read = source(live(small()), groups=SelectionSettings(include=[text])).read()
    assert ("Everyone" in emails(read)) == selected
    if not selected:
        assert "excluded by the filter 'built-in groups, unless named in full'" in read.left_out.values()


def test_people_are_filtered_and_everybody_who_is_left_out_has_a_reason(live: Live) -> None:
    data = company([person(1), person(2), person(3)], [team("aws", ["u1", "u2"]), team("other", ["u3"])])
    read = source(
        live(data),
        groups=SelectionSettings(include=["aws"]),
        users=SelectionSettings(include=["*"], exclude=["login=p2@example.com"]),
    ).read()
    assert {user.email for user in read.users.values()} == {"p1@example.com"}
    assert read.left_out[okta_id("00u", "u2")] == "excluded by the filter for users 'login=p2@example.com'"
    assert read.left_out[okta_id("00u", "u3")] == "in no selected group"
    assert read.left_out[okta_id("00g", "g-other")] == "matched by no include filter"


def test_ids_are_told_apart_by_case(live: Live) -> None:
    twins = [person(1, id="00uABCDEFGHIJKLMNOPQ"), person(2, id="00uABCDEFGHIJKLMNOPq")]
    read = source(live(company(twins, [team("a", [twins[0]["id"]])]))).read()
    assert {user.email for user in read.users.values()} == {"p1@example.com"}


def test_attributes_and_names_come_from_the_profile(live: Live) -> None:
    profile = {"title": "Engineer", "displayName": "Ann the First", "costCenter": 42, "login": "ann"}
    data = company([person(1, familyName="", okta={"profile": profile})], [team("a", ["u1"], description="The first")])
    read = source(live(data), attributes={"title": "profile.title", "cost_center": "profile.costCenter"}).read()
    (user,) = read.users.values()
    assert (user.user_name, user.email, user.external_id) == ("ann", "p1@example.com", okta_id("00u", "u1"))
    assert (user.given_name, user.family_name, user.display_name) == ("Given1", "-", "Ann the First")
    assert user.attributes == {"title": "Engineer", "cost_center": "42"}
    assert [group.description for group in read.groups.values()] == ["The first"]


# completeness


def test_an_administrator_of_some_groups_is_told_by_the_group_that_okta_hides(live: Live) -> None:
    sandbox = live(small())
    sandbox.switch(okta_admin_groups=["b"])
    with pytest.raises(SourceError, match=r"administrator of some groups only.*Read-only Administrator"):
        source(sandbox).read()
    problems = [finding for finding in source(sandbox).examine() if finding.mark is Mark.PROBLEM]
    assert [finding.subject for finding in problems] == ["Okta: completeness"]
    assert "Read-only Administrator" in problems[0].remedy
    sandbox.switch(okta_admin_groups=["none of them"])
    assert [f.subject for f in source(sandbox).examine() if f.mark is Mark.PROBLEM] == ["Okta: completeness"]
    sandbox.switch(okta_admin_groups=["b"])
    accepted = source(sandbox, limited_administrator=True)
    assert emails(accepted.read()) == {"b": {"p2@example.com"}}
    assert not [finding for finding in accepted.examine() if finding.mark is Mark.PROBLEM]


def next_link(address: str) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, body={**(reply.body or {}), "next": address})


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://example.com/okta/api/v1/users?after=x", "goes on at another address"),
        ("http://127.0.0.1:1/okta/api/v1/users?after=x", "goes on at another address"),
        ("{url}/api/v1/groups?after=x", "goes on at another address"),
        ("https://[/x", "goes on at another address"),
        ("{url}/api/v1/users?limit=200", "the same page of users twice"),
    ],
)
def test_a_link_is_followed_within_its_own_listing_only(live: Live, address: str, said: str) -> None:
    sandbox = live(small())
    spoil(sandbox, "listUsers", next_link(address.format(url=sandbox.sandbox.okta.url)))
    with pytest.raises(SourceError, match=said):
        source(sandbox).read()


def test_short_pages_are_followed_to_the_end(live: Live) -> None:
    data = company([person(n) for n in range(250)], [team("a", [f"u{n}" for n in range(250)])])
    sandbox = live(data)
    sandbox.switch(short_pages=True)
    assert emails(source(sandbox).read()) == expected_memberships(data)
    assert sandbox.calls()["okta"] == {"listGroupUsers": 4, "listGroups": 1, "listUsers": 4}


@pytest.mark.parametrize("operation", ["listUsers", "listGroups", "listGroupUsers"])
@pytest.mark.parametrize("field", ["id", "rows"])
def test_rows_without_an_id_and_answers_without_rows_are_no_answers(live: Live, operation: str, field: str) -> None:
    sandbox = live(small())
    names = {"listUsers": "users", "listGroups": "groups", "listGroupUsers": "members"}
    sandbox.fail("okta", operation, "missing_field", field="id" if field == "id" else names[operation])
    with pytest.raises(SourceError, match="not complete"):
        source(sandbox).read()


@pytest.mark.parametrize("field", ["profile", "type"])
def test_a_group_without_a_name_or_a_type_makes_the_read_fail(live: Live, field: str) -> None:
    sandbox = live(small())
    sandbox.fail("okta", "listGroups", "missing_field", field=field)
    with pytest.raises(SourceError, match="without a name or a type"):
        source(sandbox).read()


def test_a_group_that_goes_while_it_is_read_makes_the_read_fail(live: Live) -> None:
    sandbox = live(small())
    sandbox.fail("okta", "listGroupUsers", "not_found")
    with pytest.raises(SourceError, match="404"):
        source(sandbox).read()


@pytest.mark.parametrize(("people", "groups"), [(1, 1), (200, 3), (201, 199), (401, 200)])
def test_no_more_calls_are_made_than_pages_force(live: Live, people: int, groups: int) -> None:
    members = [f"u{n}" for n in range(people)]
    data = company([person(n) for n in range(people)], [team(f"t{n}", members[:1]) for n in range(groups)])
    data["groups"][0]["members"] = [{"type": "USER", "id": one} for one in members]
    sandbox = live(data)
    source(sandbox, groups=SelectionSettings(include=["t*"])).read()
    assert sandbox.calls() == {
        "okta": {
            "listUsers": -(-people // 200),
            "listGroups": -(-(groups + 1) // 200),  # with Everyone
            "listGroupUsers": groups - 1 + -(-people // 200),
        }
    }


# throttling


def test_calls_wait_for_the_next_window_before_they_are_refused(live: Live) -> None:
    """Six calls a minute are allowed for users, and there are eight pages; time passes only while calls wait."""
    sandbox = live(company([person(n) for n in range(500)], []), quota_scale=0.01)
    sandbox.switch(short_pages=True)
    okta, clock, waited = sandbox.sandbox.okta, sandbox.sandbox.clock, list[float]()
    statuses: list[int] = []
    sandbox.sandbox.switchboard.witnesses.append(lambda *call: statuses.append(call[2].status))
    windows = Windows(waited.append, clock=clock.now, sleep=clock.advance)
    api = OktaApi(okta.url, ApiToken(okta.api_token), Session(retries=WindowRetry), Calls(), windows)
    assert len(api.users()) == 500
    assert [55 < seconds <= 61 for seconds in waited] == [True]
    assert statuses == [200] * 8


def test_a_refusal_is_waited_out_and_the_wait_is_told(live: Live) -> None:
    sandbox, calls = live(small()), Calls()
    sandbox.fail("okta", "listUsers", "throttle")
    assert emails(source(sandbox, tools=Tools(calls=calls)).read()) == expected_memberships(small())
    assert calls.counts()["okta listUsers"] == 2
    sandbox.fail("okta", "listUsers", "throttle", times=0)
    impatient = Tools(patience=Patience(0))
    with pytest.raises(SourceError, match=r"kept throttling or failing \(429 E0000047|kept throttling or failing"):
        source(sandbox, tools=impatient).read()


def test_the_limit_of_calls_at_once_slows_and_loses_nothing(live: Live) -> None:
    data = company([person(n) for n in range(5)], [team(f"t{n}", [f"u{n % 5}"]) for n in range(20)])
    sandbox = live(data, latency=0.02)
    sandbox.switch(okta_concurrency=2)
    assert emails(source(sandbox, attempts=8).read()) == expected_memberships(data)
    assert sandbox.calls()["okta"]["listGroupUsers"] > 20
