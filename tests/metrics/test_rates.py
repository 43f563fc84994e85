"""Every number equals scikit-learn's, and the article's sweep, on the same scores."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from facegap.data.comparator import Comparator
from facegap.data.tally import MOMENT_UNIT, SWEEP, Counts
from facegap.metrics import formulas
from facegap.metrics.curves import roc_rows
from facegap.metrics.rates import Rates, exact_sum
from facegap.scoring.compare import compare_all
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
    similarity, same, _ = scores(vectors, subject, comparator)
    return Rates(tally.pooled()), similarity.astype(np.float64), same, comparator


def test_auc_and_partial_auc(study):
    rates, similarity, same, _ = study
    assert rates.auc() == pytest.approx(sk.roc_auc_score(same, similarity), abs=TIGHT)
    assert rates.auc_bound() == 0
    for limit in (0.01, 0.1, 0.5):
        assert rates.partial_auc(limit) == pytest.approx(sk.roc_auc_score(same, similarity, max_fpr=limit), abs=TIGHT)


def test_eer_is_where_the_roc_crosses_equal_errors(study):
    rates, similarity, same, _ = study
    fpr, tpr, _ = sk.roc_curve(same, similarity, drop_intermediate=False)
    excess = fpr + tpr - 1
    k = int(np.argmax(excess >= 0))
    crossing = fpr[k - 1] + (fpr[k] - fpr[k - 1]) * excess[k - 1] / (excess[k - 1] - excess[k])
    value, threshold = rates.eer()
    assert value == pytest.approx(crossing, abs=TIGHT)
    point = rates.at(threshold)
    assert min(point.fmr, point.fnmr) <= value <= max(point.fmr, point.fnmr)


def test_sweep_equals_the_article_script(study):
    rates, similarity, same, comparator = study
    for threshold in SWEEP:
        native = comparator.sign * similarity
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
    rates, similarity, same, _ = study
    candidates = np.unique(similarity)
    within = [t for t in candidates if (similarity[~same] >= t).mean() <= fmr]
    best = (similarity[same] >= min(within)).mean() if within else 0.0
    point = rates.loosest_within(fmr)
    assert point.fmr <= fmr
    assert point.recall == pytest.approx(best, abs=TIGHT)
    assert point.false_matches == (~same & (similarity >= rates.counts.comparator.cut(point.threshold))).sum()


def test_best_f1_and_accuracy_are_the_best_of_all_thresholds(study):
    rates, similarity, same, _ = study
    precision, recall, _ = sk.precision_recall_curve(same, similarity)
    with np.errstate(invalid="ignore"):
        f1 = 2 * precision * recall / (precision + recall)
    assert rates.best(formulas.f1).f1 == pytest.approx(np.nanmax(f1), abs=TIGHT)
    fpr, tpr, _ = sk.roc_curve(same, similarity, drop_intermediate=False)
    right = tpr * same.sum() + (1 - fpr) * (~same).sum()
    assert rates.best(formulas.accuracy).accuracy == pytest.approx(right.max() / len(same), abs=TIGHT)


def test_d_prime(study):
    rates, similarity, same, _ = study
    g, i = similarity[same], similarity[~same]
    assert rates.d_prime() == pytest.approx(abs(g.mean() - i.mean()) / np.sqrt((g.var() + i.var()) / 2), abs=TIGHT)


def test_precision_and_f1_at_a_named_share(study):
    rates, similarity, same, _ = study
    point = rates.best(formulas.f1)
    own = same.mean()
    assert point.of(formulas.precision_at(own)) == pytest.approx(point.precision, abs=TIGHT)
    assert point.of(formulas.f1_at(own)) == pytest.approx(point.f1, abs=TIGHT)
    weights = np.where(same, 0.5 / same.sum(), 0.5 / (~same).sum())
    accepted = similarity >= rates.counts.comparator.cut(point.threshold)
    assert point.of(formulas.precision_at(0.5)) == pytest.approx(
        sk.precision_score(same, accepted, sample_weight=weights), abs=TIGHT
    )
    assert point.of(formulas.f1_at(0.5)) == pytest.approx(sk.f1_score(same, accepted, sample_weight=weights), abs=TIGHT)


def test_ten_expected_false_matches_resolve_a_rate(study):
    rates, _, same, _ = study
    limit = 10 / (~same).sum()
    assert rates.resolvable(limit)
    assert not rates.resolvable(limit * 0.999)


def counted(genuine, impostor) -> Rates:
    """Return the rates of comparisons that are sorted into the slots between cuts."""
    cuts = np.linspace(0, 1, len(genuine) // 2, dtype=np.float32)
    kinds = np.array(genuine, np.int64), np.array(impostor, np.int64)
    return Rates(Counts(Comparator.COSINE, cuts, *kinds, 0, 0, np.zeros((2, 2), object)))


def pairs_won(genuine, impostor) -> Fraction:
    """Return the AUC slot by slot in Python's integers."""
    won = sum(g * (2 * sum(impostor[:k]) + impostor[k]) for k, g in enumerate(genuine))
    return Fraction(won, 2 * sum(genuine) * sum(impostor))


