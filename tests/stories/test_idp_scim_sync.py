"""What was seen of slashdevops/idp-scim-sync, and what sso-sync does in its place."""

from pathlib import Path

import pytest

from tests.stories.conftest import Begin
from tests.stories.scene import Scene, config
from tests.stories.ways import both
from tests.support.companies import company, person, team

FAILED = 1  # exit code


def ledger_of(scene: Scene) -> Path:
    (file,) = (scene.sandbox.folder / ".sso-sync").glob(f"*/*{scene.store.store_id}*")
    return file


@pytest.mark.parametrize(
    ("damage", "scim"), [("", True), ('{"version": 2, "store', False)], ids=["empty, scim", "half, identity-store"]
)
def test_a_damaged_ledger_is_a_sentence_and_without_it_everybody_is_found_again(
    begin: Begin, damage: str, scim: bool
) -> None:
    """idp-scim-sync, a state that is corrupt or empty: every run is aborted.

    idp-scim-sync, a state that is lost: 652 calls for 250 users.
    """
    scene = begin(company([person(n) for n in range(4)], [team("aws", ["u0", "u1", "u2", "u3"])]), scim=scim)
    assert scene.apply() == 0
    users, groups, members = scene.users(), scene.groups(), scene.members()
    ledger_of(scene).write_text(damage)
    assert scene.apply() == FAILED
    assert "ledger" in scene.one_sentence()
    assert scene.writes() == {}
    ledger_of(scene).unlink()
    assert scene.apply() == 0
    assert scene.writes() == {}
    assert (scene.users(), scene.groups(), scene.members()) == (users, groups, members)


def test_a_lost_ledger_and_a_smaller_directory_leave_nobody_behind_for_good(begin: Begin) -> None:
    """idp-scim-sync, a state that is lost while the directory shrinks: 160 users and 51 groups are orphaned for good.

    Only the first page of the store was read.
    """
    people = [person(n) for n in range(36)]
    scene = begin(company(people, [team("aws", [p["id"] for p in people]), team("old", ["u35"])]))
    scene.sandbox.switch(short_pages=True)  # 33 a page
    assert scene.apply() == 0
    ledger_of(scene).unlink()
    scene.sandbox.replace(company(people[:34], [team("aws", [p["id"] for p in people[:34]])]))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {f"p{n}" for n in range(34)}, "old": {"p35"}}
    assert "36 objects" not in scene.out
    assert "an earlier deployment has created them" in scene.out
    scene.configure(config(more="leaving: {unmanaged: delete}"))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {f"p{n}" for n in range(34)}}
    assert scene.users().keys() == {f"p{n}@example.com" for n in range(34)}


@both
def test_a_group_that_is_gone_with_its_members_or_has_a_new_name_leaves_no_run_that_fails(
    begin: Begin, scim: bool
) -> None:
    """idp-scim-sync, a group that is not empty is deleted or renamed: every run from then on fails.

    It goes on to change the members of the group that it has just deleted.
    """
    people = [person(n) for n in range(4)]
    scene = begin(company(people, [team("gone", ["u0", "u1"]), team("named", ["u2", "u3", "u0", "u1"])]), scim=scim)
    assert scene.apply() == 0
    renamed = team("new", ["u1", "u2", "u3"], id="g-named", email="named@example.com")
    scene.sandbox.replace(company(people, [renamed]))
    assert scene.apply() == 0
    assert scene.members() == {"new": {"p1", "p2", "p3"}}
    assert scene.apply() == 0
    assert scene.writes() == {}


@both
def test_a_renamed_group_keeps_its_id_its_members_and_the_id_of_the_directory(begin: Begin, scim: bool) -> None:
    """idp-scim-sync, a group is renamed: a new id, its account assignments lost, its external id dropped.

    awslabs/ssosync#194 (deleted and created again: the assignments of the old id are gone).
    """
    scene = begin(company([person(1), person(2)], [team("aws", ["u1", "u2"])]), scim=scim)
    assert scene.apply() == 0
    (group_id,) = scene.groups().values()
    scene.assign("aws")
    scene.sandbox.replace(company([person(1), person(2)], [team("cloud", ["u1", "u2"], id="g-aws")]))
    assert scene.apply() == 0
    assert scene.groups() == {"cloud": group_id}
    assert scene.members() == {"cloud": {"p1", "p2"}}
    assert scene.writes() == ({"PatchGroup": 1} if scim else {"UpdateGroup": 1})
    assert [row["PrincipalId"] for row in scene.store.assignments] == [group_id]
    if scim:
        assert [i["Id"] for i in scene.store.groups[group_id]["ExternalIds"]] == ["g-aws"]


