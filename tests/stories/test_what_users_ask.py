"""What users of other tools ask for and complain about, by the numbers of their issues."""

import tracemalloc

import pytest

from sso_sync.core.planner import make_plan
from tests.stories.conftest import Begin
from tests.stories.scene import Json, config
from tests.stories.ways import both
from tests.support.companies import company, person, team
from tests.support.memory import directory, group, user
from tests.unit.test_planner import EMPTY, ledger

REFUSED = 3  # exit code


def one_team(size: int, name: str = "aws") -> Json:
    people = [person(number) for number in range(size)]
    return company(people, [team(name, [someone["id"] for someone in people])])


def test_control_tower_s_groups_and_people_stay_whatever_google_has(begin: Begin) -> None:
    """Control Tower's groups and users deleted: awslabs/ssosync#88 #105 #50 #118."""
    data = company([person(1)], [team("AWSControlTowerAdmins", ["u1"]), team("aws", ["u1"])])
    scene = begin(data)
    scene.put_group("AWSControlTowerAdmins", scene.put_user("control-tower"))
    users, groups = scene.users(), scene.groups()
    assert scene.apply() == 0
    assert "AWSControlTowerAdmins its name is protected" in scene.out
    scene.sandbox.replace(company([person(1)], [team("aws", ["u1"])]))
    protected = 'identity_center: {protected: ["AWS*", "control-tower@*"]}'
    scene.configure(config(more=f"leaving: {{unmanaged: delete}}\n{protected}"))
    assert scene.apply() == 0
    assert scene.members() == {"AWSControlTowerAdmins": {"control-tower"}, "aws": {"p1"}}
    assert scene.users().items() >= users.items()
    assert scene.groups().items() >= groups.items()


def test_half_a_list_of_members_takes_nobody_out(begin: Begin) -> None:
    """Memberships removed by one run and given back by the next: awslabs/ssosync#236 #234 #237."""
    scene = begin(one_team(12))
    assert scene.apply() == 0
    members = scene.members()
    scene.sandbox.fail("google", "members.list", "short_page", times=0)
    assert scene.apply() == REFUSED
    assert scene.writes() == {}
    scene.sandbox.sandbox.switchboard.faults.clear()
    assert scene.apply() == 0
    assert (scene.writes(), scene.members()) == ({}, members)


def test_a_mass_removal_is_refused_until_somebody_has_looked_at_it(begin: Begin) -> None:
    """ssosync, no deletion threshold: as many are deleted as there are. awslabs/ssosync#220."""
    scene = begin(one_team(20))
    assert scene.apply() == 0
    scene.sandbox.replace(one_team(10))
    assert scene.apply() == REFUSED
    assert "it would delete or switch off 10 users (limits.users_leaving: 20 % of 20)" in scene.one_sentence()
    assert scene.writes() == {}
    assert scene.command("plan", "--out", "plan.json") == REFUSED
    assert scene.command("apply", "--yes", "plan.json") == 0
    assert scene.members() == {"aws": {f"p{n}" for n in range(10)}}


def test_people_whom_somebody_else_provisions_lose_their_groups_and_nothing_else(begin: Begin) -> None:
    """Groups are to be synced, and people to be left to somebody else: awslabs/ssosync#286."""
    scene = begin(one_team(3), text=config(more="leaving: {users: keep}"))
    theirs = {f"p{n}@example.com": scene.put_user(f"p{n}") for n in range(3)}
    assert scene.apply() == 0
    assert scene.users() == theirs
    scene.sandbox.replace(one_team(1))
    assert scene.apply() == 0
    assert (scene.users(), scene.members()) == (theirs, {"aws": {"p0"}})
    assert {row["UserStatus"] for row in scene.store.users.values()} == {"ENABLED"}


