"""Reads a tenant: listings side by side, then the groups that are wanted down to their people."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from sso_sync.core.errors import SourceError
from sso_sync.core.provenance import ChosenBy
from sso_sync.core.selection import Selection
from sso_sync.core.wording import counted, listed
from sso_sync.http.calls import Calls
from sso_sync.settings import EntraIdSettings
from sso_sync.sources.entra_id import tenant
from sso_sync.sources.entra_id.answers import AGAIN, missing
from sso_sync.sources.entra_id.assigned import Assigned, assigned_of
from sso_sync.sources.entra_id.graph import Graph, Row, rows
from sso_sync.sources.entra_id.login import Login
from sso_sync.sources.entra_id.members import Walk, walk
from sso_sync.sources.entra_id.records import (
    HIDDEN,
    UserMapping,
    check_group,
    group_fields,
    lacks_properties,
    to_group,
    user_fields,
    why_unreadable,
)
from sso_sync.sources.entra_id.wire import Request
from sso_sync.sources.listing import ListedGroup, Listing, Person


class Tenant(Struct, frozen=True):
    """What the listings of one read hold, by id; `ends` of client secrets is None if Graph would tell, and did not."""

    users: Mapping[str, Row]
    groups: Mapping[str, Row]
    assigned: Assigned
    ends: Mapping[str, datetime] | None


class Reader:
    """Reads one tenant; `patterns` choose groups by name and address."""

    def __init__(
        self, settings: EntraIdSettings, graph: Graph, login: Login, patterns: Selection, calls: Calls
    ) -> None:
        self._settings, self._graph, self._login, self._calls = settings, graph, login, calls
        self._patterns, self._mapping = patterns, UserMapping(settings)

    def tenant(self) -> Tenant:
        """Read all listings side by side."""
        settings = self._settings
        wanted = {tenant.USERS: tenant.users(self._mapping.fields), tenant.GROUPS: tenant.groups()}
        wanted |= tenant.assignments(settings.application) if settings.application else {}
        wanted |= self._requests_for_ends()
        users: dict[str, Row] = {}
        groups: dict[str, Row] = {}
        assigned: list[Row] = []
        ends: Mapping[str, datetime] | None = {}
        is_there = False
        for key, body, _ in self._graph.read(wanted):
            match key:
                case tenant.USERS:
                    users |= tenant.by_id(body, wanted[key], "user")
                case tenant.GROUPS:
                    groups |= tenant.by_id(body, wanted[key], "group")
                case tenant.SECRETS:
                    ends = self._ends(body)
                case _ if body:
                    is_there = True
                    assigned += rows(body, wanted[key].doing)
        if settings.application and not is_there:
            raise SourceError(
                f"There is no enterprise application {settings.application} in the tenant {settings.tenant}; correct "
                "'application' (Entra admin center, Enterprise applications, the application, Properties, Application "
                "ID)."
            )
        return Tenant(users, groups, assigned_of(assigned, settings.application or ""), ends)

    def listing(self, found: Tenant) -> tuple[Listing, list[str]]:
        """Walk the groups that are wanted, and put everything together; returns warnings, too."""
        users, groups, gone = self._with_assigned(found)
        for row in users.values():
            self._check_user(row)
        for row in groups.values():
            check_group(row)
        assigned, selection = found.assigned, self._selection(found.assigned)
        fields = {group_id: group_fields(row, group_id in assigned.groups) for group_id, row in groups.items()}
        verdicts = {group_id: selection.decide(fields[group_id]) for group_id in groups}
        start = [group_id for group_id, verdict in verdicts.items() if verdict.selected]
        walked = walk(self._graph, start, groups, lambda group_id: self._check_hidden(groups[group_id]), self._calls)
        users |= self._newer(walked, users)
        by_assignment = ChosenBy(assigned.filter.text)
        listing = Listing(
            people={user_id: self._person(row) for user_id, row in users.items()},
            groups={
                group_id: ListedGroup(to_group(row), fields[group_id], verdicts[group_id])
                for group_id, row in groups.items()
            },
            direct=walked.users,
            below=walked.groups,
            assigned=dict.fromkeys(assigned.people & users.keys(), by_assignment),
        )
        return listing, list(_warnings(assigned, walked, gone))

    def _selection(self, assigned: Assigned) -> Selection:
        """Add to the patterns what the application is assigned to; their excludes hold for both."""
        return Selection((*self._patterns.include, assigned.filter), self._patterns.exclude)

    def _with_assigned(self, found: Tenant) -> tuple[dict[str, Row], dict[str, Row], int]:
        """Return users and groups with those that were assigned after they were listed, and how many are gone.

        Assignments of who was deleted may still be listed: whoever is neither listed nor found by id is not there.
        """
        users, groups, assigned = dict(found.users), dict(found.groups), found.assigned
        fields, gone = self._mapping.fields, 0
        wanted = {user_id: tenant.user(user_id, fields) for user_id in sorted(assigned.people - users.keys())}
        wanted |= {group_id: tenant.group(group_id) for group_id in sorted(assigned.groups - groups.keys())}
        for object_id, row in tenant.look_up(self._graph, wanted):
            if row is None:
                gone += 1
            elif object_id in assigned.people:
                users[object_id] = row
            else:
                groups[object_id] = row
        return users, groups, gone

    def _newer(self, walked: Walk, known: Mapping[str, Row]) -> dict[str, Row]:
        """Look up members whom no listing has; raises SourceError for one who cannot be found."""
        fields = self._mapping.fields
        strangers = sorted(set[str]().union(*walked.users.values()) - known.keys())
        newer: dict[str, Row] = {}
        wanted = {user_id: tenant.user(user_id, fields) for user_id in strangers}
        for user_id, row in tenant.look_up(self._graph, wanted):
            if row is None:
                raise SourceError(
                    f"Microsoft Graph lists the user {user_id} as a member of a group, but has no such user, so the "
                    f"listing is not complete; {AGAIN}."
                )
            self._check_user(row)
            newer[user_id] = row
        return newer

    def _person(self, row: Row) -> Person:
        unreadable = why_unreadable(row)
        return Person(self._mapping.user(row), user_fields(row), self._mapping.why_left_out(row), unreadable)

    def _check_user(self, row: Row) -> None:
        """Refuse users whose properties Graph keeps back, before they count as people without any."""
        if lacks_properties(row):
            said = "Microsoft Graph sends users without userPrincipalName or accountEnabled"
            if tenant.held(self._login.roles, tenant.READ_USERS):
                raise SourceError(f"Cannot list the users: {said}, so its answer is not complete; {AGAIN}.")
            raise missing(tenant.READ_USERS, "list the users", said)

    def _check_hidden(self, row: Row) -> None:
        """Refuse a group whose members Graph would not show, rather than see it empty."""
        if row.get("visibility") == HIDDEN and not tenant.held(self._login.roles, tenant.READ_HIDDEN):
            name = row.get("displayName")
            raise missing(
                tenant.READ_HIDDEN,
                f"list the members of the group '{name}'",
                "its membership is hidden, and would look empty",
            )

    def _ends(self, body: Row) -> Mapping[str, datetime] | None:
        """Tell an app that is never told from one that was not told this time, which proves nothing."""
        may_know = not body and tenant.held(self._login.roles, tenant.READ_APPLICATIONS)
        return None if may_know else tenant.ends_of_secrets(body)

    def ends_of_secrets(self) -> Mapping[str, datetime]:
        """Ask for nothing but when client secrets end; raises as `tenant` does."""
        pages = self._graph.read(self._requests_for_ends())
        return {hint: end for _, body, _ in pages for hint, end in tenant.ends_of_secrets(body).items()}

    def _requests_for_ends(self) -> dict[str, Request]:
        return {tenant.SECRETS: tenant.client_secrets(self._settings.client_id)} if self._settings.client_secret else {}


def _warnings(assigned: Assigned, walked: Walk, gone: int) -> Iterator[str]:
    others = Counter(walked.passed_over)
    others.update(assigned.others)
    if others:
        kinds = listed([counted(number, kind) for kind, number in sorted(others.items())])
        yield f"{kinds} among members and assignments cannot sign in to AWS, and were passed over"
    if gone:
        yield f"{counted(gone, 'assignment')} to the application '{assigned.application}' of who is not there any more"
