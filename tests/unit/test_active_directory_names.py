"""Names, ids and times as Active Directory writes them."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.active_directory.objects import escaped
from sso_sync.core.errors import SourceError
from sso_sync.sources.active_directory.names import (
    common_name,
    guid_filter,
    guid_of,
    is_below,
    is_in_domain,
    object_name,
    sid_of,
    time_of,
    unit_of,
)

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda name: name == name.strip())


@given(NAMES)
def test_a_name_survives_being_written_into_a_distinguished_name(name: str) -> None:
    dn = f"CN={escaped(name)},OU=People,DC=corp,DC=test"
    assert common_name(dn) == name
    assert is_below(dn, "ou=people,dc=CORP,dc=test")
    assert unit_of(dn, "DC=corp,DC=test") == "/People"


def test_escapes_are_resolved_whether_characters_or_bytes() -> None:
    assert common_name(r"CN=Lee\, Ann\C3\A9 \22x\22,DC=test") == 'Lee, Anné "x"'
    assert is_below(r"CN=a,OU=R\26D,DC=test", "OU=R&D,DC=test")


@pytest.mark.parametrize(
    ("dn", "base", "below"),
    [
        ("OU=A,DC=x", "OU=A,DC=x", True),
        ("CN=1,OU=A,DC=x", "OU=A,DC=x", True),
        ("CN=1,OU=AA,DC=x", "OU=A,DC=x", False),
        ("DC=x", "OU=A,DC=x", False),
        (r"CN=1\,OU=A,DC=x", "OU=A,DC=x", False),
        ("CN=1, OU=A, DC=x", "ou=a,dc=X", True),
    ],
)
def test_below_is_told_part_by_part(dn: str, base: str, below: bool) -> None:
    assert is_below(dn, base) is below


@pytest.mark.parametrize(
    ("dn", "inside"),
    [
        ("CN=1,OU=A,DC=corp,DC=test", True),
        ("DC=corp,DC=test", True),
        ("CN=1,OU=A,DC=child,DC=corp,DC=test", False),
        ("CN=1,dc=corp,DC=CHILD,DC=Corp,DC=test", False),
        ("CN=1,DC=other,DC=test", False),
    ],
)
def test_a_domain_that_hangs_below_another_is_not_in_it(dn: str, inside: bool) -> None:
    assert is_in_domain(dn, "DC=corp,DC=test") is inside


def test_a_blank_that_a_backslash_keeps_is_kept() -> None:
    assert common_name("CN= Ann\\  ,DC=test") == "Ann "
    assert is_below("CN=a,OU=x\\ ,DC=test", "OU=x\\20,DC=test")


@pytest.mark.parametrize("dn", ["", "nothing", "CN=a,nothing", "=x"])
def test_what_is_no_distinguished_name_is_refused(dn: str) -> None:
    with pytest.raises(SourceError, match="is not a distinguished name"):
        is_below(dn, "DC=x")


def test_an_extended_name_has_its_ids_before_it() -> None:
    guid = "0F8FAD5B-D9CB-469F-A165-70867728950E"
    name = object_name(f"<GUID={guid}>;<SID=S-1-5-21-1-2-3-1105>;CN=a;b,DC=x")
    assert (name.guid, name.sid, name.dn) == (guid.lower(), "S-1-5-21-1-2-3-1105", "CN=a;b,DC=x")
    assert object_name("CN=a,DC=x").guid == ""


@given(st.uuids())
def test_a_guid_is_read_and_looked_up_in_the_byte_order_of_windows(guid: uuid.UUID) -> None:
    assert guid_of(guid.bytes_le) == str(guid)
    assert bytes.fromhex(guid_filter(str(guid)).replace("\\", "")) == guid.bytes_le


def test_a_sid_is_read_as_windows_writes_it() -> None:
    # The example of MS-DTYP 2.4.2: the built-in administrators.
    assert sid_of(bytes.fromhex("01020000000000052000000020020000")) == "S-1-5-32-544"
    with pytest.raises(ValueError, match="wrong length"):
        sid_of(b"\x01\x05")


@pytest.mark.parametrize("never", ["0", "9223372036854775807", "-1", "9223372036854775806"])
def test_never_is_no_moment(never: str) -> None:
    assert time_of(never) is None


def test_a_filetime_counts_from_1601() -> None:
    assert time_of("116444736000000000") == datetime(1970, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="invalid literal"):
        time_of("soon")
