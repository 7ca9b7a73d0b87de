"""A bad day: nothing is written, the exit code and one sentence say so, and Teams gets one card."""

from types import SimpleNamespace

from tests.stories.conftest import Begin
from tests.stories.scene import Json, Scene, config
from tests.stories.ways import both
from tests.support.clock import Clock
from tests.support.companies import company, person, team

PEOPLE, MORE_THAN_A_PAGE = 26, 67  # a short page of members holds 66
WITH_TEAMS = "state: state\nteams: {webhook: env:TEAMS_WEBHOOK}"
REFUSED, FAILED = 3, 1  # exit codes


def a_company(size: int = PEOPLE) -> Json:
    people = [person(number) for number in range(size)]
    everybody = [someone["id"] for someone in people]
    return company(people, [team("aws-admins", everybody[:3]), team("aws-users", everybody), team("lunch", [])])


def an_ordinary_day(begin: Begin, *, scim: bool, size: int = PEOPLE) -> Scene:
    scene = begin(a_company(size), scim=scim, text=config('{include: ["aws-*"]}', more=WITH_TEAMS))
    assert scene.apply() == 0
    assert scene.writes()["CreateUser"] == size
    assert len(scene.cards()) == 1
    return scene


def assert_nothing_was_written(scene: Scene, code: int) -> str:
    """Run on a bad day; return what the one card says."""
    users, members = scene.users(), scene.members()
    assert scene.apply() == code
    assert scene.writes() == {}
    assert (scene.users(), scene.members()) == (users, members)
    assert len(scene.cards()) == 2
    return scene.cards()[-1]


@both
def test_a_directory_that_comes_back_empty_removes_nobody_and_is_told(begin: Begin, scim: bool) -> None:
    """idp-scim-sync, an empty Google answer: everything in its state is deleted.

    The card, once and at once: awslabs/ssosync#353 (failing for 2.5 days, and nobody noticed).
    """
    scene = an_ordinary_day(begin, scim=scim)
    scene.sandbox.replace(company([], []))
    card = assert_nothing_was_written(scene, REFUSED)
    assert "no user and no group at all" in scene.one_sentence()
    assert "no user and no group at all" in card


@both
def test_a_503_on_page_two_of_one_group_removes_nobody_and_is_told(begin: Begin, scim: bool) -> None:
    """ssosync, users.list constantly 503: it stops, but a part that cannot be read may delete.

    awslabs/ssosync#278 #279 (Google's 503 became deletions), #194 (an answer that failed was taken for nobody).
    """
    scene = an_ordinary_day(begin, scim=scim, size=MORE_THAN_A_PAGE)
    clock = Clock()  # of Google's retries, which go on for minutes
    scene.monkeypatch.setattr(
        "google.api_core.retry.retry_unary.time", SimpleNamespace(monotonic=clock.now, sleep=clock.sleep)
    )
    scene.monkeypatch.setattr("google.api_core.retry.retry_base.time", SimpleNamespace(monotonic=clock.now))
    scene.sandbox.switch(short_pages=True)
    scene.sandbox.fail("google", "members.list", "unavailable", nth=3, times=0)  # after the first pages of two groups
    card = assert_nothing_was_written(scene, FAILED)
    assert "Cannot list the members of a group: Google Workspace answered 503" in scene.one_sentence()
    assert "answered 503" in card
    assert sum(clock.slept) > 60


@both
def test_a_filter_that_matches_nothing_for_a_typo_removes_nobody_and_is_told(begin: Begin, scim: bool) -> None:
    """ssosync, a match that returns nobody: all users and groups are deleted."""
    scene = an_ordinary_day(begin, scim=scim)
    scene.configure(config('{include: ["asw-*"]}', more=WITH_TEAMS))
    card = assert_nothing_was_written(scene, REFUSED)
    assert "check the filters in the config" in scene.one_sentence()
    assert "check the filters in the config" in card


@both
def test_everyone_nested_into_the_admins_by_mistake_is_admin_of_nothing_and_is_told(begin: Begin, scim: bool) -> None:
    """No tool looks at who gains access: one group put into another makes administrators of everybody."""
    scene = an_ordinary_day(begin, scim=scim)
    data = a_company()
    data["groups"][0]["members"].append({"type": "GROUP", "id": "g-aws-users"})
    scene.sandbox.replace(data)
    card = assert_nothing_was_written(scene, REFUSED)
    assert f"put {PEOPLE - 3} members into 'aws-admins'" in scene.one_sentence()
    assert "aws-admins" in card
