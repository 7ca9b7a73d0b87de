"""Where to click to give a caller a permission."""

import re

from sso_sync.core.wording import last_part

ADD = "Add permissions, Create inline policy"


def grant_to(caller: str, *actions: str) -> str:
    """Say how the caller with this ARN is allowed actions; an empty one is whoever is signed in."""
    what = ", ".join(actions)
    kind, name = _kind_and_name(caller)
    given = re.fullmatch(r"AWSReservedSSO_(.+)_[0-9a-f]{16}", name)
    if given:
        return (
            f"Allow {what} in the permission set {given[1]} (IAM Identity Center console, Permission sets, {given[1]}, "
            "Inline policy)."
        )
    if kind == "role":
        return f"Allow the role {name} {what} (IAM console, Roles, {name}, {ADD})."
    if kind == "user":
        return f"Allow the user {name} {what} (IAM console, Users, {name}, {ADD})."
    return f"Allow {what} to whoever runs this."


def _kind_and_name(arn: str) -> tuple[str, str]:
    """Tell a role, also one that was assumed, from a user, by ARN."""
    if found := re.fullmatch(r"arn:[^:]+:sts::\d*:assumed-role/([^/]+)/.*", arn):
        return "role", found[1]
    if ":role/" in arn:
        return "role", last_part(arn)
    return ("user", last_part(arn)) if ":user/" in arn else ("", "")
