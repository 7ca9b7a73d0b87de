"""What was seen of awslabs/ssosync, and what sso-sync does in its place."""

import pytest

from tests.stories.conftest import Begin
from tests.stories.scene import Json, config
from tests.stories.ways import both
from tests.support.companies import company, person, team

REFUSED, FAILED = 3, 1  # exit codes


def one_team(size: int) -> Json:
    people = [person(number) for number in range(size)]
    return company(people, [team("aws", [someone["id"] for someone in people])])


def test_two_google_groups_of_one_name_stop_nobody_else(begin: Begin) -> None:
    """ssosync, two Google groups of one name: the service answers 409, and the sync is aborted.

    awslabs/ssosync#199, slashdevops/idp-scim-sync (the first one wins, by chance).
    """
    twin = team("aws", ["u2"], id="g-twin", email="twin@example.com")
    data = company([person(1), person(2), person(3)], [team("aws", ["u1"]), twin, team("other", ["u3"])])
    scene = begin(data)
    assert scene.apply() == 0
    assert scene.members() == {"other": {"p3"}}
    assert scene.command("plan") == 0
    assert scene.out.count("the group name 'aws' is wanted by 2 records of the directory") == 2


def test_groups_that_are_named_by_their_address_from_now_on_keep_their_ids(begin: Begin) -> None:
    """ssosync, groups are named by name or by address as the method has it: switching it renames everything.

    awslabs/ssosync#46 #292 #293 #291 (the two names were compared: deleted and created again in every run).
    """
    scene = begin(company([person(1), person(2)], [team("aws", ["u1"]), team("other", ["u2"])]))
    assert scene.apply() == 0
    before = scene.groups()
    scene.configure(config(source="group_name: email"))
    assert scene.apply() == 0
    assert scene.writes() == {"PatchGroup": 2}
    assert scene.groups() == {f"{name}@example.com": group_id for name, group_id in before.items()}
    assert scene.apply() == 0
    assert scene.writes() == {}


def test_a_load_takes_one_call_a_person_and_one_for_a_hundred_members(begin: Begin) -> None:
    """ssosync, calls of a first run: U + G + 3M by SCIM, one member a call; 601 for a group of 150 new users.

    idp-scim-sync, calls of a first run: 2 + 2U + G by SCIM and one for a hundred members. awslabs/ssosync#17 #5 #113
    (200 × 200 = 40,000 calls).
    """
    scene = begin(one_team(150))
    assert scene.apply() == 0
    calls = scene.calls()
    assert calls["scim"] == {"CreateUser": 150, "CreateGroup": 1, "PatchGroup": 1, **reads(calls["scim"])}
    assert sum(reads(calls["scim"]).values()) <= 2  # of the first user that was ever created
    assert "users.get" not in calls["google"]


def reads(calls: dict[str, int]) -> dict[str, int]:
    return {operation: count for operation, count in calls.items() if operation.startswith(("Get", "List"))}


def test_a_run_that_finds_nothing_to_do_asks_scim_nothing_and_google_for_nobody_by_name(begin: Begin) -> None:
    """ssosync, calls of an idle run: U look-ups by SCIM, and U × G IsMemberInGroups with users_groups.

    idp-scim-sync, calls of an idle run: none by SCIM, but U users.get at Google.
    """
    scene = begin(company([person(n) for n in range(6)], [team(f"t{n}", [f"u{n}"]) for n in range(6)]))
    assert scene.apply() == 0
    assert scene.apply() == 0
    calls = scene.calls()
    assert "scim" not in calls
    assert calls["identity_store"] == {"ListUsers": 1, "ListGroups": 1, "ListGroupMemberships": 6}
    assert calls["google"].keys() <= {"users.list", "groups.list", "members.list", "batch"}
    assert calls["google_in_batch"] == {"members.list": 6}


def test_people_and_groups_are_there_after_one_run(begin: Begin) -> None:
    """ssosync, users_groups the first time: the id of a new group is lost, and 20 groups need 20 aborted runs.

    awslabs/ssosync#53 (without a list of groups it syncs none) #41.
    """
    data = company(
        [person(n, orgUnitPath="/Engineering") for n in range(4)] + [person(9)],
        [team(f"t{n}", [f"u{n}", "u9"]) for n in range(4)],
    )
    people = 'method: users_groups\nusers: {include: ["org_unit:/Engineering"]}'
    scene = begin(data, text=config(source=people))
    assert scene.apply() == 0
    assert scene.members() == {f"t{n}": {f"p{n}"} for n in range(4)}
    assert scene.apply() == 0
    assert scene.writes() == {}


@both
def test_who_is_moved_out_of_the_unit_leaves_and_a_group_that_is_gone_goes(begin: Begin, scim: bool) -> None:
    """ssosync, users_groups later: groups are never deleted, and people only if Google lists them as deleted."""
    people = 'method: users_groups\nusers: {include: ["org_unit:/Engineering"]}'
    staff = [person(n, orgUnitPath="/Engineering") for n in range(4)]
    scene = begin(
        company(staff, [team("aws", ["u0", "u1"]), team("old", ["u2"])]), scim=scim, text=config(source=people)
    )
    assert scene.apply() == 0
    staff[0]["orgUnitPath"] = "/Sales"
    scene.sandbox.replace(company(staff, [team("aws", ["u0", "u1"])]))
    assert scene.apply() == 0
    assert scene.members() == {"aws": {"p1"}}
    assert [user["UserStatus"] for user in scene.store.users.values() if user["UserName"] == "p0@example.com"] == (
        ["DISABLED"] if scim else []
    )


