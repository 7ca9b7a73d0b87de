"""Why somebody is in AWS or not: one answer for every way to be in and every way to be out."""

from datetime import UTC, datetime

import pytest

from sso_sync.core.errors import UnknownName
from sso_sync.core.explain import explain
from sso_sync.core.explanations import GroupExplained, InGroup, Path, PersonExplained
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import Directory, Group, SetAside, User
from sso_sync.core.planner import make_plan
from sso_sync.core.provenance import ChosenBy, Named, Provenance
from sso_sync.core.rules import Rules
from sso_sync.core.situation import Situation
from tests.support.memory import directory, group, user

NOTHING = directory([], {})
ANN, BOB = user("ann"), user("bob")
ADMINS = group("aws-admins")
FILTER = ChosenBy("aws-*", "access to AWS")
# aws-admins ← platform ← crew ← ann, and bob, who is suspended.
NESTED = Provenance(
    groups={
        "id-aws-admins": Named("aws-admins", "aws-admins@example.com"),
        "platform": Named("platform", "platform@example.com"),
        "crew": Named("crew"),
        "legacy": Named("aws-legacy"),
    },
    people={"bob": Named("Bob Doe", "bob@example.com"), "eve": Named("", "eve@partner.example")},
    chosen_groups={"id-aws-admins": FILTER},
    direct={"id-aws-admins": (), "platform": ("eve",), "crew": ("ann", "bob")},
    below={"id-aws-admins": ("platform",), "platform": ("crew",)},
    outside=frozenset({"eve"}),
)
LEFT_OUT = {
    "platform": "matched by no include filter",
    "crew": "matched by no include filter",
    "legacy": "excluded by the filter 'aws-legacy'",
    "bob": "suspended in Google Workspace",
    "eve": "from outside the company",
}


def nested(*aside: SetAside, users: tuple[User, ...] = (ANN,), provenance: Provenance = NESTED) -> Directory:
    members = {ADMINS.id: [u.id for u in users]}
    return Directory.of(users, [ADMINS], members, set_aside=aside, left_out=LEFT_OUT, provenance=provenance)


def in_store(record: User, aws_id: str) -> User:
    return user(record.id, id=aws_id, external_id=record.external_id)


def created(users: dict[str, str], groups: dict[str, str], origin: Origin = Origin.CREATED) -> Ledger:
    return Ledger(
        store_id="d-1",
        users={source_id: Entry(aws_id, origin) for source_id, aws_id in users.items()},
        groups={source_id: Entry(aws_id, origin) for source_id, aws_id in groups.items()},
    )


def situation(
    desired: Directory, actual: Directory = NOTHING, ledger: Ledger | None = None, rules: Rules | None = None
) -> Situation:
    known, rules = ledger or Ledger(store_id="d-1"), rules or Rules()
    plan = make_plan(desired, actual, known, rules)
    return Situation(desired=desired, actual=actual, ledger=known, plan=plan, protects=rules.protects)


def person(name: str, seen: Situation) -> PersonExplained:
    (found,) = explain(name, seen)
    assert isinstance(found, PersonExplained)
    return found


def team(name: str, seen: Situation) -> GroupExplained:
    (found,) = explain(name, seen)
    assert isinstance(found, GroupExplained)
    return found


def states(found: PersonExplained) -> dict[str, tuple[str, str]]:
    return {row.group: (row.state, row.why) for row in found.groups}


AT_REST = directory([in_store(ANN, "U1")], {group("aws-admins", id="G1"): ["U1"]})
KNOWN = created({"ann": "U1"}, {"id-aws-admins": "G1"})


def test_somebody_in_nested_groups_is_told_the_whole_way_and_the_filter() -> None:
    found = person("ann@example.com", situation(nested(), AT_REST, KNOWN))
    assert found.verdict == "is in AWS, in 1 group"
    assert found.aws is not None
    assert (found.aws.id, found.aws.managed, found.aws.active) == ("U1", "created by sso-sync", True)
    assert found.groups == (
        InGroup(
            group="aws-admins",
            state="stays",
            chosen_by=FILTER,
            paths=(Path(("aws-admins", "platform", "crew")),),
            source_id="id-aws-admins",
            aws_id="G1",
        ),
    )
    assert [(beside.group, beside.why) for beside in found.beside] == [
        ("crew", "matched by no include filter"),
        ("platform", "matched by no include filter"),
    ]
    assert found.next_run == ()


