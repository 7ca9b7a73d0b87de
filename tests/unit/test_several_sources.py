"""Several directories in one run: who is one person, who is refused, and what stays as it is."""

import msgspec
import pytest

from sso_sync.core.errors import CredentialsError, LimitExceeded, SourceError, SsoSyncError
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.report import Verdict
from tests.support.memory import directory, group, user
from tests.support.several import DEVS, OKTA, World, loaded, of, okta_user


def test_people_of_two_directories_that_have_nobody_in_common_are_all_there() -> None:
    world = World()
    world.google.content = of([user("ann")], {DEVS: [user("ann")]})
    world.okta.content = of([okta_user("bob")], {OKTA: [okta_user("bob")]})
    assert world.run().verdict is Verdict.DONE
    assert world.held == {"devs": {"ann@example.com"}, "okta-team": {"bob@example.com"}}
    assert world.run().verdict is Verdict.UNCHANGED


def test_a_person_in_both_is_one_by_the_key_that_was_stated() -> None:
    world = loaded("email")
    assert world.names == {"ann@example.com", "bob@example.com", "cy@example.com"}
    assert world.held == {
        "devs": {"ann@example.com", "bob@example.com"},
        "okta-team": {"ann@example.com", "cy@example.com"},
    }
    assert world.run().verdict is Verdict.UNCHANGED


def test_without_a_key_a_person_in_both_is_refused_with_both_names_and_the_rest_goes_on() -> None:
    world = World()
    ann = okta_user("ann", display_name="Ann of Okta")
    world.google.content = of([user("ann"), user("bob")], {DEVS: [user("ann"), user("bob")]})
    world.okta.content = of([ann], {OKTA: [ann]})
    report = world.run()
    assert world.names == {"bob@example.com"}
    assert report.plan is not None
    aside = {record.source_id: record.reason for record in report.plan.set_aside}
    assert aside.keys() == {"ann", "00uann"}
    assert "Ann Doe (Google) and Ann of Okta (Okta) have the same" in aside["ann"]
    assert "merge_people_by" in aside["ann"]


def test_whoever_was_synced_before_keeps_everything_when_a_second_directory_has_their_name() -> None:
    world = World()
    world.google.content = of([user("ann"), user("bob")], {DEVS: [user("ann"), user("bob")]})
    world.run()
    world.okta.content = of([okta_user("ann"), okta_user("cy")], {OKTA: [okta_user("ann"), okta_user("cy")]})
    world.run()
    assert world.held == {"devs": {"ann@example.com", "bob@example.com"}, "okta-team": {"cy@example.com"}}


def test_a_key_that_two_people_of_one_directory_share_tells_nobody_who_is_who() -> None:
    world = World("employee_number")
    twins = [user("ann", attributes={"employee_number": "7"}), user("anna", attributes={"employee_number": "7"})]
    world.google.content = of(twins, {DEVS: twins})
    other = okta_user("bob", attributes={"employee_number": "7"})
    world.okta.content = of([other, okta_user("cy")], {OKTA: [other, okta_user("cy")]})
    report = world.run()
    assert world.names == {"cy@example.com"}
    assert report.plan is not None
    assert all("have the same employee number '7'" in record.reason for record in report.plan.set_aside)


def test_whoever_leaves_one_directory_stays_who_they_are_by_the_other() -> None:
    world = loaded()
    ann_id = world.id_of("ann")
    world.google.content = of([user("bob")], {DEVS: [user("bob")]})
    world.run()
    assert world.target.users[ann_id].user_name == "ann@example.com"
    assert world.held == {"devs": {"bob@example.com"}, "okta-team": {"ann@example.com", "cy@example.com"}}
    assert world.run().verdict is Verdict.UNCHANGED


def test_whoever_is_gone_from_all_leaves() -> None:
    world = loaded()
    world.google.content = of([user("bob")], {DEVS: [user("bob")]})
    world.run()
    world.okta.content = of([okta_user("cy")], {OKTA: [okta_user("cy")]})
    world.run()
    assert world.names == {"bob@example.com", "cy@example.com"}


