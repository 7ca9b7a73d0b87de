"""What the function may do in Identity Center.

Resource types: "Actions, resources, and condition keys for AWS Identity Store" and "… for AWS IAM
Identity Center" in the service authorization reference. Users, groups and memberships carry no store
in their ARNs; every action names the store as well, which is what confines it.
"""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from sso_sync.settings import IdentityCenterSettings
from sso_sync_stack.permissions import allow

READ = [
    "identitystore:DescribeGroup",
    "identitystore:DescribeUser",
    "identitystore:ListGroupMemberships",
    "identitystore:ListGroups",
    "identitystore:ListUsers",
]
NAMES = ["identitystore:ListGroups", "identitystore:ListUsers"]  # of whom AWS has synced
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


def grant_identity_center(
    role: iam.Role, settings: IdentityCenterSettings, *, accounts: bool, by_aws: bool = False
) -> None:
    """Let a role read the identity store, and write it where neither SCIM nor, `by_aws`, AWS itself does.

    With `accounts` it may read by what names people know AWS accounts and permission sets.
    """
    arn = f"arn:{Aws.PARTITION}:identitystore:"
    # The account is that of the organisation's management, which need not be the one deployed to.
    store = f"{arn}:*:identitystore/{settings.identity_store_id or '*'}"
    resources = [store, *(f"{arn}::{kind}/*" for kind in ("user", "group", "membership"))]
    because = "users, groups and memberships get their ids as they are created, and every action names the store too"
    allow(role, "ReadIdentityStore", NAMES if by_aws else READ, resources, because=because)
    if settings.scim is None and not by_aws:
        allow(role, "WriteIdentityStore", WRITE, resources, because=because)
    because = "the instance of the store is looked for; ListInstances knows no resources"
    allow(role, "FindInstance", ["sso:ListInstances"], ["*"], because=because)
    instances = [f"arn:{Aws.PARTITION}:sso:::instance/*"]
    because = "the ARN of the instance is not known before it is looked for; in its Region an organisation has one"
    allow(role, "ReadAccountAssignments", ["sso:ListAccountAssignmentsForPrincipal"], instances, because=because)
    if settings.identity_store_id is None:
        allow(role, "FindIdentityStore", ["sso:DescribeInstance"], instances, because=because)
    if accounts:
        because = "assignments name permission sets by ARNs that they get as they are made, in that instance"
        sets = [*instances, f"arn:{Aws.PARTITION}:sso:::permissionSet/*"]
        allow(role, "ReadPermissionSetNames", ["sso:DescribePermissionSet"], sets, because=because)
        because = "ListAccounts knows no resources; without it the pages show accounts by their ids"
        allow(role, "ReadAccountNames", ["organizations:ListAccounts"], ["*"], because=because)
    if settings.kms_key:
        via = {"kms:ViaService": ["identitystore.*.amazonaws.com", "sso.*.amazonaws.com"]}
        allow(role, "UseIdentityCentersKey", ["kms:Decrypt"], [settings.kms_key], conditions={"StringLike": via})
