import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.metrics.explaining import CohortScores, Number
from facegap.metrics.explaining.cohort_scores import Kind

NUMBERS = [
    Number("auc"), Number("fnmr", "t", cut=0.5), Number("fmr", "t", cut=0.5),
    Number("tar", "a", rate=0.2), Number("tar", "b", rate=1e-9), Number("tar", "c", rate=1.0),
]  # fmt: skip


def made(genuine: np.ndarray, impostor: np.ndarray) -> CohortScores:
    def kind(one: np.ndarray) -> Kind:
        return Kind.of(np.arange(len(one)), np.arange(len(one)) + 1, one.astype(np.float32))

    return CohortScores(kind(genuine), kind(impostor), len(impostor))


def naive(scores: CohortScores, genuine: np.ndarray, impostor: np.ndarray) -> list[float]:
    """Return `NUMBERS` by double loops."""
    g = list(zip(scores.genuine.similarity.tolist(), genuine.tolist(), strict=True))
    i = list(zip(scores.impostor.similarity.tolist(), impostor.tolist(), strict=True))
    all_g, all_i = genuine.sum(), impostor.sum()
    auc = sum(wa * wb * ((a > b) + (a == b) / 2) for a, wa in g for b, wb in i) / all_g / all_i
    tars = []
    for rate in (0.2, 1e-9, 1.0):
        best = 0.0
        for t in [*(s for s, _ in g), *(s for s, _ in i)]:
            if sum(w for s, w in i if s >= t) / all_i <= rate + 1e-12:
                best = max(best, sum(w for s, w in g if s >= t) / all_g)
        tars.append(best)
    return [auc, sum(w for s, w in g if s < 0.5) / all_g, sum(w for s, w in i if s >= 0.5) / all_i, *tars]


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_weighted_numbers_are_those_of_double_loops(seed, ties):
    rng = np.random.default_rng(seed)
    genuine, impostor = rng.random(rng.integers(1, 9)) + 0.2, rng.random(rng.integers(1, 12))
    scores = made(*((one.round(1) if ties else one) for one in (genuine, impostor)))
    weights = [rng.integers(0, 4, len(one)).astype(float) for one in (genuine, impostor)]
    for one in weights:
        one[rng.integers(len(one))] = 2.0
    np.testing.assert_allclose(scores.values(NUMBERS, *weights), naive(scores, *weights), atol=1e-7)


def test_without_comparisons_of_a_kind_there_is_no_number():
    scores = made(np.array([0.5]), np.array([0.2, 0.3]))
    assert np.isnan(scores.values(NUMBERS, np.ones(1), np.zeros(2))).all()
    assert np.isnan(scores.values(NUMBERS, np.zeros(1), np.ones(2))).all()


def test_only_comparisons_of_two_images_that_take_part_are_kept():
    scores = made(np.array([0.1, 0.9]), np.array([0.2, 0.3, 0.4]))
    kept = scores.of_images(np.array([False, True, True, True]))
    assert len(kept.genuine.a) == 1
    assert kept.impostor.similarity.tolist() == pytest.approx([0.3, 0.4])
