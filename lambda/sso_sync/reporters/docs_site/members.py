"""Who is in a group, since when, and through which groups of the directory."""

from collections.abc import Mapping
from typing import Any

from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Directory
from sso_sync.core.paths import Way, ways_between, ways_of_members
from sso_sync.core.provenance import ChosenBy, Provenance
from sso_sync.reporters.discretion import Discretion
from sso_sync.reporters.docs_site.standing import Standing

UNKNOWN_WAY = -1
BY_AWS, FIRST_SEEN = 0, 1  # whose a date is
Json = dict[str, Any]


class Members:
    """Tells how groups came by their members; without a provenance only who they are."""

    def __init__(self, directory: Directory, ledger: Ledger, standing: Standing, provenance: Provenance | None) -> None:
        self._directory, self._ledger, self._standing = directory, ledger, standing
        self._provenance = provenance or Provenance(groups={})

    def of(self, group_id: str, places: Mapping[str, int], discretion: Discretion) -> Json:
        """Describe one group: members as [place, since, whose date that is, number of the way], in order of places.

        `ways` are names of groups from this one down to the one that holds the person, `inside` and
        `contains` the groups above and below as [steps, name, id in Identity Center or nothing].
        """
        source_id = self._standing.source_id(self._directory.groups[group_id])
        is_known = source_id in self._provenance.groups
        above, below = ways_between(self._provenance, source_id) if is_known else ([], [])
        by = self._provenance.chosen_groups.get(source_id)
        numbers: dict[tuple[str, ...], int] = {}
        ways = self._ways(source_id, group_id) if is_known else {}
        members = [
            [places[user_id], *self._since(group_id, user_id), self._number(ways.get(user_id), numbers)]
            for user_id in sorted(self._directory.members[group_id], key=lambda user_id: places[user_id])
        ]
        return {
            "email": self._provenance.groups[source_id].email if is_known else "",
            "filter": _shown(by, discretion) if by else None,
            "members": members,
            "ways": [list(names) for names in numbers],
            "inside": [self._neighbour(way, way.groups[0]) for way in above],
            "contains": [self._neighbour(way, way.groups[-1]) for way in below],
        }

    def _ways(self, source_id: str, group_id: str) -> dict[str, Way]:
        """Find the way of every member, by AWS id."""
        users = self._directory.users
        source_ids = {
            self._standing.source_id(users[user_id]): user_id for user_id in self._directory.members[group_id]
        }
        found = ways_of_members(self._provenance, source_id, source_ids.keys() - {""})
        return {source_ids[person_id]: way for person_id, way in found.items()}

    def _number(self, way: Way | None, numbers: dict[tuple[str, ...], int]) -> int:
        """Number a way; many members come the same."""
        if way is None:
            return UNKNOWN_WAY
        names = tuple(self._provenance.group_name(group_id) for group_id in way.groups)
        return numbers.setdefault(names, len(numbers))

    def _since(self, group_id: str, user_id: str) -> tuple[int | None, int]:
        """Return since when somebody is in a group, in seconds since 1970, and who says so."""
        made = self._directory.since.get(group_id, {}).get(user_id)
        seen = self._ledger.memberships.get(group_id, {}).get(user_id)
        if made:
            return int(made.timestamp()), BY_AWS
        return int(seen.timestamp()) if seen else None, FIRST_SEEN

    def _neighbour(self, way: Way, group_id: str) -> list[object]:
        return [len(way.groups) - 1, self._provenance.group_name(group_id), self._standing.aws_id("group", group_id)]


def _shown(by: ChosenBy, discretion: Discretion) -> Json:
    return {"text": discretion.text(by.text), "description": discretion.text(by.description)}
