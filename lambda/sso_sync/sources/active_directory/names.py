"""Distinguished names, with and without the ids that Active Directory puts before them; SIDs, GUIDs and times.

Extended names are those of LDAP_SERVER_EXTENDED_DN_OID (MS-ADTS 3.1.1.3.4.1.5): ``<GUID=…>;<SID=…>;CN=…``.
"""

import re
import struct
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from msgspec import Struct

from sso_sync.core.errors import SourceError

Parts = tuple[tuple[str, str], ...]

_EXTENDED = re.compile(r"(?:<GUID=(?P<guid>[0-9A-Fa-f-]{36})>;)?(?:<SID=(?P<sid>[^>]*)>;)?(?P<dn>.*)", re.DOTALL)
_PART = re.compile(r"(?:\\.|[^\\,])+", re.DOTALL)  # up to a comma without a backslash before it
_BARE = re.compile(r"\s*((?:\\.|[^\\])*?)\s*", re.DOTALL)  # without the blanks around it that no backslash keeps
_ESCAPED = re.compile(rb"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = (0, 0x7FFFFFFFFFFFFFFF)  # of accountExpires, and of when passwords expire
_LATEST = int((datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())


class ObjectName(Struct, frozen=True):
    """What a value such as `member` points to; `guid` and `sid` are empty if the controller did not tell."""

    dn: str
    guid: str = ""
    sid: str = ""


def object_name(text: str) -> ObjectName:
    """Read a distinguished name, extended or not."""
    found = _EXTENDED.fullmatch(text)
    assert found  # every part is optional
    return ObjectName(found["dn"], (found["guid"] or "").lower(), found["sid"] or "")


@lru_cache(maxsize=4096)
def parts_of(dn: str) -> Parts:
    """Part a name into types and values, comparable: escapes resolved, case folded; the innermost comes first.

    Raises SourceError if it is not a distinguished name.
    """
    return tuple((kind.casefold(), value.casefold()) for kind, value in _parse(dn))


def is_below(dn: str, base: str) -> bool:
    """Tell whether an object is the base itself or anywhere below it; raises SourceError."""
    own, of_base = parts_of(dn), parts_of(base)
    return own[len(own) - len(of_base) :] == of_base if len(own) >= len(of_base) else False


def is_in_domain(dn: str, domain: str) -> bool:
    """Tell whether an object is in a domain itself, and not in one that hangs below it; raises SourceError."""
    above = parts_of(dn)[: -len(parts_of(domain))]
    return is_below(dn, domain) and not (above and above[-1][0] == "dc")


def common_name(dn: str) -> str:
    """Return the value of the innermost part, which is the object's own name; raises SourceError."""
    return _parse(dn)[0][1]


def unit_of(dn: str, domain: str) -> str:
    """Return the path of organisational units and containers that an object is in, such as "/Company/Sales".

    `domain` is what the path starts below. Raises SourceError.
    """
    above = _parse(dn)[1 : len(_parse(dn)) - len(parts_of(domain))]
    return "/" + "/".join(value for _, value in reversed(above))


@lru_cache(maxsize=4096)
def _parse(dn: str) -> Parts:
    pairs = [part.partition("=") for part in _PART.findall(dn)]
    if not pairs or not all(kind.strip() and equals for kind, equals, _ in pairs):
        raise SourceError(f"'{dn}' is not a distinguished name, so nobody can tell where it is; nothing was changed.")
    return tuple((kind.strip(), _plain(value)) for kind, _, value in pairs)


def _plain(value: str) -> str:
    """Resolve the escapes of RFC 4514, 2.4: a backslash before a character, or before two digits of a byte."""
    bare = _BARE.fullmatch(value)

    def resolve(found: re.Match[bytes]) -> bytes:
        return bytes.fromhex(found[1].decode()) if len(found[1]) == 2 else found[1]

    return _ESCAPED.sub(resolve, (bare[1] if bare else value).encode()).decode("utf-8", "replace")


def guid_of(value: bytes) -> str:
    """Write objectGUID as Windows does: its first three fields are little-endian; raises ValueError."""
    return str(UUID(bytes_le=value))


def guid_filter(guid: str) -> str:
    """Write a GUID as the value of a search filter."""
    return "".join(f"\\{byte:02x}" for byte in UUID(guid).bytes_le)


def sid_of(value: bytes) -> str:
    """Write objectSid as Windows does (MS-DTYP 2.4.2); raises ValueError."""
    if len(value) < 8 or len(value) != 8 + 4 * value[1]:
        raise ValueError("a SID of the wrong length")
    subs = struct.unpack(f"<{value[1]}I", value[8:])
    return "-".join(map(str, ("S", value[0], int.from_bytes(value[2:8], "big"), *subs)))


def sibling_sid(sid: str, relative_id: str) -> str:
    """Return the SID of another object of the same domain."""
    return f"{sid.rpartition('-')[0]}-{relative_id}"


def time_of(filetime: str) -> datetime | None:
    """Read a Windows FILETIME (100 ns since 1601), None for never; raises ValueError if it is not a number."""
    ticks = int(filetime)
    if ticks in _NEVER or ticks < 0 or ticks // 10_000_000 > _LATEST:
        return None
    return _EPOCH + timedelta(microseconds=ticks // 10)
