"""Weighted sums of numbers: what subjects and pairs of subjects do to them, held against simulation and plain sums."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from facegap.stats import LOG, PLAIN, Combination, Estimate
from stats.made import estimate, moves


@dataclass(frozen=True)
class Naive:
    """What pairs of subjects add, one by one."""

    added: np.ndarray

    def times(self, weight: float) -> "Naive":
        return Naive(weight * self.added)

    def __add__(self, other: "Naive") -> "Naive":
        return Naive(self.added + other.added)

    def square(self) -> float:
        return float((self.added**2).sum())


def over_pairs(scores: np.ndarray, known: bool = True) -> Estimate:
    """Return the mean of scores (n, n) over all pairs of n subjects."""
    n = len(scores)
    upper = np.triu_indices(n, 1)
    total, whole = scores[upper].sum(), len(upper[0])
    full = np.where(np.eye(n, dtype=bool), 0.0, scores + scores.T)
    by_subject = full.sum(axis=1)
    value = total / whole
    left = (total - by_subject) / (whole - (n - 1))
    shared = (by_subject - value * (n - 1)) / whole
    pairs = Naive((scores[upper] - value) / whole) if known else None
    return Estimate(value, np.arange(n), left, np.zeros(n), shared, pairs, participants=n)


@pytest.mark.parametrize("of_people", [0.0, 0.5])
def test_the_standard_error_over_pairs_is_that_of_many_studies(of_people):
    """Chance between pairs alone, and people who differ too: what is peculiar to a pair counts once."""
    rng, n = np.random.default_rng(1), 30
    values, errors, twice = [], [], []
    for _ in range(600):
        people = of_people * rng.normal(size=n)
        one = over_pairs(np.triu(0.5 + 0.05 * (people[:, None] + people + rng.normal(size=(n, n))), 1))
        values.append(one.value)
        errors.append(Combination(((1.0, one),)).variance)
        twice.append(Combination(((1.0, replace(one, pairs=None)),)).variance)
    assert np.sqrt(np.mean(errors)) == pytest.approx(np.std(values), rel=0.12)
    assert np.mean(twice) > np.mean(errors)


def test_where_every_subject_does_the_same_pairs_are_what_varies():
    scores = np.zeros((6, 6))
    scores[0, 1] = scores[2, 3] = scores[4, 5] = 1
    one = over_pairs(scores)
    assert one.left_out == pytest.approx(one.left_out[0])
    assert Combination(((1.0, one),)).variance == pytest.approx(one.pairs.square())


def test_of_two_numbers_on_the_same_pairs_what_both_share_is_set_off():
    rng = np.random.default_rng(2)
    scores = np.triu(rng.normal(size=(20, 20)), 1)
    a, b = over_pairs(scores), over_pairs(scores + 0.1 * np.triu(rng.normal(size=(20, 20)), 1))
    difference = Combination(((1.0, a), (-1.0, b)))
    assert difference.se < 0.3 * Combination(((1.0, a),)).se
    assert difference.variance + difference.double_counted >= difference.variance


def test_parts_without_a_subject_in_common_add_their_variances_and_are_judged_as_welch_does():
    rng = np.random.default_rng(3)
    a, b = estimate(0.3, moves(rng, 40, 0.05)), estimate(0.2, moves(rng, 10, 0.08), first=40)
    alone = [Combination(((1.0, one),)) for one in (a, b)]
    both = Combination(((1.0, a), (-1.0, b)))
    assert both.variance == pytest.approx(sum(one.variance for one in alone))
    assert min(one.df for one in alone) <= both.df <= sum(one.df for one in alone)
    spread = sum(one.variance**2 / one.df for one in alone)
    assert both.df == pytest.approx(both.variance**2 / spread)


def test_subjects_in_both_parts_count_once():
    """Half of the people of one cohort stand in the other: their two moves are one."""
    rng = np.random.default_rng(4)
    drawn = moves(rng, 40, 0.05)
    a, b = estimate(0.3, drawn), estimate(0.3, drawn[20:], first=20)
    difference = Combination(((1.0, a), (-1.0, b)))
    expected = np.r_[drawn[:20], np.zeros(20)]
    assert difference.variance == pytest.approx(39 / 40 * ((expected - expected.mean()) ** 2).sum())


def test_two_models_have_all_degrees_of_freedom_and_two_numbers_of_one_model_have_not():
    rng = np.random.default_rng(5)
    a, b = (estimate(0.3, moves(rng, 50, 0.05, heavy=True)) for _ in range(2))
    parts = ((1.0, a), (-1.0, b))
    assert Combination(parts, exchangeable=True).df == 49
    assert 2 <= Combination(parts).df < 20


def test_a_sum_of_logarithms_moves_with_the_share_of_each_subject():
    rng = np.random.default_rng(6)
    a, b = estimate(0.02, moves(rng, 60, 0.002)), estimate(0.01, moves(rng, 60, 0.001), first=60)
    ratio = Combination(((1.0, a), (-1.0, b)), LOG)
    assert ratio.value == pytest.approx(np.log(2))
    assert ratio.se == pytest.approx(np.hypot(0.1, 0.1), rel=0.1)
    low, high = ratio.interval(0.95)
    assert low < np.log(2) < high


def test_one_subject_with_all_errors_leaves_a_finite_logarithm():
    one = estimate(0.05, np.r_[0.05, np.full(19, -0.0026)])
    found = Combination(((1.0, one),), LOG)
    assert np.isfinite(found.se)
    assert found.quantile(0.95) * found.se > np.log(100)


def test_a_known_bias_moves_the_centre_and_not_the_value():
    one = estimate(0.8, moves(np.random.default_rng(7), 50, 0.02), bias=0.01)
    found = Combination(((1.0, one),), PLAIN)
    plain = Combination(((1.0, replace(one, bias=0.0)),), PLAIN)
    assert found.value == plain.value == 0.8
    assert found.centre == pytest.approx(plain.centre - 0.01)


def test_a_ratio_of_sums_is_centred_where_many_small_and_few_large_subjects_pull_it():
    """The jackknife takes the bias of a ratio off: the mean over many studies lies nearer to the truth."""
    rng = np.random.default_rng(8)
    plain, centred = [], []
    for _ in range(4000):
        size = rng.pareto(2.0, 12) + 1
        total = size * np.clip(rng.normal(0.3 + 0.02 * size, 0.05), 0, 1)
        value = total.sum() / size.sum()
        left = (total.sum() - total) / (size.sum() - size)
        one = estimate(value, value - left, errors=None)
        plain.append(value)
        centred.append(Combination(((1.0, one),), PLAIN).centre)
    size = np.random.default_rng(9).pareto(2.0, 2_000_000) + 1
    truth = (size * np.clip(0.3 + 0.02 * size, 0, 1)).sum() / size.sum()
    assert abs(np.mean(centred) - truth) < abs(np.mean(plain) - truth)
