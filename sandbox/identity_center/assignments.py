"""Account assignments: which AWS account a user or group of a store has been given, with which permission set.

Deleting a user or group leaves its assignments behind ("Delete permission sets" of the IAM Identity
Center user guide asks to remove them first). They belong to an id, which nobody else ever gets. Permission sets
come to be with the first assignment that names them, and stay.
"""

import hashlib
from typing import Annotated, Any, Literal

import msgspec
from botocore.model import Shape
from msgspec import Meta

from sandbox.identity_center.shapes import service_model, shape_problems
from sandbox.identity_center.store import Store

Json = dict[str, Any]


class Wanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An assignment as people ask for it: names instead of ids."""

    principal: str
    kind: Literal["user", "group"]
    account: Annotated[str, Meta(pattern=r"^[0-9]{12}$")]
    permission_set: str


def replace_assignments(store: Store, instance_arn: str, wanted: Any) -> None:
    """Put other assignments in place of a store's own, all or none; raises ValueError with a sentence."""
    asked = msgspec.convert(wanted, list[Wanted])
    rows = [_row(store, instance_arn, one) for one in asked]
    if len({tuple(row.values()) for row in rows}) < len(rows):
        raise ValueError("an assignment is in the list twice")
    arns = {str(row["PermissionSetArn"]): one.permission_set for row, one in zip(rows, asked, strict=True)}
    made = {arn: _described(store, arn, name) for arn, name in arns.items() if arn not in store.permission_sets}
    store.assignments, store.permission_sets = rows, store.permission_sets | made


def assignments_of(store: Store, principal_id: str, principal_type: str) -> list[Json]:
    """List what a user or group has, and what a user has through groups; raises a refusal if there is no such one."""
    having = {principal_id}
    if principal_type == "GROUP":
        store.group(principal_id)
    else:
        store.user(principal_id)
        having |= {membership["GroupId"] for membership in store.memberships_of(principal_id)}
    return [row for row in store.assignments if row["PrincipalId"] in having]


def _row(store: Store, instance_arn: str, wanted: Wanted) -> Json:
    what = "UserName" if wanted.kind == "user" else "GroupDisplayName"
    holder = store.holder(what, wanted.principal)
    if holder is None:
        raise ValueError(f"there is no {wanted.kind} {wanted.principal}")
    permission_set = _permission_set(instance_arn, wanted.permission_set)
    if shape_problems(_shape("PermissionSetArn"), permission_set):
        raise ValueError(f"a permission set is a name, or an ARN as AWS writes them, and not {wanted.permission_set}")
    return {
        "PrincipalId": holder,
        "PrincipalType": wanted.kind.upper(),
        "AccountId": wanted.account,
        "PermissionSetArn": permission_set,
    }


def _described(store: Store, arn: str, name: str) -> Json:
    """Describe a permission set as it is made; one that is known by its ARN alone is called as the ARN ends."""
    own_name = arn.split("/", 2)[2].replace("/", "-") if name == arn else name
    return {"Name": own_name, "PermissionSetArn": arn, "CreatedDate": store.clock.now(), "SessionDuration": "PT1H"}


def _permission_set(instance_arn: str, name: str) -> str:
    if name.startswith("arn:") or shape_problems(_shape("PermissionSetName"), name):
        return name
    digits = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{instance_arn.replace(':instance/', ':permissionSet/')}/ps-{digits}"


def _shape(name: str) -> Shape:
    return service_model("sso-admin").shape_for(name)
