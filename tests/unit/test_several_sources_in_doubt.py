"""What is not known for certain of several directories takes nothing from anybody."""

import msgspec
import pytest

from sso_sync.core.errors import LimitExceeded, SourceError
from sso_sync.core.explain import explain
from sso_sync.core.explanations import PersonExplained
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.policy import Policy
from sso_sync.core.report import Verdict
from sso_sync.core.rules import Rules
from sso_sync.core.situation import Situation
from tests.support.memory import group, user
from tests.support.several import DEVS, OKTA, World, loaded, of, okta_user

AWAY = SourceError("away")
ALL = {"devs": {"ann@example.com", "bob@example.com"}, "okta-team": {"ann@example.com", "cy@example.com"}}


def bad(source_id: str, group_id: str) -> SetAside:
    return SetAside("user", source_id, "ann@example.com", "it has no given name", frozenset({group_id}))


def without_ann_in_google(*aside: SetAside) -> Directory:
    return Directory.of([user("bob")], [DEVS], {DEVS.id: ["bob"]}, set_aside=aside)


def without_ann_in_okta(*aside: SetAside) -> Directory:
    return Directory.of([okta_user("cy")], [OKTA], {OKTA.id: ["00ucy"]}, set_aside=aside)


def test_whoever_was_in_two_keeps_the_aws_id_when_only_the_second_is_left_in_the_config() -> None:
    world = loaded()
    world.policy = Policy(rules=Rules(), limits=None)
    ann_id = world.id_of("ann")
    for _ in range(2):
        world.run(world.okta)
        assert world.id_of("ann") == ann_id
    assert world.held == {"okta-team": {"ann@example.com", "cy@example.com"}}
    assert world.run(world.okta).verdict is Verdict.UNCHANGED


def test_whoever_has_a_bad_record_in_both_keeps_the_groups_of_both() -> None:
    world = loaded()
    world.google.content = without_ann_in_google(bad("ann", DEVS.id))
    world.okta.content = without_ann_in_okta(bad("00uann", OKTA.id))
    for _ in range(2):
        world.run()
        assert world.held == ALL


def test_a_bad_record_in_one_forgets_nothing_of_the_other_that_is_away() -> None:
    world = loaded()
    world.okta.content = AWAY
    world.google.content = without_ann_in_google(bad("ann", DEVS.id))
    world.run()
    world.google.content = without_ann_in_google()
    world.run()
    assert "ann@example.com" in world.names


def test_whoever_became_one_with_another_user_stays_the_one_they_became() -> None:
    world = World(leavers="deactivate")
    seven = {"employee_number": "7"}
    ann, of_okta = user("ann", attributes=seven), okta_user("lee", attributes=seven)
    world.google.content = of([ann, user("bob")], {DEVS: [ann, user("bob")]})
    world.okta.content = of([of_okta], {OKTA: [of_okta]})
    world.run()
    ann_id, lee_id = world.id_of("ann"), world.id_of("lee")
    world.merge_by = "employee_number"
    world.run()
    assert world.held["okta-team"] == {"ann@example.com"}
    assert not world.target.users[lee_id].active
    world.google.content = of([user("bob")], {DEVS: [user("bob")]})
    world.run()
    assert world.target.users[ann_id].active
    assert not world.target.users[lee_id].active


def test_without_the_key_that_made_them_one_a_person_keeps_the_groups_of_both() -> None:
    world = loaded()
    world.merge_by = None
    for _ in range(2):
        world.run()
        assert world.held == ALL


def test_a_key_that_becomes_somebody_elses_too_takes_nothing_from_a_person_who_was_in_both() -> None:
    world = World("employee_number")
    seven = {"employee_number": "7"}
    ann, of_okta = user("ann", attributes=seven), okta_user("ann", attributes=seven)
    world.google.content = of([ann, user("bob")], {DEVS: [ann, user("bob")]})
    world.okta.content = of([of_okta, okta_user("cy")], {OKTA: [of_okta, okta_user("cy")]})
    world.run()
    twin = user("anna", attributes=seven)
    world.google.content = of([ann, twin, user("bob")], {DEVS: [ann, twin, user("bob")]})
    for _ in range(2):
        world.run()
        assert world.held == ALL


def test_a_source_with_a_new_name_that_is_away_keeps_its_people() -> None:
    world = loaded()
    world.okta.name, world.okta.content = "Acquired", AWAY
    world.run()
    world.google.content = without_ann_in_google()
    for _ in range(2):
        world.run()
        assert world.names == {"ann@example.com", "bob@example.com", "cy@example.com"}
        assert world.held["okta-team"] == ALL["okta-team"]


def test_attributes_do_not_change_sides_while_a_source_with_a_new_name_is_away() -> None:
    world = loaded()
    ann = okta_user("ann", display_name="Ann of Okta")
    world.google.name, world.google.content = "Headquarters", AWAY
    world.okta.content = of([ann, okta_user("cy")], {OKTA: [ann, okta_user("cy")]})
    assert world.run().outcomes == ()


