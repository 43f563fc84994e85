"""The threshold of the best F1: which thresholds its interval holds."""

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.metrics import chosen, formulas
from facegap.metrics.chosen import best_f1_threshold, eer, tar
from facegap.metrics.evaluated import best_f1_candidates, thresholds_to_evaluate
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.metrics.registry import point_metric
from facegap.scoring import compare_all, compare_subjects
from facegap.stats import Combination

LEVEL = 0.95
F1 = point_metric("f1")


def rates_of(subject: np.ndarray, vectors: np.ndarray) -> SubjectRates:
    n = len(subject)
    study = (vectors.astype(np.float32), subject.astype(np.int32), np.zeros(n, np.int32), np.ones(n, bool))
    tally = compare_all(*study, comparator=Comparator.COSINE, cohorts=("c",))
    evaluated = thresholds_to_evaluate(tally, [])
    counts = compare_subjects(
        *study, tally, evaluated=evaluated.similarity, tails=evaluated.tails, wide_tail=evaluated.wide_tail
    )
    return SubjectRates(counts.pooled(), Rates(tally.pooled()))


@pytest.mark.parametrize("subjects", [7, 12, 60, 150])
def test_it_holds_those_whose_f1_does_not_fall_by_quantiles_of_its_standard_error(subjects):
    inside = outside = 0
    for seed in range(400 // subjects if subjects < 10 else 4):
        rng, subject = np.random.default_rng(seed), np.repeat(np.arange(subjects), 4)
        vectors = rng.normal(size=(subjects, 24))[subject] + 1.1 * rng.normal(size=(len(subject), 24))
        rates = rates_of(subject, vectors)
        candidates = best_f1_candidates(rates.rates)
        best = rates.similarity(rates.rates.best(formulas.f1).threshold)
        top = rates.at(F1, best)
        low, high = best_f1_threshold(rates, candidates, LEVEL)
        alone = Combination(((1.0, top),))
        if not alone.known:
            continue
        assert low <= best <= high
        bound = 1.26 * alone.quantile(LEVEL)
        ratios = {}
        for similarity in candidates[candidates != best].tolist():
            there = rates.at(F1, similarity)
            fall = Combination(((1.0, top), (-1.0, there)))
            ratios[similarity] = fall.value / fall.se if fall.known else 0.0
        beyond = [ratio for similarity, ratio in ratios.items() if not low <= similarity <= high]
        assert all(ratio > bound for ratio in beyond)
        outside += len(beyond)
        for end, side in ((low, candidates < best), (high, candidates > best)):
            within = [c for c in candidates[side].tolist() if low <= c <= high]
            if within:
                outermost = min(within) if end == low else max(within)
                assert ratios[outermost] <= bound
                inside += 1
    assert inside
    assert outside


def test_without_a_variance_there_is_none():
    subject = np.repeat(np.arange(6), 3)
    rates = rates_of(subject, np.random.default_rng(0).normal(size=(6, 24))[subject])
    assert np.isnan(best_f1_threshold(rates, best_f1_candidates(rates.rates), LEVEL)).all()


def crowd(seed: int, subjects: int = 40, heavy: bool = False) -> SubjectRates:
    rng, subject = np.random.default_rng(seed), np.repeat(np.arange(subjects), 5)
    people = rng.normal(size=(subjects, 24))
    if heavy:
        people[:2] += 3
        people[2:12] += 1
    return rates_of(subject, people[subject] + rng.normal(size=(len(subject), 24)))


def test_an_equal_error_rate_counts_the_errors_that_it_makes_of_the_fewer_comparisons():
    rates = crowd(1)
    found = eer(rates)
    assert found.errors == round(found.value * 400) > 10
    assert found.participants == 40


@pytest.mark.parametrize("seed", range(3))
def test_one_subject_with_most_false_matches_moves_the_true_accept_rate_but_a_little(seed):
    """Without that subject the FMR is a fraction of what it was, and TAR at that FMR no better than TAR can be."""
    rates = crowd(seed, heavy=True)
    found = tar(rates, 0.01)
    assert ((found.left_out > 0) & (found.left_out < 1)).all()
    naive = {}
    for s in range(3):
        kept = np.arange(200) // 5 != s
        naive[s] = without(seed, kept).rates.loosest_within(0.01).recall
    for s, value in naive.items():
        assert found.left_out[s] - found.value == pytest.approx(value - found.value, abs=0.1), s


def without(seed: int, kept: np.ndarray) -> SubjectRates:
    rng, subject = np.random.default_rng(seed), np.repeat(np.arange(40), 5)
    people = rng.normal(size=(40, 24))
    people[:2] += 3
    people[2:12] += 1
    vectors = people[subject] + rng.normal(size=(len(subject), 24))
    return rates_of(subject[kept], vectors[kept])


def test_the_best_f1_is_known_to_flatter_and_no_other_f1_is():
    rates = crowd(2)
    best = chosen.best(rates, F1, best_f1_candidates(rates.rates))
    fixed = rates.at(F1, rates.similarity(rates.rates.best(formulas.f1).threshold))
    assert best.value == pytest.approx(fixed.value)
    assert 0 < best.bias < 0.1
    assert fixed.bias == 0
