"""What `sso-sync doctor` looks at in Entra: the sign-in, every permission, and what a read would hold."""

from collections.abc import Callable, Iterator

from sso_sync.core.errors import SsoSyncError
from sso_sync.core.findings import Finding, Mark, in_a_line
from sso_sync.core.model import Directory
from sso_sync.core.wording import counted, listed
from sso_sync.settings import EntraIdSettings
from sso_sync.sources.entra_id import tenant
from sso_sync.sources.entra_id.answers import GRANT
from sso_sync.sources.entra_id.reading import Tenant
from sso_sync.sources.entra_id.records import HIDDEN

WHAT_FOR = {
    tenant.READ_USERS: "list the users",
    tenant.READ_MEMBERS: "list groups and their members",
    tenant.READ_APPLICATIONS: "list who is assigned to the application",
    tenant.READ_HIDDEN: "list members of groups whose membership is hidden",
}


def examine(
    settings: EntraIdSettings,
    roles: Callable[[], frozenset[str] | None],
    listings: Callable[[], Tenant],
    directory: Callable[[Tenant], Directory],
) -> Iterator[Finding]:
    """Look at everything that a read needs, one by one; raises nothing."""
    label = settings.label
    try:
        granted = roles()
    except SsoSyncError as exc:
        yield Finding(
            f"{label}: sign in", Mark.PROBLEM, in_a_line(exc), "Compare with 'Signing in' in docs/entra-id.md."
        )
        return
    yield Finding(f"{label}: sign in", Mark.GOOD, f"The app {settings.client_id} is let in.")
    if granted is None:
        yield Finding(f"{label}: permissions", Mark.NOTE, "The access token does not show what it allows.")
    else:
        yield from _permissions(settings, granted)
    try:
        found = listings()
    except SsoSyncError as exc:
        yield Finding(f"{label}: list users and groups", Mark.PROBLEM, in_a_line(exc), "Mend what it names.")
        return
    yield from _completeness(label, found, granted)
    try:
        yield Finding(f"{label}: read what is selected", Mark.GOOD, _said_of(directory(found)))
    except SsoSyncError as exc:
        yield Finding(f"{label}: read what is selected", Mark.PROBLEM, in_a_line(exc), "Mend what it names.")


def _permissions(settings: EntraIdSettings, granted: frozenset[str]) -> Iterator[Finding]:
    needed = [tenant.READ_USERS, tenant.READ_MEMBERS, *([tenant.READ_APPLICATIONS] if settings.application else [])]
    for permission in needed:
        subject, found = f"{settings.label}: {WHAT_FOR[permission]}", tenant.held(granted, permission)
        if found:
            yield Finding(subject, Mark.GOOD, f"Allowed by {listed(sorted(found))}.")
        else:
            yield Finding(subject, Mark.PROBLEM, f"The permission {permission} is missing.", f"{permission}: {GRANT}")
    writing = sorted(permission for permission in granted if "Write" in permission)
    if writing:
        said = f"The app may write ({listed(writing)}), and reading is all that is needed."
        yield Finding(f"{settings.label}: no more than needed", Mark.WARNING, said, "Remove what is not needed.")


def _completeness(label: str, found: Tenant, granted: frozenset[str] | None) -> Iterator[Finding]:
    """Look for what would make a read see less than there is, and for what it did not see."""
    hidden = [str(row.get("displayName")) for row in found.groups.values() if row.get("visibility") == HIDDEN]
    subject = f"{label}: {WHAT_FOR[tenant.READ_HIDDEN]}"
    if hidden and not tenant.held(granted, tenant.READ_HIDDEN):
        said = f"{counted(len(hidden), 'group')} with hidden members, such as '{hidden[0]}', cannot be synced."
        remedy = f"{tenant.READ_HIDDEN}: {GRANT}; or do not select such groups"
        yield Finding(subject, Mark.NOTE, said, remedy)
    elif hidden:
        yield Finding(subject, Mark.GOOD, f"{counted(len(hidden), 'group')} with hidden members can be read.")
    if found.ends is None:
        said = "Microsoft Graph did not tell this time when the client secret ends."
        yield Finding(f"{label}: end of the client secret", Mark.NOTE, said, "Look again in a few minutes.")
    guests = sum(row.get("userType") == "Guest" for row in found.users.values())
    if guests:
        said = f"{counted(guests, 'guest')} from other companies; 'include_guests' says whether they are synced."
        yield Finding(f"{label}: guests", Mark.NOTE, said)


def _said_of(directory: Directory) -> str:
    return f"{counted(len(directory.users), 'user')} and {counted(len(directory.groups), 'group')} would be synced."
