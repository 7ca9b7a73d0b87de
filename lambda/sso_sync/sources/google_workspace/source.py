"""The source: which of Google's users and groups are wanted, and who is in what."""

import logging
from collections.abc import Iterable, Iterator
from functools import cached_property

from google.oauth2.service_account import Credentials

from sso_sync.core.errors import SourceError
from sso_sync.core.model import Directory, SetAside, User
from sso_sync.core.provenance import OUTSIDE
from sso_sync.core.records import (
    keep_valid_attributes,
    keep_valid_description,
    set_aside,
    why_not_group,
    why_not_user,
)
from sso_sync.core.selection import GROUP_FIELDS, USER_FIELDS, Fields, Selection, Verdict
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.selection import EVERYTHING, build_selection
from sso_sync.sources.google_workspace.api import DirectoryApi, Row
from sso_sync.sources.google_workspace.credentials import DOMAIN_SCOPE, READ_SCOPES, make_credentials
from sso_sync.sources.google_workspace.members import Walk, walk_twice
from sso_sync.sources.google_workspace.provenance import Reading, trace
from sso_sync.sources.google_workspace.records import (
    UserMapping,
    check_group,
    group_fields,
    required_id,
    to_group,
    user_fields,
    why_unreadable,
)

log = logging.getLogger(__name__)
# Of the documented rate: the rest is for others who use the same project. Half of it may leave at once and
# half over the minute, so that no minute has more than all of it.
QUOTA_SHARE = 0.9


def make_source(
    settings: GoogleWorkspaceSettings, key: str, calls: Calls | None = None, patience: Patience | None = None
) -> "GoogleWorkspaceSource":
    """Make the source from its settings and the service account's key; raises CredentialsError."""
    api = DirectoryApi(
        make_credentials(key, settings.admin, READ_SCOPES),
        admin=settings.admin,
        customer=settings.customer,
        root_url=settings.root_url,
        governor=RateGovernor(
            settings.queries_per_minute / 60 * QUOTA_SHARE / 2,
            burst=int(settings.queries_per_minute * QUOTA_SHARE / 2),
        ),
        calls=calls,
        patience=patience,
    )
    return GoogleWorkspaceSource(settings, api, make_credentials(key, settings.admin, [DOMAIN_SCOPE]))


