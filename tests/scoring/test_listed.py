"""Lists of comparisons in blocks, and lists too long to hold: what stays exact, and what comes from a sample."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.data.score_list import ScoreBlock
from facegap.metrics import thresholds_to_evaluate
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.scoring import ListedComparisons
from facegap.scoring import listed as listed_module
from facegap.scoring import listed_subjects as subjects_module


def comparisons(*, scale: float = 1.0, size: int | None = None, subjects: int = 60) -> ListedComparisons:
    """All comparisons of subjects with 4 images each, whose scores depend on the subjects; some are missing."""
    rng = np.random.default_rng(7)
    subject = np.repeat(np.arange(subjects), 4).astype(np.int32)
    a, b = rng.permutation(np.stack(np.triu_indices(len(subject), 1), axis=1)).T
    same = subject[a] == subject[b]
    pair = rng.normal(size=(subjects, subjects))
    score = 3.0 * same + 0.7 * (pair + pair.T)[subject[a], subject[b]] + rng.normal(size=len(a))
    similarity = (scale * score).astype(np.float32)
    similarity[rng.random(len(a)) < 0.02] = np.nan

    def blocks() -> Iterator[ScoreBlock]:
        step = size or len(a)
        for start in range(0, len(a), step):
            part = slice(start, start + step)
            yield ScoreBlock(a[part], b[part], same[part], similarity[part])

    cohort = (subject % 2).astype(np.int32)
    return ListedComparisons(blocks, Comparator.SIMILARITY, subject, cohort, ("x", "y"))


def counted(one: ListedComparisons):
    tally = one.count()
    evaluated = thresholds_to_evaluate(tally)
    return tally, one.count_by_subject(
        tally, evaluated=evaluated.similarity, tails=evaluated.tails, wide_tail=evaluated.wide_tail
    )  # fmt: skip


def test_blocks_change_nothing() -> None:
    (whole, by_subject), (parts, in_parts) = counted(comparisons()), counted(comparisons(size=700))
    for name in ("cuts", "genuine", "impostor", "failed"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name
    assert whole.failed.sum() > 0
    for name in ("highest_impostors", "lowest_genuines"):
        one, other = getattr(whole, name), getattr(parts, name)
        assert np.array_equal(one.similarity, other.similarity)
        assert np.array_equal(one.a, other.a)
    for one, other in zip(by_subject.cells, in_parts.cells, strict=True):
        for name in ("subject", "genuine", "impostor", "ranks", "moments", "failed", "squares", "products"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_with_many_different_scores_rates_stay_exact_at_the_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = Rates(comparisons().count().pooled())
    monkeypatch.setattr(listed_module, "ALL_CUTS", 100)
    coarse = Rates(comparisons().count([1.25]).pooled())
    assert (coarse.auc(), coarse.eer()[0]) == (exact.auc(), pytest.approx(exact.eer()[0], abs=1e-4))
    assert coarse.auc_bound() == 0
    assert coarse.at(1.25).false_matches == exact.at(1.25).false_matches > 0
    assert coarse.matches[1, -1] == 0, "a threshold above every score is among the cuts"


def test_pairs_of_subjects_may_come_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    many = comparisons(subjects=160)
    _, whole = counted(many)
    monkeypatch.setattr(subjects_module, "WHOLE", 80_000)
    _, sampled = counted(many)
    for one, other in zip(whole.cells, sampled.cells, strict=True):
        assert np.array_equal(one.impostor, other.impostor)
        assert np.array_equal(one.ranks, other.ranks)
        some = one.products > 0.3 * one.products.max()  # further out a sample holds few pairs of subjects
        for name in ("squares", "products"):
            assert getattr(other, name)[some] == pytest.approx(getattr(one, name)[some], rel=0.1), name
            assert not np.array_equal(getattr(other, name), getattr(one, name)), "it was a sample"
        high = one.listed.similarity >= np.float32(other.listed.bar)
        assert np.array_equal(one.listed.similarity[high], other.listed.similarity)
        assert 0 < len(other.listed.similarity) <= 1 << 16


def test_large_scores_have_the_numbers_of_small_ones() -> None:
    found = []
    for scale in (1.0, 2.0**24):
        tally, subjects = counted(comparisons(scale=scale))
        rates = Rates(tally.between("x", "x"))
        of_subjects = SubjectRates(subjects.between("x", "x"), rates)
        d_prime = of_subjects.d_prime()
        found.append([rates.auc(), rates.d_prime(), *of_subjects.auc().own, d_prime.value, *d_prime.own])
    assert found[1] == pytest.approx(found[0], rel=1e-6, abs=1e-9)


def test_what_a_list_of_every_pair_lacks_counts_as_failed() -> None:
    some = comparisons()
    every, every_subject = counted(replace(some, every=True))
    tally, by_subject = counted(some)
    assert np.array_equal(every.failed, tally.failed), "the list lacks nothing but scores"
    for one, other in zip(every_subject.cells, by_subject.cells, strict=True):
        assert np.array_equal(one.failed, other.failed)

    def shorter() -> Iterator[ScoreBlock]:
        for block in some.blocks():
            yield ScoreBlock(block.a[100:], block.b[100:], block.same[100:], block.similarity[100:])

    lacking = replace(some, blocks=shorter, every=True).count()
    made = sum((~np.isnan(block.similarity[:100])).sum() for block in some.blocks())
    assert lacking.failed.sum() == every.failed.sum() + made
