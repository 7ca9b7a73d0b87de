"""What became of the changes of a plan."""

from enum import StrEnum

from msgspec import Struct

from sso_sync.core.changes import Change
from sso_sync.core.errors import ChangeError


class Result(StrEnum):
    """What became of a change."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # something it needs failed
    NOT_TRIED = "not_tried"  # the run ended before its turn


class Outcome(Struct, frozen=True):
    """One change and what became of it; `aws_id` is a new object's id, `error` what went wrong.

    `lost` names the optional attributes of a user that were not written although the change was
    made: the store refused their values, as `error` says, and the run went on without them.
    """

    change: Change
    result: Result
    error: ChangeError | None = None
    aws_id: str = ""
    lost: tuple[str, ...] = ()
