"""Symmetric estimates: the distribution over all signs of the influences takes the place of Student's t."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from facegap.metrics.estimate import Estimate


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 12), st.floats(-1, 1))
def test_a_symmetric_estimate_is_judged_by_all_signs_that_its_influences_might_have(seed, n, value):
    """Brute force: every subject favours the one or the other. The mean and the spread of R^2 are those of F's."""
    influence = np.random.default_rng(seed).standard_gamma(0.3, n)
    influence = influence - influence.mean()
    assume(np.abs(influence).max() > 1e-3)
    found = Estimate(value, np.arange(n), influence, scale="plain", skew=0.0, symmetric=True)
    shares = found.influence + found.value / n
    signs = np.array(list(product((-1, 1), repeat=n)))
    r2 = (signs @ shares) ** 2 / (n * (shares**2).sum())
    d = found._signs
    assume(d > 1)
    assert r2.mean() == pytest.approx(1 / n)
    assert r2.var() == pytest.approx(2 * (n - 1) / n**2 / (n * d + 2))
    errors = found.value / found.se
    assert errors**2 / (errors**2 + n - 1) == pytest.approx(found.value**2 / (n * (shares**2).sum()))
    assert found.p_value() == pytest.approx(stats.beta.sf(errors**2 / (errors**2 + n - 1), d / 2, d * (n - 1) / 2))


@pytest.mark.parametrize("heavy", [0, 3, 5])
def test_few_heavy_subjects_ask_for_less_than_students_t_and_even_ones_for_just_that(heavy):
    """Signs are drawn, and the test rejects in 5 % of the draws; by Student's t it would in fewer."""
    rng, n = np.random.default_rng(5), 60
    influence = rng.normal(size=n) / 1000
    influence[:heavy] = 0.015 * np.arange(1, heavy + 1) / max(heavy, 1)
    one = Estimate(0.001, np.arange(n), influence - influence.mean(), scale="plain", skew=0.0)
    shares = one.influence + one.value / n
    sums = rng.choice((-1, 1), (50_000, n)) @ shares
    errors = np.abs(sums) / np.sqrt(((shares**2).sum() - sums**2 / n) * n / (n - 1))
    signs = replace(one, symmetric=True).quantile(0.95)
    assert np.mean(errors > signs) == pytest.approx(0.05, abs=0.01)
    if heavy:
        assert np.mean(errors > one.quantile(0.95)) < np.mean(errors > signs) - 0.005
    else:
        assert signs == pytest.approx(one.quantile(0.95), rel=0.01)


def test_one_subject_alone_shows_no_difference():
    """Whatever its sign, the estimate lies one standard error from 0, so all choices of signs are as far."""
    alone = Estimate(1.0, np.arange(20), np.eye(20)[0] - 1 / 20, scale="plain", skew=0.0, symmetric=True)
    assert alone.se == pytest.approx(1)
    assert alone.quantile(0.95) == pytest.approx(1, abs=0.02)
    assert alone.p_value() > 0.3
    assert replace(alone, symmetric=False).quantile(0.95) > 2
