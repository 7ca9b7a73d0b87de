"""What a domain controller answers when it will not, in sentences.

Result codes: RFC 4511, appendix A. Codes in the words "data 52e": Windows error codes in hex, as Microsoft lists
them for LDAP binds (ERROR_LOGON_FAILURE and those after it).
"""

import re
from collections.abc import Mapping
from typing import Any

from sso_sync.core.errors import CredentialsError, SourceError, SsoSyncError

# What may be over in a moment, or with another controller.
PASSING: Mapping[int, str] = {
    3: "the search took longer than it may",
    11: "a limit of the domain controller was exceeded",
    51: "the domain controller is busy",
    52: "the domain controller is not available",
    80: "the domain controller met an error of its own",
}
SIZE_LIMIT, REFERRAL, NO_SUCH_OBJECT, ACCESS, UNWILLING = 4, 10, 32, 50, 53
_STORE = "store another with 'sso-sync secrets put', or correct the file that the config names"
_SIGN_IN: Mapping[str, str] = {
    "525": f"it knows no such user; correct 'user' in the credentials: {_STORE}",
    "52e": f"the password or the user name is wrong; {_STORE}",
    "530": "it may not sign in at this time; widen the account's logon hours",
    "531": "it may not sign in from here; correct the account's 'Log On To' list of workstations",
    "532": f"its password has expired; set a new one, or let it never expire, and {_STORE}",
    "533": "the account is disabled; enable it in Active Directory Users and Computers",
    "568": "it is in too many groups to sign in; take the account out of some",
    "701": "the account has expired; set its expiry date to 'Never' in Active Directory Users and Computers",
    "773": f"its password must be changed first; clear 'User must change password at next logon', or {_STORE}",
    "775": "the account is locked; unlock it, and find out who tries its password",
}


class ControllerError(SourceError):
    """One domain controller cannot be read; another one may be, and if `passing` the same one later."""

    def __init__(self, sentence: str, *, passing: bool = True) -> None:
        self.passing = passing
        super().__init__(sentence)


def refused_bind(result: Mapping[str, Any], user: str, host: str) -> SsoSyncError:
    """Turn the answer to a bind into what to raise."""
    code, said = _code_and_words(result)
    if code == 49:
        found = re.search(r"\bdata ([0-9a-fA-F]+)", said)
        why = _SIGN_IN.get(found[1].lower() if found else "", f"the password or the user name is wrong; {_STORE}")
        return CredentialsError(f"Active Directory refused the account {user}: {why}.")
    if code == 8:
        return CredentialsError(f"{host} wants a stronger sign-in than a password over TLS ({said}).")
    return refused_search(result, "sign in", host)


def refused_search(result: Mapping[str, Any], doing: str, host: str, base: str = "") -> SsoSyncError:
    """Turn a result other than success into what to raise."""
    code, said = _code_and_words(result)
    if code in PASSING:
        return ControllerError(f"Cannot {doing}: {PASSING[code]} ({host}); nothing was changed.")
    if code == SIZE_LIMIT:
        return ControllerError(f"Cannot {doing}: {host} cut the listing short, so it is not complete.")
    if code == UNWILLING:
        return ControllerError(f"Cannot {doing}: {host} is unwilling to answer ({said}); nothing was changed.")
    if code in {NO_SUCH_OBJECT, REFERRAL, 34}:
        return SourceError(
            f"Cannot {doing}: there is no '{base}' in the domain of {host}, or the account may not see it; correct "
            "'base', 'user_base' and 'group_base' in the config."
        )
    if code in {ACCESS, 1, 8}:
        # 1 is what Windows answers to a search without a successful bind.
        return CredentialsError(
            f"Cannot {doing}: {host} does not let the account ({said}); grant it 'Read all properties' on '{base}'."
        )
    return ControllerError(f"Cannot {doing}: {host} answered {code} ({said}); nothing was changed.", passing=False)


def unreachable(error: Exception, doing: str, host: str) -> ControllerError:
    """Turn a connection that was lost, or an answer that cannot be read, into what to raise."""
    words = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
    return ControllerError(f"Cannot {doing}: {host} gave no usable answer ({words}); nothing was changed.")


def _code_and_words(result: Mapping[str, Any]) -> tuple[int, str]:
    words = " ".join(str(result.get("message") or result.get("description") or "").split())
    return int(result.get("result", 80)), words.rstrip("\x00").strip()[:200].rstrip(".") or "no reason given"
