"""Values that nobody should send, and ways to put them where others belong."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sso_sync.core.errors import SettingsError, SsoSyncError
from sso_sync.core.wording import visible
from tests.support.reports import HOSTILE

Json = dict[str, Any]
Place = tuple[str | int, ...]
MORE = int(os.environ.get("FUZZ", "1"))  # times as many inputs

TEXTS = [
    *HOSTILE,
    "",
    " ",
    "\x00",
    "nul\x00in the middle",
    "\x1b[31mred\x1b[0m\x07\x08",
    "\u2066isolated\u2069\u200f\u200b\ufeff",
    "\udcff",
    "\ud83d\ude00",
    "a\u0300" * 50,
    "[bold]rich[/bold] :smile:",
    "=HYPERLINK('x')",
    "../../etc/passwd",
    "%00%0a%s{}",
    "None",
    "é" * 1025,
    "\U0010ffff\ufffe",
]
HUGE = "x" * 1_000_000
WRONG: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**400, 1e308, "", "x", "\x00\u202e", "\ud800", HUGE,
    [], [None], [[]], ["x"], [{}], {}, {"": None}, {"x": {"x": "x"}}, {"value": ["x"]},
]  # fmt: skip
texts = (
    st.sampled_from(TEXTS) | st.text(max_size=20) | st.text(st.characters(categories=["Cc", "Cf", "Cs"]), max_size=8)
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.sampled_from(WRONG) | st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
# What is no JSON, or JSON that some readers cannot bear.
GARBAGE: list[bytes] = [
    b"", b"\x00", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"{", b"null", b"[]", b"[[]]", b"0", b'"x"', b"{}x",
    b'{"a": NaN}', b'{"a": 1e999}', b'{"a": ' + b"9" * 5000 + b"}", b'{"a": "\\ud800"}', b'{"a": "\xff"}',
    b"[" * 100_000, b'{"a":' * 100_000, b"<html>" + b"x" * 100_000, b"\x1f\x8b\x08\x00garbage",
    b"HTTP/1.1 200 OK\r\n\r\n",
]  # fmt: skip


def explore(what: str, check: Callable[..., object], tries: int, *drawn: st.SearchStrategy[Any]) -> None:
    """Check many inputs, the same each time unless FUZZ asks for more, and say how many there were."""
    seen = 0

    def counted(inputs: tuple[Any, ...]) -> None:
        nonlocal seen
        seen += 1
        check(*inputs)

    how = settings(
        max_examples=tries * MORE,
        derandomize=MORE == 1,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if MORE > 1 else [])],
        suppress_health_check=list(HealthCheck),
    )
    how(given(st.tuples(*drawn))(counted))()
    print(f"{what}: {seen} inputs")  # noqa: T201 # shown with -rP


def some(inputs: Iterable[Any], step: int) -> list[Any]:
    """Return every `step`-th input, or all of them if FUZZ asks for more."""
    return list(inputs)[:: step if MORE == 1 else 1]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Yield the path of everything in plain data, and of the whole."""
    yield at
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*at, key))


def get(value: Any, place: Place) -> Any:
    """Return what is at a place."""
    for key in place:
        value = value[key]
    return value


def put(value: Any, place: Place, new: Any) -> Any:
    """Return a copy in which something else is at a place."""
    if not place:
        return new
    whole = deepcopy(value)
    get(whole, place[:-1])[place[-1]] = new
    return whole


def without(value: Any, place: Place) -> Any:
    """Return a copy in which a place is not there."""
    whole = deepcopy(value)
    del get(whole, place[:-1])[place[-1]]
    return whole


def kind_of(value: Any) -> str:
    """Name the JSON type of a value."""
    kinds: Mapping[type, str] = {
        bool: "bool",
        int: "number",
        float: "number",
        str: "text",
        list: "list",
        dict: "object",
    }
    return kinds.get(type(value), "null")


def wrong_for(value: Any) -> Sequence[Any]:
    """List the values that are of another type than this one."""
    return [other for other in WRONG if kind_of(other) != kind_of(value)]


def as_json(value: Any) -> bytes:
    """Write JSON as another program might: halves of characters and all."""
    return json.dumps(value).encode()


def assert_sentence(error: SsoSyncError) -> None:
    """See to it that an error is something to read: not empty, on one line, with nothing hidden in it."""
    said = str(error)
    assert said
    assert "Traceback" not in said
    lines = said.split("\n") if isinstance(error, SettingsError) else [said]
    for line in lines:
        assert line == visible(line), line
    if isinstance(error, SettingsError):
        assert error.mistakes
        assert all(line.startswith("  - ") for line in lines[1:]), said
    assert len(said) < 100_000
