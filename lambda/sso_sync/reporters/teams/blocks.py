"""What cards are built of, and how much room it takes."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from sso_sync.core.wording import one_line

Json = dict[str, Any]
A_ROW = 3  # large numbers
LONGEST_TITLE, MAX_LINKS, LONGEST_URL = 40, 3, 1000


def text(content: str, **more: object) -> Json:
    """Make a block of Markdown."""
    return {"type": "TextBlock", "text": content, "wrap": True} | more


def bullets(contents: Iterable[str]) -> Iterator[Json]:
    """Make a line of each."""
    return (text(f"• {content}", spacing="Small") for content in contents)


def heading(content: str) -> Json:
    """Make the title of what follows."""
    return text(content, weight="Bolder", spacing="Medium", separator=True)


def rest(number: int, what: str = "more") -> Iterator[Json]:
    """Say how many are not shown, if there are any."""
    if number > 0:
        yield text(f"and {number} {what}", isSubtle=True, spacing="Small")


def command(line: str) -> Json:
    """Show what is to be typed, apart and to the letter."""
    return {
        "type": "Container",
        "style": "emphasis",
        "spacing": "Small",
        "items": [text(line, fontType="Monospace")],
    }


def facts(rows: Iterable[tuple[str, str]]) -> Json:
    """Make a table of titles and values, without those that have none."""
    shown = [{"title": title, "value": value} for title, value in rows if value]
    return {"type": "FactSet", "separator": True, "spacing": "Medium", "facts": shown}


def numbers(counts: Sequence[tuple[int, str]]) -> Iterator[Json]:
    """Make rows of large numbers, each with what it counts; a telephone has room for three of them."""
    columns = [
        {
            "type": "Column",
            "width": "96px",
            "spacing": "Small",
            "items": [
                text(f"{number:,}", size="ExtraLarge", weight="Bolder"),
                text(what, size="Small", spacing="None"),
            ],
        }
        for number, what in counts
    ]
    for start in range(0, len(columns), A_ROW):
        yield {"type": "ColumnSet", "spacing": "Small", "columns": columns[start : start + A_ROW]}


def buttons(links: Iterable[tuple[str, str]]) -> list[Json]:
    """Make buttons of (title, URL), of which only web addresses are taken."""
    taken = [(title, url) for title, url in links if _is_web_address(url)]
    return [
        {"type": "Action.OpenUrl", "title": one_line(title, LONGEST_TITLE), "url": url}
        for title, url in taken[:MAX_LINKS]
    ]


def _is_web_address(url: str) -> bool:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def size_of(value: object) -> int:
    """Return the bytes that a message, or a part of one, takes when it is sent."""
    return len(json.dumps(value).encode())
