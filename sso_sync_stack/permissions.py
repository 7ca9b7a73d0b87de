"""Permissions in one form, and findings of cdk-nag that are as they should be, each with its reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import IConstruct


def allow(
    role: iam.Role,
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    conditions: Mapping[str, Any] | None = None,
    because: str = "",
) -> None:
    """Allow actions on resources; `because` says why those with a wildcard are not narrower."""
    role.add_to_policy(
        iam.PolicyStatement(sid=sid, actions=list(actions), resources=list(resources), conditions=conditions)
    )
    for resource in resources:
        if "*" in _as_in_findings(Stack.of(role).resolve(resource)):
            if not because:
                raise ValueError(f"{sid}: say why a resource has a wildcard")
            acknowledge_wildcard(role, resource, because)


def acknowledge_wildcard(role: iam.Role, resource: str, reason: str) -> None:
    """Accept that a role has a permission on a resource with a wildcard."""
    acknowledge(role, f"IAM5[Resource::{_as_in_findings(Stack.of(role).resolve(resource))}]", reason)


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept one finding of the AwsSolutions rules on a construct and what it contains."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason))


def _as_in_findings(resource: Any) -> str:
    """Write a resource as cdk-nag does: references in angle brackets."""
    match resource:
        case str():
            return resource
        case {"Fn::Join": [_, list(parts)]}:
            return "".join(map(_as_in_findings, parts))
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::Sub": str(text)}:
            return text
        case _:
            raise TypeError(f"cdk-nag shows {resource!r} in a way that is not known here")