class GoogleWorkspaceSource:
    """Reads one Google Workspace; see `core.ports.IdentitySource`."""

    name = "Google Workspace"

    def __init__(self, settings: GoogleWorkspaceSettings, api: DirectoryApi, domain_credentials: Credentials) -> None:
        self._settings, self._api, self._domain_credentials = settings, api, domain_credentials
        self._mapping = UserMapping(settings)
        self._groups = build_selection(settings.groups, GROUP_FIELDS, custom=False, path="groups", mistakes=[])
        self._users = EVERYTHING
        if settings.users:
            self._users = build_selection(settings.users, USER_FIELDS, custom=True, path="users", mistakes=[])

    def read(self) -> Directory:
        reading = self._read()
        log.info(
            "read",
            extra={"users": len(reading.users), "groups": len(reading.groups), "selected": len(reading.wanted)},
        )
        return self._directory(reading)

    def _read(self) -> Reading:
        users = _by_id(self._api.users(self._user_fields, self._custom_schemas), "user")
        groups = _by_id(self._api.groups(), "group")
        for row in groups.values():
            check_group(row)
        verdicts = {group_id: self._groups.decide(group_fields(row)) for group_id, row in groups.items()}
        start = [group_id for group_id, verdict in verdicts.items() if verdict.selected]
        found = walk_twice(self._api, start, users, groups, self._is_own)
        newer, outside = self._resolve_strangers(found)
        return Reading(users=users | newer, groups=groups, verdicts=verdicts, found=found, outside=outside)

    def _warnings(self, reading: Reading) -> Iterator[str]:
        yield from _idle_filters(self._groups, map(group_fields, reading.groups.values()), "group")
        yield from _idle_filters(self._users, map(user_fields, reading.users.values()), "user")
        if reading.outside:
            count = len(reading.outside)
            were = "member from outside the company was" if count == 1 else "members from outside the company were"
            yield f"{count} {were} left out"

    def _directory(self, reading: Reading) -> Directory:
        wanted_groups, everybody = reading.wanted, set(reading.users)
        people = reading.found.people_of(wanted_groups, everybody)
        members = set().union(*people.values())
        left_out = {group_id: v.why_not() for group_id, v in reading.verdicts.items() if not v.selected}
        left_out |= dict.fromkeys((*reading.found.foreign, *reading.outside), OUTSIDE)
        verdicts: dict[str, Verdict] = {}
        chosen: dict[str, User] = {}
        aside: list[SetAside] = []
        for user_id, row in reading.users.items():
            verdicts[user_id] = self._users.decide(user_fields(row))
            unreadable = why_unreadable(row)
            if unreadable:
                named = keep_valid_attributes(self._mapping.user(row))
                aside.append(set_aside(named, unreadable, (g for g in wanted_groups if user_id in people[g])))
                continue
            why = self._why_left_out(row, verdicts[user_id], is_member=user_id in members)
            if why:
                left_out[user_id] = why
                continue
            user = keep_valid_attributes(self._mapping.user(row))
            problem = why_not_user(user)
            if problem:
                aside.append(set_aside(user, problem, (g for g in wanted_groups if user_id in people[g])))
            else:
                chosen[user_id] = user
        made = [keep_valid_description(to_group(r, self._settings.group_name)) for r in wanted_groups.values()]
        problems = {group.id: why_not_group(group) for group in made}
        aside += [set_aside(group, problem) for group in made if (problem := problems[group.id])]
        good = [group for group in made if not problems[group.id]]
        return Directory.of(
            chosen.values(),
            good,
            {group.id: people[group.id] & chosen.keys() for group in good},
            set_aside=aside,
            left_out=left_out,
            warnings=self._warnings(reading),
            provenance=trace(reading, chosen, verdicts, self._settings),
        )

    def _why_left_out(self, row: Row, verdict: Verdict, *, is_member: bool) -> str | None:
        if row.get("suspended") and not self._settings.include_suspended:
            return "suspended in Google Workspace"
        if row.get("archived") and not self._settings.include_archived:
            return "archived in Google Workspace"
        if not verdict.selected:
            return verdict.why_not("for users")
        if self._settings.method == "groups" and not is_member:
            return "in no selected group"
        return None

    def _resolve_strangers(self, found: Walk) -> tuple[dict[str, Row], dict[str, str]]:
        """Look up members that the listing lacks; return those who are users, and the addresses of externals.

        Raises SourceError for an internal member who cannot be found: the listing was not complete.
        """
        newer: dict[str, Row] = {}
        outside = dict(found.outsiders)
        for stranger in found.strangers.values():
            if not self._is_own(stranger.email, stranger.has_status):
                outside[stranger.id] = stranger.email
                continue
            row = self._api.user(stranger.id, self._user_fields)
            if row is None:
                raise SourceError(
                    f"Google lists {stranger.email or stranger.id} as a member of group {stranger.group_id}, but has "
                    "no such user, so the listing is not complete; nothing was changed, the next run tries again."
                )
            if row.get("id") != stranger.id:
                raise SourceError(
                    f"Google was asked for the member {stranger.id} of group {stranger.group_id} and sent "
                    "another user, so its answer is not complete; nothing was changed, the next run tries again."
                )
            newer[stranger.id] = row
        return newer, outside

    def _is_own(self, address: str, has_status: bool) -> bool:
        """Tell whether an address is the company's own: by its domain, else by having a status."""
        if not address or self._domains is None:
            return has_status
        return address.rpartition("@")[2].lower() in self._domains

    @cached_property
    def _domains(self) -> frozenset[str] | None:
        return self._api.domains(self._domain_credentials)

    @property
    def _user_fields(self) -> frozenset[str]:
        custom = {"customSchemas"} if self._users.custom_schemas else set()
        return self._mapping.fields | custom

    @property
    def _custom_schemas(self) -> frozenset[str] | None:
        return None if self._mapping.needs_custom_schemas else self._users.custom_schemas


def _by_id(rows: Iterable[Row], what: str) -> dict[str, Row]:
    return {required_id(row, what): row for row in rows}


def _idle_filters(selection: Selection, records: Iterable[Fields], what: str) -> list[str]:
    return [f"the filter '{idle.text}' matches no {what}" for idle in selection.idle(list(records))]
