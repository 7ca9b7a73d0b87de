"""What a run may do of its own accord, and when it has to ask."""

from typing import Literal

from msgspec import Struct

from sso_sync.core.limits import Limits
from sso_sync.core.rules import Rules

# never: a limit that is broken can only be raised; on_limit: what breaks one waits for approval; first: and so
# does the first run that is to write into a store where nothing is managed; always: and so does every change.
ApprovalMode = Literal["never", "on_limit", "first", "always"]


class Policy(Struct, frozen=True, kw_only=True):
    """The rules of plans, the limits of runs, and when somebody has to agree.

    Without limits nothing is refused: for one who asked to have everything removed. `config` is the
    fingerprint of the settings that all of it comes from.
    """

    rules: Rules = Rules()
    limits: Limits | None = Limits()
    approval: ApprovalMode = "on_limit"
    config: str = ""
