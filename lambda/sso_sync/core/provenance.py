"""How a source came to its directory: what explains why somebody is in it or not."""

from collections.abc import Mapping

from msgspec import Struct

# Why somebody from another company is not in the directory; no setting lets them in.
OUTSIDE = "from outside the company"


class Named(Struct, frozen=True):
    """What a person or a group of the source is called."""

    name: str
    email: str = ""


class ChosenBy(Struct, frozen=True):
    """The filter of the config that selected a record: its text, and what it is for."""

    text: str
    description: str = ""


class Provenance(Struct, frozen=True, kw_only=True):
    """Where a directory comes from; everything is by source id, and tuples of ids are sorted.

    `groups` names every group that was listed or walked, `people` whoever is not among the users of
    the directory. `chosen_groups` and `chosen_people` say by which filter: every selected group, and,
    where there are filters for people, every selected person. `direct` and `below` are the people and
    the groups directly in each walked group; `everybody` are groups with the whole company directly in
    them, which `outside` is no part of.
    """

    groups: Mapping[str, Named]
    people: Mapping[str, Named] = {}
    chosen_groups: Mapping[str, ChosenBy] = {}
    chosen_people: Mapping[str, ChosenBy] = {}
    direct: Mapping[str, tuple[str, ...]] = {}
    below: Mapping[str, tuple[str, ...]] = {}
    everybody: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()

    def under(self, newer: "Provenance") -> "Provenance":
        """Return what is newer, and where that knows nothing, this."""
        return Provenance(
            groups={**self.groups, **newer.groups},
            people={**self.people, **newer.people},
            chosen_groups={**self.chosen_groups, **newer.chosen_groups},
            chosen_people={**self.chosen_people, **newer.chosen_people},
            direct={**self.direct, **newer.direct},
            below={**{one: below for one, below in self.below.items() if one not in newer.direct}, **newer.below},
            everybody=frozenset(self.everybody - newer.direct.keys()) | newer.everybody,
            outside=self.outside | newer.outside,
        )

    def group_name(self, group_id: str) -> str:
        """Return what a group is called, its id if nothing else is known."""
        named = self.groups.get(group_id)
        return (named.name or named.email if named else "") or group_id
