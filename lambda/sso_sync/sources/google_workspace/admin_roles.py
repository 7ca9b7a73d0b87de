"""Whether the administrator's roles reach every user and every group, as role assignments tell it.

A role may be assigned for one organisational unit (scopeType ORG_UNIT), or for some groups only (condition): then
listings are shorter, without an error, and whoever is not listed looks like a leaver.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from sso_sync.core.findings import Finding, Mark
from sso_sync.core.wording import listed
from sso_sync.sources.google_workspace.caller import Row

# Names of privileges: privileges.list of the Directory API, under "Users" and "Groups".
PRIVILEGES = {
    "users": frozenset({"USERS_ALL", "USERS_RETRIEVE"}),
    "groups": frozenset({"GROUPS_ALL", "GROUPS_RETRIEVE"}),
}
WHERE = "In the Google Admin console (Account, Admin roles, the role, Admins)"


class Given(Struct, frozen=True):
    """A role that the administrator has; `limit` says to what it is limited, empty if to nothing."""

    name: str
    is_super: bool
    privileges: frozenset[str]
    limit: str

    def gives(self, what: str) -> bool:
        """Tell whether it lets its holder read users or groups."""
        return self.is_super or not self.privileges.isdisjoint(PRIVILEGES[what])


def given_roles(assignments: Sequence[Row], roles: Sequence[Row]) -> list[Given]:
    """Put assignments and roles together; what an assignment does not say is taken as a limit."""
    by_id = {str(role.get("roleId")): role for role in roles}
    return [_given(assignment, by_id.get(str(assignment.get("roleId")), {})) for assignment in assignments]


def _given(assignment: Row, role: Row) -> Given:
    privileges = role.get("rolePrivileges")
    rows = privileges if isinstance(privileges, list) else []
    return Given(
        str(role.get("roleName", assignment.get("roleId"))),
        role.get("isSuperAdminRole") is True,
        frozenset(str(row.get("privilegeName")) for row in rows if isinstance(row, dict)),
        _limit(assignment),
    )


def _limit(assignment: Row) -> str:
    if assignment.get("scopeType") != "CUSTOMER":
        return f"one organisational unit ({assignment.get('orgUnitId', 'of unknown id')})"
    return "some groups (it has a condition)" if assignment.get("condition") else ""


def judged(given: Sequence[Given], admin: str, subject: str) -> Iterator[Finding]:
    """Say of users and of groups whether a role reaches them all."""
    for what in PRIVILEGES:
        yield _judged(what, [role for role in given if role.gives(what)], admin, f"{subject} for {what}")


def _judged(what: str, giving: Sequence[Given], admin: str, subject: str) -> Finding:
    whole = next((role for role in giving if not role.limit), None)
    if whole:
        return Finding(subject, Mark.GOOD, f"The role {whole.name} of {admin} reaches all {what} of the organisation.")
    if giving:
        limits = listed([f"{role.name} is limited to {role.limit}" for role in giving])
        said = f"The role of {admin} does not reach all {what}: {limits}; what is not listed looks gone."
        remedy = f"{WHERE} assign a role for all organisational units and without a condition."
        return Finding(subject, Mark.PROBLEM, said, remedy)
    said = f"No role of {admin} is known to let it read {what}; its privileges may have other names."
    return Finding(subject, Mark.WARNING, said, f"{WHERE} look whether a role lets it read all {what}.")
