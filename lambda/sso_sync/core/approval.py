"""What a run may not do without a person's word, and that word.

A run that breaks a limit leaves a `Refusal` behind. Whoever approves it approves a pair: the config
as it was, and the changes that broke a limit, on one store. A later run plans anew and goes ahead
where its limit-breaking changes are among those approved; a stored plan is never executed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from sso_sync.core.digests import digest

ID_DIGITS = 12
# How to agree: where there is a deployment, by the id of what was refused; everywhere, by a plan in a file.
BY_COMMAND = "sso-sync approve {}"
BY_FILE = "review it with 'sso-sync plan --out FILE' and run 'sso-sync apply FILE'"
VALID = timedelta(hours=24)  # how long an approval lasts


class Refusal(Struct, frozen=True, kw_only=True):
    """Changes that wait for approval: `changes` are their keys (`changes.key_of`), sorted.

    `config` is the fingerprint of the settings, `reasons` are sentences, `shown` says in a line each what
    the changes do to whom; `run_id` and `at` say which run was the first to be refused so.
    """

    store_id: str
    config: str
    changes: tuple[str, ...]
    reasons: tuple[str, ...]
    shown: tuple[str, ...]
    run_id: str
    at: datetime

    @classmethod
    def of(
        cls, store_id: str, config: str, changes: Mapping[str, str], reasons: Iterable[str], run_id: str, at: datetime
    ) -> "Refusal":
        """Put the changes into their order; `changes` gives the line that shows each key."""
        return cls(
            store_id=store_id,
            config=config,
            changes=tuple(sorted(changes)),
            reasons=tuple(reasons),
            shown=tuple(sorted(changes.values())),
            run_id=run_id,
            at=at,
        )

    @property
    def digest(self) -> str:
        """Identify everything that somebody who approves is shown and agrees to: a SHA-256 in hex."""
        return digest([self.store_id, self.config, self.changes, self.reasons, self.shown])

    @property
    def id(self) -> str:
        """Return the beginning of the digest, by which people call it."""
        return self.digest[:ID_DIGITS]


class Approval(Struct, frozen=True):
    """Somebody's word for the refusal with this digest; `by` is the caller as AWS saw it."""

    digest: str
    by: str
    at: datetime

    @property
    def refusal_id(self) -> str:
        """Return the id of the refusal that is approved."""
        return self.digest[:ID_DIGITS]

    @property
    def key(self) -> str:
        """Tell this approval from a later one of the same refusal."""
        return f"{self.refusal_id}@{self.at.isoformat()}"
