"""The geometry of pictures: lines that say the truth, in a box that never grows."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sso_sync.reporters.docs_site.charts import (
    BOTTOM,
    LEFT,
    MOST_BARS,
    RIGHT,
    TOP,
    bars,
    round_steps,
    step_line,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_an_axis_has_a_few_round_steps_around_its_numbers(one: int, other: int) -> None:
    low, high = sorted((one, other))
    steps = round_steps(low, high)
    assert 2 <= len(steps) <= 6
    assert steps[0] <= low <= high <= steps[-1]
    assert steps[0] >= 0
    assert len({after - before for before, after in pairwise(steps)}) == 1


def test_a_number_holds_until_it_changes() -> None:
    drawn = step_line("People", [(hours(0), 10), (hours(5), 20)], hours(10))
    assert drawn is not None
    assert drawn.line == f"M{LEFT} {BOTTOM}H202V{TOP}H{RIGHT}"
    assert list(drawn.last) == [RIGHT, TOP]
    assert [tick.label for tick in drawn.x_ticks] == ["22 Nov, 12:00", "22 Nov, 22:00"]
    assert drawn.description == "20 at the end, between 10 and 20, from 2026-11-22 to 2026-11-22."


def test_a_number_that_never_changed_is_a_line_in_the_middle() -> None:
    drawn = step_line("People", [(hours(0), 1000)], hours(100))
    assert drawn is not None
    assert drawn.line == f"M{LEFT} 73H{RIGHT}"
    assert [tick.label for tick in drawn.y_ticks] == ["999", "1,000", "1,001"]
    assert [tick.label for tick in drawn.x_ticks] == ["2026-11-22", "2026-11-26"]


@pytest.mark.parametrize("points", [[], [(NOON, 5)]])
def test_no_time_is_no_picture(points: list[tuple[datetime, int]]) -> None:
    assert step_line("People", points, NOON) is None
    assert bars("Runs", []) is None


@given(
    st.lists(st.tuples(st.floats(0, 10**6), st.sampled_from(["good", "warning", "attention"])), min_size=1, max_size=60)
)
def test_bars_stay_in_their_box_the_newest_at_the_right(runs: list[tuple[float, str]]) -> None:
    drawn = bars(
        "Runs", [(hours(-n), hours(-n) + timedelta(seconds=took), tone, "") for n, (took, tone) in enumerate(runs)]
    )
    assert drawn is not None
    assert len(drawn.bars) == min(len(runs), MOST_BARS)
    assert drawn.bars[-1].tone == runs[0][1]
    assert all(bar.x >= LEFT and bar.x + bar.width <= RIGHT + 0.1 for bar in drawn.bars)
    assert all(bar.y >= TOP and bar.y + bar.height <= BOTTOM + 0.1 and bar.height >= 2 for bar in drawn.bars)
    assert [bar.x for bar in drawn.bars] == sorted(bar.x for bar in drawn.bars)


@pytest.mark.parametrize(("seconds", "label"), [(45, "60 s"), (150, "3 min"), (9000, "3 h")])
def test_durations_are_told_in_a_fitting_unit(seconds: int, label: str) -> None:
    drawn = bars("Runs", [(NOON, NOON + timedelta(seconds=seconds), "good", "")])
    assert drawn is not None
    assert drawn.y_ticks[-1].label == label
