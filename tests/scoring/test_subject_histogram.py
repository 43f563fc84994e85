"""Histograms of subjects stand for a second pass where scores do not fit in memory; they are held against that pass."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.subject_tally import SubjectTally
from facegap.data.tally import MOMENT_UNIT, ScoreTally
from facegap.metrics import chosen
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.run.executor import Processes, Serial, Threads
from facegap.scoring import Kept, compare_all, compare_subjects
from facegap.scoring import subject_histogram as module
from facegap.scoring import tiles as tiles_module
from facegap.scoring.layout import BLOCK
from facegap.stats import Combination
from oracle import arrays, exact_vectors

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)
FMRS = (0.3, 0.1, 1e-2, 1e-3)


def crowd(subjects=150, images=12, dimension=24, seed=2):
    """Return more images than three blocks hold; subjects differ in how close they are to others."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), images).astype(np.int32)
    pull = rng.gamma(1, 0.4, subjects)[:, None] * rng.normal(size=dimension)
    centres = rng.normal(size=(subjects, dimension)) + pull
    vectors = centres[subject] + 0.9 * rng.normal(size=(len(subject), dimension))
    assert len(subject) > 3 * BLOCK
    return vectors.astype(np.float32), subject


def both_ways(
    vectors, subject, cohort=None, ok=None, *, comparator, named=(), executor=None
) -> tuple[ScoreTally, SubjectTally, SubjectTally]:
    """Return the tally, and the counts by subject out of a second pass and out of histograms."""
    cohort = np.zeros(len(vectors), np.int32) if cohort is None else cohort.astype(np.int32)
    ok = np.ones(len(vectors), bool) if ok is None else ok
    names = tuple(f"c{c}" for c in range(int(cohort.max(initial=0)) + 1))
    study, found = (vectors, subject.astype(np.int32), cohort, ok), []
    for kept in (None, Kept(0)):
        tally = compare_all(
            *study, comparator=comparator, cohorts=names, thresholds=named, kept=kept, executor=executor
        )
        pooled = Rates(tally.pooled())
        evaluated = [comparator.cut(t) for t in (*named, *(pooled.loosest_within(fmr).threshold for fmr in FMRS))]
        tail = float(comparator.cut(pooled.loosest_within(FMRS[2]).threshold))
        found.append(
            compare_subjects(
                *study, tally,
                evaluated=np.array(evaluated), tails=dict.fromkeys(names, tail), wide_tail=tail, kept=kept,
                executor=executor,
            )
        )  # fmt: skip
        assert bool(kept and kept.histograms) == (kept is not None)
    return tally, *found


