"""Nested groups are flattened, whatever shape the nesting has."""

from sso_sync.core.nesting import flatten


def test_a_flat_group_has_its_own_users() -> None:
    assert flatten("g", {"g": ["ann", "bob"], "other": ["cem"]}, {}) == {"ann", "bob"}


def test_the_users_of_all_groups_below_are_collected() -> None:
    users = {"top": ["ann"], "middle": ["bob"], "bottom": ["cem"]}
    assert flatten("top", users, {"top": ["middle"], "middle": ["bottom"]}) == {"ann", "bob", "cem"}


def test_users_of_groups_above_are_not_collected() -> None:
    assert flatten("bottom", {"top": ["ann"], "bottom": ["bob"]}, {"top": ["bottom"]}) == {"bob"}


def test_groups_that_contain_each_other_have_the_same_users() -> None:
    users = {"a": ["ann"], "b": ["bob"], "c": ["cem"]}
    circle = {"a": ["b"], "b": ["c"], "c": ["a"]}
    assert [flatten(group, users, circle) for group in "abc"] == [{"ann", "bob", "cem"}] * 3


def test_a_group_that_contains_itself_is_walked_once() -> None:
    assert flatten("a", {"a": ["ann"]}, {"a": ["a"]}) == {"ann"}


def test_a_group_reached_on_two_ways_counts_once() -> None:
    diamond = {"top": ["left", "right"], "left": ["bottom"], "right": ["bottom"]}
    assert flatten("top", {"bottom": ["ann"], "right": ["ann", "bob"]}, diamond) == {"ann", "bob"}


def test_a_sub_group_that_nobody_knows_adds_nobody() -> None:
    assert flatten("top", {"top": ["ann"]}, {"top": ["gone", "gone"]}) == {"ann"}


def test_a_group_that_nobody_knows_is_empty() -> None:
    assert flatten("gone", {}, {}) == set()


def test_nesting_deeper_than_the_call_stack_is_fine() -> None:
    depth = 5000
    below = {str(level): [str(level + 1)] for level in range(depth)}
    assert flatten("0", {str(depth): ["ann"]}, below) == {"ann"}
