"""Objects as an LDAP answer has them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from sso_sync.core.records import well_formed
from sso_sync.sources.active_directory.names import ObjectName, object_name

_RANGED = re.compile(r"(?P<name>[^;]+);range=(?P<first>\d+)-(?P<last>\d+|\*)", re.IGNORECASE)


class Entry(Struct, frozen=True):
    """One object: its attributes by name in lower case; `first` and `more` say where ranged ones begin and go on."""

    name: ObjectName
    values: Mapping[str, Sequence[bytes]]
    more: Mapping[str, int] = {}
    first: Mapping[str, int] = {}

    def texts(self, attribute: str) -> list[str]:
        """Return all values of an attribute."""
        return [well_formed(value.decode("utf-8", "replace")) for value in self.values.get(attribute.lower(), ())]

    def text(self, attribute: str) -> str:
        """Return the first value of an attribute, empty if there is none or the account may not see it."""
        return next(iter(self.texts(attribute)), "")

    def names(self, attribute: str) -> list[ObjectName]:
        """Return the objects that an attribute points to."""
        return [object_name(text) for text in self.texts(attribute)]


def entries_of(response: Sequence[Mapping[str, Any]]) -> Iterator[Entry]:
    """Take the objects out of an answer; references to other domains (searchResRef) are not followed."""
    for row in response:
        if row.get("type") == "searchResEntry":
            yield _entry(row)


def _entry(row: Mapping[str, Any]) -> Entry:
    values: dict[str, Sequence[bytes]] = {}
    more: dict[str, int] = {}
    first: dict[str, int] = {}
    for name, found in row["raw_attributes"].items():
        ranged = _RANGED.fullmatch(name)
        if ranged is None:
            values.setdefault(name.lower(), found)  # beside a range, Windows sends the attribute itself, empty
            continue
        attribute = ranged["name"].lower()
        values[attribute], first[attribute] = found, int(ranged["first"])
        if ranged["last"] != "*":
            more[attribute] = int(ranged["last"]) + 1
    return Entry(object_name(row["dn"]), values, more, first)
