"""Text that a card shows to the letter: the Markdown of TextBlock and FactSet, and their {{DATE()}}, made harmless."""

import json
import re
import unicodedata

from sso_sync.core.wording import one_line
from sso_sync.reporters.sentences import Name, Sentence

LONGEST_NAME, LONGEST_TEXT = 100, 300  # characters
BYTES_A_CHARACTER = 3  # that a text may take on the average; one character takes up to 12 (an escaped pair)
# Always special, "(" where a "]" stands before it (clients for telephones see a link there although the bracket
# is escaped), and what would make a link out of an address that somebody wrote into a name.
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>&~|]|(?<=\])\(|:(?=//)|(?<=www)\.", re.IGNORECASE)
_AT_THE_START = re.compile(r"^(?:[#+=-]|\d+[.)])")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


def literal(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return Markdown that shows the text as it is, on one line, and does not begin a list or a heading.

    It is cut to `longest` characters, and to fewer if these take too many bytes on the way to Teams.
    """
    most = longest
    while len(json.dumps(shown := _escaped(one_line(text, most)))) > BYTES_A_CHARACTER * longest and most > 1:
        most = most * 2 // 3
    return shown


def _escaped(line: str) -> str:
    shown = _SPECIAL.sub(lambda found: f"\\{found[0]}", line)
    return _AT_THE_START.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", shown)


def in_markdown(sentence: Sentence) -> str:
    """Write a sentence with its names in bold."""
    return "".join(f"**{_name(part.text)}**" if isinstance(part, Name) else part for part in sentence)


def aside(name: str) -> str:
    """Write a second name of somebody, in italics."""
    return f"_{_name(name)}_"


def _name(name: str) -> str:
    shown = literal(name, LONGEST_NAME) or "(no name)"
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in shown):
        return f"{_ISOLATE}{shown}{_END_OF_ISOLATE}"  # else it would turn the words around it
    return shown
