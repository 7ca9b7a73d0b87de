"""What the Okta script does, and where it surprised people, on a company that is in Okta."""

import pytest

from tests.stories.conftest import Begin
from tests.stories.ways import both
from tests.support.companies import company, person, team

OKTA = "sources:\n  - type: okta\n    url: https://example.okta.com\n    groups: {include: [%s]}\n"


@both
def test_a_group_is_asked_for_by_its_whole_name(begin: Begin, scim: bool) -> None:
    """Okta script, groups by prefix: Okta's search gives whatever begins so, and the script takes it or stops."""
    data = company([person(1), person(2)], [team("xx_devops", ["u1"]), team("xx_devops_admins", ["u2"])])
    scene = begin(data, scim=scim, text=OKTA % "XX_devops")
    assert scene.apply() == 0
    assert scene.members() == {"xx_devops": {"p1"}}
    assert scene.calls()["okta"] == {"listUsers": 1, "listGroups": 1, "listGroupUsers": 1}


@both
def test_groups_are_made_followed_and_left_and_nobody_has_to_do_it_by_hand(begin: Begin, scim: bool) -> None:
    """Okta script, what it does: groups have to be there, who leaves one stays in it, and names are never followed."""
    people = [person(1), person(2), person(3)]
    scene = begin(company(people, [team("aws", ["u1", "u2", "u3"])]), scim=scim, text=OKTA % "aws")
    assert scene.apply() == 0
    before = scene.users()
    married = person(1, email="p1.new@example.com", familyName="New")
    later = company([married, person(2), person(3, archived=True)], [team("aws", ["u1", "u3"])])
    scene.sandbox.replace(later)
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p1.new"}}
    assert scene.users()["p1.new@example.com"] == before["p1@example.com"]


def test_two_addresses_that_differ_by_case_are_one_person(begin: Begin) -> None:
    """Okta script, what it does: people are compared by their addresses; here case does not make two of one."""
    scene = begin(company([person(1, email="P1@example.com")], [team("aws", ["u1"])]), text=OKTA % "aws")
    theirs = scene.put_user("p1")
    assert scene.apply() == 0
    assert list(scene.users().values()) == [theirs]


@pytest.mark.parametrize("kind", ["html_page", "truncate"])
def test_half_an_answer_takes_nothing_from_anybody(begin: Begin, kind: str) -> None:
    """Okta script, what it does: it only ever adds; who removes as well must know a broken answer from a short one."""
    scene = begin(company([person(1), person(2)], [team("aws", ["u1", "u2"])]), text=OKTA % "aws")
    assert scene.apply() == 0
    scene.sandbox.fail("okta", "listGroupUsers", kind, times=0)
    assert scene.apply() == 1
    assert "members of a group" in scene.err
    assert scene.members() == {"aws": {"p1", "p2"}}
