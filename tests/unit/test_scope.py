"""A plan narrowed to one group, with everything that this group needs and nothing else."""

import pytest

from sso_sync.core.changes import CreateMembership, DeleteMembership, name_of, subject
from sso_sync.core.errors import SettingsError
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import Directory, User
from sso_sync.core.plan import Plan
from sso_sync.core.planner import make_plan
from sso_sync.core.scope import only_group
from tests.support.memory import directory, group, user

EMPTY = directory([], {})
DEVS, OPS = group("devs"), group("ops")


def in_store(aws_id: str, name: str) -> User:
    return user(name, id=aws_id, external_id=name)


def ledger(users: dict[str, str], groups: dict[str, str]) -> Ledger:
    return Ledger(
        store_id="d-1",
        users={source_id: Entry(aws_id, Origin.CREATED) for source_id, aws_id in users.items()},
        groups={source_id: Entry(aws_id, Origin.CREATED) for source_id, aws_id in groups.items()},
    )


def narrowed(name: str, desired: Directory, actual: Directory, known: Ledger | None = None) -> list[str]:
    plan = make_plan(desired, actual, known or Ledger(store_id="d-1"))
    lines = []
    for change in only_group(plan, desired, actual, name).changes:
        member = f"{change.user.name} " if isinstance(change, CreateMembership | DeleteMembership) else ""
        lines.append(f"{name_of(change)} {member}{subject(change)[1].name}".replace("@example.com", ""))
    return lines


def test_the_group_its_people_and_its_memberships_are_kept() -> None:
    desired = directory([user("ann"), user("bob")], {DEVS: ["ann"], OPS: ["ann", "bob"]})
    assert narrowed("devs", desired, EMPTY) == ["create_user ann", "create_group devs", "create_membership ann devs"]


def test_memberships_are_taken_from_this_group_only() -> None:
    desired = directory([user("ann")], {DEVS: [], OPS: []})
    actual = directory([in_store("U1", "ann")], {group("devs", id="G1"): ["U1"], group("ops", id="G2"): ["U1"]})
    known = ledger({"ann": "U1"}, {"id-devs": "G1", "id-ops": "G2"})
    assert narrowed("ops", desired, actual, known) == ["delete_membership ann ops"]


def test_a_leaver_loses_this_group_but_is_not_deleted() -> None:
    actual = directory([in_store("U1", "ann")], {group("devs", id="G1"): ["U1"]})
    known = ledger({"ann": "U1"}, {"id-devs": "G1"})
    assert narrowed("devs", directory([], {DEVS: []}), actual, known) == ["delete_membership ann devs"]


def test_a_group_that_is_gone_from_the_directory_can_be_named_too() -> None:
    actual = directory([in_store("U1", "ann")], {group("devs", id="G1"): ["U1"], group("ops", id="G2"): []})
    known = ledger({"ann": "U1"}, {"id-devs": "G1", "id-ops": "G2"})
    assert narrowed("devs", directory([user("ann")], {}), actual, known) == ["delete_group devs"]


def test_changes_of_people_elsewhere_are_left_out() -> None:
    desired = directory([user("ann", given_name="A"), user("bob", given_name="B")], {DEVS: ["ann"], OPS: ["bob"]})
    actual = directory(
        [in_store("U1", "ann"), in_store("U2", "bob")], {group("devs", id="G1"): ["U1"], group("ops", id="G2"): ["U2"]}
    )
    known = ledger({"ann": "U1", "bob": "U2"}, {"id-devs": "G1", "id-ops": "G2"})
    assert narrowed("devs", desired, actual, known) == ["update_user ann"]


def test_the_step_that_frees_a_name_is_kept_though_its_owner_is_in_no_such_group() -> None:
    newcomer = user("ann-2", user_name="ann@example.com", email="ann@example.com")
    desired = directory([newcomer], {DEVS: ["ann-2"]})
    actual = directory([in_store("U1", "ann")], {group("devs", id="G1"): []})
    assert narrowed("devs", desired, actual, ledger({"ann": "U1"}, {"id-devs": "G1"})) == [
        "update_user ann",
        "create_user ann",
        "create_membership ann devs",
    ]


def test_adopted_people_and_groups_are_kept() -> None:
    actual = directory([user("ann", id="U1", external_id="")], {group("devs", id="G1", external_id=""): []})
    assert narrowed("devs", directory([user("ann")], {DEVS: ["ann"]}), actual) == [
        "adopt ann",
        "update_user ann",
        "adopt devs",
        "update_group devs",
        "create_membership ann devs",
    ]


def test_warnings_and_the_store_of_the_plan_are_kept() -> None:
    desired = Directory.of([], [DEVS], {}, warnings=["look here"])
    plan = make_plan(desired, EMPTY, Ledger(store_id="d-1"))
    small = only_group(plan, desired, EMPTY, "devs")
    assert (small.store_id, small.warnings) == ("d-1", ("look here",))


@pytest.mark.parametrize(
    ("name", "hint"), [("dev", "did you mean 'devs'?"), ("zzz", "see the groups with 'sso-sync plan'.")]
)
def test_a_name_that_no_group_has_is_a_mistake_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        only_group(Plan.of("d-1", []), directory([], {DEVS: [], OPS: []}), EMPTY, name)
    assert caught.value.mistakes == (f"--group: there is no selected group '{name}'; {hint}",)