def test_an_address_that_somebody_else_gets_makes_nobody_of_them_the_other() -> None:
    world = loaded()
    ann = user("ann", user_name="ann.lee@example.com", email="ann.lee@example.com")
    eve = user("eve", user_name="ann@example.com", email="ann@example.com")
    world.google.content = of([ann, eve, user("bob")], {DEVS: [ann, eve, user("bob")]})
    report = world.run()
    assert report.plan is not None
    (aside,) = report.plan.set_aside
    assert "Ann Doe (Okta) has been one person with Ann Doe (Google), and now Eve Doe (Google) has" in aside.reason
    assert world.held["okta-team"] == {"ann.lee@example.com", "cy@example.com"}
    world.run()
    assert world.held["okta-team"] == {"ann.lee@example.com", "cy@example.com"}


def test_attributes_do_not_change_sides_while_the_directory_that_gives_them_has_a_bad_record() -> None:
    world = loaded()
    ann = okta_user("ann", user_name="ann@acquired.example")
    world.google.content = without_ann_in_google(bad("ann", DEVS.id))
    world.okta.content = of([ann, okta_user("cy")], {OKTA: [ann, okta_user("cy")]})
    world.run()
    assert world.held == ALL


def test_whoever_is_to_be_explained_is_said_to_be_of_a_directory_that_is_away() -> None:
    world = loaded()
    world.okta.content = AWAY
    draft = world.drafted()
    situation = Situation(
        desired=draft.desired, actual=draft.actual, ledger=draft.ledger, plan=draft.plan, protects=Rules().protects
    )
    (cy,), (team,) = explain("cy@example.com", situation), explain("okta-team", situation)
    assert isinstance(cy, PersonExplained)
    assert cy.verdict == "is in AWS, in 1 group, although its directory could not be read"
    assert [row.why for row in cy.groups] == ["its directory could not be read"]
    assert team.verdict == "is in AWS, although its directory could not be read"


@pytest.mark.parametrize("name", ["Okta", "Acquired"])
def test_a_small_directory_of_which_most_is_gone_is_refused_however_large_the_others_are(name: str) -> None:
    world = World("email")
    many, few = [user(f"g{number}") for number in range(100)], [okta_user(f"o{number}") for number in range(12)]
    teams = {group(f"team-{one.id}", id=f"g-{one.id}", external_id=f"g-{one.id}"): [one] for one in few}
    world.google.content, world.okta.content = of(many, {DEVS: many}), of(few, teams)
    world.run()
    world.okta.name = name
    world.okta.content = of(few[:2], {team: [one for one in ones if one in few[:2]] for team, ones in teams.items()})
    with pytest.raises(
        LimitExceeded, match=r"delete or switch off 10 users of Okta \(limits.users_leaving: 20 % of 12"
    ):
        world.run()


def test_a_directory_taken_out_of_the_config_waits_for_approval_however_large_the_others_are() -> None:
    world = World("email")
    many, few = [user(f"g{number}") for number in range(100)], [okta_user(f"o{number}") for number in range(12)]
    world.google.content, world.okta.content = of(many, {DEVS: many}), of(few, {OKTA: few})
    world.run()
    with pytest.raises(LimitExceeded, match="12 users of Okta"):
        world.run(world.google)


@pytest.mark.parametrize("first", ["google", "okta"])
def test_an_address_that_changes_in_one_directory_before_the_other_costs_nothing(first: str) -> None:
    world = loaded()
    (ann_id,) = [aws_id for aws_id, record in world.target.users.items() if record.user_name.startswith("ann")]
    in_google, in_okta, cy, bob = user("ann"), okta_user("ann"), okta_user("cy"), user("bob")
    new = {"email": "ann.lind@example.com", "user_name": "ann.lind@example.com"}
    if first == "google":
        in_google = msgspec.structs.replace(in_google, **new)
    else:
        in_okta = msgspec.structs.replace(in_okta, **new)
    world.google.content = of([in_google, bob], {DEVS: [in_google, bob]})
    world.okta.content = of([in_okta, cy], {OKTA: [in_okta, cy]})
    report = world.run()
    assert len(world.target.users) == 3
    name = world.target.users[ann_id].user_name
    assert (name in world.held["devs"], name in world.held["okta-team"]) == (True, True)
    assert report.plan is not None
    assert "has been one person with" in report.plan.set_aside[0].reason
    assert world.run().verdict is Verdict.UNCHANGED

    in_google, in_okta = (msgspec.structs.replace(one, **new) for one in (in_google, in_okta))
    world.google.content = of([in_google, bob], {DEVS: [in_google, bob]})
    world.okta.content = of([in_okta, cy], {OKTA: [in_okta, cy]})
    report = world.run()
    assert report.plan is not None
    assert not report.plan.set_aside
    assert world.target.users[ann_id].user_name == "ann.lind@example.com"
    assert "ann.lind@example.com" in world.held["okta-team"]


def test_two_who_were_taken_for_one_part_when_nothing_is_merged_for_a_run() -> None:
    world = loaded()
    other = okta_user("ann", email="anna@example.com", user_name="anna@example.com")
    world.okta.content = of([other, okta_user("cy")], {OKTA: [other, okta_user("cy")]})
    world.run()
    assert "anna@example.com" not in world.names
    world.merge_by = None
    world.run()
    world.merge_by = "email"
    world.run()
    assert {"ann@example.com", "anna@example.com"} <= world.names
    assert world.held["okta-team"] == {"anna@example.com", "cy@example.com"}
    assert "anna@example.com" not in world.held["devs"]
