"""The true values: against formulas where there are some, and against plain counting in another large sample."""

import numpy as np
import pytest
from scipy import optimize, stats
from sklearn.metrics import roc_auc_score
from studies.populations import CONTRASTS, POPULATIONS, draw
from studies.truth import Curve, truth


def test_a_curve_of_two_normal_distributions_has_the_values_of_the_textbook():
    edges, share = np.linspace(-1, 1, 20_001), 0.1
    genuine, impostor = stats.norm(0.3, 0.1), stats.norm(0, 0.1)
    curve = Curve(edges, impostor.sf(edges), genuine.cdf(edges), share)
    found = {(metric, at): value for metric, at, value in curve.values(shipped=0.2)}
    assert found["auc", ""] == pytest.approx(stats.norm.cdf(3 / np.sqrt(2)), abs=1e-6)
    assert found["d_prime", ""] == pytest.approx(3, abs=1e-3)
    assert found["eer", ""] == pytest.approx(stats.norm.cdf(-1.5), abs=1e-4)
    assert found["threshold", "eer"] == pytest.approx(0.15, abs=1e-4)
    assert found["fmr", "shipped"] == pytest.approx(impostor.sf(0.2))
    assert found["fnmr", "shipped"] == pytest.approx(genuine.cdf(0.2))
    assert found["threshold", "fmr=0.01"] == pytest.approx(impostor.isf(0.01), abs=1e-4)
    assert found["tar", "fmr=0.01"] == pytest.approx(genuine.sf(impostor.isf(0.01)), abs=1e-3)
    assert found["pauc", "fmr=0.01"] == pytest.approx(roc_auc_of(genuine, impostor, 0.01), abs=1e-3)

    def f1(t):
        return 2 * share * genuine.sf(t) / (share * genuine.sf(t) + (1 - share) * impostor.sf(t) + share)

    best = optimize.minimize_scalar(lambda t: -f1(t), bounds=(0, 0.4), method="bounded")
    assert found["f1", "best-f1"] == pytest.approx(-best.fun, abs=1e-4)
    assert found["threshold", "best-f1"] == pytest.approx(best.x, abs=2e-3)


def roc_auc_of(genuine, impostor, most):
    """Return the standardised partial area as scikit-learn has it, of evenly spaced quantiles."""
    at = (np.arange(20_000) + 0.5) / 20_000
    scores = np.r_[genuine.ppf(at), impostor.ppf(at)]
    return roc_auc_score(np.repeat([1, 0], 20_000), scores, max_fpr=most)


def test_the_shipped_threshold_has_the_false_match_rate_it_is_named_for(small_truth):
    for name in ("60 x 5", "rare errors"):
        known = truth(POPULATIONS[name], "null")
        for model in "ab":
            for cohort in ("x", "y", "all"):
                assert known.values[model, cohort, "fmr", "shipped"] == pytest.approx(POPULATIONS[name].fmr, rel=0.02)


@pytest.mark.parametrize(
    "name", ["60 x 5", "cohorts 20 : 100, x 4", "shared subjects, 60 x 6", "families of 3, 60 x 5"]
)
def test_the_truth_agrees_with_plain_counts_in_other_draws_of_the_design(small_truth, monkeypatch, name):
    monkeypatch.setattr(small_truth, "DRAWS", 60)
    population = POPULATIONS[name]
    known = truth(population, "difference")
    assert known.shipped == truth(population, "null").shipped
    errors = {}
    for seed in range(60):
        drawn = draw(population, CONTRASTS["difference"], np.random.default_rng(1000 + seed))
        for model, vectors in zip("ab", drawn.vectors, strict=True):
            for cohort, rows in (("x", drawn.cohort == 0), ("y", drawn.cohort == 1), ("all", drawn.cohort >= 0)):
                subject, scores = drawn.subject[rows], vectors[rows] @ vectors[rows].T
                upper = np.triu(np.ones(scores.shape, bool), 1)
                same = subject[:, None] == subject
                false, true = scores[~same & upper] >= known.shipped[0], scores[same & upper] < known.shipped[0]
                counted = [false.sum(), false.size, true.sum(), true.size]
                errors[model, cohort] = errors.get((model, cohort), 0) + np.array(counted)
    for (model, cohort), (false, impostor, rejected, genuine) in errors.items():
        assert known.values[model, cohort, "fmr", "shipped"] == pytest.approx(false / impostor, rel=0.15)
        assert known.values[model, cohort, "fnmr", "shipped"] == pytest.approx(rejected / genuine, rel=0.1)


def test_models_and_cohorts_that_are_alike_differ_by_nothing_at_all(small_truth):
    known = truth(POPULATIONS["60 x 5"], "null").values
    for (model, cohort, metric, at), value in known.items():
        if cohort != "all":
            assert value == known["a", "x", metric, at], (model, cohort, metric)


def test_best_f1_follows_the_share_of_genuine_comparisons_so_unequal_cohorts_differ_in_it(small_truth):
    known = truth(POPULATIONS["cohorts 20 : 100, x 4"], "null").values
    assert known["a", "x", "auc", ""] == pytest.approx(known["a", "y", "auc", ""], abs=1e-12)
    assert known["a", "x", "f1", "best-f1"] > known["a", "y", "f1", "best-f1"] + 0.05


def test_what_was_drawn_once_is_kept_on_disk(small_truth, monkeypatch):
    population = POPULATIONS["30 x 10"]
    first = truth(population, "null")
    small_truth.distributions.cache_clear()
    monkeypatch.setattr(small_truth, "draw", None)
    assert truth(population, "null") == first
    monkeypatch.setattr(small_truth, "DRAWS", 11)
    small_truth.distributions.cache_clear()
    with pytest.raises(TypeError):
        truth(population, "null")
