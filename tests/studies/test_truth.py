"""The true values: against formulas where there are some, and against plain counting in another large sample."""

import numpy as np
import pytest
from scipy import optimize, stats
from studies.populations import CONTRASTS, POPULATIONS, draw_people
from studies.truth import Curve, truth

from studies import truth as truths


@pytest.fixture
def small(monkeypatch):
    """Draw less, and forget what was drawn."""
    monkeypatch.setattr(truths, "DRAWS", 30)
    truths.distributions.cache_clear()
    yield
    truths.distributions.cache_clear()


def test_a_curve_of_two_normal_distributions_has_the_values_of_the_textbook():
    edges, share = np.linspace(-1, 1, 20_001), 0.1
    genuine, impostor = stats.norm(0.3, 0.1), stats.norm(0, 0.1)
    curve = Curve(edges, impostor.sf(edges), genuine.cdf(edges), share)
    found = {(metric, at): value for metric, at, value in curve.values(shipped=0.2)}
    assert found["auc", ""] == pytest.approx(stats.norm.cdf(3 / np.sqrt(2)), abs=1e-6)
    assert found["eer", ""] == pytest.approx(stats.norm.cdf(-1.5), abs=1e-4)
    assert found["threshold", "eer"] == pytest.approx(0.15, abs=1e-4)
    assert found["fmr", "shipped"] == pytest.approx(impostor.sf(0.2))
    assert found["fnmr", "shipped"] == pytest.approx(genuine.cdf(0.2))
    assert found["threshold", "fmr=0.01"] == pytest.approx(impostor.isf(0.01), abs=1e-4)
    assert found["tar", "fmr=0.01"] == pytest.approx(genuine.sf(impostor.isf(0.01)), abs=1e-3)

    def f1(t):
        return 2 * share * genuine.sf(t) / (share * genuine.sf(t) + (1 - share) * impostor.sf(t) + share)

    best = optimize.minimize_scalar(lambda t: -f1(t), bounds=(0, 0.4), method="bounded")
    assert found["f1", "best-f1"] == pytest.approx(-best.fun, abs=1e-4)
    assert found["threshold", "best-f1"] == pytest.approx(best.x, abs=2e-3)


@pytest.mark.usefixtures("small")
def test_the_shipped_threshold_has_the_false_match_rate_it_is_named_for():
    for name in ("60 x 5", "rare errors"):
        known = truth(POPULATIONS[name], "null")
        for model in "ab":
            for cohort in ("x", "y", "all"):
                assert known.values[model, cohort, "fmr", "shipped"] == pytest.approx(POPULATIONS[name].fmr, rel=0.01)


@pytest.mark.usefixtures("small")
def test_the_truth_agrees_with_plain_counts_in_another_sample():
    population = POPULATIONS["60 x 5"]
    known = truth(population, "difference")
    assert known.shipped == truth(population, "null").shipped
    drawn = draw_people(population.nature, CONTRASTS["difference"], np.full(700, 5), np.random.default_rng(9))
    for model, vectors in zip("ab", drawn.vectors, strict=True):
        for code, cohort in enumerate("xy"):
            rows = drawn.cohort == code
            subject, scores = drawn.subject[rows], vectors[rows] @ vectors[rows].T
            upper = np.triu(np.ones(scores.shape, bool), 1)
            same = subject[:, None] == subject
            fmr = (scores[~same & upper] >= known.shipped).mean()
            fnmr = (scores[same & upper] < known.shipped).mean()
            assert known.values[model, cohort, "fmr", "shipped"] == pytest.approx(fmr, rel=0.08)
            assert known.values[model, cohort, "fnmr", "shipped"] == pytest.approx(fnmr, rel=0.1)


@pytest.mark.usefixtures("small")
def test_the_best_f1_follows_the_share_of_genuine_comparisons_in_the_draws():
    few, many = (
        truth(POPULATIONS[name], "null").values["a", "all", "f1", "best-f1"] for name in ("200 x 4", "30 x 10")
    )
    assert few < many - 0.1
