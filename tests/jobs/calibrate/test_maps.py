"""The maps are those of scikit-learn, find known likelihood ratios, and claim no more than the data can tell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

import facegap
from facegap.jobs.calibrate import fit
from facegap.jobs.calibrate.maps import limits, pooled
from jobs.calibrate.scores import counted, drawn, neutral

BOTH = pytest.mark.parametrize("method", ["logistic", "isotonic"])


@pytest.mark.parametrize("seed", range(5))
def test_pooling_is_scikit_learns_isotonic_regression(seed):
    score, same = drawn(seed=seed)
    scores = counted(score, same)
    starts, ratio = pooled(scores)
    expected = IsotonicRegression(y_min=0, y_max=1).fit(score, same, sample_weight=neutral(same))
    found = np.repeat(special.expit(ratio * np.log(10)), np.diff(starts))
    assert found == pytest.approx(expected.predict(scores.similarity), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_line_is_scikit_learns_logistic_regression_of_platts_targets(seed):
    score, same = drawn(seed=seed)
    hit, false = (same.sum() + 1) / (same.sum() + 2), 1 / ((~same).sum() + 2)
    target = np.where(same, hit, false)
    both = np.r_[score, score][:, None]
    weight = np.r_[neutral(same) * target, neutral(same) * (1 - target)]
    sk = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000)
    sk.fit(both, np.repeat([True, False], len(score)), sample_weight=weight * len(score))
    found = fit(counted(score, same), "logistic")
    slope = np.diff(found.log10_lr) / np.diff(found.similarity)
    assert slope * np.log(10) == pytest.approx(sk.coef_[0], rel=1e-4)
    at_zero = found.log10_lr[0] - slope * found.similarity[0]
    assert at_zero * np.log(10) == pytest.approx(sk.intercept_, rel=1e-4)


def test_the_line_finds_the_ratios_of_two_normal_distributions():
    """Of N(2, 1) against N(0, 1) the log likelihood ratio is 2 x - 2."""
    found = fit(counted(*drawn(50_000, 500_000, digits=3)), "logistic")
    x = np.array([0.0, 1.0, 2.0])
    assert found(x) * np.log(10) == pytest.approx(2 * x - 2, abs=0.05)


def test_steps_find_ratios_that_are_no_line():
    """Uniform on [-1, 0] against uniform on [-2, 0]: the ratio is nothing up to -1, and 2 above."""
    rng = np.random.default_rng(0)
    score = np.r_[rng.uniform(-1, 0, 20_000), rng.uniform(-2, 0, 20_000)]
    found = fit(counted(score, np.arange(40_000) < 20_000), "isotonic")
    assert 10 ** found(np.array([-0.5])) == pytest.approx([2], rel=0.05)
    assert found(np.array([-1.5])) == limits(counted(score, np.arange(40_000) < 20_000))[0]


@BOTH
def test_scores_without_overlap_have_a_map_too(method):
    score, same = drawn(gap=20)
    found = fit(counted(score, same), method)
    assert (found(score[same]) > 1).all()
    assert (found(score[~same]) < -1).all()


@BOTH
@given(seed=st.integers(0, 50), genuine=st.integers(11, 60), impostor=st.integers(11, 400), digits=st.integers(0, 3))
def test_ratios_rise_and_keep_within_what_ten_comparisons_tell(method, seed, genuine, impostor, digits):
    score, same = drawn(genuine, impostor, gap=3, digits=digits, seed=seed)
    scores = counted(score, same)
    ratio = fit(scores, method)(np.linspace(-9, 12, 500))
    assert (np.diff(ratio) >= -1e-12).all()
    low, high = limits(scores)
    assert low == pytest.approx(np.log10(10 / genuine))
    assert high == pytest.approx(np.log10(impostor / 10))
    assert low <= ratio.min() <= ratio.max() <= high


def test_scores_the_wrong_way_round_are_refused():
    score, same = drawn()
    with pytest.raises(facegap.InputError, match="no closer than impostor"):
        fit(counted(-score, same), "logistic")
    assert fit(counted(-score, same), "isotonic")(np.array([-9.0, 9.0])) == pytest.approx([0, 0], abs=0.5)


@BOTH
def test_too_few_comparisons_are_refused(method):
    with pytest.raises(facegap.InputError, match="10 genuine and 3,000 impostor comparisons are too few"):
        fit(counted(*drawn(10)), method)
