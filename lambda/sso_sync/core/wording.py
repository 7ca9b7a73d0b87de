"""Names and numbers for people: the same care on the terminal, on pages and on cards."""

import re
import unicodedata
from collections.abc import Sequence

REPLACEMENT = "\ufffd"
# Control, format (direction, joiners) and half characters, and separators of lines: what could fool a reader.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# What is in quotes, which stays as it is; else times, words of eight hexadecimal digits and more, and whole numbers.
_VOLATILE = re.compile(
    r"""(?P<quoted>(?<!\w)'.{0,300}?'(?!\w)|"[^"]{0,300}")
    |(?<!\w)(?:\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?|\d{8}T\d{6}Z(?:-\w{6})?)(?!\w)
    |(?<!\w)(?=[A-Fa-f-]{0,40}\d)[\dA-Fa-f]{8,}(?:-[\dA-Fa-f]{4,})*(?!\w)
    |(?<![\w.@-])\d+(?:[.,:]\d+)*(?:ms|s)?(?![\w@-]|\.\w)""",
    re.VERBOSE,
)


def visible(text: str, keep: str = "") -> str:
    """Replace every character that cannot be seen, save those in `keep`, by one that can."""
    if text.isprintable():
        return text
    return "".join(REPLACEMENT if unicodedata.category(char) in _HIDDEN and char not in keep else char for char in text)


def one_line(text: str, longest: int | None = None) -> str:
    """Make text visible on one line, cut with "…" to at most `longest` characters."""
    if longest is None:
        return visible(" ".join(text.split()))
    # What lies far behind the cut is dropped before it is looked at: a name may be very long.
    line = visible(" ".join(text[: 4 * longest].split()))
    return line if len(line) <= longest and len(text) <= 4 * longest else line[: longest - 1] + "…"


def masked(sentence: str) -> str:
    """Leave out of a sentence what differs though it says the same: numbers, times and ids, but never in quotes."""
    return _VOLATILE.sub(lambda found: found["quoted"] or "#", sentence)


def last_part(arn: str) -> str:
    """Return the end of a caller's ARN: a user's name, or that of a role's session, where the person is."""
    return re.split("[/:]", arn)[-1]


def counted(number: int, noun: str) -> str:
    """Say how many there are, such as "1 change" or "2,000 changes"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(words: Sequence[str]) -> str:
    """Put words into a list, such as "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
