"""What an examination finds, and with what a system is signed in to."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from sso_sync.core.errors import PermissionMissing, SettingsError, SsoSyncError


class Mark(StrEnum):
    """How something is that was looked at."""

    GOOD = "good"
    NOTE = "note"  # to be known, nothing to be done
    WARNING = "warning"  # it works, and will not for ever, or not as well as it could
    PROBLEM = "problem"  # a run would fail, or read too little


class Finding(Struct, frozen=True):
    """One thing that was looked at, such as "Okta: list groups": how it is, and what to do about it.

    `said` is a sentence; `remedy` names the exact grant or setting and where to click, empty if there is
    nothing to do.
    """

    subject: str
    mark: Mark
    said: str
    remedy: str = ""


class Credential(Struct, frozen=True, kw_only=True):
    """With what a system is signed in to.

    `what` names it ("the Okta API token"), `kind` says what it is ("an API token, stored", "a private key in KMS").
    `stored` tells whether a secret is kept that could leak. `expires` is None where it does not, or where
    nobody tells. `renewal` says how to get a new one, as the end of a sentence.
    """

    what: str
    kind: str
    stored: bool
    expires: datetime | None = None
    renewal: str = ""


def look_at(subject: str, look: Callable[[], str], *, otherwise: Mark = Mark.PROBLEM, grant: str = "") -> Finding:
    """Look at one thing: `look` says how it is if it is good, and raises an error of the tree if it is not.

    `grant` says what to allow and where to click, if a permission is missing.
    """
    try:
        return Finding(subject, Mark.GOOD, look())
    except SsoSyncError as exc:
        return Finding(subject, otherwise, in_a_line(exc), grant if isinstance(exc, PermissionMissing) else "")


def in_a_line(error: SsoSyncError) -> str:
    """Write an error on one line, several mistakes one after the other."""
    return "; ".join(error.mistakes) if isinstance(error, SettingsError) else str(error)
