"""Roles of administrators, and whom they are assigned to, as Google's resources.

Open, and our choice: names of privileges beyond those of Google's guide about roles; what an administrator without
the right to manage roles is told (it is let in). The sandbox's groups have no labels, so that a condition cuts no
listing short.
"""

from typing import Any

from sandbox.google.discovery import kind_of
from sandbox.google.resources import with_etag
from sandbox.switches import Switches

Json = dict[str, Any]
SERVICE_ID = "00haapch16h1ysv"
SUPER, READER = "13801188331880449", "13801188331880451"
PRIVILEGES = {SUPER: ("SUPER_ADMIN",), READER: ("USERS_RETRIEVE", "GROUPS_RETRIEVE")}
NAMES = {SUPER: "_SEED_ADMIN_ROLE", READER: "Directory reader"}
UNIT_ID = "03ph8a2z1enx4lx"  # of whatever organisational unit a role is limited to
ONLY_SECURITY_GROUPS = (
    "api.getAttribute('cloudidentity.googleapis.com/groups.labels', []).hasAny(['groups.security']) && "
    "resource.type == 'cloudidentity.googleapis.com/Group'"
)


def role_resources() -> list[Json]:
    """List the roles of the company."""
    return [
        with_etag(
            {
                "kind": kind_of("Role"),
                "roleId": role_id,
                "roleName": NAMES[role_id],
                "isSystemRole": role_id == SUPER,
                "isSuperAdminRole": role_id == SUPER,
                "rolePrivileges": [{"privilegeName": name, "serviceId": SERVICE_ID} for name in privileges],
            }
        )
        for role_id, privileges in PRIVILEGES.items()
    ]


def is_super(switches: Switches) -> bool:
    """Tell whether the administrator is a super administrator; one of a unit cannot be."""
    return switches.google_admin_role == "super_admin" and not switches.google_admin_unit


def assignments_of(admin_id: str, switches: Switches) -> list[Json]:
    """List the roles that the administrator has."""
    unit = switches.google_admin_unit
    shown: Json = {
        "kind": kind_of("RoleAssignment"),
        "roleAssignmentId": "3894208461012995",
        "roleId": SUPER if is_super(switches) else READER,
        "assignedTo": admin_id,
        "assigneeType": "user",
        "scopeType": "ORG_UNIT" if unit else "CUSTOMER",
    }
    if unit:
        shown["orgUnitId"] = UNIT_ID
    if switches.google_admin_role == "conditional":
        shown["condition"] = ONLY_SECURITY_GROUPS
    return [with_etag(shown)]
