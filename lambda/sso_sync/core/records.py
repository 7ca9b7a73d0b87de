"""What Identity Center accepts as a record, so that one bad record costs only itself.

Lengths and characters: the UserName, GroupDisplayName and SensitiveStringType shapes of the
Identity Store API; reserved names: its CreateUser and CreateGroup pages.
"""

import unicodedata
from collections.abc import Iterable

import msgspec

from sso_sync.core.model import Group, SetAside, User, fold

RESERVED_NAMES = frozenset({"administrator", "awsadministrators"})
MAX_USER_NAME, MAX_STRING = 128, 1024
_BLANKS = "\t\n\r \u00a0\u3000"


def why_not_user(user: User) -> str | None:
    """Say why Identity Center would refuse the user, or None."""
    if fold(user.user_name) in RESERVED_NAMES:
        return f"'{user.user_name}' is a reserved name"
    checks = (
        ("user name", user.user_name, MAX_USER_NAME, ""),
        ("e-mail address", user.email, MAX_STRING, ""),
        ("given name", user.given_name, MAX_STRING, _BLANKS),
        ("family name", user.family_name, MAX_STRING, _BLANKS),
        ("display name", user.display_name, MAX_STRING, _BLANKS),
    )
    if user.email.count("@") != 1:
        return f"'{user.email}' is not an e-mail address" if user.email else "it has no e-mail address"
    return _first_problem(checks)


def why_not_group(group: Group) -> str | None:
    """Say why Identity Center would refuse the group, or None."""
    if fold(group.display_name) in RESERVED_NAMES:
        return f"'{group.display_name}' is a reserved name"
    return _first_problem([("group name", group.display_name, MAX_STRING, _BLANKS)])


def _first_problem(checks: Iterable[tuple[str, str, int, str]]) -> str | None:
    problems = (_string_problem(*check) for check in checks)
    return next((problem for problem in problems if problem), None)


def _string_problem(what: str, value: str, longest: int, blanks: str) -> str | None:
    if not value.strip():
        return f"it has no {what}"
    if len(value) > longest:
        return f"its {what} is longer than {longest} characters"
    if not _allowed(value, blanks):
        return f"its {what} has a character that Identity Center does not accept"
    return None


def _allowed(value: str, blanks: str) -> bool:
    return all(unicodedata.category(char)[0] in "LMSNP" or char in blanks for char in value)


def printable(text: str) -> str:
    """Drop what cannot be seen from a name (Unicode Cc and Cf): Identity Center refuses it, and names have it.

    Joiners are ordinary in Persian and Indic names, and a person's own profile must not be a way to
    have one's record set aside.
    """
    return "".join(char for char in text if char in _BLANKS or unicodedata.category(char) not in {"Cc", "Cf"}).strip()


def well_formed(text: str) -> str:
    """Replace halves of characters: JSON may carry them (a lone surrogate), and nothing can be written with them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def keep_valid_attributes(user: User) -> User:
    """Drop optional attributes that would be refused: such a value costs only itself."""
    valid = {
        name: value
        for name, value in user.attributes.items()
        if not value or (len(value) <= MAX_STRING and _allowed(value, _BLANKS))
    }
    return user if len(valid) == len(user.attributes) else msgspec.structs.replace(user, attributes=valid)


def keep_valid_description(group: Group) -> Group:
    """Drop a description that would be refused."""
    valid = len(group.description) <= MAX_STRING and _allowed(group.description, _BLANKS)
    return group if valid else msgspec.structs.replace(group, description="")


def set_aside(record: User | Group, reason: str, groups: Iterable[str] = ()) -> SetAside:
    """List a record as one that cannot be provisioned; `groups` as in SetAside."""
    if isinstance(record, User):
        name = record.email or record.user_name or record.id
        return SetAside("user", record.external_id, name, reason, frozenset(groups))
    return SetAside("group", record.external_id, record.display_name or record.id, reason)
