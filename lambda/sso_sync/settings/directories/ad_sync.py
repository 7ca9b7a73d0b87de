"""What can be configured where AWS itself syncs an Active Directory to IAM Identity Center."""

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import Meta, Struct, field

from sso_sync.core.model import fold
from sso_sync.settings.directories.common import DirectorySettings, Text

# What sAMAccountName takes; no @ either, which separates it from the domain wherever both are written.
NAME = r"[^\"/\\\[\]:;|=,+*?<>@\x00-\x1f\x7f]{1,256}"
DOMAIN = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
LONGEST_DOMAIN = 255


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
    directory_id: Annotated[
        Annotated[str, Meta(pattern=r"^(arn:[a-z-]+:ds:[a-z0-9-]+:\d{12}:directory/)?d-[0-9a-f]{10}$")] | None,
        Meta(
            description="d-…, or the ARN, of the directory in AWS Directory Service, for a sync profile that is not "
            "there yet; by default the one whose id the identity store has"
        ),
    ] = None


def check(source: AdSyncSettings, path: str, mistakes: list[str]) -> None:
    """Add what is wrong with the sync filters."""
    if not (source.groups or source.users):
        mistakes.append(f"{path}.groups: name at least one group or user that AWS is to sync")
    if source.group_prefix:
        mistakes.append(f"{path}.group_prefix: AWS syncs groups under their own names; leave it out")
    if not re.fullmatch(DOMAIN, source.domain) or len(source.domain) > LONGEST_DOMAIN:
        mistakes.append(f"{path}.domain: write the name of the domain, such as corp.example.com")
    _check_names(source.groups, f"{path}.groups", mistakes)
    _check_names(source.users, f"{path}.users", mistakes)


def _check_names(named: Sequence[SyncedName], path: str, mistakes: list[str]) -> None:
    seen: set[str] = set()
    for number, one in enumerate(named):
        if not re.fullmatch(NAME, one.name) or one.name != one.name.strip():
            mistakes.append(
                f"{path}[{number}].name: no sAMAccountName is written so; write it alone, without the domain, and "
                "whole, without * or ?"
            )
        if fold(one.name) in seen:
            mistakes.append(f"{path}[{number}].name: '{one.name}' is named before; Active Directory minds no case")
        seen.add(fold(one.name))
