"""What a plan must respect, beside the two sides that it is made from."""

import fnmatch
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from sso_sync.core.model import fold

LeaverPolicy = Literal["deactivate", "delete", "keep"]
KeepPolicy = Literal["keep", "delete"]
MatchAttribute = Literal["user_name", "email"]


class Rules(Struct, frozen=True, kw_only=True):
    """What a plan must respect.

    Attributes in `unwritable` are not compared. Objects that `protected` names (globs) are left exactly
    as they are. With `additive`, nothing is taken from anyone. People who carry no source id are
    matched by `match_by`, in this order. With `existing_groups_only`, groups are neither created nor
    deleted. `leavers` says what becomes of users who are not wanted any more: deactivated and deleted
    `delete_after` that, deleted at once, or kept; `leaving_groups` and `unmanaged` say it of groups, and of
    what nobody here has made. `held` are objects, by AWS id, that may not be adopted or deleted yet, with
    the reason. `now` is when the plan is made.
    """

    unwritable: frozenset[str] = frozenset()
    protected: tuple[str, ...] = ()
    additive: bool = False
    match_by: tuple[MatchAttribute, ...] = ("user_name", "email")
    existing_groups_only: bool = False
    leavers: LeaverPolicy = "delete"
    delete_after: timedelta = timedelta(days=30)
    leaving_groups: KeepPolicy = "delete"
    unmanaged: KeepPolicy = "keep"
    held: Mapping[str, str] = {}
    now: datetime = datetime.min.replace(tzinfo=UTC)

    def protects(self, name: str) -> bool:
        """Tell whether an object that is called so is left as it is."""
        return any(fnmatch.fnmatchcase(fold(name), fold(pattern)) for pattern in self.protected)
