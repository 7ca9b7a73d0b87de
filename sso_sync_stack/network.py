"""The place in a network where the sync function runs, which somebody else has made."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from sso_sync.settings.types import VpcSettings
from sso_sync_stack.permissions import allow

# As AWS documents for functions in a VPC ("Giving Lambda functions access to resources in an Amazon VPC").
ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


class Network(Construct):
    """A VPC, subnets and security groups by their ids: nothing is looked up, and nothing is made."""

    def __init__(self, scope: Construct, id_: str, *, settings: VpcSettings) -> None:
        super().__init__(scope, id_)
        # Which zones there are is not known and does not matter: the subnets are named one by one.
        self.vpc = ec2.Vpc.from_vpc_attributes(self, "Vpc", vpc_id=settings.id, availability_zones=["not-known"])
        self.subnets = ec2.SubnetSelection(
            subnets=[ec2.Subnet.from_subnet_id(self, subnet, subnet) for subnet in settings.subnets]
        )
        self.security_groups = [
            ec2.SecurityGroup.from_security_group_id(self, group, group) for group in settings.security_groups
        ]

    @staticmethod
    def grant_attach(role: iam.Role) -> None:
        """Let Lambda connect a function of this role to the network."""
        allow(
            role,
            "AttachToNetwork",
            ACTIONS,
            ["*"],
            because="Lambda makes and removes the network interfaces, whose ids nobody knows before, and refuses a "
            "role that names some",
        )
