"""What a read needs of Okta, looked at one by one."""

from collections.abc import Iterator

from sso_sync.core.errors import SsoSyncError
from sso_sync.core.findings import Finding, Mark, in_a_line, look_at
from sso_sync.sources.okta.api import OktaApi, Row
from sso_sync.sources.okta.errors import APP_ROLES, CONSOLE, ROLE
from sso_sync.sources.okta.records import BUILT_IN, required_id
from sso_sync.sources.okta.sign_in import SCOPES, ApiToken, SignIn

ONE = {"limit": "1"}


def examine(name: str, api: OktaApi, sign_in: SignIn, *, limited: bool) -> Iterator[Finding]:
    """Look at the sign-in, at each listing, and at whether anything is hidden; raises nothing."""
    groups: list[Row] = []

    def begin() -> str:
        sign_in.begin()
        credential = sign_in.credential
        return f"{credential.what[0].upper()}{credential.what[1:]}: {credential.kind}."

    def list_groups() -> str:
        groups.extend(api.look("groups", "/groups", ONE))
        return "Groups can be listed."

    def list_users() -> str:
        api.look("users", "/users", ONE)
        return "Users can be listed."

    def list_members() -> str:
        api.look("members of a group", f"/groups/{required_id(groups[0], 'group')}/users", ONE)
        return "Members of a group can be listed."

    began = look_at(f"{name}: sign-in", begin, grant=_grant(" and ".join(SCOPES), sign_in))
    yield began
    if began.mark is not Mark.GOOD:
        return
    users_scope, groups_scope = SCOPES
    yield look_at(f"{name}: list users", list_users, grant=_grant(users_scope, sign_in))
    listed = look_at(f"{name}: list groups", list_groups, grant=_grant(groups_scope, sign_in))
    yield listed
    if groups:
        yield look_at(f"{name}: list members", list_members, grant=_grant(groups_scope, sign_in))
    if listed.mark is Mark.GOOD:
        yield _whole(name, api, limited=limited)


def _whole(name: str, api: OktaApi, *, limited: bool) -> Finding:
    subject = f"{name}: completeness"
    try:
        seen = api.look("groups", "/groups", {**ONE, "filter": f'type eq "{BUILT_IN}"'})
    except SsoSyncError as exc:
        return Finding(subject, Mark.PROBLEM, in_a_line(exc))
    if seen:
        return Finding(
            subject,
            Mark.GOOD,
            "The group Everyone is shown, which Okta hides from administrators of some groups only; whether a custom "
            "role with a resource set hides single people or groups cannot be seen from outside.",
        )
    said = "Okta does not show its group Everyone, as to an administrator of some groups only"
    if limited:
        return Finding(subject, Mark.NOTE, f"{said}; limited_administrator accepts that: what is not seen is gone.")
    return Finding(
        subject,
        Mark.PROBLEM,
        f"{said}: its lists are shortened, and who is missing would look like a leaver, so that no run goes on.",
        f"Give the role {ROLE}, unrestricted ({CONSOLE}, Security, Administrators).",
    )


def _grant(scope: str, sign_in: SignIn) -> str:
    if isinstance(sign_in, ApiToken):
        return f"Give the person who made the API token the role {ROLE} ({CONSOLE}, Security, Administrators)."
    return f"Grant {scope} under Okta API Scopes, and the role {ROLE} ({APP_ROLES})."
