"""BER as LDAP uses it (RFC 4511, 5.1): elements of a tag, a length and a content, one byte for a tag."""

from collections.abc import Iterator

SEQUENCE, SET, OCTETS, INTEGER, ENUMERATED, BOOLEAN = 0x30, 0x31, 0x04, 0x02, 0x0A, 0x01
Element = tuple[int, bytes]


def element(tag: int, *contents: bytes) -> bytes:
    """Write one element."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(number: int, tag: int = INTEGER) -> bytes:
    """Write a whole number."""
    return element(tag, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def octets(text: str | bytes) -> bytes:
    """Write a text."""
    return element(OCTETS, text.encode() if isinstance(text, str) else text)


def elements(content: bytes) -> Iterator[Element]:
    """Read the elements that are one after the other; raises ValueError."""
    at = 0
    while at < len(content):
        start, end = extent(content, at)
        if end > len(content):
            raise ValueError("an element ends behind what it is in")
        yield content[at], content[start:end]
        at = end


def inside(content: bytes) -> list[Element]:
    """Read the elements of the one element that a text holds; raises ValueError."""
    return list(elements(next(elements(content))[1]))


def extent(content: bytes, at: int = 0) -> tuple[int, int]:
    """Tell where the content of an element begins and ends; raises ValueError if too little is there to tell."""
    if len(content) < at + 2:
        raise ValueError("too little to tell")
    first = content[at + 1]
    if first < 0x80:
        return at + 2, at + 2 + first
    start = at + 2 + (first & 0x7F)
    if len(content) < start or first == 0x80:
        raise ValueError("too little to tell")
    return start, start + int.from_bytes(content[at + 2 : start], "big")


def number(content: bytes) -> int:
    """Read a whole number."""
    return int.from_bytes(content, "big", signed=True)
