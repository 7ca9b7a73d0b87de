"""Stories: what a run did to a person or a group in one sentence."""

import pytest

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    Ref,
    UpdateGroup,
    UpdateUser,
)
from sso_sync.core.model import Directory
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport
from sso_sync.reporters.sentences import Name
from sso_sync.reporters.stories import Plot, Story, stories_of
from sso_sync.reporters.teams.glance import at_a_glance
from tests.support.memory import group, user
from tests.support.reports import failing, joins, leaves, made, planned, ref, report

OFF = user("ann", active=False)


def told(story: Story) -> str:
    names = [story.name.text, *([story.address.text] if story.address else [])]
    return " ".join([*names, "".join(part.text if isinstance(part, Name) else part for part in story.words)])


def sentences(run: RunReport) -> list[str]:
    return [told(story) for story in stories_of(run)]


def hired(name: str, *groups: str) -> list[Change]:
    person = Ref("", name, f"{name}@example.com")
    return [CreateUser(user(name), ""), *(CreateMembership(ref(group), person, "") for group in groups)]


STORIES: list[tuple[list[Change], str, str]] = [
    (hired("ann"), "Ann Doe ann@example.com is new", "Ann Doe ann@example.com was to be created"),
    (
        hired("ann", "b", "A"),
        "Ann Doe ann@example.com is new and joined A, b",
        "Ann Doe ann@example.com was to be created and join A, b",
    ),
    ([joins("ann", "a")], "ann joined a", "ann was to join a"),
    ([leaves("ann", "a"), leaves("ann", "b")], "ann left a, b", "ann was to leave a, b"),
    ([leaves("ann", "a"), joins("ann", "b")], "ann moved from a to b", "ann was to move from a to b"),
    (
        [leaves("ann", "a"), DeleteUser(ref("ann"), "gone")],
        "ann left a and was deleted",
        "ann was to leave a and be deleted",
    ),
    (
        [leaves("ann", "a"), UpdateUser(ref("ann"), user("ann"), OFF, "suspended")],
        "Ann Doe ann@example.com left a and was switched off",
        "Ann Doe ann@example.com was to leave a and be switched off",
    ),
    (
        [joins("ann", "a"), UpdateUser(ref("ann"), OFF, user("ann", attributes={"phone_number": "1"}), "back")],
        "Ann Doe ann@example.com was switched on and changed (phone number) and joined a",
        "Ann Doe ann@example.com was to be switched on and changed (phone number) and join a",
    ),
    (
        [Adopt("user", ref("ann"), "already there"), joins("ann", "a")],
        "ann was taken over and joined a",
        "ann was to be taken over and join a",
    ),
    ([CreateGroup(group("a"), "")], "a is new, without members", "a was to be created, without members"),
    (
        [DeleteGroup(ref("a"), 3, "")],
        "a was deleted, and with it 3 memberships",
        "a was to be deleted, and with it 3 memberships",
    ),
    ([Adopt("group", ref("a"), "")], "a was taken over", "a was to be taken over"),
]


@pytest.mark.parametrize(("changes", "done", "to_do"), STORIES, ids=[done for _, done, _ in STORIES])
def test_everything_about_one_is_one_sentence(changes: list[Change], done: str, to_do: str) -> None:
    assert sentences(made(*changes)) == [done]
    assert sentences(planned(*changes)) == [to_do]


def test_a_new_group_is_told_with_the_number_of_its_members() -> None:
    new = Ref("", "id-a", "a")
    changes: list[Change] = [CreateGroup(group("a"), "")]
    changes += [CreateMembership(new, ref(name), "") for name in ("ann", "bob")]
    assert "a is new, with 2 members" in sentences(made(*changes))


def test_a_name_that_was_only_in_the_way_is_not_told_beside_the_right_one() -> None:
    aside = UpdateGroup(ref("a"), group("a"), group("a", display_name="aside-1"), "", aside=True)
    right = UpdateGroup(ref("a"), group("a", display_name="aside-1"), group("a", display_name="b"), "")
    assert sentences(made(aside)) == ["a was moved aside (display name a → aside-1)"]
    assert sentences(made(aside, right)) == ["a was renamed (display name aside-1 → b)"]


@pytest.mark.parametrize(("number", "end"), [(7, "g6"), (8, "g5 and 2 more groups"), (30, "g5 and 24 more groups")])
def test_long_lists_of_groups_are_cut(number: int, end: str) -> None:
    (sentence,) = sentences(made(*(joins("ann", f"g{n:01}" if n < 10 else f"z{n}") for n in range(number))))
    assert sentence.startswith("ann joined g0, g1, g2, ")
    assert sentence.endswith(end)


def test_people_are_called_by_their_names_where_these_are_known() -> None:
    there = Directory.of([user("U-ann")], [], {})
    (story,) = stories_of(made(joins("ann", "a"), identity_center=there))
    assert (story.name, story.address) == (Name("U-Ann Doe", "U-ann"), Name("U-ann@example.com", "…"))
    wanted = Directory.of([user("s1")], [], {})
    (story,) = stories_of(made(CreateMembership(ref("a"), Ref("", "s1", "x"), ""), desired=wanted))
    assert story.name == Name("S1 Doe", "s1")


def test_who_loses_access_comes_first_and_the_rest_by_name() -> None:
    run = made(*hired("bob"), *hired("Ann"), joins("cem", "a"), leaves("dan", "a"), DeleteUser(ref("eve"), ""))
    assert [story.name.text for story in stories_of(run)] == ["eve", "dan", "Ann Doe", "Bob Doe", "cem"]
    assert [story.takes_away for story in stories_of(run)] == [True, True, False, False, False]


def test_what_failed_is_no_story_and_what_was_not_tried_is_another_than_what_was_made() -> None:
    bad = joins("ann", "a")
    assert sentences(failing([bad], joins("bob", "a"))) == ["bob joined a"]
    plan = Plan.of("d-1", [joins("ann", "a"), joins("ann", "b")])
    done, missed = (
        Outcome(change, result) for change, result in zip(plan.changes, (Result.DONE, Result.NOT_TRIED), strict=True)
    )
    assert set(sentences(report(plan, outcomes=(done, missed)))) == {"ann joined a", "ann was to join b"}


def test_reasons_are_told_of_what_takes_access_away_but_not_of_a_move() -> None:
    (left,) = stories_of(made(leaves("ann", "a"), leaves("ann", "b")))
    (moved,) = stories_of(made(leaves("ann", "a"), joins("ann", "b")))
    (joined,) = stories_of(made(joins("ann", "b")))
    assert (left.why, moved.why, joined.why) == ("suspended", "", "")


def test_a_glance_counts_people_and_groups_and_not_changes() -> None:
    changes = [*hired("ann", "a", "b"), *hired("bob", "a"), leaves("cem", "a"), leaves("cem", "b")]
    changes += [DeleteUser(ref("dan"), ""), CreateGroup(group("c"), "")]
    assert at_a_glance(stories_of(made(*changes))) == [
        (1, "left"),
        (2, "joined"),
        (1, "in other groups"),
        (1, "new group"),
    ]
    assert at_a_glance(stories_of(planned(*changes, DeleteGroup(ref("d"), 1, ""))))[-1] == (2, "groups to change")
    assert at_a_glance([]) == []


def test_switching_on_is_coming_and_switching_off_is_leaving() -> None:
    on = UpdateUser(ref("ann"), OFF, user("ann"), "")
    off = UpdateUser(ref("ann"), user("ann"), OFF, "")
    assert [stories_of(made(change))[0].plot for change in (on, off)] == [Plot.JOINED, Plot.LEFT]
