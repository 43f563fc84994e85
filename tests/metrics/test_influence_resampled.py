"""Standard errors agree with a bootstrap over subjects."""

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.metrics import chosen
from facegap.metrics.registry import point_metric
from facegap.stats import LOG, Combination
from metrics.weighted import plain_se, study

REPLICATES = 400


@pytest.fixture(scope="module")
def resampled():
    """Subjects drawn with replacement, and every comparison of the drawn scored again, naively.

    A pair of copies of one subject is left out, as is usual.
    """
    subjects = 60
    found, middle = study(7, Comparator.EUCLIDEAN, subjects=subjects, images=5)
    rates, naive = found["all"]
    rng = np.random.default_rng(0)
    statistics = {
        "auc": naive.auc,
        "eer": naive.eer,
        "eer threshold": naive.eer_threshold,
        "tar@0.1": lambda w: naive.tar(w, 0.1),
        "tar@0.01": lambda w: naive.tar(w, 0.01),
        "threshold@0.1": lambda w: naive.tar_threshold(w, 0.1),
        "threshold@0.01": lambda w: naive.tar_threshold(w, 0.01),
        "fnmr": lambda w: naive.at("fnmr", w, middle),
        "fmr": lambda w: naive.at("fmr", w, middle),
        "f1": lambda w: naive.at("f1", w, middle),
    }
    drawn = np.empty((REPLICATES, len(statistics)))
    for row in drawn:
        w = np.bincount(rng.integers(0, subjects, subjects), minlength=subjects).astype(float)
        row[:] = [statistic(w) for statistic in statistics.values()]
    return rates, middle, dict(zip(statistics, drawn.T, strict=True))


def test_standard_errors_agree_with_a_bootstrap_over_subjects(resampled):
    rates, middle, drawn = resampled
    estimates = {
        "auc": rates.auc(),
        "eer": chosen.eer(rates),
        "tar@0.1": chosen.tar(rates, 0.1),
        "tar@0.01": chosen.tar(rates, 0.01),
        "fnmr": rates.fnmr(middle),
        "f1": rates.at(point_metric("f1"), middle),
    }
    for name, estimate in estimates.items():
        assert plain_se(estimate) == pytest.approx(drawn[name].std(), rel=0.2), name


def test_a_bootstrap_over_subjects_counts_what_is_peculiar_to_pairs_three_times(resampled):
    """The influences count it twice, and the product of two drawn weights once more; the estimate but once."""
    rates, middle, drawn = resampled
    fmr = rates.fmr(middle)
    squares = (fmr.shared**2).sum()
    peculiar = fmr.pairs.square()
    assert np.sqrt(squares + peculiar) == pytest.approx(drawn["fmr"].std(), rel=0.1)
    assert peculiar <= Combination(((1.0, fmr),)).variance <= squares * 60 / 59


def test_bounds_of_chosen_thresholds_agree_with_a_bootstrap_over_subjects(resampled):
    rates, _, drawn = resampled
    bounds = {
        "eer threshold": chosen.eer_threshold(rates, 0.95),
        "threshold@0.1": chosen.tar_threshold(rates, 0.1, 0.95),
        "threshold@0.01": chosen.tar_threshold(rates, 0.01, 0.95),
    }
    for name, (low, high) in bounds.items():
        width = np.diff(np.quantile(drawn[name], [0.025, 0.975])).item()
        assert high - low == pytest.approx(width, rel=0.3), name
        assert low <= np.median(drawn[name]) <= high, name


def test_two_false_match_rates_are_compared_as_a_ratio(resampled):
    rates, middle, _ = resampled
    assert rates.fmr(middle).compared is LOG
