"""What a read of Google Workspace needs, looked at piece by piece; nothing is written."""

from collections.abc import Callable, Iterator
from typing import Any

from sso_sync.core.errors import CredentialsError, SsoSyncError
from sso_sync.core.findings import Finding, Mark
from sso_sync.core.once import once
from sso_sync.core.wording import counted, listed
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.sources.google_workspace.admin_roles import WHERE, given_roles, judged
from sso_sync.sources.google_workspace.api import DirectoryApi, projection
from sso_sync.sources.google_workspace.caller import Row, rows_of
from sso_sync.sources.google_workspace.errors import ApiOff, Forbidden
from sso_sync.sources.google_workspace.scopes import DOMAIN_SCOPE, READ_SCOPES, ROLE_SCOPE, SCHEMA_SCOPE
from sso_sync.sources.google_workspace.sign_in import SignIn
from sso_sync.sources.google_workspace.sign_in_errors import DelegationMissing

CUSTOM_ATTRIBUTES = "the Google Admin console (Directory, Users, More options, Manage custom attributes)"


class Examination:
    """Looks at one Google Workspace; `schemas` are the custom schemas that a read asks for, None all of them."""

    def __init__(
        self, settings: GoogleWorkspaceSettings, api: DirectoryApi, sign_in: SignIn, schemas: frozenset[str] | None
    ) -> None:
        self._settings, self._api, self._sign_in, self._schemas = settings, api, sign_in, schemas
        self._service = api.caller.service

    def findings(self) -> Iterator[Finding]:
        """Yield a finding for each thing; what cannot be looked at before something else is mended is left out."""
        try:
            missing = [scope for scope in READ_SCOPES if not self._is_delegated(scope)]
        except SsoSyncError as exc:
            yield self._problem("sign-in", exc)
            return
        if len(missing) < len(READ_SCOPES):
            who = f"{self._sign_in.account} for {self._settings.admin}"
            yield self._finding("sign-in", Mark.GOOD, f"It signs in as {who} by {self._sign_in.credential.kind}.")
        yield from (self._delegation(scope, is_missing=scope in missing) for scope in READ_SCOPES)
        if not missing:
            yield from self._reads()

    def _reads(self) -> Iterator[Finding]:
        try:
            users = self._users()
        except ApiOff as exc:
            yield self._problem("Admin SDK API", exc)
            return
        except SsoSyncError as exc:
            users = self._problem("list users", exc)
        yield self._finding("Admin SDK API", Mark.GOOD, "It is on.")
        yield users
        yield from self._looked("list groups", self._groups)
        yield from self._looked("list members", self._members)
        yield from self._looked("domains", self._domains)
        yield from self._looked("administrator's role", self._role)
        if self._schemas is None or self._schemas:
            yield from self._looked("custom attributes", self._custom_attributes)

    def _users(self) -> Finding:
        """List one, with the custom fields that a read asks for; raises an SsoSyncError."""
        if self._first("users", self._service.users().list, **projection(self._schemas)):
            return self._finding("list users", Mark.GOOD, "Users can be listed.")
        said = (
            "Google lists no user at all; the administrator's role may be for an organisational unit without anybody."
        )
        return self._finding("list users", Mark.PROBLEM, said, f"{WHERE} look for what it is assigned.")

    def _groups(self) -> Iterator[Finding]:
        if self._some_groups:
            yield self._finding("list groups", Mark.GOOD, "Groups can be listed.")
            return
        said = "Google lists no group at all, so that nothing can be selected."
        yield self._finding("list groups", Mark.PROBLEM, said, _remedy(Forbidden(said), self._settings.admin))

    @once
    def _some_groups(self) -> list[Row]:
        return self._first("groups", self._service.groups().list)

    def _members(self) -> Iterator[Finding]:
        if not self._some_groups:
            yield self._finding("list members", Mark.NOTE, "There is no group whose members could be listed.")
            return
        options = {"groupKey": self._some_groups[0].get("id"), "maxResults": 1, "fields": "members(id)"}
        self._api.caller.execute(self._service.members().list(**options), "list the members of a group")
        yield self._finding("list members", Mark.GOOD, "Members of groups can be listed.")

    def _domains(self) -> Iterator[Finding]:
        by_status = "Members from outside are told by the status that Google gives insiders only"
        if not self._is_delegated(DOMAIN_SCOPE):
            said = f"{by_status}; with the optional scope {DOMAIN_SCOPE} it would be by your own domains."
            yield self._finding("domains", Mark.NOTE, said, self._grant(DOMAIN_SCOPE))
            return
        domains = self._api.domains(self._sign_in.scoped([DOMAIN_SCOPE]))
        if domains is None:
            said = f"{by_status}, because the role of {self._settings.admin} may not list domains."
            remedy = f"{WHERE} add the privilege Domain Settings, if they are to be told by your own domains."
            yield self._finding("domains", Mark.NOTE, said, remedy)
            return
        said = f"Members from outside are told by {counted(len(domains), 'domain')} of your own."
        yield self._finding("domains", Mark.GOOD, said)

    def _role(self) -> Iterator[Finding]:
        """Find out whether listings are whole: one of an administrator of a unit is shorter, without an error."""
        what, admin = "administrator's role", self._settings.admin
        own = self._own_record()
        if own and own.get("isAdmin") is True:
            yield self._finding(what, Mark.GOOD, f"{admin} is a super administrator, who reaches everybody.")
            return
        if self._is_delegated(ROLE_SCOPE):
            try:
                given = self._given_roles()
            except Forbidden as exc:
                unknown = str(exc).rstrip(".")
            else:
                yield from judged(given, admin, self._subject(what))
                return
        else:
            unknown = f"the optional scope {ROLE_SCOPE} is not granted"
        if own is None:
            said = f"{admin} may list users and not see itself, so its role is limited to an organisational unit."
            yield self._finding(what, Mark.PROBLEM, said, f"{WHERE} assign it for all organisational units.")
            return
        said = (
            f"Nobody can tell whether the role of {admin} reaches the whole organisation ({unknown}); with one that is "
            "limited to an organisational unit everybody else looks like a leaver."
        )
        remedy = f"{WHERE} see that it is assigned for all organisational units. Or: {self._grant(ROLE_SCOPE)}"
        yield self._finding(what, Mark.WARNING, said, remedy)

    def _own_record(self) -> Row | None:
        try:
            return self._api.user(self._settings.admin, ["isAdmin"])
        except Forbidden:
            return None

    def _given_roles(self) -> Any:
        caller, customer = self._api.caller.using(self._sign_in.scoped([ROLE_SCOPE])), self._settings.customer
        of_admin = {"userKey": self._settings.admin, "includeIndirectRoleAssignments": True, "maxResults": 200}
        assignments = caller.pages(
            "role assignments", self._service.roleAssignments().list, "items", customer=customer, **of_admin
        )
        roles = caller.pages("roles", self._service.roles().list, "items", customer=customer, maxResults=100)
        return given_roles(list(assignments), list(roles))

    def _custom_attributes(self) -> Iterator[Finding]:
        what = "custom attributes"
        if not self._is_delegated(SCHEMA_SCOPE):
            said = f"Whether the config names custom attributes that there are needs the optional scope {SCHEMA_SCOPE}."
            remedy = f"Compare them with {CUSTOM_ATTRIBUTES}. Or: {self._grant(SCHEMA_SCOPE)}"
            yield self._finding(what, Mark.NOTE, said, remedy)
            return
        caller = self._api.caller.using(self._sign_in.scoped([SCHEMA_SCOPE]))
        request = self._service.schemas().list(customerId=self._settings.customer, fields="schemas(schemaName)")
        known = {str(row.get("schemaName")) for row in rows_of(caller.execute(request, "list schemas"), "schemas")}
        missing = sorted((self._schemas or frozenset()) - known)
        if missing:
            said = f"There is no custom attribute category {listed(missing)}, so that no filter on it finds anybody."
            yield self._finding(what, Mark.PROBLEM, said, f"Correct the config, or add it in {CUSTOM_ATTRIBUTES}.")
            return
        yield self._finding(what, Mark.GOOD, f"Custom attributes can be read: {listed(sorted(known)) or 'none'}.")

    def _is_delegated(self, scope: str) -> bool:
        """Ask for a token with one scope alone; raises an SsoSyncError if that fails for another reason."""
        try:
            self._api.caller.using(self._sign_in.scoped([scope])).sign_in()
        except DelegationMissing:
            return False
        return True

    def _delegation(self, scope: str, *, is_missing: bool) -> Finding:
        what, account, admin = f"scope {scope.rpartition('/')[2]}", self._sign_in.account, self._settings.admin
        if is_missing:
            said = f"The service account {account} may not act for {admin} with the scope {scope}."
            return self._finding(what, Mark.PROBLEM, said, self._grant(scope))
        return self._finding(what, Mark.GOOD, "It is granted by domain-wide delegation.")

    def _grant(self, scope: str) -> str:
        return (
            "In the Google Admin console (Security, Access and data control, API controls, Manage Domain Wide "
            f"Delegation) add {scope} to the scopes of the client id of {self._sign_in.account}."
        )

    def _first(self, what: str, list_method: Any, **options: Any) -> list[Row]:
        request = list_method(customer=self._settings.customer, maxResults=1, fields=f"{what}(id)", **options)
        return rows_of(self._api.caller.execute(request, f"list the {what}"), what)

    def _looked(self, what: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
        try:
            yield from look()
        except SsoSyncError as exc:
            yield self._problem(what, exc)

    def _problem(self, what: str, error: SsoSyncError) -> Finding:
        return self._finding(what, Mark.PROBLEM, str(error), _remedy(error, self._settings.admin))

    def _finding(self, what: str, mark: Mark, said: str, remedy: str = "") -> Finding:
        return Finding(self._subject(what), mark, said, remedy)

    def _subject(self, what: str) -> str:
        return f"{self._settings.label}: {what}"


def _remedy(error: SsoSyncError, admin: str) -> str:
    if isinstance(error, ApiOff):
        return "In the Google Cloud console (APIs & Services, Library) switch on the Admin SDK API."
    if isinstance(error, Forbidden):
        return f"{WHERE} give {admin} one that reads users and groups, for all organisational units."
    if isinstance(error, CredentialsError):
        return "Go through the steps of docs/google-workspace.md, and examine again."
    return "Examine again in a few minutes; whether Google is well is at https://www.google.com/appsstatus/dashboard/."
