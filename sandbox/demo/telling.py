"""Tells a story step by step: what is done, what came of it, what it cost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from sandbox.demo.plot import counts
from sandbox.demo.stage import Stage

Json = dict[str, Any]


@dataclass
class Step:
    """One step, as the summary shows it."""

    title: str
    expected: Json | None = None
    identity_center: dict[str, int] = field(default_factory=dict)
    calls: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: float = 0.0


class WrongOutcome(Exception):
    """The story did not go as it must."""


class Teller:
    """Prints steps with their progress, and checks what Identity Center holds after each."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self._stage, self._console = stage, console
        self.steps: list[Step] = []

    @contextmanager
    def step(self, title: str, expected: Json | None = None) -> Iterator[None]:
        """Time a step, count its calls, and compare what it led to with what is `expected`."""
        step = Step(title, expected)
        self.steps.append(step)
        self._stage.ask("DELETE", "/calls")
        self._console.print(Text(f"\n{len(self.steps)}  {title}", style="bold cyan"))
        started = time.monotonic()
        with self._console.status("at work …"):
            yield
        step.seconds = round(time.monotonic() - started, 1)
        step.calls = self._stage.ask("GET", "/calls")
        found = self._stage.held()
        step.identity_center = counts(found)
        self._close(step)
        if expected is not None and found != expected:
            raise WrongOutcome(f"Identity Center should hold {counts(expected)} and holds {step.identity_center}.")

    def say(self, text: str) -> None:
        """Print what happens within a step."""
        self._console.print(Text(f"   {text}"))

    def _close(self, step: Step) -> None:
        held = ", ".join(f"{number} {what}" for what, number in step.identity_center.items())
        calls = sum(sum(of_system.values()) for of_system in step.calls.values())
        self._console.print(Text(f"   Identity Center: {held}  ·  {calls} calls  ·  {step.seconds} s", style="green"))

    def summary(self) -> list[Json]:
        """Show the steps as plain data."""
        return [
            {
                "step": step.title,
                "source": counts(step.expected) if step.expected else None,
                "identity_center": step.identity_center,
                "calls": step.calls,
                "seconds": step.seconds,
            }
            for step in self.steps
        ]
