"""How many more subjects it takes to tell a rate from its limit."""

from math import inf

import numpy as np
import pytest
from scipy import special

from facegap.jobs.plan import fewest_subjects, growth

LEVEL = 0.95


@pytest.mark.parametrize(("value", "limit"), [(0.02, 0.05), (0.08, 0.05), (0.0005, 0.001)])
def test_a_study_so_much_larger_can_tell_in_four_of_five_cases(value: float, limit: float) -> None:
    se, z = 0.9, special.ndtri(0.975)
    low, high = special.expit(special.logit(value) + np.array([-z, z]) * se)
    grown = growth(value, low, high, limit, LEVEL)
    assert grown > 1
    found = special.logit(value) + np.random.default_rng(1).normal(size=20_000) * se / np.sqrt(grown)
    distance = (special.logit(limit) - found) * (1 if value < limit else -1)
    assert np.mean(distance > z * se / np.sqrt(grown)) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("subjects", [20, 40])
def test_without_errors_it_takes_as_many_as_the_rule_of_three_asks_for(subjects: int) -> None:
    grown = growth(0.0, 0.0, 1 - 0.05 ** (1 / subjects), 0.01, LEVEL)
    needed = grown * subjects
    assert 1 - 0.05 ** (1 / np.ceil(needed)) <= 0.01 < 1 - 0.05 ** (1 / (needed - 1))
    assert growth(1.0, 0.05 ** (1 / subjects), 1.0, 0.99, LEVEL) == pytest.approx(grown)


def test_no_study_tells_a_rate_at_its_limit_from_it() -> None:
    assert growth(0.05, 0.03, 0.08, 0.05, LEVEL) == inf


@pytest.mark.parametrize(
    ("value", "low", "high"), [(0.0, 0.0, 1.0), (1.0, 0.0, 1.0), (0.02, 0.0, 1.0), (0.1, 0.0, 0.5)]
)
def test_an_interval_that_reaches_an_end_tells_of_no_number(value: float, low: float, high: float) -> None:
    assert growth(value, low, high, 0.05, LEVEL) == inf


def test_the_fewest_that_can_tell_anything() -> None:
    assert fewest_subjects("fnmr", 0.05, LEVEL, 3.0) == 59
    few = fewest_subjects("fmr", 0.001, LEVEL, 4.0)
    assert 0.001 * (4 * few) * (4 * few - 1) / 2 >= 10 > 0.001 * (4 * (few - 2)) * (4 * (few - 2) - 1) / 2