def test_whoever_comes_back_to_the_first_directory_under_another_id_is_the_same_person() -> None:
    world = loaded()
    ann_id = world.id_of("ann")
    world.google.content = of([user("bob")], {DEVS: [user("bob")]})
    world.run()
    again = user("ann", id="ann-2", external_id="ann-2")
    world.google.content = of([again, user("bob")], {DEVS: [again, user("bob")]})
    world.run()
    assert {record.user_name for aws_id, record in world.target.users.items() if aws_id == ann_id} == {
        "ann@example.com"
    }
    assert world.held["devs"] == {"ann@example.com", "bob@example.com"}


@pytest.mark.parametrize("error", [SourceError("Okta answered 503."), CredentialsError("The token is not valid.")])
def test_what_came_from_a_source_that_fails_stays_as_it_is_and_the_others_go_on(error: SsoSyncError) -> None:
    world = loaded()
    world.okta.content = error
    world.google.content = of([user("ann"), user("dora")], {DEVS: [user("ann"), user("dora")]})
    report = world.run()
    assert report.verdict is Verdict.INCOMPLETE
    assert report.problem == f"Okta could not be read, so what came from it stays as it is: {error}"
    assert world.held == {
        "devs": {"ann@example.com", "dora@example.com"},
        "okta-team": {"ann@example.com", "cy@example.com"},
    }
    assert world.names == {"ann@example.com", "cy@example.com", "dora@example.com"}


def test_a_person_in_both_stays_when_one_fails_and_the_other_does_not_have_them_any_more() -> None:
    world = loaded()
    world.okta.content = SourceError("away")
    world.google.content = of([user("bob")], {DEVS: [user("bob")]})
    for _ in range(3):
        world.run()
    assert "ann@example.com" in world.names
    assert world.held["okta-team"] == {"ann@example.com", "cy@example.com"}
    assert world.held["devs"] == {"bob@example.com"}
    world.okta.content = of([okta_user("cy")], {OKTA: [okta_user("cy")]})
    world.run()
    assert "ann@example.com" not in world.names


def test_attributes_do_not_change_sides_while_the_directory_that_gives_them_is_away() -> None:
    world = loaded()
    ann = okta_user("ann", display_name="Ann of Okta")
    world.google.content = SourceError("away")
    world.okta.content = of([ann, okta_user("cy")], {OKTA: [ann, okta_user("cy")]})
    report = world.run()
    assert report.outcomes == ()
    assert {record.display_name for record in world.target.users.values()} == {"Ann Doe", "Bob Doe", "Cy Doe"}


def test_groups_of_the_others_are_followed_by_whoever_keeps_their_attributes() -> None:
    world = loaded()
    world.google.content = SourceError("away")
    world.okta.content = of([okta_user("ann"), okta_user("cy")], {OKTA: [okta_user("cy")]})
    world.run()
    assert world.held == {"devs": {"ann@example.com", "bob@example.com"}, "okta-team": {"cy@example.com"}}


def test_hand_made_memberships_of_a_source_that_is_away_are_not_touched_either() -> None:
    world = loaded()
    team = next(group_id for group_id, record in world.target.groups.items() if record.display_name == "okta-team")
    bob = next(user_id for user_id, record in world.target.users.items() if record.user_name.startswith("bob"))
    world.target.members[team].add(bob)
    world.okta.content = SourceError("away")
    assert world.run().outcomes == ()


def test_a_source_that_gives_nobody_at_all_is_not_believed() -> None:
    world = loaded()
    world.okta.content = directory([], {})
    report = world.run()
    assert report.verdict is Verdict.INCOMPLETE
    assert "Okta or its filters gave no user at all, and 2 came from there" in report.problem
    assert world.held["okta-team"] == {"ann@example.com", "cy@example.com"}


def test_nothing_that_nobody_manages_is_deleted_while_a_source_is_away() -> None:
    world = World("email", unmanaged="delete")
    world.google.content = of([user("ann")], {DEVS: [user("ann")]})
    world.okta.content = of([okta_user("bob")], {OKTA: [okta_user("bob")]})
    world.run()
    world.target.put_user(user("stranger", id="U99", external_id=""))
    world.okta.content = SourceError("away")
    world.run()
    assert "stranger@example.com" in world.names
    world.okta.content = of([okta_user("bob")], {OKTA: [okta_user("bob")]})
    world.run()
    assert "stranger@example.com" not in world.names