def assert_close_to_the_pass(found: SubjectTally, exact: SubjectTally) -> None:
    """Assert that what must be exact is, and that totals are."""
    for one, other in zip((*found.cells, found.pooled()), (*exact.cells, exact.pooled()), strict=True):
        for name in ("subject", "evaluated", "genuine", "failed"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
        assert one.impostor.dtype == np.int64
        assert (one.impostor >= 0).all()
        assert np.array_equal(one.impostor.sum(axis=0), other.impostor.sum(axis=0))
        assert np.array_equal(one.impostor.sum(axis=1), other.impostor.sum(axis=1))
        assert np.array_equal(one.ranks[:, 0], other.ranks[:, 0])
        assert np.allclose(one.moments[:, 0], other.moments[:, 0], atol=1e-5 * MOMENT_UNIT)
        rounding = len(one.subject)
        assert np.allclose(one.ranks[:, 1].sum(axis=0), other.ranks[:, 1].sum(axis=0), rtol=1e-12, atol=rounding)
        assert one.sizes == pytest.approx(other.sizes)


@BOTH
@pytest.mark.parametrize("cohorts", [1, 3])
def test_where_all_scores_are_listed_every_count_is_exact(comparator, cohorts):
    """Exact vectors: many ties, on evaluated thresholds too; some images failed, and some subjects are in several
    cohorts."""
    rng = np.random.default_rng(3)
    vectors, subject = exact_vectors(rng, 400, comparator), rng.integers(0, 60, 400)
    cohort, ok = rng.integers(0, cohorts, 400), rng.random(400) > 0.1
    vectors[~ok] = np.nan
    _, exact, found = both_ways(vectors, subject, cohort, ok, comparator=comparator, named=[0.5])
    assert_close_to_the_pass(found, exact)
    for one, other in zip(found.cells, exact.cells, strict=True):
        assert np.array_equal(one.impostor, other.impostor)
    for q in range(cohorts):  # across cohorts a pair of subjects who are in both is seen as two pairs by blocks
        one, other = (subjects.between(f"c{q}", f"c{q}") for subjects in (found, exact))
        assert np.allclose(one.squares, other.squares)
        assert np.allclose(one.products, other.products, rtol=0.02, atol=5)


@BOTH
@pytest.mark.parametrize("listed", [0, 3000])
def test_totals_stay_exact_and_so_do_subjects_at_named_thresholds_and_high_scores(comparator, listed, monkeypatch):
    monkeypatch.setattr(module, "LISTED", listed)
    vectors, subject = crowd()
    named = [0.4321] if comparator is Comparator.COSINE else [6.54321]
    tally, exact, found = both_ways(vectors, subject, subject % 2, comparator=comparator, named=named)
    assert_close_to_the_pass(found, exact)
    assert all(
        np.array_equal(a, b)
        for one, other in zip(found.cells, exact.cells, strict=True)
        for a, b in zip(*(counts.accepted(comparator.cut(named[0])) for counts in (one, other)), strict=True)
    )
    apart = [
        np.abs(a.accepted(float(evaluated_one))[1] - b.accepted(float(evaluated_one))[1]).max()
        for a, b in zip(found.cells, exact.cells, strict=True)
        for evaluated_one in a.evaluated
    ]
    assert max(apart) > 0, "some evaluated lie between edges"
    if listed:
        few = float(comparator.cut(Rates(tally.pooled()).loosest_within(1e-3).threshold))
        for one, other in zip(found.cells, exact.cells, strict=True):
            assert np.array_equal(one.accepted(few)[1], other.accepted(few)[1])
            assert one.squares[one.place(few)] == other.squares[other.place(few)]


def se(estimate):
    return Combination(((1.0, estimate),)).se


@BOTH
def test_intervals_are_those_of_the_second_pass(comparator, monkeypatch):
    """No score is listed, which is the worst case; only those of rare errors would then notice."""
    monkeypatch.setattr(module, "LISTED", 0)
    vectors, subject = crowd()
    tally, exact, found = both_ways(vectors, subject, comparator=comparator)
    rates = Rates(tally.pooled())
    ours, theirs = (SubjectRates(subjects.pooled(), rates) for subjects in (found, exact))
    wanted = {"auc": SubjectRates.auc, "pauc": partial(SubjectRates.partial_auc, limit=FMRS[2])}
    wanted["d_prime"] = SubjectRates.d_prime
    for fmr in FMRS:
        similarity = float(comparator.cut(rates.loosest_within(fmr).threshold))
        wanted[f"fmr {fmr}"] = partial(SubjectRates.fmr, similarity=similarity)
        wanted[f"tar {fmr}"] = partial(chosen.tar, fmr=fmr)
    for name, made in wanted.items():
        one, other = made(ours), made(theirs)
        assert one.value == pytest.approx(other.value, rel=1e-9), name
        assert se(one) == pytest.approx(se(other), rel=0.02), name
        assert np.corrcoef(one.left_out, other.left_out)[0, 1] > 0.998, name


@pytest.mark.parametrize(
    "executor",
    [Threads(2), Threads(3), pytest.param(Processes(2), marks=pytest.mark.slow)],
    ids=["two threads", "three threads", "processes"],
)
@BOTH
def test_no_bit_depends_on_the_executor(comparator, executor, monkeypatch):
    monkeypatch.setattr(tiles_module, "LEAST", 1)
    monkeypatch.setattr(tiles_module, "LOOKED_AT", (0, 3))
    vectors, subject = crowd()
    bits = []
    for each in (Serial(), executor):
        tally, _, found = both_ways(vectors, subject, subject % 2, comparator=comparator, executor=each)
        counts = [one for cell in found.cells for one in arrays(cell).values()]
        bits.append([one.tobytes() for one in (*counts, tally.impostor, tally.genuine)])
    assert bits[0] == bits[1]


@BOTH
def test_alike_images_all_fall_into_one_bin(comparator):
    vectors, subject = np.ones((40, 4), np.float32), np.repeat(np.arange(8), 5)
    _, exact, found = both_ways(vectors, subject, comparator=comparator)
    assert_close_to_the_pass(found, exact)
    assert np.array_equal(found.pooled().impostor, exact.pooled().impostor)


def test_a_cohort_without_images_holds_nothing():
    rng = np.random.default_rng(4)
    vectors, subject, cohort = rng.normal(size=(60, 8)).astype(np.float32), np.repeat(np.arange(12), 5), np.zeros(60)
    cohort[30:] = 2
    _, exact, found = both_ways(vectors, subject, cohort, comparator=Comparator.COSINE)
    assert_close_to_the_pass(found, exact)
    assert found.between("c1", "c2").impostor.sum() == 0


@given(held=st.lists(st.integers(0, 50), min_size=1, max_size=40), share=st.floats(0, 1))
def test_a_bin_is_shared_out_in_whole_numbers_and_in_proportion(held, share):
    held = np.array(held)
    total = int(share * held.sum())
    got = module._shared_out(held, total)
    assert got.sum() == total
    assert (got >= 0).all()
    assert (got <= held).all()
    if held.sum():
        assert np.abs(got.cumsum() - held.cumsum() * total / held.sum()).max() <= 0.5 + 1e-9
