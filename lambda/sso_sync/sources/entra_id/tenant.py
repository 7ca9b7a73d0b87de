"""What is read of a tenant: each listing with its fields, its cost and the least permission for it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from sso_sync.core.errors import SourceError
from sso_sync.sources.entra_id.answers import AGAIN
from sso_sync.sources.entra_id.graph import PAGE, Graph, Row, rows
from sso_sync.sources.entra_id.records import GROUP_FIELDS, required_id
from sso_sync.sources.entra_id.wire import Request
from sso_sync.sources.mapping import text_of

READ_USERS, READ_MEMBERS, READ_APPLICATIONS = "User.Read.All", "GroupMember.Read.All", "Application.Read.All"
READ_HIDDEN = "Member.Read.Hidden"
# A permission → others that hold it ("Microsoft Graph permissions reference").
_DIRECTORY = {"Directory.Read.All", "Directory.ReadWrite.All"}
HOLDERS: Mapping[str, Collection[str]] = {
    READ_USERS: {READ_USERS, "User.ReadWrite.All", *_DIRECTORY},
    READ_MEMBERS: {READ_MEMBERS, "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", *_DIRECTORY},
    READ_APPLICATIONS: {READ_APPLICATIONS, "Application.ReadWrite.All", *_DIRECTORY},
    READ_HIDDEN: {READ_HIDDEN},
}
USERS, GROUPS, SECRETS, ASSIGNED = "users", "groups", "secrets", ("assigned by appId", "assigned by id")
NOT_TOLD = frozenset(range(400, 600))  # statuses: what a run can do without must not end it


def held(granted: Collection[str] | None, permission: str) -> frozenset[str]:
    """Return what was granted that holds a permission; nothing if it is not known what was granted."""
    return frozenset(HOLDERS[permission]) & frozenset(granted or ())


def users(fields: Iterable[str]) -> Request:
    """List every user, guests and disabled ones too."""
    return Request(f"/users?$select={','.join(sorted(fields))}&$top={PAGE}", "list the users", READ_USERS)


def user(user_id: str, fields: Iterable[str]) -> Request:
    """Get one user, who may not be there."""
    path = f"/users/{user_id}?$select={','.join(sorted(fields))}"
    return Request(path, "get a user", READ_USERS, may_fail=frozenset({404}))


def groups() -> Request:
    """List every group."""
    return Request(f"/groups?$select={','.join(GROUP_FIELDS)}&$top={PAGE}", "list the groups", READ_MEMBERS)


def group(group_id: str) -> Request:
    """Get one group, which may not be there."""
    path = f"/groups/{group_id}?$select={','.join(GROUP_FIELDS)}"
    return Request(path, "get a group", READ_MEMBERS, may_fail=frozenset({404}))


def members(group_id: str) -> Request:
    """List direct members of every kind: a cast to users would ask a separate index, which lags."""
    path = f"/groups/{group_id}/members?$select=id&$top={PAGE}"
    return Request(path, "list the members of a group", READ_MEMBERS, units=2)


def assignments(application: str) -> Mapping[str, Request]:
    """List who is assigned to an application, by application id and by object id: one of them is not there."""
    names = {ASSIGNED[0]: f"(appId='{application}')", ASSIGNED[1]: f"/{application}"}
    query = f"$select=id,principalId,principalType,principalDisplayName,resourceDisplayName&$top={PAGE}"
    return {
        key: Request(
            f"/servicePrincipals{name}/appRoleAssignedTo?{query}",
            "list who is assigned to the application",
            READ_APPLICATIONS,
            may_fail=frozenset({404}),
        )
        for key, name in names.items()
    }


def client_secrets(client_id: str) -> Request:
    """Look up when client secrets end; who may not is told nothing."""
    path = f"/applications(appId='{client_id}')?$select=passwordCredentials"
    return Request(path, "look up client secrets", READ_APPLICATIONS, may_fail=NOT_TOLD)


def look_up(graph: Graph, wanted: Mapping[str, Request]) -> Iterator[tuple[str, Row | None]]:
    """Get objects by id; None for one that is not there. Raises SourceError for another one than was asked for."""
    for object_id, body, _ in graph.read(wanted):
        if body and body.get("id") != object_id:
            raise SourceError(f"Microsoft Graph was asked for {object_id} and sent another object; {AGAIN}.")
        yield object_id, body or None


def by_id(body: Row, request: Request, what: str) -> dict[str, Row]:
    """Return the rows of a page by id."""
    return {required_id(row, what): row for row in rows(body, request.doing)}


def ends_of_secrets(body: Row) -> dict[str, datetime]:
    """Return when client secrets end, by the first three characters of each ("hint"); of several the earliest."""
    listed = body.get("passwordCredentials")
    ends: dict[str, datetime] = {}
    for secret in listed if isinstance(listed, list) else []:
        hint, end = (
            (text_of(secret.get(name)) for name in ("hint", "endDateTime")) if isinstance(secret, dict) else ("", "")
        )
        try:
            at = datetime.fromisoformat(end)
        except ValueError:
            continue
        if hint and at.tzinfo:
            ends[hint] = min(at, ends.get(hint, at))
    return ends