@pytest.mark.parametrize("name", ["ANN@example.com", " ann ", "u1", "Ann Doe", "ann"])
def test_somebody_is_found_by_address_id_or_display_name_in_any_case(name: str) -> None:
    assert person(name, situation(nested(), AT_REST, KNOWN)).email == "ann@example.com"


def test_a_newcomer_comes_with_the_next_run() -> None:
    found = person("ann", situation(nested()))
    assert found.verdict == "comes to AWS with the next run, into 1 group"
    assert states(found) == {"aws-admins": ("joins", "member in the directory")}
    assert [(effect.change, effect.reason) for effect in found.next_run] == [
        ("create_user", "in the directory, not in Identity Center")
    ]


def test_somebody_suspended_is_out_though_a_selected_group_has_them() -> None:
    found = person("bob@example.com", situation(nested()))
    assert found.verdict == "is not in AWS: suspended in Google Workspace"
    assert found.directory.listed
    assert states(found) == {"aws-admins": ("kept out", "suspended in Google Workspace")}


def test_somebody_from_outside_is_told_so() -> None:
    found = person("eve@partner.example", situation(nested()))
    assert found.verdict == "is not in AWS: from outside the company"
    assert found.groups[0].paths == (Path(("aws-admins", "platform")),)


def test_a_leaver_leaves_every_group() -> None:
    actual = directory([in_store(BOB, "U2")], {group("aws-admins", id="G1"): ["U2"], group("other", id="G9"): ["U2"]})
    found = person("bob", situation(nested(), actual, created({"bob": "U2"}, {"id-aws-admins": "G1"})))
    assert found.verdict == "leaves AWS with the next run: suspended in Google Workspace"
    assert {group: state for group, (state, _) in states(found).items()} == {"aws-admins": "leaves", "other": "leaves"}
    assert [effect.what for effect in found.next_run] == ["is deleted"]


def test_a_leaver_who_is_kept_is_still_in_aws_although() -> None:
    actual = directory([in_store(BOB, "U2")], {group("aws-admins", id="G1"): []})
    ledger = created({"bob": "U2"}, {"id-aws-admins": "G1"})
    found = person("bob", situation(nested(), actual, ledger, Rules(leavers="keep")))
    assert found.verdict == "is in AWS, in 0 groups, although suspended in Google Workspace"


def test_somebody_who_is_switched_off_with_the_next_run_is_told_so() -> None:
    actual = directory([in_store(BOB, "U2")], {group("aws-admins", id="G1"): []})
    ledger = created({"bob": "U2"}, {"id-aws-admins": "G1"})
    found = person("bob", situation(nested(), actual, ledger, Rules(leavers="deactivate")))
    assert found.verdict == "is switched off with the next run: suspended in Google Workspace"
    assert found.next_run[0].what == "active: true → false"


def test_somebody_who_was_switched_off_is_told_why_and_since_when() -> None:
    off = Entry("U2", Origin.CREATED, off=True, left=datetime(2026, 3, 1, tzinfo=UTC))
    ledger = Ledger(store_id="d-1", users={"bob": off})
    actual = directory([user("bob", id="U2", external_id="bob", active=False)], {})
    found = person("bob", situation(nested(), actual, ledger, Rules(leavers="keep")))
    assert found.verdict == "is switched off in AWS: suspended in Google Workspace"
    assert found.aws is not None
    assert found.aws.managed == "created by sso-sync and switched off by it, leaving since 2026-03-01"


def test_somebody_whom_the_directory_forgot_is_no_longer_in_it() -> None:
    actual = directory([in_store(user("zoe"), "U3")], {})
    found = person("zoe@example.com", situation(nested(), actual, created({"zoe": "U3"}, {})))
    assert found.verdict == "leaves AWS with the next run: no longer in the directory"
    assert not found.directory.listed


def test_a_group_that_somebody_leaves_says_why() -> None:
    actual = directory([in_store(ANN, "U1")], {group("aws-admins", id="G1"): ["U1"], group("ops", id="G2"): ["U1"]})
    ledger = created({"ann": "U1"}, {"id-aws-admins": "G1", "id-ops": "G2"})
    desired = Directory.of([ANN], [ADMINS, group("ops")], {ADMINS.id: ["ann"]}, provenance=NESTED)
    found = person("ann", situation(desired, actual, ledger))
    assert states(found)["ops"] == ("leaves", "not a member in the directory")
    assert found.verdict == "is in AWS, in 1 group"
    found = person("ann", situation(nested(), actual, ledger))
    assert states(found)["ops"] == ("leaves", "the group is deleted: no longer in the directory")


