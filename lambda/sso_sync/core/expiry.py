"""Warnings before credentials expire: the same sentence for days, and another when it gets urgent."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sso_sync.core.findings import Credential

WARNED = timedelta(days=30)  # before the end
# From here on the words are others, so that whoever is told of what is new only is told again.
LAST_WEEK, LAST_DAY = timedelta(days=7), timedelta(days=1)
# "Each access token … is valid for one year" ("Automatic provisioning" of the IAM Identity Center user guide).
SCIM_TOKEN_LASTS = timedelta(days=365)


def warnings(credentials: Iterable[Credential], now: datetime) -> tuple[str, ...]:
    """Write a sentence for each credential that has expired or will within 30 days, the most urgent first."""
    return tuple(dict.fromkeys(_sentence(one, end, now) for end, one in ending(credentials, now)))


def ending(credentials: Iterable[Credential], now: datetime) -> list[tuple[datetime, Credential]]:
    """Return those that have expired or will within 30 days, each with its end, the most urgent first."""
    found = [(c.expires, c) for c in credentials if c.expires and c.expires - now <= WARNED]
    return sorted(found, key=lambda pair: (pair[0], pair[1].what))


def _sentence(credential: Credential, end: datetime, now: datetime) -> str:
    renewal = f"; {credential.renewal}" if credential.renewal else ""
    return f"{credential.what} {when(end, now)}{renewal}"


def when(end: datetime, now: datetime) -> str:
    """Say when something expires, as the end of a sentence, in words that change only as it gets urgent."""
    left, day = end - now, f"{end.astimezone(UTC):%Y-%m-%d}"
    if left <= timedelta(0):
        return f"expired on {day}"
    if left <= LAST_DAY:
        return f"expires within a day, on {day} at {end.astimezone(UTC):%H:%M} UTC"
    if left <= LAST_WEEK:
        return f"expires within a week, on {day}"
    return f"expires on {day}"
