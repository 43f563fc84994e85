"""Cllr is its formula over the raw scores, and minCllr its least."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.jobs.calibrate import as_probability, cllr, fit, least_cllr
from facegap.jobs.calibrate.cllr import judge
from jobs.calibrate.scores import counted, drawn


def directly(score, same, log10_lr) -> float:
    """Return Cllr by its formula, comparison by comparison."""
    ratio = [10.0 ** float(log10_lr(x)) for x in score]
    genuine = [np.log2(1 + 1 / r) for r, kind in zip(ratio, same, strict=True) if kind]
    impostor = [np.log2(1 + r) for r, kind in zip(ratio, same, strict=True) if not kind]
    return (sum(genuine) / len(genuine) + sum(impostor) / len(impostor)) / 2


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_it_is_the_formula_over_single_comparisons(method):
    score, same = drawn(100, 700)
    scores = counted(score, same)
    ratios = fit(scores, method)
    assert cllr(scores, ratios(scores.similarity)) == pytest.approx(directly(score, same, ratios), rel=1e-12)


def test_no_evidence_costs_one_bit_and_the_truth_nothing():
    scores = counted(*drawn(gap=20))
    assert cllr(scores, np.zeros(len(scores.similarity))) == pytest.approx(1)
    assert cllr(scores, np.where(scores.genuine > 0, np.inf, -np.inf)) == 0
    assert cllr(scores, np.where(scores.genuine > 0, -np.inf, np.inf)) == np.inf
    assert least_cllr(scores) == 0


@given(seed=st.integers(0, 100), gap=st.floats(-1, 4), digits=st.integers(0, 2), slope=st.floats(0, 5))
def test_no_rising_map_costs_less_than_the_least(seed, gap, digits, slope):
    scores = counted(*drawn(40, 200, gap=gap, digits=digits, seed=seed))
    least = least_cllr(scores)
    assert least <= cllr(scores, slope * (scores.similarity - 1)) + 1e-12
    assert least <= cllr(scores, fit(scores, "isotonic")(scores.similarity)) + 1e-12
    assert 0 <= least <= 1 + 1e-12


def test_a_score_read_as_a_probability_is_even_half_way():
    scores = counted(*drawn())
    read = as_probability(scores)
    low, high = scores.similarity[[0, -1]]
    middle = np.interp((low + high) / 2, scores.similarity, read)
    assert middle == pytest.approx(0, abs=0.01)
    at = len(read) // 3
    share = (scores.similarity[at] - low) / (high - low)
    assert read[at] == pytest.approx(np.log10(share / (1 - share)))


def test_what_calibration_leaves_to_gain_is_the_loss():
    train, test = (counted(*drawn(seed=seed)) for seed in (1, 2))
    one = judge(test, fit(train, "logistic"), on="others", unseen=True)
    assert one.least < one.after < one.before
    assert one.loss == pytest.approx(one.after - one.least)
    assert (one.n_genuine, one.n_impostor) == (300, 3000)
