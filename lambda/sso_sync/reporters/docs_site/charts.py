"""The geometry of pictures: what Jinja writes as SVG, in units of the picture's own box."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from sso_sync.core.wording import counted

LEFT, RIGHT, TOP, BOTTOM = 52, 352, 14, 132  # the plot, in a box of 360 by 160; outside of it are the labels
MOST_BARS = 40
WIDEST_BAR = 16
_HOURS_TOLD = timedelta(days=3)  # in pictures of less than this, days alone would say nothing
_UNITS = ((7200, 3600, "h"), (120, 60, "min"), (0, 1, "s"))  # from how many seconds, in what, called so


class Tick(Struct, frozen=True):
    """A label of an axis, and where it stands on it."""

    at: float
    label: str


class StepLine(Struct, frozen=True, kw_only=True):
    """A number over time, which holds until it changes."""

    title: str
    description: str
    line: str  # as the attribute d of a path
    last: tuple[float, float]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


class Bar(Struct, frozen=True, kw_only=True):
    """The duration of one run."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    label: str

    @property
    def middle(self) -> float:
        """Return where the sign above the bar has its middle."""
        return self.x + self.width / 2


class Bars(Struct, frozen=True, kw_only=True):
    """The durations of the last runs, the newest at the right."""

    title: str
    description: str
    bars: tuple[Bar, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def step_line(title: str, points: Sequence[tuple[datetime, int]], end: datetime) -> StepLine | None:
    """Draw a number over time, from (time, number), the oldest first, to `end`; None if that is no time at all."""
    if not points or (end := max(end, points[-1][0])) <= points[0][0]:
        return None
    begin, numbers = points[0][0], [number for _, number in points]
    steps = round_steps(min(numbers), max(numbers))
    places = [
        (_between((at - begin) / (end - begin), LEFT, RIGHT), _height(number, steps))
        for at, number in [*points, (end, numbers[-1])]
    ]
    line = f"M{places[0][0]:g} {places[0][1]:g}" + "".join(
        f"H{x:g}" + (f"V{y:g}" if y != before else "") for (_, before), (x, y) in pairwise(places)
    )
    extent = f"between {min(numbers):,} and {max(numbers):,}" if len(set(numbers)) > 1 else "all the time"
    return StepLine(
        title=title,
        description=f"{numbers[-1]:,} at the end, {extent}, from {_day(begin)} to {_day(end)}.",
        line=line,
        last=places[-1],
        x_ticks=_from_to(begin, end),
        y_ticks=tuple(Tick(_height(step, steps), f"{step:,}") for step in steps),
    )


def bars(title: str, runs: Iterable[tuple[datetime, datetime, str, str]]) -> Bars | None:
    """Draw the durations of runs, from (started, ended, tone, label), the newest first; None if there are none."""
    shown = list(runs)[:MOST_BARS][::-1]
    if not shown:
        return None
    seconds = [max((ended - started).total_seconds(), 0) for started, ended, _, _ in shown]
    unit, name = next((unit, name) for least, unit, name in _UNITS if max(seconds) >= least)
    steps = round_steps(0, math.ceil(max(seconds) / unit))
    slot = (RIGHT - LEFT) / len(shown)
    width = _rounded(min(slot * 0.7, WIDEST_BAR))
    drawn = []
    for number, ((_, _, tone, label), took) in enumerate(zip(shown, seconds, strict=True)):
        y = _rounded(min(_height(took / unit, steps), BOTTOM - 2))
        x = _rounded(LEFT + slot * (number + 0.5) - width / 2)
        drawn.append(Bar(x=x, y=y, width=width, height=_rounded(BOTTOM - y), tone=tone, label=label))
    good = sum(bar.tone == "good" for bar in drawn)
    return Bars(
        title=title,
        description=f"{counted(len(drawn), 'run')}, alike ones as one, the last at the right; "
        f"{good} went well, {len(drawn) - good} did not.",
        bars=tuple(drawn),
        x_ticks=_from_to(shown[0][0], shown[-1][0]),
        y_ticks=tuple(Tick(_height(step, steps), f"{step} {name}") for step in steps),
    )


def round_steps(low: float, high: float) -> list[int]:
    """List two to five round numbers from below `low` to above `high`, all of them whole."""
    rough = max((high - low) / 3, 1)
    power = 10 ** math.floor(math.log10(rough))
    step = int(next(power * by for by in (1, 2, 5, 10) if power * by >= rough))
    first, last = math.floor(low / step), math.ceil(high / step)
    if first == last:  # a line in the middle, and never below nothing
        first, last = max(first - 1, 0), last + 1
    return [number * step for number in range(first, last + 1)]


def _between(part: float, start: float, end: float) -> float:
    return _rounded(start + part * (end - start))


def _height(number: float, steps: Sequence[int]) -> float:
    return _between((number - steps[0]) / (steps[-1] - steps[0]), BOTTOM, TOP)


def _rounded(number: float) -> float:
    return round(number, 1)


def _from_to(begin: datetime, end: datetime) -> tuple[Tick, ...]:
    pattern = "%d %b, %H:%M" if end - begin < _HOURS_TOLD else "%Y-%m-%d"
    return tuple(Tick(at, time.astimezone(UTC).strftime(pattern)) for at, time in ((LEFT, begin), (RIGHT, end)))


def _day(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d}"