@pytest.mark.parametrize(
    ("listing", "scim"),
    [("groups.list", True), ("members.list", True), ("members.list", False), ("users.list", False)],
)
def test_a_list_that_comes_back_empty_removes_nobody(begin: Begin, listing: str, scim: bool) -> None:
    """ssosync, groups.list empty: an error. ssosync, members.list empty: every user of those groups is deleted.

    ssosync, users.list empty: all 250 users are deleted. awslabs/ssosync#159 #203 #234 #237 (deleted, and created
    again with the next good answer, without their account assignments).
    """
    scene = begin(one_team(8), scim=scim)
    assert scene.apply() == 0
    users, groups, members = scene.users(), scene.groups(), scene.members()
    scene.sandbox.fail("google", listing, "empty_page", times=0)
    assert scene.apply() in ({0} if listing == "users.list" else {REFUSED, FAILED})
    assert scene.writes() == {}
    scene.sandbox.sandbox.switchboard.faults.clear()
    assert scene.apply() == 0
    assert scene.writes() == {}
    assert (scene.users(), scene.groups(), scene.members()) == (users, groups, members)


@both
def test_a_small_group_that_lists_nobody_though_google_counts_members_keeps_them(begin: Begin, scim: bool) -> None:
    """ssosync, members.list empty: every user of those groups is deleted; a group of two is one, too."""
    people = [person(n) for n in range(12)]
    scene = begin(
        company(people, [team("all", [p["id"] for p in people[:10]]), team("two", ["u10", "u11"])]), scim=scim
    )
    assert scene.apply() == 0
    users, members = scene.users(), scene.members()
    scene.sandbox.fail("google", "members.list", "empty_page", nth=2, times=0)
    scene.apply()
    assert scene.writes() == {}
    assert (scene.users(), scene.members()) == (users, members)


def test_somebody_who_cannot_be_fetched_is_not_deleted(begin: Begin) -> None:
    """ssosync, "can't retrieve user": it is logged, and that user is deleted."""
    scene = begin(one_team(8))
    assert scene.apply() == 0
    scene.sandbox.fail("google", "users.list", "short_page", times=0)
    scene.sandbox.fail("google", "users.get", "not_found", times=0)
    assert scene.apply() == FAILED
    assert "the listing is not complete" in scene.one_sentence()
    assert scene.writes() == {}


def test_a_filter_for_people_that_matches_nobody_removes_nobody(begin: Begin) -> None:
    """ssosync, a user match that returns nobody, with no group match: all users and groups are deleted."""
    people = 'method: users_groups\nusers: {{include: ["org_unit:/%s"]}}'.replace("{{", "{").replace("}}", "}")
    data = company([person(n, orgUnitPath="/Engineering") for n in range(3)], [team("aws", ["u1"])])
    scene = begin(data, scim=False, text=config(source=people % "Engineering"))
    assert scene.apply() == 0
    scene.configure(config(source=people % "Enginering"))
    assert scene.apply() == REFUSED
    assert "no user at all" in scene.one_sentence()
    assert scene.writes() == {}


@both
def test_a_new_address_keeps_the_user_and_every_group_all_the_time(begin: Begin, scim: bool) -> None:
    """ssosync, an address changes: the user is out of all groups until the next run (2 → 0 → 2).

    idp-scim-sync, an address changes: a new user id, and an empty external id.
    awslabs/ssosync#353 #354 #355 (one renamed user aborts every sync) #166, slashdevops/idp-scim-sync#57.
    """
    data = company([person(1), person(2)], [team("a", ["u1", "u2"]), team("b", ["u1"])])
    scene = begin(data, scim=scim)
    assert scene.apply() == 0
    before = scene.users()
    married = before.pop("p1@example.com")
    data["users"][0] |= {"email": "married@example.com", "familyName": "Married"}
    scene.sandbox.replace(data)
    assert scene.apply() == 0
    assert scene.writes() == ({"PatchUser": 1} if scim else {"UpdateUser": 2})
    assert scene.users() == {"p2@example.com": before["p2@example.com"], "married@example.com": married}
    assert scene.members() == {"a": {"married", "p2"}, "b": {"married"}}
    if scim:
        assert [i["Id"] for i in scene.store.users[married]["ExternalIds"]] == ["u1"]


@both
def test_an_address_that_goes_to_somebody_new_stops_no_sync(begin: Begin, scim: bool) -> None:
    """awslabs/ssosync#353 #354: an address that another user has already ends every sync with 409."""
    scene = begin(company([person(1), person(2)], [team("a", ["u1", "u2"])]), scim=scim)
    assert scene.apply() == 0
    before = scene.users()
    scene.sandbox.replace(company([person(7, email="p1@example.com"), person(2)], [team("a", ["u7", "u2"])]))
    assert scene.apply() == 0
    assert scene.users()["p1@example.com"] != before["p1@example.com"]
    assert scene.members() == {"a": {"p1", "p2"}}
    assert scene.apply() == 0
    assert scene.writes() == {}


@pytest.mark.parametrize("field", ["Name", "DisplayName", "Emails"])
def test_somebody_in_aws_without_a_name_stops_nothing(begin: Begin, field: str) -> None:
    """ssosync, a user of the store without Name or DisplayName: nil pointer.

    awslabs/ssosync#264 #272 #128 #118.
    """
    scene = begin(one_team(3))
    assert scene.apply() == 0
    scene.put_user("by-hand")
    scene.sandbox.fail("identity_store", "ListUsers", "missing_field", field=field, times=0)
    assert scene.apply() == 0
    assert scene.writes() == {"PatchUser": 3}
    scene.sandbox.sandbox.switchboard.faults.clear()
    assert scene.apply() == 0
    assert scene.writes() == {}
