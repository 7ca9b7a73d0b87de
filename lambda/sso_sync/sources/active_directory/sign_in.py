"""The account that reads: its credentials, and when they end."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from ldap3.utils.conv import escape_filter_chars

from sso_sync.core.errors import CredentialsError
from sso_sync.core.findings import Credential
from sso_sync.sources.active_directory.controller import BindAccount, Controller
from sso_sync.sources.active_directory.entries import Entry
from sso_sync.sources.active_directory.names import time_of

WHAT = "the Active Directory account"
EXPIRY = ("msDS-UserPasswordExpiryTimeComputed", "accountExpires")
RENEWAL = (
    "set a new password for the account, or its expiry date to 'Never', in Active Directory Users and Computers, "
    "and store it with 'sso-sync secrets put'"
)


def parse_account(text: str) -> BindAccount:
    """Read the credentials' JSON; raises CredentialsError."""
    try:
        account = msgspec.json.decode(text, type=BindAccount)
    except msgspec.MsgspecError as exc:
        raise CredentialsError(
            'The Active Directory credentials are not JSON of the form {"user": "svc@corp.example.com", "password": '
            '"…"}; store them so.'
        ) from exc
    if not account.user.strip() or not account.password:
        # A bind with an empty password succeeds, as nobody (RFC 4513, 5.1.2).
        raise CredentialsError(
            "The Active Directory credentials have an empty user or password; store both, with a password."
        )
    return account


def find_account(controller: Controller, account: BindAccount, domain: str) -> Entry | None:
    """Look up who signed in, with one search; None if the account may not see itself."""
    if "=" in account.user and "\\" not in account.user:
        return controller.entry("look up the account", account.user, EXPIRY)
    name = escape_filter_chars(account.user)
    local = escape_filter_chars(account.user.rpartition("\\")[2].partition("@")[0])
    condition = f"(|(userPrincipalName={name})(sAMAccountName={local}))"
    rows = list(controller.listing("look up the account", domain, condition, EXPIRY))
    return rows[0] if len(rows) == 1 else None


def credential(account: BindAccount, entry: Entry | None) -> Credential:
    """Say with what is signed in; `entry` is the account as the directory has it, if it was seen."""
    return Credential(
        what=f"{WHAT} {account.user}",
        kind="a password, stored",
        stored=True,
        expires=_expiry([entry.text(name) for name in EXPIRY] if entry else []),
        renewal=RENEWAL,
    )


def _expiry(filetimes: Sequence[str]) -> datetime | None:
    """Return the first of several ends, None if there is none or nobody tells."""
    ends = [time_of(text) for text in filetimes if text.lstrip("-").isdecimal()]
    return min((end for end in ends if end), default=None)
