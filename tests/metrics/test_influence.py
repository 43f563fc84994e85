"""Every number without each subject, held against a naive reading of every statistic under weights on the subjects."""

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.data.spec import ModelSpec
from facegap.metrics.evaluated import thresholds_to_evaluate
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.metrics.scored import MeasuredModel
from facegap.scoring import ListedComparisons, blocks_of_pairs, compare_all, compare_subjects, score_pairs
from metrics.weighted import BOTH, LIMIT, Weighted, assert_influence, check, crowd, se, study, without_each


@BOTH
@pytest.mark.parametrize(("failed", "rejected"), [(0.0, False), (0.15, False), (0.15, True)])
def test_influences_are_derivatives_by_the_weights_of_subjects(comparator, failed, rejected):
    found, middle = study(1, comparator, failed=failed, rejected=rejected)
    check(*found["all"], middle, 30)


@BOTH
@pytest.mark.parametrize(("rejected", "shared"), [(False, False), (True, False), (False, True), (True, True)])
def test_influences_of_each_cohort_across_them_and_of_all_together(comparator, rejected, shared):
    found, middle = study(2, comparator, failed=0.1, cohorts=2, rejected=rejected, subjects=30, shared=shared)
    for name, (rates, naive) in found.items():
        check(rates, naive, middle, 30, genuine=shared or name != "c0-c1")


@pytest.mark.parametrize("rejected", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_partial_area_moves_as_the_weights_of_subjects_say(seed, rejected):
    """Distances, whose scores are hardly ever tied: the area is bent where the edge itself falls on tied scores."""
    found, _ = study(seed, Comparator.EUCLIDEAN, failed=0.1, cohorts=2, rejected=rejected, subjects=40)
    found |= {"across": study(seed, Comparator.EUCLIDEAN, failed=0.1, cohorts=2, rejected=rejected, subjects=40,
                              shared=True)[0]["c0-c1"]}  # fmt: skip
    for name in ("all", "c0-c0", "c1-c1", "across"):
        rates, naive = found[name]
        assert rates.rates.resolvable(LIMIT)
        assert_influence(rates.partial_auc(LIMIT), naive.partial_auc, 40, name)


@BOTH
def test_influences_of_a_list_of_pairs(comparator):
    rng = np.random.default_rng(5)
    vectors, subject = crowd(rng, 25, 6, comparator)
    rows = np.array([(a, b) for a in range(len(subject)) for b in range(a + 1, len(subject))])
    same = subject[rows[:, 0]] == subject[rows[:, 1]]
    chosen = np.r_[np.flatnonzero(same), rng.permutation(np.flatnonzero(~same))[:400]]
    a, b = rows[chosen].T
    pairs, ok = Pairs(a, b, same[chosen], np.zeros(len(a), np.int64)), np.ones(len(vectors), bool)
    values = score_pairs(vectors, pairs, comparator)
    middle = comparator.sign * float(np.median(values[pairs.same]))
    blocks, cohort = blocks_of_pairs(vectors, ok, pairs, comparator), np.zeros(len(vectors), np.int32)
    comparisons = ListedComparisons(blocks, comparator, subject, cohort, ("list",))
    tally = comparisons.count([middle])
    evaluated = thresholds_to_evaluate(tally, [middle])
    found = comparisons.count_by_subject(
        tally, evaluated=evaluated.similarity, tails=evaluated.tails, wide_tail=evaluated.wide_tail
    )
    naive = Weighted(values, pairs.same, np.stack([subject[a], subject[b]], axis=1))
    check(SubjectRates(found.pooled(), Rates(tally.pooled())), naive, float(comparator.cut(middle)), 25)


def test_failures_to_acquire_move_with_the_subjects_whose_images_failed():
    rng = np.random.default_rng(8)
    subject = np.unique(rng.integers(0, 20, 120), return_inverse=True)[1]
    subject.sort()
    cohort, failed = subject % 2, rng.random(120) < 0.2
    frame = pl.DataFrame(
        {
            "path": [f"{i:03}.jpg" for i in range(120)],
            "subject": [f"s{s:02}" for s in subject],
            "cohort": ["ab"[c] for c in cohort],
        }
    )
    vectors = np.where(failed[:, None], np.nan, rng.normal(size=(120, 16))).astype(np.float32)
    embeddings = Embeddings(vectors, failed.astype(np.uint8), (None,) * 120, np.full((120, 4), np.nan, np.float32))
    manifest, spec = Manifest(frame, ("a", "b"), "s"), ModelSpec("m", "python", "1", "", 0, 16, Comparator.COSINE)
    one = facegap.score(embeddings, manifest, spec, workers=1)
    measured = MeasuredModel.of(one, manifest, failures="excluded", genuine_share=None, threshold_from=())
    for name, inside in (("a", cohort == 0), ("b", cohort == 1), ("all", cohort >= 0)):
        fta = measured.shown()[name].estimates["fta", ""]
        s, bad = subject[inside], failed[inside]
        assert fta.errors == bad.sum()
        assert_influence(fta, lambda w, s=s, bad=bad: float((w[s] * bad).sum() / w[s].sum()), 19, "fta")


@BOTH
def test_standard_errors_are_those_of_the_jackknife_over_subjects(comparator):
    """Where pairs of subjects add nothing: that of a rate over genuine comparisons, and of an area."""
    found, middle = study(6, comparator, subjects=60, images=5)
    rates, naive = found["all"]
    cases = {
        "auc": (rates.auc(), naive.auc),
        "fnmr": (rates.fnmr(middle), lambda w: naive.at("fnmr", w, middle)),
    }
    for name, (estimate, statistic) in cases.items():
        without = without_each(statistic, 60)[estimate.subject]
        n = len(without)
        expected = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
        assert se(estimate) == pytest.approx(expected, rel=0.02), name


def test_a_subject_with_all_errors_leaves_none_behind():
    """The subject's own genuine scores below its own impostor scores are all that the area lacks."""
    subject = np.repeat(np.arange(6), 4)
    vectors = np.eye(6)[subject] * 4 + 0.01 * np.random.default_rng(0).normal(size=(24, 6))
    vectors[0] = [0, 4, 4, 0, 0, 0]
    n = len(subject)
    given = (vectors.astype(np.float32), subject.astype(np.int32), np.zeros(n, np.int32), np.ones(n, bool))
    tally = compare_all(*given, comparator=Comparator.COSINE, cohorts=("c",))
    evaluated = thresholds_to_evaluate(tally, [])
    counts = compare_subjects(
        *given, tally, evaluated=evaluated.similarity, tails=evaluated.tails, wide_tail=evaluated.wide_tail
    )
    auc = SubjectRates(counts.pooled(), Rates(tally.pooled())).auc()
    assert auc.value < 1
    assert auc.left_out[0] == pytest.approx(1)
    assert (auc.left_out[1:] < 1).all()
    assert auc.one_carries
