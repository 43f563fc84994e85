"""Scoring is held against a naive double loop, and against itself in other tilings and orders."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.tally import EXTREMES, ScoreTally
from facegap.metrics.rates import Rates
from facegap.run.executor import Serial, Threads
from facegap.scoring import cuts as cuts_module
from facegap.scoring.compare import compare_all
from facegap.scoring.layout import BLOCK
from oracle import exact_vectors, scores

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)


def tally_of(vectors, subject, cohort=None, ok=None, *, comparator, **options):
    cohort = np.zeros(len(vectors), np.int32) if cohort is None else cohort
    ok = np.ones(len(vectors), bool) if ok is None else ok
    names = tuple(f"c{c}" for c in range(int(cohort.max()) + 1))
    return compare_all(vectors, subject.astype(np.int32), cohort, ok, comparator=comparator, cohorts=names, **options)


def slots(cuts, similarity):
    """Return the naive histogram: one score at a time, by comparing it with the cuts."""
    counts = np.zeros(2 * len(cuts) + 1, np.int64)
    for c in similarity:
        below = int((cuts <= c).sum())
        counts[2 * below - 1 if below and cuts[below - 1] == c else 2 * below] += 1
    return counts


def crowd(rng, subjects, images, dimension=32, noise=0.8):
    centres = rng.normal(size=(subjects, dimension))
    subject = np.repeat(np.arange(subjects), images)
    vectors = centres[subject] + noise * rng.normal(size=(len(subject), dimension))
    return vectors.astype(np.float32), subject


@BOTH
def test_every_comparison_lands_in_the_slot_of_the_naive_loop(comparator):
    rng = np.random.default_rng(1)
    vectors, subject = exact_vectors(rng, 150, comparator), rng.integers(0, 30, 150)
    tally = tally_of(vectors, subject, comparator=comparator)
    similarity, same, _ = scores(vectors, subject, comparator)
    special = np.isin(tally.cuts, similarity[same])
    for got, expected in ((tally.genuine[0], similarity[same]), (tally.impostor[0], similarity[~same])):
        naive = slots(tally.cuts, expected)
        assert np.array_equal(got[1::2][special], naive[1::2][special])
        accepted = [np.r_[0, x[::-1].cumsum()][::-1][1::2] for x in (got, naive)]
        assert np.array_equal(*accepted), "every cut must accept the same comparisons"


@BOTH
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), subjects=st.integers(2, 12), n=st.integers(3, 60))
def test_accepted_comparisons_equal_the_naive_loop_on_random_small_studies(comparator, seed, subjects, n):
    rng = np.random.default_rng(seed)
    vectors, subject = exact_vectors(rng, n, comparator), rng.integers(0, subjects, n)
    tally = tally_of(vectors, subject, comparator=comparator, executor=Serial())
    similarity, same, _ = scores(vectors, subject, comparator)
    rates = Rates(tally.pooled())
    for k in rng.choice(len(tally.cuts), 20):
        point = rates.point(int(k))
        assert point.true_matches == (similarity[same] >= tally.cuts[k]).sum()
        assert point.false_matches == (similarity[~same] >= tally.cuts[k]).sum()


@BOTH
def test_counts_do_not_depend_on_threads_or_tiles(comparator):
    vectors, subject = crowd(np.random.default_rng(2), 180, 9)
    cohort = (subject % 3).astype(np.int32)
    assert len(vectors) > 3 * BLOCK
    first = tally_of(vectors, subject, cohort, comparator=comparator, executor=Serial(), tile=1)
    for executor, tile in itertools.product((Threads(1), Threads(2), Threads(4)), (1, 3, None)):
        other = tally_of(vectors, subject, cohort, comparator=comparator, executor=executor, tile=tile)
        for name in ("cuts", "genuine", "impostor"):
            assert getattr(first, name).tobytes() == getattr(other, name).tobytes(), (executor, tile, name)
        assert np.array_equal(first.moments, other.moments)
        for name in ("highest_impostors", "lowest_genuines"):
            a, b = getattr(first, name), getattr(other, name)
            assert np.array_equal(a.similarity, b.similarity)
            assert np.array_equal((a.a, a.b), (b.a, b.b))


@BOTH
def test_scores_are_those_of_double_precision(comparator):
    vectors, subject = crowd(np.random.default_rng(3), 20, 4)
    vectors[5] = vectors[4]  # the same image twice: its distance is 0, not the rounding of a difference of squares
    vectors[9] = vectors[8] + 1e-4
    tally = tally_of(vectors, subject, comparator=comparator)
    similarity, same, pairs = scores(vectors, subject, comparator)
    found = tally.highest_impostors
    order = np.argsort(-similarity[~same])[: len(found.a)]
    assert np.allclose(found.similarity, similarity[~same][order], atol=2e-6)
    assert {*zip(found.a, found.b, strict=True)} == {*map(tuple, pairs[~same][order])}
    genuine = np.repeat(tally.cuts, tally.genuine[0, 1::2])
    assert np.allclose(genuine, np.sort(similarity[same]), rtol=1e-5, atol=1e-6)
    lowest = tally.lowest_genuines
    assert np.allclose(lowest.similarity, np.sort(similarity[same])[: len(lowest.a)], atol=2e-6)


def test_cells_hold_the_comparisons_of_their_cohorts():
    rng = np.random.default_rng(4)
    comparator = Comparator.EUCLIDEAN
    vectors, subject = exact_vectors(rng, 80, comparator), rng.integers(0, 20, 80)
    cohort = rng.integers(0, 3, 80).astype(np.int32)
    tally = tally_of(vectors, subject, cohort, comparator=comparator)
    similarity, same, pairs = scores(vectors, subject, comparator)
    where = np.sort(cohort[pairs], axis=1)
    for p in range(3):
        for q in range(p, 3):
            counts = tally.between(f"c{q}", f"c{p}")
            inside = (where[:, 0] == p) & (where[:, 1] == q)
            assert counts.n_genuine == (inside & same).sum()
            assert counts.n_impostor == (inside & ~same).sum()
            assert Rates(counts).at(0.75).false_matches == (similarity[inside & ~same] >= -0.75).sum()
    assert tally.pooled().n_genuine == same.sum()


def test_failed_images_are_left_out_and_their_comparisons_counted():
    rng = np.random.default_rng(5)
    vectors, subject = exact_vectors(rng, 40, Comparator.COSINE), rng.integers(0, 8, 40)
    cohort = rng.integers(0, 2, 40).astype(np.int32)
    ok = rng.random(40) > 0.3
    vectors[~ok] = np.nan
    counts = tally_of(vectors, subject, cohort, ok, comparator=Comparator.COSINE).pooled()
    i, j = np.triu_indices(40, 1)
    same, made = subject[i] == subject[j], ok[i] & ok[j]
    assert (counts.n_genuine, counts.failed_genuine) == ((same & made).sum(), (same & ~made).sum())
    assert (counts.n_impostor, counts.failed_impostor) == ((~same & made).sum(), (~same & ~made).sum())
    rejected = counts.with_failures_rejected()
    assert rejected.n_genuine == same.sum()
    assert Rates(rejected).at(-1.0).false_non_matches == (same & ~made).sum()


@BOTH
def test_moments_are_those_of_the_scores(comparator):
    vectors, subject = crowd(np.random.default_rng(6), 15, 4)
    similarity, same, _ = scores(vectors, subject, comparator)
    moments = tally_of(vectors, subject, comparator=comparator).moments[0] / 2**30
    for kind, chosen in ((0, same), (1, ~same)):
        expected = [similarity[chosen].sum(dtype=float), (similarity[chosen].astype(float) ** 2).sum()]
        assert np.allclose(moments[kind].astype(float), expected, rtol=1e-5)


def test_tallies_add_up():
    vectors, subject = crowd(np.random.default_rng(7), 10, 3)
    one = tally_of(vectors, subject, comparator=Comparator.COSINE)
    two = one + one
    assert np.array_equal(two.impostor, 2 * one.impostor)
    assert len(two.highest_impostors.a) == EXTREMES
    empty = ScoreTally.empty(one.comparator, one.cohorts, one.cuts)
    assert np.array_equal((one + empty).genuine, one.genuine)
    with pytest.raises(ValueError, match="same cohorts and cuts"):
        _ = one + tally_of(vectors[:9], subject[:9], comparator=Comparator.COSINE)


def test_thinned_cuts_bound_the_error_of_the_auc(monkeypatch):
    vectors, subject = crowd(np.random.default_rng(8), 40, 12, noise=2.5)
    exact = Rates(tally_of(vectors, subject, comparator=Comparator.COSINE).pooled())
    assert exact.auc_bound() == 0
    monkeypatch.setattr(cuts_module, "MEMORY", 1 << 12)
    coarse_tally = tally_of(vectors, subject, comparator=Comparator.COSINE)
    coarse = Rates(coarse_tally.pooled())
    assert len(coarse_tally.cuts) < len(exact.counts.cuts) / 2
    assert 0 < coarse.auc_bound() < 1e-2
    assert abs(coarse.auc() - exact.auc()) <= coarse.auc_bound()


def test_an_empty_study_and_a_single_image_give_no_comparisons():
    for n in (0, 1):
        tally = compare_all(
            np.ones((n, 4), np.float32), np.zeros(n, np.int32), np.zeros(n, np.int32), np.ones(n, bool),
            comparator=Comparator.COSINE, cohorts=("c",),
        )  # fmt: skip
        assert tally.pooled().n_genuine == tally.pooled().n_impostor == 0


@BOTH
@pytest.mark.parametrize("noise", [0.8, 3.0])
def test_the_auc_is_that_of_scikit_learn(comparator, noise):
    """Also where nearly every impostor score lies among genuine ones and has to be searched."""
    vectors, subject = crowd(np.random.default_rng(9), 100, 8, noise=noise)
    tally = tally_of(vectors, subject, comparator=comparator, executor=Serial())
    i, j = np.triu_indices(len(vectors), 1)
    values = comparator.similarity(vectors[i], vectors[j])
    exact = roc_auc_score(subject[i] == subject[j], values)
    assert Rates(tally.pooled()).auc() == pytest.approx(exact, abs=1e-7)  # scores differ in the last bits
    products = exact_vectors(np.random.default_rng(10), 300, comparator)
    subject = np.random.default_rng(11).integers(0, 60, 300)
    similarity, same, _ = scores(products, subject, comparator)
    found = Rates(tally_of(products, subject, comparator=comparator, executor=Serial()).pooled()).auc()
    assert found == pytest.approx(roc_auc_score(same, similarity), abs=1e-9)


def test_memory_grows_with_the_images_and_not_with_their_comparisons():
    peaks = []
    for images in (2000, 4000, 8000):
        vectors, subject = crowd(np.random.default_rng(12), images // 4, 4, dimension=8)
        tracemalloc.start()
        tally_of(vectors, subject, comparator=Comparator.COSINE, executor=Serial())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    first, second = np.diff(peaks)
    assert second < 2.5 * first, "twice the images may take twice the memory, not four times"
    assert peaks[-1] < 200e6
