"""How people come into groups: the ways through nested groups.

Of several shortest ways between the same two ends, the first by group names is meant, so that the
answer never depends on the order in which a source lists things. Groups may contain each other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from sso_sync.core.provenance import Provenance


class Way(Struct, frozen=True):
    """One way into a group: the group itself, then the groups below it down to the one that has the person.

    With `everybody` that last one has the whole company in it, not this person by name.
    """

    groups: tuple[str, ...]
    everybody: bool = False


def ways_in(provenance: Provenance, person_id: str) -> dict[str, tuple[Way, ...]]:
    """Find how a person comes into every group that holds them.

    For each group there is one way for each group that has the person directly, since every such
    membership alone keeps them in: shortest first.
    """
    above = _inverted(provenance.below)
    found: defaultdict[str, list[Way]] = defaultdict(list)
    for holder, everybody in _holders(provenance, person_id).items():
        next_below = _search(holder, above, provenance, downwards=False)
        for group_id in next_below:
            found[group_id].append(Way(tuple(_follow(group_id, next_below)), everybody))
    return {
        group_id: tuple(sorted(ways, key=lambda way: (len(way.groups), _by_name(way.groups, provenance))))
        for group_id, ways in found.items()
    }


def ways_of_members(provenance: Provenance, group_id: str, people: Collection[str]) -> dict[str, Way]:
    """Find the shortest way into one group for each of `people` who is in it, in one search."""
    next_above = _search(group_id, provenance.below, provenance, downwards=True)
    found: dict[str, Way] = {}
    for holder in next_above:  # nearest first
        chain = tuple(_follow(holder, next_above))[::-1]
        way = Way(chain)
        for person_id in provenance.direct.get(holder, ()):
            if person_id in people:
                found.setdefault(person_id, way)
        if holder in provenance.everybody:
            for person_id in people:
                if person_id not in provenance.outside:
                    found.setdefault(person_id, Way(chain, everybody=True))
    return found


def ways_between(provenance: Provenance, group_id: str) -> tuple[list[Way], list[Way]]:
    """Find the shortest ways from every group above down to this one, and from this one to every group below."""
    next_below = _search(group_id, _inverted(provenance.below), provenance, downwards=False)
    next_above = _search(group_id, provenance.below, provenance, downwards=True)
    above = [Way(tuple(_follow(other, next_below))) for other in next_below if other != group_id]
    below = [Way(tuple(_follow(other, next_above))[::-1]) for other in next_above if other != group_id]
    return above, below


def _holders(provenance: Provenance, person_id: str) -> dict[str, bool]:
    """Find the groups that a person is directly in; the value tells whether only as everybody is."""
    everybody = () if person_id in provenance.outside else provenance.everybody
    by_name = {group_id: False for group_id, ids in provenance.direct.items() if person_id in ids}
    return dict.fromkeys(everybody, True) | by_name


def _search(
    start: str, edges: Mapping[str, Iterable[str]], provenance: Provenance, *, downwards: bool
) -> dict[str, str]:
    """Reach all groups along `edges`, nearest first; the value is the group that each was reached from.

    Ways are compared by names from the top. Downwards the top is where the search starts, so that
    whoever was reached first passes its rank on; upwards the name of the group just reached decides.
    """
    reached_from = {start: ""}
    level = [start]
    while level:
        following: dict[str, str] = {}
        for group_id in level:
            for other in sorted(edges.get(group_id, ()), key=lambda other: _name_key(other, provenance)):
                if other not in reached_from:
                    following.setdefault(other, group_id)
        level = list(following) if downwards else sorted(following, key=lambda found: _name_key(found, provenance))
        reached_from |= {group_id: following[group_id] for group_id in level}
    return reached_from


def _follow(group_id: str, steps: Mapping[str, str]) -> Iterable[str]:
    while group_id:
        yield group_id
        group_id = steps[group_id]


def _inverted(edges: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    inverted: defaultdict[str, list[str]] = defaultdict(list)
    for one, others in edges.items():
        for other in others:
            inverted[other].append(one)
    return inverted


def _by_name(groups: Iterable[str], provenance: Provenance) -> list[tuple[str, str]]:
    return [_name_key(group_id, provenance) for group_id in groups]


def _name_key(group_id: str, provenance: Provenance) -> tuple[str, str]:
    return provenance.group_name(group_id).casefold(), group_id
