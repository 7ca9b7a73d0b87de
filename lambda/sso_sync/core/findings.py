"""What an examination finds, and with what a system is signed in to."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


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
