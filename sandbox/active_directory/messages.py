"""LDAP messages (RFC 4511): what a limit or a fault has to know of a request, and to change in an answer."""

import re
from typing import Self

from msgspec import Struct

from sandbox.active_directory.ber import (
    ENUMERATED,
    OCTETS,
    SEQUENCE,
    SET,
    element,
    elements,
    inside,
    integer,
    number,
    octets,
)

BIND, BIND_ANSWER, UNBIND, SEARCH, ENTRY, DONE, REFERENCE = 0x60, 0x61, 0x42, 0x63, 0x64, 0x65, 0x73
CONTROLS = 0xA0
PAGED = b"1.2.840.113556.1.4.319"
MAX_PAGE_SIZE, MAX_VALUES = 1000, 1500  # MaxPageSize and MaxValRange of Windows' LDAP policy
_RANGE = re.compile(rb"(?P<name>[^;]+)(;range=(?P<first>\d+)-(?P<last>\d+|\*))?", re.IGNORECASE)


class Message(Struct, frozen=True):
    """One message: its number, the tag and the content of what it is, and its controls as they were."""

    id: int
    tag: int
    body: bytes
    controls: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, frame: bytes) -> Self:
        """Read a whole message; raises ValueError."""
        (_, number_of), (tag, body), *rest = inside(frame)
        controls = [
            element(SEQUENCE, content) for kind, held in rest if kind == CONTROLS for _, content in elements(held)
        ]
        return cls(number(number_of), tag, body, tuple(controls))

    def frame(self) -> bytes:
        """Write the message."""
        controls = [element(CONTROLS, *self.controls)] if self.controls else []
        return element(SEQUENCE, integer(self.id), element(self.tag, self.body), *controls)

    def operation(self) -> str:
        """Name what a request is for, as calls are counted."""
        if self.tag == BIND:
            return "bind"
        if self.tag != SEARCH:
            return "unbind" if self.tag == UNBIND else "other"
        (_, base), (_, scope), *_, (_, _), (_, _) = elements(self.body)
        if number(scope) == 0:
            return "read object" if base else "read root"
        if b"objectCategory" in self.body and b"group" in self.body:
            return "list groups"
        return "list users" if b"sAMAccountType" in self.body.split(b"objectGUID")[0] else "look up"

    def page(self) -> tuple[int, bytes] | None:
        """Return the size and the cookie of the paging control, None without one."""
        for control in self.controls:
            parts = inside(control)
            if parts[0][1] == PAGED:
                size, cookie = inside(parts[-1][1])
                return number(size[1]), cookie[1]
        return None

    def with_page(self, size: int, cookie: bytes) -> "Message":
        """Put another size and cookie into the paging control."""
        value = element(SEQUENCE, integer(size), octets(cookie))
        others = tuple(control for control in self.controls if inside(control)[0][1] != PAGED)
        own = element(SEQUENCE, octets(PAGED), octets(value))
        return Message(self.id, self.tag, self.body, (*others, own))

    def result(self) -> int:
        """Return the result code of an answer."""
        return number(next(elements(self.body))[1])


def answer(message_id: int, tag: int, code: int, words: str) -> Message:
    """Make an answer without a matched name or referrals."""
    return Message(message_id, tag, integer(code, ENUMERATED) + octets("") + octets(words))


def reference(message_id: int, url: str) -> Message:
    """Make a reference to another domain, as they come among the rows of a search."""
    return Message(message_id, REFERENCE, octets(url))


def capped(entry: Message, max_values: int = MAX_VALUES) -> Message:
    """Cut an entry's attributes to so many values, as Windows does: the rest is to be asked for by range."""
    (_, name), (_, attributes) = elements(entry.body)
    made: list[bytes] = []
    for _, content in elements(attributes):
        (_, kind), (_, held) = elements(content)
        made.append(_capped(kind, held, max_values) or element(SEQUENCE, content))
    return Message(entry.id, entry.tag, octets(name) + element(SEQUENCE, *made), entry.controls)


def _capped(kind: bytes, held: bytes, most: int) -> bytes | None:
    found = _RANGE.fullmatch(kind)
    values = [element(OCTETS, value) for _, value in elements(held)] if found and len(held) > most else []
    if not found or len(values) <= most:
        return None
    first = int(found["first"] or 0)
    ranged = b"%s;range=%d-%d" % (found["name"], first, first + most - 1)
    cut = element(SEQUENCE, octets(ranged), element(SET, *values[:most]))
    return cut if found["first"] else element(SEQUENCE, octets(kind), element(SET)) + cut


def without(entry: Message, attribute: str) -> Message:
    """Leave an attribute out of an entry."""
    (_, name), (_, attributes) = elements(entry.body)
    kept = [
        element(SEQUENCE, content)
        for _, content in elements(attributes)
        if next(elements(content))[1].split(b";")[0].lower() != attribute.lower().encode()
    ]
    return Message(entry.id, entry.tag, octets(name) + element(SEQUENCE, *kept), entry.controls)