def test_what_was_changed_by_hand_in_aws_is_put_right_though_the_directory_is_as_it_was(begin: Begin) -> None:
    """idp-scim-sync, somebody changes things in AWS: never repaired while the directory stays as it is."""
    people = [person(n) for n in range(4)]
    scene = begin(company(people, [team("aws", ["u0", "u1"]), team("ops", ["u2", "u3"])]))
    assert scene.apply() == 0
    members, store = scene.members(), scene.store
    store.remove_membership(store.memberships_of(scene.groups()["aws"])[0]["MembershipId"])
    store.create_membership(scene.groups()["ops"], scene.put_user("stranger"), "somebody else")
    store.update_group(scene.groups()["ops"], {"DisplayName": "by hand"}, "somebody else")
    store.update_user(scene.users()["p1@example.com"], {"DisplayName": "By Hand"}, "somebody else")
    assert scene.apply() == 0
    assert scene.members() == members
    assert store.users[scene.users()["p1@example.com"]]["DisplayName"] != "By Hand"
    assert "stranger@example.com" in scene.users()
    assert "not by sso-sync" in scene.out


@both
def test_somebody_without_a_given_or_a_family_name_is_there_like_everybody_else(begin: Begin, scim: bool) -> None:
    """idp-scim-sync, a user without given or family name: panic.

    Entra, a user without a name: ValidationException.

    awslabs/ssosync#114 #128 #200 (one person without a name ends every sync).
    """
    people = [person(1, familyName=""), person(2, givenName=""), person(3, givenName="", familyName=""), person(4)]
    scene = begin(company(people, [team("aws", ["u1", "u2", "u3", "u4"])]), scim=scim)
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p1", "p2", "p3", "p4"}}
    assert scene.apply() == 0
    assert scene.writes() == {}


def test_one_member_less_is_one_call(begin: Begin) -> None:
    """idp-scim-sync, one membership is removed: one call. Two go in one call, too."""
    people = [person(n) for n in range(8)]
    scene = begin(company(people, [team("aws", [p["id"] for p in people]), team("all", [p["id"] for p in people])]))
    assert scene.apply() == 0
    everybody = team("all", [p["id"] for p in people])
    scene.sandbox.replace(company(people, [team("aws", [p["id"] for p in people[:6]]), everybody]))
    assert scene.apply() == 0
    assert scene.writes() == {"PatchGroup": 1}
    assert len(scene.members()["aws"]) == 6


def test_a_member_of_the_type_customer_is_everybody_and_no_error(begin: Begin) -> None:
    """idp-scim-sync, a member of type CUSTOMER: it asks Google for the user "", and is aborted."""
    everyone = team("everyone", ["u1"])
    everyone["members"].append({"type": "CUSTOMER"})
    scene = begin(company([person(1), person(2), person(3)], [everyone]))
    assert scene.apply() == 0
    assert scene.members() == {"everyone": {"p1", "p2", "p3"}}


@both
def test_a_run_that_ends_half_way_is_gone_on_with_and_makes_nothing_twice(begin: Begin, scim: bool) -> None:
    """idp-scim-sync, an error half-way: no state is written, and the next run compares with everything there is.

    ssosync, any error: the sync is aborted, what was written stays, and nothing is known of it.
    """
    people = [person(n) for n in range(6)]
    scene = begin(company(people, [team("aws", [p["id"] for p in people])]), scim=scim)
    scene.sandbox.fail("scim" if scim else "identity_store", "CreateUser", "unauthorized", nth=4, times=0)
    assert scene.apply() == FAILED
    begun = scene.users()
    assert 0 < len(begun) < 6
    scene.sandbox.sandbox.switchboard.faults.clear()
    assert scene.apply() == 0
    assert scene.writes()["CreateUser"] == 6 - len(begun)
    assert scene.users().items() >= begun.items()
    assert scene.members() == {"aws": {f"p{n}" for n in range(6)}}
