"""What can be configured where AWS itself syncs an Active Directory to IAM Identity Center."""

from typing import Annotated, ClassVar

from msgspec import Meta, Struct, field

from sso_sync.settings.directories.common import DirectorySettings, Text


class SyncedName(Struct, frozen=True, kw_only=True):
    """A group or a user of the Active Directory, as sAMAccountName names it."""

    name: Annotated[Text, Meta(description="sAMAccountName")]
    description: Annotated[str, Meta(description="What it is for")] = ""


class AdSyncSettings(DirectorySettings, frozen=True, kw_only=True, tag_field="type", tag="ad_sync"):
    """Sync filters of IAM Identity Center whose identity source is an Active Directory."""

    LABEL: ClassVar[str] = "Active Directory, synced by AWS"

    domain: Annotated[Text, Meta(description="The domain of the Active Directory, such as corp.example.com")]
    groups: Annotated[list[SyncedName], Meta(description="The groups that AWS is to sync")] = field(
        default_factory=list
    )
    users: Annotated[list[SyncedName], Meta(description="Single users that AWS is to sync")] = field(
        default_factory=list
    )


def check(source: AdSyncSettings, path: str, mistakes: list[str]) -> None:
    """Add what is wrong with the sync filters."""
    if not (source.groups or source.users):
        mistakes.append(f"{path}.groups: name at least one group or user that AWS is to sync")
