"""What each operation of Graph answers, once it is known who asks; with the permissions that each needs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sandbox.entra_id.company import APPLICATION_ID, SERVICE_PRINCIPAL_ID, EntraCompany
from sandbox.entra_id.paging import GraphPages
from sandbox.entra_id.properties import GROUP, GROUP_DEFAULT, USER, USER_BASIC, USER_DEFAULT
from sandbox.entra_id.queries import Query, read_query
from sandbox.entra_id.registration import Registration
from sandbox.refusal import Refusal

Json = dict[str, Any]
Roles = frozenset[str]
DIRECTORY = {"Directory.Read.All", "Directory.ReadWrite.All"}
READS_USERS = {"User.Read.All", "User.ReadWrite.All", *DIRECTORY}
READS_GROUPS = {
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    *DIRECTORY,
}
READS_APPS = {"Application.Read.All", "Application.ReadWrite.All", *DIRECTORY}
READS_OWN_APP = {*READS_APPS, "Application.ReadWrite.OwnedBy"}
# Which permission shows the properties of a member ("Limited information returned for inaccessible member objects").
SHOWS = {
    "user": READS_USERS,
    "group": READS_GROUPS,
    "device": {"Device.Read.All", *DIRECTORY},
    "servicePrincipal": READS_APPS,
    "orgContact": {"OrgContact.Read.All", *DIRECTORY},
}
OBJECT: dict[str, tuple[type, ...]] = USER | GROUP  # what a directoryObject of any kind may be asked for
ASSIGNMENT = dict.fromkeys((
    "appRoleId", "createdDateTime", "deletedDateTime", "principalDisplayName", "principalId", "principalType",
    "resourceDisplayName", "resourceId",
))  # fmt: skip
APPLICATION = dict.fromkeys(("appId", "displayName", "passwordCredentials", "keyCredentials"))
ORGANIZATION = dict.fromkeys(("displayName", "verifiedDomains", "countryLetterCode"))
ID = r"(?P<key>[^/()]+)"
ROUTES = (
    ("users.list", r"/users"),
    ("users.get", rf"/users/{ID}"),
    ("groups.list", r"/groups"),
    ("groups.get", rf"/groups/{ID}"),
    ("members.list", rf"/groups/{ID}/members"),
    ("appRoleAssignedTo.list", rf"/servicePrincipals(/{ID}|\(appId='(?P<app_id>[^']+)'\))/appRoleAssignedTo"),
    ("applications.get", rf"/applications(/{ID}|\(appId='(?P<app_id>[^']+)'\))"),
    ("organization.list", r"/organization"),
)


@dataclass(frozen=True)
class Call:
    """One call: operation, path, keys in it, and its query as text."""

    operation: str
    path: str
    keys: Mapping[str, str]
    query: str


def read_target(path: str, query: str) -> Call | None:
    """Find the operation of a path below the version, or nothing."""
    for operation, pattern in ROUTES:
        found = re.fullmatch(pattern, unquote(path))
        if found:
            return Call(operation, path, {k: v for k, v in found.groupdict().items() if v is not None}, query)
    return None


class Operations:
    """Answers from one company's directory."""

    def __init__(self, company: Callable[[], EntraCompany], app: Registration, root: str, pages: GraphPages) -> None:
        self._company, self._app, self._root, self._pages = company, app, root, pages
        self._answers: dict[str, Callable[[Call, Roles], Json]] = {
            "users.list": self._users,
            "users.get": self._user,
            "groups.list": self._groups,
            "groups.get": self._group,
            "members.list": self._members,
            "appRoleAssignedTo.list": self._assigned,
            "applications.get": self._application,
            "organization.list": self._organization,
        }

    def answer(self, call: Call, roles: Roles) -> Json:
        """Answer a call of somebody who may do what the roles say; raises a refusal."""
        return self._answers[call.operation](call, roles)

    def _users(self, call: Call, roles: Roles) -> Json:
        _need(roles, READS_USERS | {"User.ReadBasic.All"})
        query = read_query(call.query, "user", USER, lists=True)
        page, rest = self._pages.cut(list(self._company().users.values()), call.path, call.query, query)
        return self._listing("users", query, [_of_user(row, query, roles) for row in page], rest)

    def _user(self, call: Call, roles: Roles) -> Json:
        _need(roles, READS_USERS | {"User.ReadBasic.All"})
        query = read_query(call.query, "user", USER, lists=False)
        users, key = self._company().users, call.keys["key"]
        by_name = {row["userPrincipalName"].casefold(): row for row in users.values()}
        row = users.get(key.lower()) or by_name.get(key.casefold())
        if row is None:
            raise _absent(key)
        return {"@odata.context": f"{self._root}/$metadata#users/$entity", **_of_user(row, query, roles)}

    def _groups(self, call: Call, roles: Roles) -> Json:
        _need(roles, READS_GROUPS)
        query = read_query(call.query, "group", GROUP, lists=True)
        page, rest = self._pages.cut(list(self._company().groups.values()), call.path, call.query, query)
        return self._listing("groups", query, [_chosen(row, query, GROUP_DEFAULT) for row in page], rest)

    def _group(self, call: Call, roles: Roles) -> Json:
        _need(roles, READS_GROUPS)
        query = read_query(call.query, "group", GROUP, lists=False)
        row = self._company().groups.get(call.keys["key"].lower())
        if row is None:
            raise _absent(call.keys["key"])
        return {"@odata.context": f"{self._root}/$metadata#groups/$entity", **_chosen(row, query, GROUP_DEFAULT)}

    def _members(self, call: Call, roles: Roles) -> Json:
        _need(roles, READS_GROUPS)
        query = read_query(call.query, "directoryObject", OBJECT, lists=True)
        company, key = self._company(), call.keys["key"].lower()
        if key not in company.groups:
            raise _absent(call.keys["key"])
        hidden = company.groups[key]["visibility"] == "HiddenMembership" and "Member.Read.Hidden" not in roles
        members = [] if hidden else company.members[key]
        page, rest = self._pages.cut(members, call.path, call.query, query)
        rows = [self._member(kind, member_id, query, roles) for kind, member_id in page]
        return self._listing("directoryObjects", query, rows, rest)

    def _member(self, kind: str, member_id: str, query: Query, roles: Roles) -> Json:
        """Show a member, with nulls for all but its id where its kind may not be read."""
        known, default = {"user": (USER, USER_DEFAULT), "group": (GROUP, GROUP_DEFAULT)}.get(kind, ({}, ("id",)))
        company = self._company()
        row = {"user": company.users, "group": company.groups}.get(kind, {}).get(member_id, {"id": member_id})
        names = [name for name in query.select or default if name in known or name == "id"]
        shown = {name: row.get(name) if name == "id" or roles & SHOWS[kind] else None for name in names}
        return {"@odata.type": f"#microsoft.graph.{kind}", **shown}

    def _assigned(self, call: Call, roles: Roles) -> Json:
        _need(roles, READS_APPS)
        query = read_query(call.query, "appRoleAssignment", ASSIGNMENT, lists=True)
        wanted = call.keys.get("app_id") or call.keys["key"]
        if wanted.lower() != (APPLICATION_ID if "app_id" in call.keys else SERVICE_PRINCIPAL_ID):
            raise _absent(wanted)
        page, rest = self._pages.cut(self._company().assignments, call.path, call.query, query)
        rows = [_chosen(row, query, (*ASSIGNMENT, "id")) for row in page]
        return self._listing("appRoleAssignments", query, rows, rest)

    def _application(self, call: Call, roles: Roles) -> Json:
        _need(roles, READS_OWN_APP)
        query = read_query(call.query, "application", APPLICATION, lists=False)
        wanted, own = call.keys.get("app_id"), self._app.client_id
        if (wanted or call.keys.get("key", "")).lower() != (own if wanted else self._app.object_id):
            raise _absent(wanted or call.keys["key"])
        shown = _chosen(self._app.shown(), query, (*APPLICATION, "id"))
        return {"@odata.context": f"{self._root}/$metadata#applications/$entity", **shown}

    def _organization(self, call: Call, roles: Roles) -> Json:
        _need(roles, {"Organization.Read.All", *DIRECTORY})
        query = read_query(call.query, "organization", ORGANIZATION, lists=True)
        row = {"id": self._app.object_id, "displayName": "Sandbox", "verifiedDomains": [], "countryLetterCode": "DE"}
        return self._listing("organization", query, [_chosen(row, query, (*ORGANIZATION, "id"))], {})

    def _listing(self, what: str, query: Query, rows: list[Json], rest: Json) -> Json:
        chosen = f"({','.join(query.select)})" if query.select else ""
        return {"@odata.context": f"{self._root}/$metadata#{what}{chosen}", **rest, "value": rows}


def _of_user(row: Json, query: Query, roles: Roles) -> Json:
    """Show a user; open, and our choice: User.ReadBasic.All shows null for what it does not hold."""
    shown = _chosen(row, query, USER_DEFAULT)
    if roles & READS_USERS:
        return shown
    return {name: value if name in USER_BASIC else None for name, value in shown.items()}


def _chosen(row: Json, query: Query, default: tuple[str, ...]) -> Json:
    """Pick properties; the id comes along where others are selected (as the directory does)."""
    return {name: row[name] for name in dict.fromkeys((*query.select, "id") if query.select else default)}


def _need(roles: Roles, any_of: set[str]) -> None:
    if not roles & any_of:
        raise Refusal("forbidden", "Insufficient privileges to complete the operation.")


def _absent(key: str) -> Refusal:
    return Refusal(
        "not_found",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
    )
