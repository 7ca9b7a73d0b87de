"""What was read in GroupSync, and what sso-sync does in its place, as far as it is not about sync filters and LDAP."""

from tests.stories.conftest import Begin
from tests.stories.scene import config
from tests.stories.ways import both
from tests.support.companies import company, person, team

WITH_TEAMS = "teams: {webhook: env:TEAMS_WEBHOOK}"
SOME_FAILED = 4  # exit code


@both
def test_a_card_announces_what_was_done_and_says_of_the_rest_that_it_failed(begin: Begin, scim: bool) -> None:
    """GroupSync, announcements: a group is announced as added before anybody knows whether it was."""
    data = company([person(1), person(2)], [team("first", ["u1"]), team("second", ["u2"])])
    scene = begin(data, scim=scim, text=config(more=WITH_TEAMS))
    scene.sandbox.fail("scim" if scim else "identity_store", "CreateGroup", "bad_request", times=0)
    assert scene.apply() == SOME_FAILED
    (card,) = scene.cards()
    assert "Cannot create the group 'first'" in card.replace("\\", "")
    assert scene.groups() == {}
    scene.sandbox.sandbox.switchboard.faults.clear()
    assert scene.apply() == 0
    assert "Healed, all changes made" in scene.cards()[-1]


def test_a_group_that_somebody_made_by_hand_survives_every_change_of_the_filters(begin: Begin) -> None:
    """GroupSync, what is not in the config: it is deleted, whoever has made it."""
    scene = begin(company([person(1), person(2)], [team("aws-a", ["u1"]), team("aws-b", ["u2"])]))
    by_hand = scene.put_group("aws-by-hand", scene.put_user("own"))
    assert scene.apply() == 0
    scene.configure(config('{include: ["aws-a"]}'))
    assert scene.apply() == 0
    assert scene.members() == {"aws-a": {"p1"}, "aws-by-hand": {"own"}}
    assert scene.groups()["aws-by-hand"] == by_hand


def test_a_channel_that_always_answers_with_an_error_neither_holds_nor_fails_a_run(begin: Begin) -> None:
    """GroupSync, an error of Teams: the card is posted again, without end."""
    scene = begin(company([person(1)], [team("aws", ["u1"])]), text=config(more=WITH_TEAMS))
    scene.sandbox.fail("teams", "post_card", "bad_request", times=0)
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p1"}}
    assert "Teams answered 400" in scene.err
    assert scene.calls()["teams"]["post_card"] == 1