def test_somebody_protected_is_left_alone_on_both_sides(begin: Begin) -> None:
    """A list of whom to ignore that ignores them in Google only, and deletes them in AWS: awslabs/ssosync#244."""
    protected = config(more='identity_center: {protected: ["svc-*"]}')
    with_robot = company([person(1), person(2, email="svc-robot@example.com")], [team("aws", ["u1", "u2"])])
    scene = begin(with_robot, scim=False, text=protected)
    scene.put_group("robots", robot := scene.put_user("svc-robot"))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p1"}, "robots": {"svc-robot"}}
    scene.store.create_membership(scene.groups()["aws"], robot, "somebody else")
    scene.sandbox.replace(company([person(1)], [team("aws", ["u1"])]))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p1", "svc-robot"}, "robots": {"svc-robot"}}
    assert scene.users()["svc-robot@example.com"] == robot


def test_what_matches_nobody_is_kept_unless_the_config_says_otherwise(begin: Begin) -> None:
    """Users and groups that were made by hand: awslabs/ssosync#366 #367 #141 #142 #179."""
    scene = begin(one_team(3))
    scene.put_group("by-hand", scene.put_user("own"))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p0", "p1", "p2"}, "by-hand": {"own"}}
    scene.configure(config(more="leaving: {unmanaged: delete}"))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p0", "p1", "p2"}}
    assert "own@example.com" not in scene.users()


def test_groups_are_kept_for_good_where_the_config_says_so(begin: Begin) -> None:
    """Never to delete a group: slashdevops/idp-scim-sync#70."""
    data = company([person(1), person(2)], [team("aws", ["u1"]), team("old", ["u1", "u2"])])
    scene = begin(data, text=config(more="leaving: {groups: keep}"))
    assert scene.apply() == 0
    groups = scene.groups()
    scene.sandbox.replace(company([person(1)], [team("aws", ["u1"])]))
    assert scene.apply() == 0
    assert scene.groups() == groups
    assert scene.members()["old"] <= {"p1"}


@both
def test_a_group_that_gives_access_to_accounts_goes_only_when_somebody_has_said_so(begin: Begin, scim: bool) -> None:
    """Groups deleted, and the assignments of their ids lost: awslabs/ssosync#159 #194 #203."""
    data = company([person(1), person(2)], [team("aws", ["u1"]), team("admins", ["u1", "u2"])])
    scene = begin(data, scim=scim)
    assert scene.apply() == 0
    scene.assign("admins")
    scene.sandbox.replace(company([person(1), person(2)], [team("aws", ["u1", "u2"])]))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p1", "p2"}, "admins": {"p1", "p2"}}
    assert scene.command("plan", "--out", "plan.json") == 0
    assert "the group 'admins' has 1 assignment in 1 AWS account" in scene.out
    assert "waits for approval" in scene.out
    assert scene.command("apply", "--yes", "plan.json") == 0
    assert scene.members() == {"aws": {"p1", "p2"}}


@both
def test_somebody_suspended_is_out_of_every_group_at_once_and_can_come_back(begin: Begin, scim: bool) -> None:
    """What becomes of people who are suspended or deleted: awslabs/ssosync#10 #59, slashdevops/idp-scim-sync#40."""
    scene = begin(one_team(3), scim=scim)
    assert scene.apply() == 0
    before = scene.users()
    suspended = one_team(3)
    suspended["users"][0]["suspended"] = True
    scene.sandbox.replace(suspended)
    assert scene.apply() == 0
    assert "suspended in Google Workspace" in scene.out
    assert scene.members() == {"aws": {"p1", "p2"}}
    status = {user["UserName"]: user["UserStatus"] for user in scene.store.users.values()}
    assert status.get("p0@example.com") == ("DISABLED" if scim else None)
    scene.sandbox.replace(one_team(3))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p0", "p1", "p2"}}
    assert (scene.users() == before) is scim
    assert {user["UserStatus"] for user in scene.store.users.values()} == {"ENABLED"}


@both
def test_a_leaver_whom_somebody_has_deleted_already_stops_nothing(begin: Begin, scim: bool) -> None:
    """Removing from a group who is deleted: awslabs/ssosync#219, slashdevops/idp-scim-sync#104 (404 on delete)."""
    scene = begin(one_team(3), scim=scim)
    assert scene.apply() == 0
    scene.store.delete_user(scene.users()["p2@example.com"])
    scene.sandbox.replace(company([person(0), person(1), person(9)], [team("aws", ["u0", "u1", "u9"])]))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p0", "p1", "p9"}}
    assert scene.apply() == 0
    assert scene.writes() == {}


