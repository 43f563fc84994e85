"""Numbers as a person reads them, and what was asked for."""

import pytest
from benchmarks.section import Goal, duration, figure, size


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01234, "0.0123"), (12.345, "12.3"), (1234, "1,230"), (4_498_500, "4.5 million"), (5e9, "5 billion")],
)
def test_figures_have_three_digits(value, text):
    assert figure(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0123, "12.3 ms"), (1, "1 s"), (119, "119 s"), (180, "3 min"), (86400 * 3, "3 days")]
)
def test_durations_have_the_unit_that_fits(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("count", "text"), [(2e3, "2 kB"), (5.12e8, "512 MB"), (1.89e10, "18.9 GB"), (2e12, "2 TB")])
def test_sizes_have_the_unit_that_fits(count, text):
    assert size(count) == text


def test_a_goal_is_a_floor_or_a_ceiling():
    assert Goal("times", 15, 15).met
    assert not Goal("times", 15, 14.9).met
    assert Goal("time", 0.3, 0.2, " s", most=True).met
    assert Goal("time", 0.3, 0.4, " s", most=True).cells == ("time", "at most 0.3 s", "0.4 s", "**no**")
