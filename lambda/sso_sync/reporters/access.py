"""What groups give access to, for pages."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class Held(Struct, frozen=True):
    """What one group gives: (account id, name of the permission set), as it was read at that time."""

    read: datetime
    assignments: tuple[tuple[str, str], ...]


class GroupAccess(Struct, frozen=True, kw_only=True):
    """What groups give, by AWS id: those that were read already; `why_not` says why nothing can be shown."""

    groups: Mapping[str, Held] = {}
    account_names: Mapping[str, str] = {}
    why_not: str = ""


class Access(Protocol):
    """A place that knows what groups give."""

    def refresh(self, store_id: str, group_ids: Collection[str], at_once: int | None) -> GroupAccess:
        """Return what is known, after reading what is missing or old for so many groups at most (None: for all)."""