def test_a_member_who_is_listed_by_an_alias_is_the_same_person(begin: Begin) -> None:
    """A group has somebody under an alias: awslabs/ssosync#275 #276."""
    aliased = team("alias", [])
    aliased["members"].append({"type": "USER", "id": "u1", "email": "nick@example.com"})
    data = company([person(1, google={"aliases": ["nick@example.com"]})], [team("aws", ["u1"]), aliased])
    scene = begin(data)
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p1"}, "alias": {"p1"}}
    assert len(scene.users()) == 1


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_a_slash_at_the_end_of_the_endpoint_does_not_matter(begin: Begin, end: str) -> None:
    """An endpoint with a slash at its end, and every call is answered with 401: awslabs/ssosync#274."""
    scene = begin(one_team(1))
    scene.monkeypatch.setenv("SSO_SYNC_SCIM_ENDPOINT", scene.sandbox.sandbox.scim_endpoint.rstrip("/") + end)
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p0"}}


def test_several_filters_select_what_any_of_them_matches(begin: Begin) -> None:
    """How to ask for several groups: slashdevops/idp-scim-sync#68 #127, awslabs/ssosync#28 #34."""
    names = ["aws-a", "aws-b", "Exact", "exactly", "other"]
    data = company([person(1)], [team(name, ["u1"]) for name in names])
    wanted = '{include: ["name:aws-*", "name=Exact", "email:exactly@*"], exclude: ["aws-b"]}'
    scene = begin(data, text=config(wanted))
    assert scene.apply() == 0
    assert scene.groups().keys() == {"aws-a", "Exact", "exactly"}


def test_a_plan_writes_nothing_and_apply_then_does_what_it_showed(begin: Begin) -> None:
    """A dry run that can be trusted: awslabs/ssosync#107 #218 #245 #285."""
    scene = begin(one_team(3), scim=False)
    assert scene.command("plan") == 0
    assert scene.writes() == {}
    shown = scene.out[scene.out.index("Plan: ") :].removeprefix("Plan: ")
    assert scene.users() == {}
    assert scene.apply() == 0
    assert f"Done: {shown}" in scene.out


def test_a_colon_in_the_name_of_a_group_is_a_letter_like_any_other(begin: Begin) -> None:
    """Groups with colons in their names: awslabs/ssosync#7."""
    data = company([person(1)], [team("aws:prod:admins", ["u1"]), team("aws", ["u1"])])
    scene = begin(data, text=config('{include: ["name:aws:*", "name=aws"]}'))
    assert scene.apply() == 0
    assert scene.members() == {"aws:prod:admins": {"p1"}, "aws": {"p1"}}


def test_a_group_that_is_there_already_is_taken_over_with_its_id(begin: Begin) -> None:
    """Coming from another tool with groups and assignments in place: awslabs/ssosync#363 #364."""
    scene = begin(one_team(3), scim=False)
    theirs = scene.put_group("aws", scene.put_user("p0"), scene.put_user("left-long-ago"))
    assert scene.apply() == 0
    assert scene.groups() == {"aws": theirs}
    assert scene.members() == {"aws": {"p0", "p1", "p2"}}
    scene.sandbox.replace(company([person(n) for n in range(3)], [team("cloud", ["u0", "u1", "u2"], id="g-aws")]))
    assert scene.apply() == 0
    assert scene.groups() == {"cloud": theirs}


def test_a_plan_for_many_people_takes_little_memory() -> None:
    """Out of memory with 128 MB: awslabs/ssosync#248 #249."""
    people = [user(f"u{n}") for n in range(3000)]
    members = {group(f"g{n}"): [f"u{m}" for m in range(n, 3000, 100)] for n in range(100)}
    tracemalloc.start()
    try:
        plan = make_plan(directory(people, members), EMPTY, ledger())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert plan.counts == {"create_user": 3000, "create_group": 100, "create_membership": 3000}
    assert peak < 32 * 1024 * 1024