def test_a_group_that_nobody_manages_is_kept() -> None:
    actual = directory([in_store(ANN, "U1")], {group("aws-admins", id="G1"): ["U1"], group("own", id="G3"): ["U1"]})
    found = person("ann", situation(nested(), actual, KNOWN))
    assert states(found)["own"] == ("stays", "sso-sync does not manage this group")


def test_somebody_set_aside_is_told_what_is_wrong() -> None:
    aside = SetAside("user", "ann", "ann@example.com", "it has no user name", frozenset({ADMINS.id}))
    people = {**NESTED.people, "ann": Named("Ann Doe", "ann@example.com")}
    provenance = Provenance(
        groups=NESTED.groups,
        people=people,
        chosen_groups=NESTED.chosen_groups,
        direct=NESTED.direct,
        below=NESTED.below,
    )
    found = person("ann@example.com", situation(nested(aside, users=(), provenance=provenance)))
    assert found.verdict == "is not in AWS: set aside: it has no user name"
    assert states(found) == {"aws-admins": ("kept out", "set aside: it has no user name")}


def test_somebody_whose_name_a_protected_user_has_is_kept_out_by_it() -> None:
    actual = directory([user("ann", id="U9", external_id="")], {})
    rules = Rules(protected=("ann@*",))
    found = person("ann@example.com", situation(nested(), actual, rules=rules))
    assert found.directory.set_aside
    assert found.aws is not None
    assert found.aws.managed == "protected by the config, so left as it is"
    assert found.verdict.startswith("is in AWS, in 0 groups, but not managed by sso-sync: set aside: ")


def test_somebody_whom_another_deployment_manages_is_told_so() -> None:
    actual = directory([user("ann", id="U9", external_id="")], {})
    ledger = Ledger(store_id="d-1", others={"U9": "sso-sync-test"})
    found = person("ann@example.com", situation(nested(), actual, ledger))
    assert found.aws is not None
    assert found.aws.managed == "managed by the deployment 'sso-sync-test'"


def test_somebody_only_aws_knows_is_unmanaged() -> None:
    actual = directory([user("root", id="U7", external_id="")], {group("own", id="G3"): ["U7"]})
    found = person("root@example.com", situation(nested(), actual))
    assert found.verdict == "is in AWS, in 1 group, but not managed by sso-sync: unknown to the directory"


def test_somebody_who_is_taken_over_is_told_so() -> None:
    actual = directory([user("ann", id="U1", external_id="")], {group("aws-admins", id="G1", external_id=""): []})
    found = person("ann", situation(nested(), actual))
    assert found.aws is not None
    assert found.aws.managed == "taken over by sso-sync with the next run"
    assert found.next_run[0].what == "is managed from now on"


def test_everybody_in_the_company_is_in_a_group_that_has_the_company() -> None:
    whole = Provenance(groups=NESTED.groups, chosen_groups=NESTED.chosen_groups, everybody=frozenset({"id-aws-admins"}))
    found = person("ann", situation(nested(provenance=whole), AT_REST, KNOWN))
    assert found.groups[0].paths == (Path(("aws-admins",), everybody=True),)


def test_the_filter_that_selected_a_person_is_named() -> None:
    chosen = Provenance(groups={}, chosen_people={"ann": ChosenBy("org_unit:/Eng", "engineers")})
    found = person("ann", situation(nested(provenance=chosen)))
    assert found.directory.chosen_by == ChosenBy("org_unit:/Eng", "engineers")


def test_a_source_that_tells_nothing_of_itself_still_gives_an_answer() -> None:
    found = person("ann", situation(directory([ANN], {ADMINS: ["ann"]}), AT_REST, KNOWN))
    assert states(found) == {"aws-admins": ("stays", "")}
    assert found.groups[0].paths == ()


