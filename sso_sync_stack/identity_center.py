"""What the function may do in Identity Center.

Resource types: "Actions, resources, and condition keys for AWS Identity Store" in the service
authorization reference. Users, groups and memberships carry no store in their ARNs; every action
names the store as well, which is what confines it.
"""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from sso_sync.settings import IdentityCenterSettings

READ = [
    "identitystore:DescribeGroup",
    "identitystore:DescribeUser",
    "identitystore:GetGroupId",
    "identitystore:GetGroupMembershipId",
    "identitystore:GetUserId",
    "identitystore:ListGroupMemberships",
    "identitystore:ListGroupMembershipsForMember",
    "identitystore:ListGroups",
    "identitystore:ListUsers",
]
WRITE = [
    "identitystore:CreateGroup",
    "identitystore:CreateGroupMembership",
    "identitystore:CreateUser",
    "identitystore:DeleteGroup",
    "identitystore:DeleteGroupMembership",
    "identitystore:DeleteUser",
    "identitystore:UpdateGroup",
    "identitystore:UpdateUser",
]


def grant_identity_center(grantee: iam.IGrantable, settings: IdentityCenterSettings) -> None:
    """Let a role read the identity store, and write it where SCIM does not."""
    arn = f"arn:{Aws.PARTITION}:identitystore:"
    # The account is that of the organisation's management, which need not be the one deployed to.
    store = f"{arn}:*:identitystore/{settings.identity_store_id or '*'}"
    resources = [store, *(f"{arn}::{kind}/*" for kind in ("user", "group", "membership"))]
    statements = [("ReadIdentityStore", READ, resources)]
    if settings.scim is None:
        statements.append(("WriteIdentityStore", WRITE, resources))
    if settings.identity_store_id is None:
        instances = [f"arn:{Aws.PARTITION}:sso:::instance/*"]
        statements.append(("FindIdentityStore", ["sso:DescribeInstance", "sso:ListInstances"], instances))
    for sid, actions, on in statements:
        grantee.grant_principal.add_to_principal_policy(iam.PolicyStatement(sid=sid, actions=actions, resources=on))
