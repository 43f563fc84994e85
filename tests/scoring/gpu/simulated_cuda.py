"""The CUDA kernels in numba's simulator, chosen before numba is imported: test_cuda_kernel.py runs this file."""

import numpy as np
import pytest

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.metrics.rates import Rates
from facegap.scoring import Kept, compare, compare_all, compare_subjects, per_subject
from facegap.scoring.cpu.histogram_kernel import Bins
from facegap.scoring.cuts import index_cuts
from facegap.scoring.gpu import cuda_kernel as kernels
from facegap.scoring.layout import BLOCK
from oracle import arrays, exact_vectors, in_order

GRID = 2
THREADS = 64
UNIT = 0.25
"""Scores are passed as four times what they are."""

PAIRS = (
    # panel, column, rows, how many, flags
    (0, 0, 0, 0, 60, 60, kernels.TRIANGLE | kernels.MIXED),
    (0, 100, 30, 60, 50, 70, kernels.MIXED),
    (1, 37, 100, 300, 33, 129, 0),
)


@pytest.fixture(autouse=True)
def few_threads(monkeypatch):
    monkeypatch.setattr(kernels, "THREADS", THREADS)


def drawn():
    """Panels of scores, the subject of each row, the work, and the scores that count, as (score, a, b)."""
    rng = np.random.default_rng(0)
    scores = np.clip(rng.normal(0, 0.3, 2 * BLOCK * BLOCK + kernels.SLACK), -1, 1).astype(np.float32)
    subject, work = (np.arange(2 * BLOCK) // 7).astype(np.int32), np.array(PAIRS, np.int32)
    found = []
    for panel, column, row_a, row_b, n, m, flags in PAIRS:
        for i in range(n):
            for j in range(m):
                if not flags & kernels.TRIANGLE or row_a + i < row_b + j:
                    at = panel * BLOCK * BLOCK + i * BLOCK + column + j
                    found.append((scores[at], row_a + i, row_b + j))
    return scores, subject, work, found


def test_each_score_is_counted_once_and_the_high_and_the_genuine_ones_are_listed():
    scores, subject, work, found = drawn()
    impostor = [one for one in found if subject[one[1]] != subject[one[2]]]
    genuine = [one for one in found if subject[one[1]] == subject[one[2]]]
    similarity = np.array([score for score, _, _ in impostor])
    cuts = np.unique(np.r_[np.linspace(-1, 1, 4097), similarity[::50], 0.31, 0.32]).astype(np.float32)
    index = index_cuts(cuts, np.isin(cuts, similarity), low=-1.0, high=1.0)
    bits = np.packbits(np.pad(index.searched, (0, -len(index.searched) % 32)), bitorder="little").view(np.int32)
    plain, slots = np.zeros(index.buckets, np.int64), np.zeros(2 * len(cuts) + 1, np.int64)
    sums, listed = np.zeros((GRID * THREADS, 2)), np.zeros(2, np.int32)
    lists = [(np.full(n, np.nan, np.float32), np.zeros((n, 2), np.int32)) for n in (40, 5000)]
    start, bar = index.buckets // 2 - kernels.WORDS // 2, np.sort(similarity)[-30]
    kernels.count[GRID, THREADS](
        scores / np.float32(UNIT), np.float32(UNIT), BLOCK, work, subject, index.first, bits, index.padded,
        index.scale, index.offset, index.buckets, start, bar, plain, slots, sums, *lists[0], *lists[1], listed,
    )  # fmt: skip
    bucket = np.clip(np.floor(similarity * index.scale).astype(int) - index.offset, 0, index.buckets - 1)
    assert np.array_equal(plain, np.bincount(bucket, minlength=index.buckets))
    assert (bucket < start).any()
    assert (bucket >= start + kernels.WORDS).any(), "some lie beside the window"
    searched = similarity[index.searched[bucket] == 1]
    below = np.searchsorted(cuts, searched, side="right")
    expected = np.bincount(2 * below - (index.padded[below] == searched), minlength=len(slots))
    assert len(searched) > 100
    assert np.array_equal(slots, expected)
    wide = similarity.astype(np.float64)
    assert sums.sum(axis=0) == pytest.approx([wide.sum(), (wide**2).sum()])
    assert listed.tolist() == [30, len(genuine)]
    for (scores_found, rows), wanted in zip(lists, ([one for one in impostor if one[0] >= bar], genuine), strict=True):
        got = zip(scores_found[: len(wanted)].tolist(), *rows[: len(wanted)].T.tolist(), strict=True)
        assert sorted(got) == sorted((float(score), a, b) for score, a, b in wanted)


@pytest.mark.parametrize(("edges", "wide"), [(90, 64), (5, 512)])
def test_each_impostor_score_is_counted_for_both_its_subjects(edges, wide):
    scores, subject, work, found = drawn()
    index = index_cuts(np.linspace(-1, 1, 4097, dtype=np.float32), np.zeros(4097, bool), low=-1.0, high=1.0)
    edges = np.unique(np.random.default_rng(1).normal(0, 0.3, edges).astype(np.float32))
    bins = Bins.between(edges, index)
    assert kernels.columns_at_once(len(edges) + 1) >= wide
    counts = np.zeros((subject.max() + 1, len(edges) + 1), np.int64)
    kernels.count_by_subject[GRID, THREADS](
        scores / np.float32(UNIT), np.float32(UNIT), BLOCK, work, subject, subject, index.scale, index.offset,
        index.buckets, edges, bins.of_bucket.astype(np.int16), wide, counts,
    )  # fmt: skip
    expected = np.zeros_like(counts)
    for score, a, b in found:
        if subject[a] != subject[b]:
            place = np.searchsorted(edges, score, side="right")
            expected[subject[a], place] += 1
            expected[subject[b], place] += 1
    assert np.array_equal(counts, expected)


def test_there_is_room_for_the_bins_of_some_columns():
    assert kernels.columns_at_once(2) == BLOCK
    assert kernels.columns_at_once(232) == 64
    assert kernels.columns_at_once(5000) == 0


def test_products_become_distances_and_near_ones_are_exact():
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(BLOCK + 40, 8)).astype(np.float32)
    vectors[BLOCK + 3] = vectors[2] + np.float32(1e-4)
    squares, columns = (vectors.astype(np.float64) ** 2).sum(1).astype(np.float32), np.arange(BLOCK, BLOCK + 40)
    scores = (vectors[:6] @ vectors[columns].T) / np.float32(UNIT)
    first = np.array([[0, BLOCK]], np.int32)
    kernels.to_distances[(2, 6), 16](scores, np.float32(UNIT), first, squares, vectors)
    expected = -np.linalg.norm(vectors[:6, None].astype(np.float64) - vectors[None, columns], axis=2)
    assert np.allclose(scores, expected, rtol=1e-6)
    assert scores[2, 3] == pytest.approx(expected[2, 3], rel=1e-6)


