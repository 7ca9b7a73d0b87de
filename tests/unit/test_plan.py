"""A plan's order, its checksum, and what needs what."""

import msgspec
import pytest

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Edit,
    Ref,
    UpdateGroup,
    UpdateUser,
    edits,
    name_of,
    unique_names,
)
from sso_sync.core.model import Directory, Group, User
from sso_sync.core.plan import Plan, Prerequisites
from tests.support.memory import group, user

ANN, BOB, DEVS = user("ann"), user("bob"), group("devs")
ANN_REF, DEVS_REF = Ref("", "ann", ANN.user_name), Ref("", "id-devs", "devs")


def renaming(aws_id: str, before: User, after: User, *, aside: bool = False) -> UpdateUser:
    before, after = (msgspec.structs.replace(record, id=aws_id) for record in (before, after))
    return UpdateUser(Ref(aws_id, "s", before.user_name), before, after, "r", aside)


def regrouping(before: Group, after: Group, *, aside: bool = False) -> UpdateGroup:
    return UpdateGroup(Ref(before.id, "s", before.display_name), before, after, "r", aside)


EVERYTHING: list[Change] = [
    DeleteMembership(DEVS_REF, ANN_REF, "r"),
    regrouping(group("a"), group("a", display_name="aside"), aside=True),
    renaming("U1", ANN, user("ann", user_name="aside"), aside=True),
    Adopt("user", ANN_REF, "r"),
    CreateUser(BOB, "r"),
    renaming("U1", ANN, user("anna")),
    Adopt("group", DEVS_REF, "r"),
    CreateGroup(DEVS, "r"),
    regrouping(group("b"), group("c")),
    CreateMembership(DEVS_REF, ANN_REF, "r"),
    DeleteGroup(DEVS_REF, 3, "r"),
    DeleteUser(ANN_REF, "r"),
]


def test_access_is_taken_before_it_is_given_and_deletions_come_last() -> None:
    plan = Plan.of("d-1", reversed(EVERYTHING))
    assert list(plan.changes) == EVERYTHING


def test_changes_of_one_kind_are_ordered_by_name() -> None:
    creations = [CreateUser(user(name), "r") for name in ("cem", "Bob", "ann")]
    assert list(Plan.of("d-1", creations).changes) == creations[::-1]


def test_changes_are_counted_by_name() -> None:
    assert Plan.of("d-1", EVERYTHING).counts["update_user"] == 2


def test_the_checksum_ignores_reasons_and_the_order_given() -> None:
    other = [msgspec.structs.replace(change, reason="else") for change in reversed(EVERYTHING)]
    assert Plan.of("d-1", other).checksum == Plan.of("d-1", EVERYTHING).checksum
    assert len(Plan.of("d-1", other).checksum) == 16


@pytest.mark.parametrize(
    "other",
    [
        Plan.of("d-2", [CreateUser(ANN, "r")]),
        Plan.of("d-1", [CreateUser(user("ann", given_name="Anna"), "r")]),
        Plan.of("d-1", [CreateUser(user("ann", attributes={"title": "x"}), "r")]),
        Plan.of("d-1", [CreateUser(ANN, "r"), CreateUser(BOB, "r")]),
        Plan.of("d-1", []),
    ],
)
def test_the_checksum_knows_the_store_and_every_value(other: Plan) -> None:
    assert other.checksum != Plan.of("d-1", [CreateUser(ANN, "r")]).checksum


def test_the_checksum_ignores_what_is_only_said() -> None:
    plan = Plan.of("d-1", EVERYTHING)
    assert Plan.of("d-1", EVERYTHING, warnings=["careful"]).checksum == plan.checksum


def test_a_membership_needs_its_new_user_and_its_new_group() -> None:
    creations: list[Change] = [CreateUser(ANN, "r"), CreateUser(BOB, "r"), CreateGroup(DEVS, "r")]
    needed = Prerequisites(creations).of(CreateMembership(DEVS_REF, ANN_REF, "r"))
    assert needed == [CreateGroup(DEVS, "r"), CreateUser(ANN, "r")]


def test_a_membership_of_what_exists_needs_nothing() -> None:
    membership = CreateMembership(Ref("G1", "id-devs", "devs"), Ref("U1", "ann", "ann"), "r")
    assert Prerequisites([CreateUser(ANN, "r"), CreateGroup(DEVS, "r"), membership]).of(membership) == []


def test_taking_a_name_needs_the_step_that_frees_it_and_the_takers_own_first_step() -> None:
    away_ann = renaming("U1", ANN, user("aside-1"), aside=True)
    away_bob = renaming("U2", BOB, user("aside-2"), aside=True)
    becomes_bob = renaming("U1", user("aside-1"), BOB)
    needed = Prerequisites([away_ann, away_bob, becomes_bob]).of(becomes_bob)
    assert away_bob in needed
    assert away_ann in needed
    assert Prerequisites([away_ann, away_bob]).of(away_ann) == []


def test_a_new_user_with_a_re_used_address_needs_the_old_one_out_of_the_way() -> None:
    away = renaming("U1", ANN, user("aside-1"), aside=True)
    newcomer = CreateUser(user("new", email="ANN@example.com"), "r")
    assert Prerequisites([away, newcomer]).of(newcomer) == [away]
    assert Prerequisites([away]).of(CreateUser(BOB, "r")) == []


def test_a_new_group_of_a_re_used_name_needs_the_old_one_out_of_the_way() -> None:
    away = regrouping(group("devs", id="G1"), group("devs", id="G1", display_name="aside-G1"), aside=True)
    assert Prerequisites([away]).of(CreateGroup(DEVS, "r")) == [away]
    assert Prerequisites([away]).of(regrouping(group("ops", id="G2"), group("devs", id="G2"))) == [away]


def test_a_user_and_a_group_with_one_source_id_are_not_confused() -> None:
    creation = CreateUser(user("x"), "r")
    membership = CreateMembership(Ref("", "x", "x"), Ref("", "y", "y"), "r")
    assert Prerequisites([creation]).of(membership) == []


def test_edits_show_attributes_by_name() -> None:
    before = user("ann", attributes={"title": "Chief", "locale": "fr"})
    after = user("ann", active=False, attributes={"locale": "fr", "region": "EU"})
    assert edits(renaming("U1", before, after)) == (
        Edit("active", before=True, after=False),
        Edit("region", before="", after="EU"),
        Edit("title", before="Chief", after=""),
    )


def test_a_change_is_called_as_in_json() -> None:
    assert name_of(CreateUser(ANN, "r")) == "create_user"


def test_an_empty_address_is_unique_to_nobody() -> None:
    assert unique_names(user("ann", email="", user_name="Ann@Example.com")) == {("user_name", "ann@example.com")}


def test_a_directory_refuses_members_that_it_does_not_know_and_ids_that_two_share() -> None:
    with pytest.raises(ValueError, match="unknown user or group"):
        Directory.of([ANN], [DEVS], {DEVS.id: ["bob"]})
    with pytest.raises(ValueError, match="unknown user or group"):
        Directory.of([ANN], [], {"id-devs": []})
    with pytest.raises(ValueError, match="share an id"):
        Directory.of([ANN, ANN], [], {})