def test_a_warning_of_the_plan_that_speaks_of_somebody_is_repeated() -> None:
    off = directory([user("ann", id="U1", external_id="ann", active=False)], {group("aws-admins", id="G1"): ["U1"]})
    found = person("ann", situation(nested(), off, KNOWN))
    assert found.verdict == "is in AWS, but switched off, in 1 group"
    assert len(found.notes) == 1
    assert "not by sso-sync, so it stays off" in found.notes[0]


def test_a_selected_group_tells_filter_members_and_groups_below() -> None:
    found = team("aws-admins", situation(nested(), AT_REST, KNOWN))
    assert found.verdict == "is in AWS, with 1 member"
    assert found.directory.chosen_by == FILTER
    assert (found.members, found.nested, found.everybody) == (1, 1, 0)
    assert found.below == (Path(("aws-admins", "platform")), Path(("aws-admins", "platform", "crew")))
    assert [(missing.name, missing.why) for missing in found.missing] == [
        ("bob@example.com", "suspended in Google Workspace"),
        ("eve@partner.example", "from outside the company"),
    ]


@pytest.mark.parametrize("name", ["AWS-Admins@example.com", "id-aws-admins", "G1"])
def test_a_group_is_found_by_its_address_and_ids(name: str) -> None:
    assert team(name, situation(nested(), AT_REST, KNOWN)).name == "aws-admins"


def test_a_group_that_a_filter_excludes_says_which() -> None:
    found = team("aws-legacy", situation(nested()))
    assert found.verdict == "is not in AWS: excluded by the filter 'aws-legacy'"
    assert found.aws is None


def test_a_group_below_a_selected_one_says_which() -> None:
    found = team("crew", situation(nested(), AT_REST, KNOWN))
    assert found.verdict == "is not in AWS: matched by no include filter"
    assert found.above == (Path(("aws-admins", "platform", "crew")),)
    assert (found.members, found.nested) == (1, 0)


def test_a_new_group_lists_who_joins() -> None:
    found = team("aws-admins", situation(nested()))
    assert found.verdict == "comes to AWS with the next run, with 1 member"
    assert [effect.what for effect in found.next_run] == ["is created", "ann@example.com joins"]


def test_a_group_that_leaves_says_why() -> None:
    actual = directory([], {group("aws-legacy", id="G5", external_id="legacy"): []})
    found = team("aws-legacy", situation(nested(), actual, created({}, {"legacy": "G5"})))
    assert found.verdict == "leaves AWS with the next run: excluded by the filter 'aws-legacy'"


def test_groups_that_contain_each_other_are_told_of_once() -> None:
    circle = Provenance(
        groups=NESTED.groups,
        chosen_groups=NESTED.chosen_groups,
        direct={"id-aws-admins": (), "platform": ("ann",)},
        below={"id-aws-admins": ("platform",), "platform": ("id-aws-admins",)},
    )
    found = team("aws-admins", situation(nested(provenance=circle), AT_REST, KNOWN))
    assert (found.members, found.nested, found.below) == (1, 1, (Path(("aws-admins", "platform")),))


def test_a_name_that_several_have_is_explained_for_each() -> None:
    desired = Directory.of([ANN], [group("ann", display_name="ANN@example.com"), ADMINS], {})
    found = explain("ann@example.com", situation(desired))
    assert {type(each) for each in found} == {PersonExplained, GroupExplained}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("amn@example.com", "did you mean 'ann@example.com'?"),
        ("aws-admin", "did you mean 'aws-admins'?"),
        (" ", "write an address, a user name, a group's name or an id."),
        ("zzz", "write an address, a user name, a group's name or an id."),
    ],
)
def test_an_unknown_name_is_one_sentence_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(UnknownName) as caught:
        explain(name, situation(nested()))
    assert str(caught.value) == f"Neither the directory nor Identity Center knows '{name}'; {hint}"


def test_a_person_of_another_source_with_the_same_name_is_explained_apart() -> None:
    stranger = user("ann", id="U8", external_id="of-another-source")
    found = explain("ann@example.com", situation(nested(), directory([stranger], {})))
    assert len(found) == 2
    assert all(isinstance(each, PersonExplained) for each in found)


def test_a_group_without_users_or_sub_groups_is_plain() -> None:
    empty = Group(id="g", external_id="g", display_name="empty")
    found = team("empty", situation(Directory.of([ANN], [empty], {})))
    assert (found.members, found.below, found.missing) == (0, (), ())