def test_perfect_separation_is_exactly_one():
    rng = np.random.default_rng(0)
    for _ in range(200):
        genuine, impostor = rng.integers(0, 40, (2, 61))
        impostor[30:] = genuine[:30] = 0
        impostor[0] = genuine[-1] = 3
        rates = counted(genuine, impostor)
        assert (rates.auc(), rates.eer()[0], rates.auc_bound()) == (1, 0, 0)
        assert [rates.partial_auc(limit) for limit in (0.001, 0.01, 0.1, 0.3)] == [1] * 4
        worst = counted(impostor, genuine)
        assert (worst.auc(), worst.eer()[0]) == (0, 1)


def test_chance_is_exactly_one_half():
    for n in (3, 7, 49, 101):
        rates = counted([0, n, 0], [0, 3 * n, 0])
        assert (rates.auc(), rates.eer()[0]) == (0.5, 0.5)
        assert [rates.partial_auc(limit) for limit in (0.001, 0.01, 0.1, 0.3)] == [0.5] * 4


def test_the_area_is_exact_beyond_what_64_bits_hold():
    genuine = [0, 0, 3, 10**12 + 1, 10**7 + 19, 0, 12_345_678_901]
    impostor = [10**13 + 7, 3 * 10**12 + 1, 0, 499_999_999_999, 10**5 + 3, 1, 0]
    rates = counted(genuine, impostor)
    assert rates.auc() == float(pairs_won(genuine, impostor))
    assert rates.auc() < 1


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(0, 2**55)), min_size=1, max_size=60))
def test_sums_of_products_are_those_of_whole_numbers(rows):
    counts, weights = np.array(rows, np.int64).T
    assert exact_sum(counts, weights) == sum(c * w for c, w in rows)


def test_an_area_up_to_a_limit_inside_a_tie():
    rates = counted([0, 4, 0, 3, 0, 1, 0], [0, 6, 0, 2, 0, 0, 0])
    y = [1] * 8 + [0] * 8
    scores = [0.1] * 4 + [0.5] * 3 + [0.9] + [0.1] * 6 + [0.5] * 2
    for limit in (0.125, 0.3, 0.9):
        assert rates.partial_auc(limit) == pytest.approx(sk.roc_auc_score(y, scores, max_fpr=limit), abs=TIGHT)


@pytest.mark.parametrize(
    ("genuine", "impostor", "eer"),
    [
        ([0, 3, 0, 0, 0, 7, 0], [0, 2, 0, 8, 0, 0, 0], 0.3),
        ([0, 4, 0, 0, 0, 16, 0], [0, 7, 0, 12, 0, 1, 0], 0.2),
        ([0, 9, 0, 0, 0, 1, 0], [0, 1, 0, 7, 0, 2, 0], 0.9),
        ([0, 3, 0, 7, 0], [0, 70, 0, 30, 0], 0.3),
    ],
)
def test_a_crossing_is_rounded_once(genuine, impostor, eer):
    assert counted(genuine, impostor).eer()[0] == eer


def test_a_curve_holds_the_rates_of_its_thresholds():
    rates = counted([0, 1, 0, 9, 0, 0, 0], [0, 50, 0, 50, 0, 0, 0])
    for row in roc_rows(rates):
        assert row["fnmr"] == rates.at(row["threshold"]).fnmr


@pytest.mark.parametrize("scores", [(0.7, 0.2), (0.613, 0.177), (1.0, 1 / 3)])
def test_scores_that_do_not_vary_have_no_d_prime(scores):
    rates = counted([0, 0, 0, 0, 6], [0, 9, 0, 0, 0])
    for kind, (n, score) in enumerate(zip((6, 9), scores, strict=True)):
        rates.counts.moments[kind] = [n * round(score**power * MOMENT_UNIT) for power in (1, 2)]
    assert np.isnan(rates.d_prime())
