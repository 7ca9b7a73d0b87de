"""What can be configured. Descriptions here become the JSON Schema that editors show."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from sso_sync.core.joining import MergeKey
from sso_sync.core.limits import Limits
from sso_sync.core.policy import ApprovalMode
from sso_sync.core.rules import KeepPolicy, LeaverPolicy, MatchAttribute
from sso_sync.settings.directories import SourceSettings
from sso_sync.settings.directories.common import Text
from sso_sync.settings.telling import DocumentationSettings, EventsSettings, TeamsSettings

PrincipalArn = Annotated[str, Meta(pattern=r"^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+$")]


NamePart = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]+$")]
DEFAULT_NAME, LONGEST_NAME = "sso-sync", 50  # of a deployment


class ScimSettings(Struct, frozen=True, kw_only=True):
    """The SCIM endpoint of IAM Identity Center (Settings, Automatic provisioning)."""

    endpoint: Annotated[
        Text,
        Meta(description="https://scim.REGION.amazonaws.com/…/scim/v2/, or where that is kept, like a secret"),
    ] = "secret:scim-endpoint"
    token: Annotated[
        Text,
        Meta(
            description="The access token: secret:NAME of the deployment, a file, env:VARIABLE, or the ARN of a "
            "secret or of an SSM parameter"
        ),
    ] = "secret:scim-token"  # noqa: S105 # says where the token is


# What AWS Control Tower makes ("IAM Identity Center groups for AWS Control Tower" in its user guide).
PROTECTED = (
    "AWSAccountFactory",
    "AWSAuditAccountAdmins",
    "AWSControlTowerAdmins",
    "AWSLogArchiveAdmins",
    "AWSLogArchiveViewers",
    "AWSSecurityAuditPowerUsers",
    "AWSSecurityAuditors",
    "AWSServiceCatalogAdmins",
)


class IdentityCenterSettings(Struct, frozen=True, kw_only=True):
    """IAM Identity Center: which store, and how it is written."""

    region: Annotated[
        Annotated[str, Meta(pattern=r"^[a-z]{2}(-[a-z]+)+-\d+$")] | None,
        Meta(description="Its primary Region; by default the AWS environment's"),
    ] = None
    identity_store_id: Annotated[
        Annotated[str, Meta(pattern=r"^(d-[0-9a-f]{10}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")] | None,
        Meta(description="d-…; by default that of the one ACTIVE organisation instance"),
    ] = None
    scim: Annotated[
        ScimSettings | None,
        Meta(description="Write by SCIM; without it, by the Identity Store API and IAM alone"),
    ] = None
    kms_key: Annotated[
        Annotated[str, Meta(pattern=r"^arn:[^:]+:kms:[^:]+:\d{12}:key/[\w-]+$")] | None,
        Meta(description="ARN of the customer-managed key that Identity Center is encrypted with, if it is"),
    ] = None
    protected: Annotated[
        list[Text],
        Meta(description="Globs of user and group names that are never taken over, renamed, emptied or deleted"),
    ] = field(default_factory=lambda: list(PROTECTED))
    match_users_by: Annotated[
        list[MatchAttribute],
        Meta(
            description="By what people are found in Identity Center who carry no id of a directory, in this order; "
            "an empty list adopts nobody by name"
        ),
    ] = field(default_factory=lambda: list[MatchAttribute](["user_name", "email"]))
    groups: Annotated[
        Literal["create", "existing_only"],
        Meta(description="existing_only: groups are neither created nor deleted, only their members change"),
    ] = "create"
    quota_scale: Annotated[
        float, Meta(gt=0, le=1000, description="Your request quotas as a multiple of AWS's defaults")
    ] = 1.0


class LeavingSettings(Struct, frozen=True, kw_only=True):
    """What becomes of managed users and groups that are not wanted any more; memberships go at once."""

    users: Annotated[
        LeaverPolicy | None,
        Meta(
            description="deactivate, and delete later (needs SCIM, and is the default with it); delete at once (the "
            "default without SCIM); or keep"
        ),
    ] = None
    delete_after_days: Annotated[
        int, Meta(ge=1, le=3650, description="When a deactivated user is deleted, if they do not come back")
    ] = 30
    groups: Annotated[
        KeepPolicy, Meta(description="A group with account assignments is kept until somebody approves")
    ] = "delete"
    unmanaged: Annotated[
        KeepPolicy, Meta(description="Users and groups that somebody else made, and that match nobody")
    ] = "keep"


class OnDestroySettings(Struct, frozen=True, kw_only=True):
    """What becomes of things that outlive a stack when it is destroyed."""

    identities: Annotated[KeepPolicy, Meta(description="Users and groups that this deployment created")] = "keep"
    bucket: Annotated[
        KeepPolicy, Meta(description="The bucket with state and documentation, and all that is in it")
    ] = "keep"
    secrets: Annotated[KeepPolicy, Meta(description="The secrets and their values")] = "keep"


class VpcSettings(Struct, frozen=True, kw_only=True):
    """Where in a network the sync function runs; it must reach the domain controllers, and AWS."""

    id: Annotated[Annotated[str, Meta(pattern=r"^vpc-[0-9a-f]{8,17}$")], Meta(description="The VPC's id")]
    subnets: Annotated[
        list[Annotated[str, Meta(pattern=r"^subnet-[0-9a-f]{8,17}$")]],
        Meta(min_length=1, description="Ids of subnets of it with a way to AWS: a NAT gateway, or VPC endpoints"),
    ]
    security_groups: Annotated[
        list[Annotated[str, Meta(pattern=r"^sg-[0-9a-f]{8,17}$")]],
        Meta(min_length=1, max_length=5, description="Ids of security groups that let out TCP 636 and 443"),
    ]


class DeploymentSettings(Struct, frozen=True, kw_only=True):
    """How the whole is deployed to AWS; nothing here changes what is synced."""

    name: Annotated[
        Annotated[str, Meta(pattern=rf"^[A-Za-z][A-Za-z0-9-]{{0,{LONGEST_NAME - 1}}}$")],
        Meta(description="Name of the CloudFormation stack, and the beginning of other names"),
    ] = DEFAULT_NAME
    product: Annotated[
        NamePart | None, Meta(description="With stage and prefix, in place of name: PREFIX-PRODUCT-STAGE")
    ] = None
    stage: Annotated[NamePart | None, Meta(description="Such as TEST; see product")] = None
    prefix: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")] | None,
        Meta(description="Such as the company's short name; see product"),
    ] = None
    schedule: Annotated[Text, Meta(description="How often to sync: 15 minutes, 1 hour, cron(0 6 * * ? *), or off")] = (
        "15 minutes"
    )
    time_zone: Annotated[Text, Meta(description="Of a cron schedule, such as Europe/Oslo")] = "Etc/UTC"
    timeout: Annotated[int, Meta(ge=30, le=900, description="The most seconds that one run may take")] = 900
    memory: Annotated[int, Meta(ge=256, le=10240, description="Of the function, in MB")] = 1024
    log_retention_days: Annotated[
        Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653],
        Meta(description="How long logs are kept"),
    ] = 90
    approvers: Annotated[
        Annotated[list[PrincipalArn], Meta(min_length=1)] | None,
        Meta(
            description="ARNs of the IAM roles and users who may approve what a safety limit refuses; without it, "
            "whoever IAM allows to assume the deployment's approver role"
        ),
    ] = None
    vpc: Annotated[
        VpcSettings | None, Meta(description="Run the sync in a VPC; an Active Directory needs it, others do not")
    ] = None
    on_destroy: OnDestroySettings = field(default_factory=OnDestroySettings)

    def __post_init__(self) -> None:
        if self.parts and self.name == DEFAULT_NAME:
            msgspec.structs.force_setattr(self, "name", self.parts)

    @property
    def parts(self) -> str:
        """Return the name that product, stage and prefix make; empty unless there are all three."""
        if not (self.product and self.stage and self.prefix):
            return ""
        return f"{self.prefix}-{self.product}-{self.stage}".upper()


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that sso-sync can be told."""

    sources: Annotated[
        list[SourceSettings],
        Meta(min_length=1, description="The directories to sync from"),
    ]
    merge_people_by: Annotated[
        MergeKey | None,
        Meta(
            description="By what people of several directories are one person; without it, whoever has the name of "
            "somebody in another directory is set aside"
        ),
    ] = None
    identity_center: IdentityCenterSettings = field(default_factory=IdentityCenterSettings)
    state: Annotated[
        Annotated[str, Meta(min_length=1, pattern=r"^[^\x00]+$")] | None,
        Meta(
            description="Where ledger, lease and run records live: a folder, or s3://bucket/prefix; by default the "
            "deployment's bucket, or .sso-sync where nothing is deployed"
        ),
    ] = None
    leaving: LeavingSettings = field(default_factory=LeavingSettings)
    limits: Limits = field(default_factory=Limits)
    approval: Annotated[
        ApprovalMode,
        Meta(
            description="on_limit: what breaks a limit waits for approval; first: the first run, too; always: every "
            "change; never: what breaks a limit is refused until the limit is raised"
        ),
    ] = "on_limit"
    documentation: Annotated[
        DocumentationSettings | None, Meta(description="Publish pages to S3; without it, a deployment does so anyway")
    ] = None
    teams: Annotated[TeamsSettings | None, Meta(description="Post cards; without it, none are posted")] = None
    events: Annotated[
        EventsSettings | None, Meta(description="Put an event on EventBridge; without it, none is put")
    ] = None
    deployment: Annotated[
        DeploymentSettings | None, Meta(description="What cdk deploy creates; without it, nothing is deployed")
    ] = None
