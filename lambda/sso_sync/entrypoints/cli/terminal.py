"""What is written where: results for a reader or for a pipe, errors, and lines that hang together when wrapped."""

import sys
from typing import IO

from rich.console import Console
from rich.text import Text

from sso_sync.core.wording import visible


def is_terminal(stream: IO[str] | None) -> bool:
    """Tell whether a person reads the stream; colour that is forced upon a pipe makes it no terminal."""
    return stream is not None and not stream.closed and stream.isatty()


def results(*, quiet: bool = False) -> Console:
    """Make a console for results: lines are wrapped to a terminal's width, and left whole in a pipe."""
    return Console(highlight=False, soft_wrap=not is_terminal(sys.stdout), quiet=quiet)


def errors() -> Console:
    """Make a console for what went wrong."""
    return Console(stderr=True, highlight=False, soft_wrap=not is_terminal(sys.stderr))


def plain(text: str, keep: str = "") -> Text:
    """Show text as it is: no markup, no control or direction characters, save `keep`, that could fool a reader."""
    return Text(visible(text, keep))


def print_hanging(console: Console, beginning: Text, text: Text, deeper: int = 0) -> None:
    """Print a line that, where it is wrapped, goes on below its text, or so many columns deeper."""
    if console.soft_wrap:
        console.print(Text.assemble(beginning, text))
        return
    indent = beginning.cell_len + deeper
    for number, line in enumerate(wrapped(text, console, max(console.width - indent, 1)) or [Text()]):
        console.print(Text.assemble(" " * indent if number else beginning, line))


def wrapped(text: Text, console: Console, width: int) -> list[Text]:
    """Cut a text into lines of at most so many columns, between words where that is possible."""
    lines = list(text.wrap(console, width)) if text.cell_len > width else [text.copy()] if text else []
    for line in lines:
        line.rstrip()
    return lines


def print_error(sentence: str) -> None:
    """Print an error; each mistake in a list of them hangs together, too."""
    console = errors()
    first, *mistakes = visible(sentence, "\n").split("\n")
    print_hanging(console, Text("Error: ", style="bold red"), Text(first))
    for line in mistakes:
        text = line.lstrip(" -")
        print_hanging(console, Text(line[: len(line) - len(text)]), Text(text))
