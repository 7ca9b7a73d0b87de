"""What may be so or otherwise in a real tenant: each is a switch, so that a tool can be tried both ways.

Some of it is a company's own set-up (a second Region, a customer-managed key); some of it no
document settles, and only a real tenant could tell. The defaults are what is more likely.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Kms = Literal[
    "usable",
    "KMS_ACCESS_DENIED",
    "KMS_KEY_NOT_FOUND",
    "KMS_THROTTLING",
    "KMS_DISABLED",
    "KMS_INVALID_STATE",
    "KMS_INVALID_ARN",
    "KMS_INVALID_KEY_USAGE",
]
Seconds = Annotated[float, Meta(ge=0)]
NOT_NEGATIVE = Meta(ge=0)


class Switches(msgspec.Struct, kw_only=True):
    """Every switch with its default."""

    # A company's own set-up.
    region: Annotated[str, Meta(description="Region of the Identity Center instance; elsewhere there is no store")] = (
        "us-east-1"
    )
    additional_regions: Annotated[
        list[str], Meta(description="Regions that the instance was extended to: reads only")
    ] = []
    account_instances: Annotated[
        int, NOT_NEGATIVE, Meta(description="account instances that ListInstances shows before the organisation's own")
    ] = 0
    instance_status: Annotated[
        Literal["CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_IN_PROGRESS", "ACTIVE"],
        Meta(description="status of the organisation instance"),
    ] = "ACTIVE"
    account_outbound_federation: Annotated[
        bool, Meta(description="the AWS account gives its roles tokens for others (GetWebIdentityToken)")
    ] = True
    customer_managed_key: Annotated[
        Kms, Meta(description="what the key that encrypts the store says to calls of the Identity Store API")
    ] = "usable"
    max_users: Annotated[int, NOT_NEGATIVE, Meta(description="quota of users in a store")] = 200_000
    max_groups: Annotated[int, NOT_NEGATIVE, Meta(description="quota of groups in a store")] = 100_000
    google_admin_unit: Annotated[
        str, Meta(description="organisational unit that the administrator's role is limited to (empty: not limited)")
    ] = ""
    google_admin_role: Annotated[
        Literal["super_admin", "delegated", "conditional"],
        Meta(description="what Google's administrator is; a conditional role reaches security groups only"),
    ] = "super_admin"
    google_admin_sdk: Annotated[bool, Meta(description="the Admin SDK API is on in the Google Cloud project")] = True
    google_iam_credentials_api: Annotated[
        bool, Meta(description="the IAM Service Account Credentials API is on in the Google Cloud project")
    ] = True
    google_aws_account: Annotated[
        str, Meta(description="AWS account that Google's workload identity provider trusts")
    ] = "000000000000"
    google_aws_role: Annotated[
        str, Meta(description="AWS role that the provider's attribute condition lets in; the caller's is sso-sync")
    ] = "sso-sync"
    google_token_creator: Annotated[
        bool, Meta(description="that role has roles/iam.serviceAccountTokenCreator on the service account")
    ] = True
    active_directory: Annotated[
        str, Meta(description="domain of the directory in AWS Directory Service (empty: there is none)")
    ] = ""
    active_directory_associated: Annotated[
        bool, Meta(description="that directory is the identity source of Identity Center")
    ] = True
    okta_admin_groups: Annotated[
        list[str], Meta(description="groups that Okta's administrator is limited to, by name (none: not limited)")
    ] = []
    okta_concurrency: Annotated[int, NOT_NEGATIVE, Meta(description="calls that Okta answers at once")] = 75
    okta_dpop: Annotated[
        Literal["off", "required", "nonce_everywhere"],
        Meta(description="whether Okta's service app has to prove possession of a key, at the API with a nonce too"),
    ] = "off"

    # What AWS documents as possible, or does not settle.
    short_pages: Annotated[
        bool, Meta(description="listings answer fewer rows than asked for, and a token that goes on")
    ] = False
    token_lifetime: Annotated[Seconds, Meta(description="seconds after which a NextToken or cursor is refused")] = (
        3600.0
    )
    listed_after: Annotated[Seconds, Meta(description="seconds until listings show what was created")] = 0.0
    found_after: Annotated[Seconds, Meta(description="seconds until lookups by id find what was created")] = 0.0
    user_name_by_update: Annotated[bool, Meta(description="UpdateUser accepts the path userName")] = True
    names_fold_case: Annotated[
        bool, Meta(description="user names, e-mails and group names that differ only in case are the same")
    ] = True
    membership_changes_revision: Annotated[bool, Meta(description="a membership changes the Revision of its group")] = (
        False
    )
    memberships_conflict: Annotated[
        bool, Meta(description="overlapping membership changes of one group conflict, as overlapping updates do")
    ] = False
    permission_sets_shown: Annotated[bool, Meta(description="DescribeInstance answers PermissionSetsEnabled")] = True
    manager_as_text: Annotated[
        bool, Meta(description="the Identity Store API shows a manager as text instead of an object")
    ] = False
    external_id_issuer: Annotated[str, Meta(description="Issuer of the external ids that SCIM sets")] = (
        "https://scim.amazonaws.com"
    )
    scim_user_name_spaces: Annotated[bool, Meta(description="SCIM accepts user names with spaces")] = False
    scim_patch_lists: Annotated[
        bool, Meta(description="PatchUser accepts emails, addresses and phoneNumbers as a whole")
    ] = True
    scim_retry_after: Annotated[bool, Meta(description="a throttled SCIM call is told when to come back")] = True
    scim_memberships_per_second: Annotated[
        float, NOT_NEGATIVE, Meta(description="membership changes by SCIM that are allowed a second (0: no limit)")
    ] = 0.0
    google_throttle: Annotated[
        Literal["userRateLimitExceeded", "quotaExceeded", "rateLimitExceeded"],
        Meta(description="reason of Google's refusals for too many requests (429 for the last, else 403)"),
    ] = "userRateLimitExceeded"
    google_batch_counts_once: Annotated[
        bool, Meta(description="a batch counts as one request against the quota, instead of each call in it")
    ] = False
    google_counts_users_only: Annotated[
        bool, Meta(description="directMembersCount of a group counts no sub-groups")
    ] = False
    google_typed_externals: Annotated[
        bool, Meta(description="members from outside have the type EXTERNAL instead of USER without a status")
    ] = False
    google_empty_lists: Annotated[bool, Meta(description="an empty listing is an empty list instead of left out")] = (
        False
    )
    sync_filters_any_name: Annotated[
        bool, Meta(description="CreateSyncFilter accepts names that the Active Directory does not have")
    ] = False
    sync_filter_id_answered: Annotated[bool, Meta(description="CreateSyncFilter answers the id of the filter")] = True
    sync_target_shown: Annotated[bool, Meta(description="the target of a sync profile can be read by its path")] = True
    okta_deactivated_members: Annotated[
        bool, Meta(description="members of Okta's groups are listed after they were deactivated")
    ] = True

    def page_size(self, asked: int) -> int:
        """Return how many rows a page has when so many are asked for."""
        return max(1, asked // 3) if self.short_pages else asked

    def change(self, wanted: Any) -> None:
        """Set the named switches, all or none; raises ValueError with a sentence if one makes no sense."""
        if not isinstance(wanted, dict):
            raise ValueError("switches are an object: name to value")  # noqa: TRY004 # it is a user's mistake
        unknown = sorted(wanted.keys() - set(self.__struct_fields__))
        if unknown:
            raise ValueError(f"there is no switch {', '.join(unknown)}; there are {', '.join(self.__struct_fields__)}")
        changed = msgspec.convert(msgspec.to_builtins(self) | wanted, Switches)
        for name in self.__struct_fields__:
            setattr(self, name, getattr(changed, name))


def described() -> dict[str, str]:
    """Return what each switch means."""
    properties = msgspec.json.schema(Switches)["$defs"]["Switches"]["properties"]
    return {name: str(prop["description"]) for name, prop in properties.items()}
