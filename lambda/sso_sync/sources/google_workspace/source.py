"""The source: which of Google's users and groups are wanted, and who is in what."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sso_sync.core.errors import SourceError
from sso_sync.core.findings import Credential, Finding
from sso_sync.core.model import Directory
from sso_sync.core.once import once
from sso_sync.core.provenance import Named
from sso_sync.core.selection import GROUP_FIELDS, USER_FIELDS
from sso_sync.http.governor import RateGovernor
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.sources.google_workspace.api import DirectoryApi
from sso_sync.sources.google_workspace.caller import Caller, Row
from sso_sync.sources.google_workspace.examination import Examination
from sso_sync.sources.google_workspace.members import Walk, walk_twice
from sso_sync.sources.google_workspace.records import (
    UserMapping,
    check_group,
    group_fields,
    required_id,
    to_group,
    user_fields,
    why_unreadable,
)
from sso_sync.sources.google_workspace.scopes import DOMAIN_SCOPE, READ_SCOPES
from sso_sync.sources.google_workspace.sign_in import SignIn, make_sign_in
from sso_sync.sources.listing import Filters, ListedGroup, Listing, Person, assemble
from sso_sync.sources.tools import Tools

log = logging.getLogger(__name__)
# Of the documented rate: the rest is for others who use the same project. Half of it may leave at once and
# half over the minute, so that no minute has more than all of it.
QUOTA_SHARE = 0.9


def make_source(settings: GoogleWorkspaceSettings, secrets: Mapping[str, str], tools: Tools) -> "GoogleWorkspaceSource":
    """Make the source from its settings and what it signs in with; raises CredentialsError."""
    sign_in = make_sign_in(settings, secrets, tools)
    caller = Caller(
        sign_in.scoped(READ_SCOPES),
        admin=settings.admin,
        root_url=settings.root_url,
        governor=RateGovernor(
            settings.queries_per_minute / 60 * QUOTA_SHARE / 2,
            burst=int(settings.queries_per_minute * QUOTA_SHARE / 2),
        ),
        calls=tools.calls,
        patience=tools.patience,
    )
    return GoogleWorkspaceSource(settings, DirectoryApi(caller, settings.customer), sign_in)


class GoogleWorkspaceSource:
    """Reads one Google Workspace; see `core.ports.IdentitySource`."""

    def __init__(self, settings: GoogleWorkspaceSettings, api: DirectoryApi, sign_in: SignIn) -> None:
        self._settings, self._api, self._sign_in = settings, api, sign_in
        self._mapping = UserMapping(settings)
        self._filters = Filters.of(settings, GROUP_FIELDS, USER_FIELDS, custom=True)

    @property
    def name(self) -> str:
        return self._settings.label

    def read(self) -> Directory:
        return assemble(self._read(), self._settings, self._filters)

    def _read(self) -> Listing:
        users = _by_id(self._api.users(self._user_fields, self._custom_schemas), "user")
        groups = _by_id(self._api.groups(), "group")
        for row in groups.values():
            check_group(row)
        verdicts = {group_id: self._filters.groups.decide(group_fields(row)) for group_id, row in groups.items()}
        start = [group_id for group_id, verdict in verdicts.items() if verdict.selected]
        found = walk_twice(self._api, start, users, groups, self._is_own)
        newer, outside = self._resolve_strangers(found)
        return Listing(
            people={user_id: self._person(row) for user_id, row in (users | newer).items()},
            groups={
                group_id: ListedGroup(to_group(row, self._settings.group_name), group_fields(row), verdicts[group_id])
                for group_id, row in groups.items()
            },
            direct={group_id: found.users.get(group_id, set()) for group_id in found.groups},
            below=found.groups,
            everybody=found.everyone,
            outside=_named(outside),
            unlisted=_named(found.unlisted),
            foreign=_named(found.foreign),
        )

    def credentials(self) -> Sequence[Credential]:
        return [self._sign_in.credential]

    def examine(self) -> Iterator[Finding]:
        examination = Examination(self._settings, self._api, self._sign_in, self._custom_schemas)
        yield from examination.findings()

    def _person(self, row: Row) -> Person:
        unreadable = why_unreadable(row) or ""
        return Person(self._mapping.user(row), user_fields(row), self._why_inactive(row), unreadable)

    def _why_inactive(self, row: Row) -> str:
        if row.get("suspended") and not self._settings.include_suspended:
            return "suspended in Google Workspace"
        if row.get("archived") and not self._settings.include_archived:
            return "archived in Google Workspace"
        return ""

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

    @once
    def _domains(self) -> frozenset[str] | None:
        return self._api.domains(self._sign_in.scoped([DOMAIN_SCOPE]))

    @property
    def _user_fields(self) -> frozenset[str]:
        custom = {"customSchemas"} if self._filters.people.custom_schemas else set()
        return self._mapping.fields | custom

    @property
    def _custom_schemas(self) -> frozenset[str] | None:
        return None if self._mapping.needs_custom_schemas else self._filters.people.custom_schemas


def _by_id(rows: Iterable[Row], what: str) -> dict[str, Row]:
    return {required_id(row, what): row for row in rows}


def _named(addresses: Mapping[str, str]) -> dict[str, Named]:
    return {record_id: Named("", address) for record_id, address in addresses.items()}
