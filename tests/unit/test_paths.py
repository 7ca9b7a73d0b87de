"""How people come into groups through nested groups: every way, shortest first, always the same."""

from hypothesis import given
from hypothesis import strategies as st

from sso_sync.core.nesting import flatten
from sso_sync.core.paths import Way, ways_between, ways_in, ways_of_members
from sso_sync.core.provenance import Provenance

GROUPS = "abcdefg"
PEOPLE = ("ann", "bob", "cem")


def nesting(
    direct: dict[str, tuple[str, ...]],
    below: dict[str, tuple[str, ...]] | None = None,
    *,
    everybody: frozenset[str] = frozenset(),
    outside: frozenset[str] = frozenset(),
) -> Provenance:
    return Provenance(groups={}, direct=direct, below=below or {}, everybody=everybody, outside=outside)


def test_a_direct_member_is_in_by_the_group_itself() -> None:
    assert ways_in(nesting({"a": ("ann",)}), "ann") == {"a": (Way(("a",)),)}


def test_somebody_three_deep_comes_in_through_every_group_between() -> None:
    deep = nesting({"d": ("ann",)}, {"a": ("b",), "b": ("c",), "c": ("d",)})
    assert ways_in(deep, "ann")["a"] == (Way(("a", "b", "c", "d")),)
    assert set(ways_in(deep, "ann")) == {"a", "b", "c", "d"}


def test_every_direct_membership_is_a_way_of_its_own_and_the_shortest_comes_first() -> None:
    two = nesting({"a": (), "b": ("ann",), "c": (), "d": ("ann",)}, {"a": ("b", "c"), "c": ("d",)})
    assert ways_in(two, "ann")["a"] == (Way(("a", "b")), Way(("a", "c", "d")))


def test_of_two_ways_of_one_length_names_decide_from_the_top() -> None:
    diamond = nesting({"p": ("ann",)}, {"top": ("a", "b"), "a": ("z",), "b": ("y",), "y": ("p",), "z": ("p",)})
    expected = Way(("top", "a", "z", "p"))
    assert ways_in(diamond, "ann")["top"] == (expected,)
    assert ways_of_members(diamond, "top", {"ann"}) == {"ann": expected}


def test_groups_that_contain_each_other_have_finite_ways() -> None:
    circle = nesting({"c": ("ann",)}, {"a": ("b", "a"), "b": ("c",), "c": ("a",)})
    assert ways_in(circle, "ann") == {"a": (Way(("a", "b", "c")),), "b": (Way(("b", "c")),), "c": (Way(("c",)),)}


def test_everybody_is_in_a_group_that_has_the_whole_company() -> None:
    whole = nesting({"all": ()}, {"a": ("all",)}, everybody=frozenset({"all"}))
    assert ways_in(whole, "ann")["a"] == (Way(("a", "all"), everybody=True),)
    assert ways_of_members(whole, "a", {"ann"}) == {"ann": Way(("a", "all"), everybody=True)}


def test_somebody_from_outside_is_not_everybody() -> None:
    whole = nesting({"all": ()}, everybody=frozenset({"all"}), outside=frozenset({"ann"}))
    assert ways_in(whole, "ann") == {}
    assert ways_of_members(whole, "all", {"ann"}) == {}


def test_a_membership_by_name_counts_before_that_of_everybody() -> None:
    whole = nesting({"all": ("ann",)}, everybody=frozenset({"all"}))
    assert ways_in(whole, "ann") == {"all": (Way(("all",)),)}
    assert ways_of_members(whole, "all", {"ann", "bob"}) == {"ann": Way(("all",)), "bob": Way(("all",), everybody=True)}


def test_somebody_in_no_group_has_no_way() -> None:
    assert ways_in(nesting({"a": ("ann",)}), "bob") == {}


def test_groups_above_and_below_are_found_with_their_ways() -> None:
    above, below = ways_between(nesting({}, {"a": ("b",), "b": ("c", "d"), "d": ("e",)}), "b")
    assert above == [Way(("a", "b"))]
    assert below == [Way(("b", "c")), Way(("b", "d")), Way(("b", "d", "e"))]


def test_nesting_deeper_than_the_call_stack_is_fine() -> None:
    depth = 5000
    deep = nesting({str(depth): ("ann",)}, {str(level): (str(level + 1),) for level in range(depth)})
    assert len(ways_of_members(deep, "0", {"ann"})["ann"].groups) == depth + 1


@given(
    direct=st.dictionaries(st.sampled_from(GROUPS), st.sets(st.sampled_from(PEOPLE)).map(tuple)),
    below=st.dictionaries(st.sampled_from(GROUPS), st.sets(st.sampled_from(GROUPS)).map(tuple)),
    everybody=st.frozensets(st.sampled_from(GROUPS), max_size=1),
)
def test_both_searches_agree_with_each_other_and_with_the_flattened_groups(
    direct: dict[str, tuple[str, ...]], below: dict[str, tuple[str, ...]], everybody: frozenset[str]
) -> None:
    provenance = nesting(direct, below, everybody=everybody)
    everyone = {group_id: PEOPLE if group_id in everybody else direct.get(group_id, ()) for group_id in GROUPS}
    upwards = {person: ways_in(provenance, person) for person in PEOPLE}
    for group_id in GROUPS:
        downwards = ways_of_members(provenance, group_id, set(PEOPLE))
        assert set(downwards) == flatten(group_id, everyone, below)
        for person in PEOPLE:
            ways = upwards[person].get(group_id, ())
            assert ways[:1] == ((downwards[person],) if person in downwards else ())
            assert all(down in below[up] for way in ways for up, down in zip(way.groups, way.groups[1:], strict=False))
