"""The grid that finds the place of a score: what the kernels put in a bucket lies between its edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.scoring.compare import compare_all
from facegap.scoring.cpu.slots_kernel import bucket_of
from facegap.scoring.cuts import GRID, index_cuts
from facegap.scoring.layout import RANGE_ROWS, lay_out, score_range
from oracle import scores

RANGES = st.tuples(st.floats(-50, -0.015625, width=32), st.sampled_from([0.0, 1.0]))


@settings(max_examples=30, deadline=None)
@given(ends=RANGES, buckets=st.sampled_from([256, 4099, GRID]))
def test_a_bucket_holds_what_lies_between_its_edges(ends, buckets):
    low, high = ends
    index = index_cuts(np.array([low], np.float32), np.zeros(1, bool), low=low, high=high, buckets=buckets)
    edges = index.edges
    assert len(edges) == index.buckets + 1 <= buckets + 1
    assert (np.diff(edges) > 0).all()
    assert edges[0] <= np.float32(low)
    assert edges[-1] > high
    inner = np.arange(1, index.buckets, max(1, index.buckets // 100))
    for k in inner.tolist():
        assert bucket_of(edges[k], index) == k
        assert bucket_of(np.nextafter(edges[k], np.float32(-np.inf)), index) == k - 1
    assert bucket_of(np.float32(low - 1), index) == 0
    assert bucket_of(np.float32(high + 1), index) == index.buckets - 1


@pytest.mark.parametrize("comparator", OF_EMBEDDINGS)
def test_scores_below_the_range_that_was_looked_at_are_counted_too(comparator):
    """One image unlike all others is not among the rows that the range is judged by."""
    rng = np.random.default_rng(3)
    vectors = (np.ones(16) + 0.1 * rng.normal(size=(2 * RANGE_ROWS, 16))).astype(np.float32)
    vectors[1] *= -1
    subject = np.arange(len(vectors), dtype=np.int32) // 2
    cohort, everyone = np.zeros(len(vectors), np.int32), np.ones(len(vectors), bool)
    similarity, same, _ = scores(vectors, subject, comparator)
    low, high = score_range(lay_out(vectors, subject, cohort, np.arange(len(vectors)), comparator))
    assert (similarity[~same] < low - 0.5).sum() > len(vectors) / 2
    assert high >= similarity.max() - 1e-6
    tally = compare_all(vectors, subject, cohort, everyone, comparator=comparator, cohorts=("c",), thresholds=[0.33])
    assert tally.impostor.sum() == (~same).sum()
    cuts = np.array([comparator.cut(0.33), low - 0.1, low + 0.01], np.float32)
    accepted = tally.impostor[0][::-1].cumsum()[::-1]
    for cut in (cuts[0], *tally.cuts[np.searchsorted(tally.cuts, cuts[1:])]):
        at = int(np.flatnonzero(tally.cuts == cut)[0])
        assert accepted[2 * at + 1] == pytest.approx((similarity[~same] >= cut).sum(), abs=2)


def test_more_scores_in_one_bucket_than_16_bits_count():
    """Three directions, 1/3 apart: a quarter of a million scores are alike, and no threshold is near them."""
    directions = np.array([[1, 1, 1, 0, 0, 0], [1, 0, 0, 1, 1, 0], [0, 1, 0, 1, 0, 1]], np.float32)
    vectors = np.tile(directions, (300, 1))
    n = len(vectors)
    subject = np.arange(n, dtype=np.int32)
    tally = compare_all(
        vectors, subject, np.zeros(n, np.int32), np.ones(n, bool), comparator=Comparator.COSINE, cohorts=("c",)
    )  # fmt: skip
    apart = 3 * 300 * 300
    assert tally.impostor.sum() == n * (n - 1) // 2
    assert tally.impostor.max() == apart > 1 << 16
    assert tally.impostor[0, 2 * np.searchsorted(tally.cuts, 1 / 3)] == apart
