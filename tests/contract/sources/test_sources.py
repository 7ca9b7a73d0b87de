"""What every source must do, over its real protocol: a read is complete, or it raises."""

from collections.abc import Collection, Iterable
from typing import Any, get_args

import pytest

from sso_sync.core.errors import CredentialsError, LimitExceeded, SourceError
from sso_sync.core.findings import Mark
from sso_sync.core.ledger import Ledger
from sso_sync.core.limits import check_sides
from sso_sync.core.model import Directory
from sso_sync.settings.directories.common import SelectionSettings
from tests.contract.sources.place import Json, Place, What
from tests.support.companies import company, expected_memberships, person, team

WHATS: tuple[What, ...] = get_args(What)
READS: tuple[What, ...] = ("people", "groups", "members")
# Answers that are refused at the moment, and answers that arrive broken.
PASSING = ("throttle", "unavailable", "error", "drop", "drop_mid_body")
BROKEN = ("truncate", "html_page", "wrong_json")
LASTING = [
    pytest.param(kind, marks=() if kind in {"unavailable", "drop_mid_body"} else pytest.mark.long) for kind in PASSING
]


def emails(directory: Directory, names: Collection[str] | None = None) -> dict[str, set[str]]:
    """Show who is in which group, by names; every group, or the named ones."""
    return {
        group.display_name: {directory.users[one].email.lower() for one in directory.members[group.id]}
        for group in directory.groups.values()
        if names is None or group.display_name in names
    }


def expected(data: Json) -> dict[str, set[str]]:
    """Work out memberships in the company, flattened, by a way of its own."""
    return {name: {email.lower() for email in people} for name, people in expected_memberships(data).items()}


def of(people: Iterable[Json], *groups: Json) -> Json:
    return company(list(people), list(groups))


def read(place: Place, data: Json, **settings: Any) -> dict[str, set[str]]:
    place.load(data)
    names = {group["name"] for group in data["groups"]}
    return emails(place.source(**settings).read(), names)


def boundaries(place: Place) -> tuple[int, ...]:
    return (0, 1, *place.sizes)


def test_every_page_of_members_is_read(place: Place) -> None:
    for count in boundaries(place):
        people = [person(number) for number in range(max(1, count))]
        data = of(people, team("all", [one["id"] for one in people[:count]]))
        assert read(place, data) == expected(data), f"{place.name}: {count} members"


def test_every_page_of_groups_is_read(place: Place) -> None:
    for count in (0, 1, 199, 200, 201):
        data = of([person(1)], *(team(f"t{number}", ["u1"]) for number in range(count)))
        assert read(place, data) == expected(data), f"{place.name}: {count} groups"


def test_nested_groups_are_flattened_and_cycles_end(place: Place) -> None:
    data = of(
        [person(number) for number in range(4)],
        team("a", ["u0"], ["g-b", "g-c"]),
        team("b", ["u1"], ["g-c"]),
        team("c", ["u2"], ["g-a"]),
        team("alone", ["u3"], [] if not place.nests else ["g-a"]),
    )
    assert read(place, data) == expected(data)


def test_the_real_organisation_comes_out_the_same(place: Place, rust_directory: Json) -> None:
    assert read(place, rust_directory) == expected(rust_directory)


def test_no_more_calls_are_made_than_the_page_sizes_force(place: Place, rust_directory: Json) -> None:
    sizes = [of([person(n) for n in range(count)], team("all", [f"u{n}" for n in range(count)])) for count in (0, 3)]
    for data in (*sizes, rust_directory):
        place.load(data)
        place.calls()
        place.source().read()
        assert place.calls() <= place.fewest(data)


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_is_tried_again(place: Place, what: What, kind: str) -> None:
    data = of([person(1), person(2)], team("a", ["u1"]), team("b", ["u1", "u2"]))
    place.load(data)
    try:
        place.fail(what, kind)
    except NotImplementedError:
        pytest.skip(f"{place.name} has no {kind} of {what}")
    assert emails(place.source().read(), {"a", "b"}) == expected(data)


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("kind", [*LASTING, *BROKEN])
def test_what_stays_broken_raises_and_never_is_a_part(place: Place, what: What, kind: str) -> None:
    data = of([person(1), person(2)], team("a", ["u1"]), team("b", ["u1", "u2"]))
    place.load(data)
    try:
        place.fail(what, kind, times=0)
    except NotImplementedError:
        pytest.skip(f"{place.name} has no {kind} of {what}")
    with pytest.raises((SourceError, CredentialsError)):
        place.source().read()


