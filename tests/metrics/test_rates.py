"""Every number equals scikit-learn's, and the article's sweep, on the same scores."""

import warnings

import numpy as np
import pytest
from sklearn import metrics as sk

from facegap.comparator import Comparator
from facegap.metrics.rates import Rates
from facegap.scoring.compare import compare_all
from facegap.tally import SWEEP
from oracle import exact_vectors, scores

TIGHT = 1e-9


@pytest.fixture(params=[(Comparator.EUCLIDEAN, 1), (Comparator.EUCLIDEAN, 2), (Comparator.COSINE, 3)], scope="module")
def study(request):
    """Return rates from the streamed tally, and the same scores from the naive double loop."""
    comparator, seed = request.param
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(40), 4).astype(np.int32)
    centres = exact_vectors(rng, 40, comparator)
    keep = rng.random((160, centres.shape[1])) < 0.7
    vectors = np.where(keep, centres[subject], exact_vectors(rng, 160, comparator)).astype(np.float32)
    zeros = np.zeros(160, np.int32)
    tally = compare_all(vectors, subject, zeros, zeros == 0, comparator=comparator, cohorts=("all-of-it",))
    closeness, same, _ = scores(vectors, subject, comparator)
    return Rates(tally.pooled()), closeness.astype(np.float64), same, comparator


def test_auc_and_partial_auc(study):
    rates, closeness, same, _ = study
    assert rates.auc() == pytest.approx(sk.roc_auc_score(same, closeness), abs=TIGHT)
    assert rates.auc_bound() == 0
    for limit in (0.01, 0.1, 0.5):
        assert rates.partial_auc(limit) == pytest.approx(sk.roc_auc_score(same, closeness, max_fpr=limit), abs=TIGHT)


def test_eer_is_where_the_roc_crosses_equal_errors(study):
    rates, closeness, same, _ = study
    fpr, tpr, _ = sk.roc_curve(same, closeness, drop_intermediate=False)
    excess = fpr + tpr - 1
    k = int(np.argmax(excess >= 0))
    crossing = fpr[k - 1] + (fpr[k] - fpr[k - 1]) * excess[k - 1] / (excess[k - 1] - excess[k])
    value, threshold = rates.eer()
    assert value == pytest.approx(crossing, abs=TIGHT)
    point = rates.at(threshold)
    assert min(point.fmr, point.fnmr) <= value <= max(point.fmr, point.fnmr)


def test_sweep_equals_the_article_script(study):
    rates, closeness, same, comparator = study
    for threshold in SWEEP:
        native = comparator.sign * closeness
        accepted = native <= threshold if comparator is Comparator.EUCLIDEAN else native >= threshold
        point = rates.at(threshold)
        assert point.accuracy == pytest.approx(sk.accuracy_score(same, accepted), abs=TIGHT)
        assert point.recall == pytest.approx(sk.recall_score(same, accepted), abs=TIGHT)
        assert point.f1 == pytest.approx(sk.f1_score(same, accepted), abs=TIGHT)
        if accepted.any():
            assert point.precision == pytest.approx(sk.precision_score(same, accepted), abs=TIGHT)
        else:
            assert np.isnan(point.precision)


@pytest.mark.parametrize("fmr", [0.5, 0.1, 0.02, 0.003])
def test_tar_is_that_of_the_loosest_threshold_within_the_fmr(study, fmr):
    rates, closeness, same, _ = study
    candidates = np.unique(closeness)
    within = [t for t in candidates if (closeness[~same] >= t).mean() <= fmr]
    best = (closeness[same] >= min(within)).mean() if within else 0.0
    point = rates.loosest_within(fmr)
    assert point.fmr <= fmr
    assert point.recall == pytest.approx(best, abs=TIGHT)
    assert point.false_matches == (~same & (closeness >= rates.counts.comparator.cut(point.threshold))).sum()


def test_best_f1_and_accuracy_are_the_best_of_all_thresholds(study):
    rates, closeness, same, _ = study
    candidates = np.r_[np.unique(closeness), np.inf]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert rates.best("f1").f1 == pytest.approx(
            max(sk.f1_score(same, closeness >= t) for t in candidates), abs=TIGHT
        )
    best = max(sk.accuracy_score(same, closeness >= t) for t in candidates)
    assert rates.best("accuracy").accuracy == pytest.approx(best, abs=TIGHT)


def test_d_prime(study):
    rates, closeness, same, _ = study
    g, i = closeness[same], closeness[~same]
    assert rates.d_prime() == pytest.approx(abs(g.mean() - i.mean()) / np.sqrt((g.var() + i.var()) / 2), abs=TIGHT)


def test_precision_and_f1_at_a_named_share(study):
    rates, closeness, same, _ = study
    point = rates.best("f1")
    own = same.mean()
    assert point.precision_at(own) == pytest.approx(point.precision, abs=TIGHT)
    assert point.f1_at(own) == pytest.approx(point.f1, abs=TIGHT)
    weights = np.where(same, 0.5 / same.sum(), 0.5 / (~same).sum())
    accepted = closeness >= rates.counts.comparator.cut(point.threshold)
    assert point.precision_at(0.5) == pytest.approx(
        sk.precision_score(same, accepted, sample_weight=weights), abs=TIGHT
    )
    assert point.f1_at(0.5) == pytest.approx(sk.f1_score(same, accepted, sample_weight=weights), abs=TIGHT)


def test_ten_expected_false_matches_resolve_a_rate(study):
    rates, _, same, _ = study
    limit = 10 / (~same).sum()
    assert rates.resolvable(limit)
    assert not rates.resolvable(limit * 0.999)