class Distances:
    """What `to_distances` does, in no time."""

    def __getitem__(self, grid):
        return self.launch

    def launch(self, scores, unit, panels, squares, vectors):
        for panel, (row_a, row_b) in enumerate(panels):
            here = scores[panel * BLOCK : (panel + 1) * BLOCK]
            a, b = slice(row_a, row_a + BLOCK), slice(row_b, row_b + here.shape[1])
            here[:] = -np.sqrt(np.maximum(squares[a][:, None] + squares[b][None] - 2 * here * unit, 0))


@pytest.mark.parametrize("comparator", OF_EMBEDDINGS)
@pytest.mark.parametrize("room", [1 << 16, 7], ids=["", "more high scores than room"])
def test_what_is_counted_with_the_kernels_is_what_the_processors_count(monkeypatch, comparator, room):
    pytest.importorskip("torch", reason="torch is not installed: pip install 'facegap[gpu]'")
    from facegap.scoring import device as devices
    from facegap.scoring.gpu import with_cuda

    chosen = devices.backend_for

    def backend_for(device, precision, blocks, kept, *, keeps):
        if device == "cpu":
            return chosen(device, precision, blocks, kept, keeps=keeps)
        return with_cuda.Cuda(blocks, "cpu", precision)

    monkeypatch.setattr(compare, "backend_for", backend_for)
    monkeypatch.setattr(per_subject, "backend_for", backend_for)
    for name, value in (("THREADS", THREADS), ("PANELS", 1), ("ROOM", room), ("MOST_MIXED", 3)):
        monkeypatch.setattr(with_cuda, name, value)
    monkeypatch.setattr(with_cuda, "to_distances", Distances())
    rng = np.random.default_rng(5)
    vectors, subject = exact_vectors(rng, 90, comparator), np.sort(rng.integers(0, 20, 90)).astype(np.int32)
    if comparator is Comparator.EUCLIDEAN:
        vectors[:, 1:] = 0  # square roots, too, are exact
    cohort, found = rng.integers(0, 2, 90).astype(np.int32), []
    for device in ("cpu", "torch:cpu"):
        kept, study = Kept(0), (vectors, subject, cohort, np.ones(90, bool))
        tally = compare_all(*study, comparator=comparator, cohorts=("a", "b"), kept=kept, device=device)
        rates = Rates(tally.pooled())
        evaluated = np.array([comparator.cut(rates.loosest_within(fmr).threshold) for fmr in (0.3, 0.1, 1e-2)])
        tails = dict.fromkeys(("a", "b"), float(evaluated[0]))
        subjects = compare_subjects(
            *study, tally, evaluated=evaluated, tails=tails, wide_tail=float(evaluated[0]), kept=kept, device=device
        )
        rows = [tally.cuts, tally.genuine, tally.impostor, tally.moments.astype(float)]
        rows += [*vars(tally.highest_impostors).values(), *vars(tally.lowest_genuines).values()]
        for one in kept.histograms.values():
            rows += [one.layout.edges, one.counts, *vars(one.pairs).values(), *in_order(one.listed)]
        found.append(rows + [some for cell in subjects.cells for some in arrays(cell).values()])
    assert len(kept.histograms) == 3
    for one, other in zip(*found, strict=True):
        assert (one is None and other is None) or np.allclose(one, other, rtol=1e-9)