@pytest.mark.parametrize("what", READS)
def test_a_failure_in_the_middle_of_the_pages_is_no_end_of_them(place: Place, what: What) -> None:
    people = [person(number) for number in range(place.beyond)]
    data = of(people, *(team(f"t{number}", [one["id"] for one in people]) for number in range(2)))
    place.load(data)
    try:
        place.fail(what, "unavailable", times=0, nth=2)
    except NotImplementedError:
        pytest.skip(f"{place.name} has no such failure of {what}")
    try:
        found = emails(place.source().read(), {"t0", "t1"})
    except (SourceError, CredentialsError):
        return
    assert found == expected(data)  # there was one page of this


@pytest.mark.parametrize("what", WHATS)
def test_a_missing_permission_is_named_and_shortens_nothing(place: Place, what: What) -> None:
    place.load(of([person(1)], team("a", ["u1"])))
    try:
        place.forbid(what)
    except NotImplementedError:
        pytest.skip(f"{place.name} has no permission of its own for {what}")
    with pytest.raises((CredentialsError, SourceError)) as refused:
        place.source().read()
    assert str(refused.value).endswith(".") or ": " in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_an_empty_directory_is_read_as_empty_and_refused_by_the_limits(place: Place) -> None:
    place.load(of([]))
    directory = place.source(groups=SelectionSettings(include=["aws-*"])).read()
    assert not directory.groups
    with pytest.raises(LimitExceeded):
        check_sides(directory, Directory.of([], [], {}), Ledger(store_id="d-1"))


def test_filters_and_prefix_are_applied_to_complete_listings(place: Place) -> None:
    data = of([person(1), person(2)], team("aws-admins", ["u1"]), team("party", ["u2"]))
    place.load(data)
    chosen = SelectionSettings(include=["aws-*"])
    directory = place.source(groups=chosen, group_prefix="corp-").read()
    assert emails(directory) == {"corp-aws-admins": {"p1@example.com"}}
    assert {user.email for user in directory.users.values()} == {"p1@example.com"}
    assert "matched by no include filter" in directory.left_out.values()


def test_ids_are_the_same_in_every_read(place: Place) -> None:
    data = of([person(1), person(2)], team("a", ["u1", "u2"]))
    place.load(data)
    first, second = place.source().read(), place.source().read()
    assert first.users == second.users
    assert first.groups == second.groups
    renamed = of([person(1) | {"email": "new@example.com"}, person(2)], team("a", ["u1", "u2"]) | {"name": "b"})
    place.load(renamed)
    after = place.source().read()
    assert after.users.keys() == first.users.keys()
    assert {group.id for group in first.groups.values() if group.display_name == "a"} == {
        group.id for group in after.groups.values() if group.display_name == "b"
    }


def test_where_everything_is_right_an_examination_finds_no_problem(place: Place) -> None:
    place.load(of([person(1)], team("a", ["u1"])))
    source = place.source()
    found = list(source.examine())
    assert found
    assert not [finding for finding in found if finding.mark is Mark.PROBLEM]


@pytest.mark.parametrize("what", WHATS)
def test_an_examination_finds_what_a_read_would_fail_at(place: Place, what: What) -> None:
    place.load(of([person(1)], team("a", ["u1"])))
    try:
        place.forbid(what)
    except NotImplementedError:
        pytest.skip(f"{place.name} has no permission of its own for {what}")
    problems = [finding for finding in place.source().examine() if finding.mark is Mark.PROBLEM]
    assert problems
    assert all(finding.remedy for finding in problems)


def test_it_says_with_what_it_signs_in(place: Place) -> None:
    place.load(of([person(1)], team("a", ["u1"])))
    source = place.source()
    source.read()
    credentials = source.credentials()
    assert credentials
    assert all(one.what and one.kind for one in credentials)