def test_when_no_source_can_be_read_the_run_fails_with_every_reason() -> None:
    world = loaded()
    world.google.content, world.okta.content = SourceError("one is away."), SourceError("two is away.")
    with pytest.raises(SourceError, match=r"No directory could be read\. Google: one is away\. Okta: two is away\."):
        world.run()


def test_an_error_that_is_no_failure_to_read_ends_the_run() -> None:
    world = loaded()
    world.okta.content = LimitExceeded("no")
    with pytest.raises(LimitExceeded):
        world.run()


def test_the_same_directory_twice_is_refused() -> None:
    world = World("email")
    world.google.content = of([user("ann")], {DEVS: [user("ann")]})
    world.okta.content = of([user("ann")], {DEVS: [user("ann")]})
    with pytest.raises(SourceError, match="both have something with the id"):
        world.run()


def test_whoever_is_switched_off_in_one_and_active_in_the_other_stays_on() -> None:
    world = World("email")
    off = user("ann", active=False)
    world.google.content = of([off], {DEVS: [off]})
    world.okta.content = of([okta_user("ann")], {OKTA: [okta_user("ann")]})
    world.run()
    assert [record.active for record in world.target.users.values()] == [True]


def test_a_bad_record_in_one_directory_keeps_the_groups_of_both() -> None:
    world = loaded()
    aside = SetAside("user", "00uann", "ann@example.com", "it has no given name", frozenset({OKTA.id}))
    world.okta.content = Directory.of([okta_user("cy")], [OKTA], {OKTA.id: ["00ucy"]}, set_aside=[aside])
    world.run()
    assert world.held["okta-team"] == {"ann@example.com", "cy@example.com"}
    world.google.content = of([user("bob")], {DEVS: [user("bob")]})
    world.run()
    assert world.held["okta-team"] == {"ann@example.com", "cy@example.com"}
    assert world.held["devs"] == {"bob@example.com"}


def test_two_groups_of_one_name_are_told_and_neither_takes_the_others_place() -> None:
    world = World("email")
    twin = group("devs", id="g-okta", external_id="g-okta")
    world.google.content = of([user("ann")], {DEVS: [user("ann")]})
    world.run()
    world.okta.content = of([okta_user("bob")], {twin: [okta_user("bob")]})
    report = world.run()
    assert world.held["devs"] == {"ann@example.com"}
    assert report.plan is not None
    assert [record.source_id for record in report.plan.set_aside] == ["g-okta"]


def test_a_ledger_from_before_there_were_two_leaves_what_it_knows_alone_while_one_is_away() -> None:
    world = World("email")
    world.google.content = of([user("ann"), user("bob")], {DEVS: [user("ann"), user("bob")]})
    world.run()
    ledger = world.state.load_ledger(world.target.store_id)
    for entries in (ledger.users, ledger.groups):
        entries |= {one: msgspec.structs.replace(entry, sources=()) for one, entry in entries.items()}
    world.state.save_ledger(ledger)
    world.okta.content = SourceError("away")
    world.google.content = of([user("ann")], {DEVS: [user("ann")]})
    world.run()
    assert "bob@example.com" in world.names


def test_a_record_that_was_left_out_meanwhile_is_still_known_as_the_same_person() -> None:
    world = loaded()
    ann_id = world.id_of("ann")
    team = {OKTA: [okta_user("cy")]}
    without = of([okta_user("cy")], team)
    world.okta.content = msgspec.structs.replace(without, left_out={"00uann": "suspended in Okta"})
    world.run()
    world.google.content = of([user("bob")], {DEVS: [user("bob")]})
    world.okta.content = of([okta_user("ann"), okta_user("cy")], {OKTA: [okta_user("ann"), okta_user("cy")]})
    world.run()
    assert world.target.users[ann_id].user_name == "ann@example.com"
