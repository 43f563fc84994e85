"""The interval of one number: the jackknife, Wilson's on few errors, the rule of three on none."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from facegap.stats import LOGIT, PLAIN, Combination, Method, limits, method_of, wilson
from stats.made import estimate, interval, moves


def test_a_mean_of_independent_people_has_students_interval():
    rng = np.random.default_rng(1)
    x = rng.uniform(0.3, 0.5, 50)
    left_out = (x.sum() - x) / 49
    one = estimate(x.mean(), x.mean() - left_out, errors=None)
    found = Combination(((1.0, one),), PLAIN)
    assert found.se == pytest.approx(x.std(ddof=1) / np.sqrt(50))
    assert found.df == 49
    low, high = interval(replace(one, scale=PLAIN), 0.95)
    half = special.stdtrit(49, 0.975) * x.std(ddof=1) / np.sqrt(50)
    assert (low, high) == pytest.approx((x.mean() - half, x.mean() + half))


@given(st.integers(0, 10**6), st.floats(0.01, 0.99), st.integers(3, 80), st.floats(0.001, 2), st.booleans())
def test_an_interval_never_leaves_zero_to_one(seed, value, n, size, heavy):
    drawn = np.clip(moves(np.random.default_rng(seed), n, value * size, heavy), value - 1, value)
    low, high = interval(estimate(value, drawn, errors=100), 0.95)
    assert 0 <= low <= high <= 1
    assert low < value < high


def test_few_subjects_who_carry_most_make_it_wider():
    rng, widths = np.random.default_rng(2), []
    for heavy in (False, True):
        ends = np.array([interval(estimate(0.3, moves(rng, 60, 0.05, heavy)), 0.95) for _ in range(30)])
        widths.append(np.median(special.logit(ends[:, 1]) - special.logit(ends[:, 0])))
    assert widths[1] > 1.1 * widths[0]


def test_on_few_errors_it_is_wilsons_over_effective_comparisons():
    one = estimate(0.02, moves(np.random.default_rng(3), 40, 0.01), errors=6)
    assert method_of(one) is Method.WILSON
    found = Combination(((1.0, one),), PLAIN)
    assert interval(one, 0.95) == pytest.approx(wilson(0.02, 0.02 * 0.98 / found.variance, found.quantile(0.95)))
    assert wilson(0.1, 50, 1.96) == pytest.approx((0.0435, 0.2136), abs=5e-4)


def test_one_subject_with_nearly_all_errors_is_no_normal_spread():
    """50 errors, 48 of them one person's: on a logarithmic scale that person would be nearly all there is."""
    drawn = np.r_[0.048, np.full(39, -0.0001)]
    one = estimate(0.05, drawn, errors=50)
    assert one.one_carries
    assert method_of(one) is Method.WILSON
    low, high = interval(one, 0.95)
    assert low < 0.01
    assert high > 0.2


@pytest.mark.parametrize(("value", "ends"), [(0.0, (0, 1 - 0.05 ** (1 / 30))), (1.0, (0.05 ** (1 / 30), 1))])
def test_without_an_error_the_bound_hangs_on_those_who_could_have_made_one(value, ends):
    one = estimate(value, np.zeros(200), errors=0, participants=30)
    assert interval(one, 0.95) == pytest.approx(ends)
    assert method_of(one) is Method.RULE_OF_THREE
    both = limits(one, spent=0.5)(0.95)
    assert both[0] <= ends[0]
    assert both[1] >= ends[1]
    assert both != pytest.approx(ends)


def test_a_number_without_a_count_of_errors_has_a_bound_at_the_end_of_its_scale():
    area = estimate(1.0, np.zeros(50), errors=None, participants=50)
    assert interval(area, 0.95) == pytest.approx((0.05 ** (1 / 50), 1))


def test_a_rate_that_hangs_on_others_has_the_bound_that_follows_from_theirs():
    """No false match among 40 people: but a precision is mostly a matter of how many impostors there are."""
    precision = estimate(1.0, np.zeros(40), errors=0, if_share=lambda share: 100 / (100 + 5000 * share))
    low, high = interval(precision, 0.95)
    assert high == 1
    assert low == pytest.approx(100 / (100 + 5000 * (1 - 0.05 ** (1 / 40))))


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_subjects_say_nothing(n):
    for errors in (0, 5, 100):
        one = estimate(0.986, np.full(n, 1e-3), errors=errors)
        assert np.isnan(interval(one, 0.95)).all()
        assert method_of(one) is Method.TOO_FEW_SUBJECTS


def test_where_all_subjects_agree_there_is_no_spread_to_go_by():
    one = estimate(0.3, np.zeros(20))
    assert np.isnan(interval(one, 0.95)).all()
    assert method_of(one) is Method.ALL_SUBJECTS_AGREE


def test_one_less_a_rate_has_the_mirrored_interval():
    one = estimate(0.2, moves(np.random.default_rng(4), 50, 0.05))
    low, high = interval(one, 0.9)
    assert interval(one.complement(), 0.9) == pytest.approx((1 - high, 1 - low))
    assert one.complement().scale is LOGIT
