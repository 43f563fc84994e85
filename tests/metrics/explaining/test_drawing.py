import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.data.source import Pairs
from facegap.metrics.explaining import drawing
from facegap.metrics.explaining.drawing import scores_within

SUBJECT = np.array([3, 3, 3, 1, 1, 0, 2, 2])
SIDE = np.array([1, 1, 0, 1, 1, 1, 1, 0], bool)
VECTORS = np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32)


def made(pairs: Pairs | None = None, seed: int = 0):
    return scores_within(VECTORS, SIDE, SUBJECT, Comparator.COSINE, pairs, np.random.default_rng(seed))


def met(kind) -> list[tuple[int, int]]:
    return sorted(tuple(sorted(pair)) for pair in zip(kind.a.tolist(), kind.b.tolist(), strict=True))


def test_all_comparisons_of_a_side_are_made_once():
    rows = np.flatnonzero(SIDE).tolist()
    every = [(a, b) for a in rows for b in rows if a < b]
    found = made()
    assert met(found.genuine) == [(a, b) for a, b in every if SUBJECT[a] == SUBJECT[b]] == [(0, 1), (3, 4)]
    assert met(found.impostor) == [(a, b) for a, b in every if SUBJECT[a] != SUBJECT[b]]
    assert found.n_impostor == len(found.impostor.a) == 13
    for kind in (found.genuine, found.impostor):
        np.testing.assert_array_equal(kind.similarity, Comparator.COSINE.similarity(VECTORS[kind.a], VECTORS[kind.b]))
        assert (np.diff(kind.similarity) >= 0).all()


def test_of_a_list_only_its_comparisons_within_the_side_are_made():
    a, b = np.array([0, 0, 3, 5]), np.array([1, 2, 5, 7])
    found = made(Pairs(a, b, SUBJECT[a] == SUBJECT[b], np.zeros(4, np.int64)))
    assert met(found.genuine) == [(0, 1)]
    assert met(found.impostor) == [(3, 5)]
    assert found.n_impostor == 1


@pytest.mark.parametrize("seed", range(3))
def test_where_there_are_many_every_image_meets_equally_many_others(monkeypatch, seed):
    monkeypatch.setattr(drawing, "MOST", 300)
    n = 400
    subject = np.arange(n) // 2
    vectors = np.random.default_rng(1).normal(size=(n, 3)).astype(np.float32)
    found = scores_within(
        vectors, np.ones(n, bool), subject, Comparator.COSINE, None, np.random.default_rng(seed)
    )  # fmt: skip
    assert found.n_impostor == n * (n - 2) // 2
    assert 390 <= len(found.impostor.a) <= 400
    assert (subject[found.impostor.a] != subject[found.impostor.b]).all()
    assert np.bincount(found.impostor.a, minlength=n).max() == 1
    assert len(found.genuine.a) == n // 2
