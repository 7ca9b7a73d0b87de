"""What was read from Google, and where the directory that is made of it comes from."""

from collections.abc import Mapping

from msgspec import Struct

from sso_sync.core.provenance import ChosenBy, Named, Provenance
from sso_sync.core.selection import Verdict
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.sources.google_workspace.api import Row
from sso_sync.sources.google_workspace.members import Walk
from sso_sync.sources.google_workspace.records import group_fields, to_group, user_fields


class Reading(Struct, frozen=True, kw_only=True):
    """One complete read.

    `users` and `groups` are rows by id, `verdicts` says of every group whether it is selected,
    `outside` holds the addresses of members from outside the company by id.
    """

    users: Mapping[str, Row]
    groups: Mapping[str, Row]
    verdicts: Mapping[str, Verdict]
    found: Walk
    outside: Mapping[str, str]

    @property
    def wanted(self) -> dict[str, Row]:
        """Return the rows of the selected groups."""
        return {group_id: self.groups[group_id] for group_id, verdict in self.verdicts.items() if verdict.selected}


def trace(
    reading: Reading, chosen: Mapping[str, object], verdicts: Mapping[str, Verdict], settings: GoogleWorkspaceSettings
) -> Provenance:
    """Say where the directory comes from; `chosen` are its users, `verdicts` those on people, where there are any."""
    found = reading.found
    own = {user_id: user_id for user_id in reading.users}  # one string for each id, whatever lists it
    people = {user_id: _named(row) for user_id, row in reading.users.items() if user_id not in chosen}
    groups = {group_id: Named("", email) for group_id, email in (*found.unlisted.items(), *found.foreign.items())}
    return Provenance(
        groups=groups | {group_id: _named_group(row, settings.group_name) for group_id, row in reading.groups.items()},
        people=people | {member_id: Named("", email) for member_id, email in reading.outside.items()},
        chosen_groups=_chosen(reading.verdicts),
        chosen_people=_chosen(verdicts) if settings.users else {},
        direct={
            group_id: tuple(sorted(own.get(member_id, member_id) for member_id in found.users.get(group_id, ())))
            for group_id in found.groups
        },
        below={group_id: tuple(sorted(below)) for group_id, below in found.groups.items() if below},
        everybody=frozenset(found.everyone),
        outside=frozenset(reading.outside),
    )


def _chosen(verdicts: Mapping[str, Verdict]) -> dict[str, ChosenBy]:
    """Say by which filter records are selected; records of one filter share one object."""
    by_filter: dict[str, ChosenBy] = {}
    return {
        record_id: by_filter.setdefault(verdict.by.text, ChosenBy(verdict.by.text, verdict.by.description))
        for record_id, verdict in verdicts.items()
        if verdict.selected and verdict.by
    }


def _named(row: Row) -> Named:
    offered = user_fields(row)
    return Named(offered["name"][0], offered["email"][0])


def _named_group(row: Row, named_by: str) -> Named:
    return Named(to_group(row, named_by).display_name, group_fields(row)["email"][0])
