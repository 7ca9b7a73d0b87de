"""What can be configured of Google Workspace."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from sso_sync.core.selection import GROUP_FIELDS, USER_FIELDS
from sso_sync.settings.addresses import is_possible, is_safe, is_url
from sso_sync.settings.directories.common import SelectionSettings, Text, Where
from sso_sync.settings.directories.people import PeopleSettings, check_people
from sso_sync.settings.places import NOT_HERE
from sso_sync.settings.selection import build_selection

AUDIENCE = re.compile(
    r"//iam\.googleapis\.com/projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]{4,32}"
    r"/providers/[a-z0-9-]{4,32}"
)
SERVICE_ACCOUNT = re.compile(r"[a-z0-9.-]+@[a-z0-9.-]+\.gserviceaccount\.com")


class WorkloadIdentitySettings(Struct, frozen=True, kw_only=True):
    """How an AWS identity signs in to Google as a service account that has no key; none of it is secret."""

    audience: Annotated[
        Text,
        Meta(
            description="The workload identity provider: //iam.googleapis.com/projects/NUMBER/locations/global/"
            "workloadIdentityPools/POOL/providers/PROVIDER"
        ),
    ]
    service_account: Annotated[Text, Meta(description="The service account: NAME@PROJECT.iam.gserviceaccount.com")]


class GoogleWorkspaceSettings(PeopleSettings, frozen=True, kw_only=True, tag_field="type", tag="google_workspace"):
    """Google Workspace, read by a service account with domain-wide delegation."""

    LABEL: ClassVar[str] = "Google Workspace"

    admin: Annotated[Text, Meta(description="E-mail of the administrator whom the service account acts for")]
    credentials: Annotated[Where, Meta(description="The service account's key")] = "secret:google-credentials"
    workload_identity: Annotated[
        WorkloadIdentitySettings | None,
        Meta(description="Sign in with the AWS identity, so that no key is needed: credentials are not read then"),
    ] = None
    groups: Annotated[
        SelectionSettings,
        Meta(description="Groups to sync, by name or e-mail: aws-*, name:…, name=…, email:…"),
    ]
    users: Annotated[
        SelectionSettings | None,
        Meta(
            description="People to sync: name, email, org_unit, custom.SCHEMA.FIELD; with method groups it narrows "
            "down who of the members is wanted"
        ),
    ] = None
    include_suspended: Annotated[bool, Meta(description="Keep suspended people, as inactive users (needs SCIM)")] = (
        False
    )
    include_archived: Annotated[bool, Meta(description="Keep archived people, as inactive users (needs SCIM)")] = False
    group_name: Annotated[Literal["name", "email"], Meta(description="What a group is called in Identity Center")] = (
        "name"
    )
    user_name: Annotated[
        Text,
        Meta(description="JMESPath over Google's user that gives the user name; the SAML NameID must equal it"),
    ] = "primaryEmail"
    customer: Annotated[Text, Meta(description="The Google customer id")] = "my_customer"
    root_url: Annotated[Text, Meta(description="Where the Directory API is; change it for tests only")] = (
        "https://admin.googleapis.com/"
    )
    queries_per_minute: Annotated[
        int, Meta(ge=60, le=1_000_000, description="Google's quota for the project and admin")
    ] = 2400

    @property
    def only_by_scim(self) -> tuple[str, ...]:
        return tuple(name for name in ("include_suspended", "include_archived") if getattr(self, name))

    def secrets(self) -> Iterator[tuple[str, str, str]]:
        if not self.workload_identity:
            yield "credentials", self.credentials, "the Google credentials"


def check(source: GoogleWorkspaceSettings, path: str, mistakes: list[str]) -> None:
    """Add what is wrong with the settings of one Google Workspace."""
    build_selection(source.groups, GROUP_FIELDS, custom=False, path=f"{path}.groups", mistakes=mistakes)
    if "{" in source.credentials or "\n" in source.credentials:
        mistakes.append(f"{path}.credentials: {NOT_HERE}")
    if source.workload_identity:
        mistakes += [f"{path}.workload_identity: {mistake}" for mistake in mistakes_of(source.workload_identity)]
    if is_url(source.root_url) and not is_possible(source.root_url):
        mistakes.append(f"{path}.root_url: it has no host, or a port that cannot be")
    elif not is_safe(source.root_url):
        mistakes.append(f"{path}.root_url: access tokens would travel in clear; write https://")
    check_people(source, USER_FIELDS, custom=True, path=path, mistakes=mistakes)


def mistakes_of(identity: WorkloadIdentitySettings) -> Iterator[str]:
    """Name what cannot be right, as Google writes both."""
    if not AUDIENCE.fullmatch(identity.audience):
        yield (
            "audience is not //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/"
            "providers/PROVIDER, with the project's number (not its name)"
        )
    if not SERVICE_ACCOUNT.fullmatch(identity.service_account):
        yield "service_account is not NAME@PROJECT.iam.gserviceaccount.com"
