"""Ids of users, groups and memberships, which may be given as ARNs (shape ResourceId of the model)."""

from typing import Any

from sandbox.identity_center.store import ARN

Json = dict[str, Any]
KINDS = {"UserId": "user", "GroupId": "group", "MembershipId": "membership"}


def with_bare_ids(parameters: Json) -> Json:
    """Cut ARNs of users, groups and memberships down to their ids: both are accepted."""
    found = dict(parameters)
    for name in KINDS.keys() & parameters.keys():
        found[name] = bare(parameters[name], KINDS[name])
    if isinstance(parameters.get("MemberId"), dict):
        found["MemberId"] = {name: bare(value, "user") for name, value in parameters["MemberId"].items()}
    if "GroupIds" in parameters:
        found["GroupIds"] = [bare(value, "group") for value in parameters["GroupIds"]]
    return found


def bare(object_id: Any, kind: str) -> str:
    """Return the id in an ARN of this kind; another kind's ARN is no id of it, and stays."""
    return str(object_id).removeprefix(f"{ARN}{kind}/")
