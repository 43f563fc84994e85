"""The linear step against scikit-learn's, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from facegap.errors import InputError
from facegap.jobs.adapt.lda import Scatter
from facegap.jobs.adapt.linear_step import Head, ready


def crowd(seed: int, *, subjects: int = 20, images: int = 5, size: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings (N, D) and subject codes (N,); the last subject has one image less."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), images)[:-1]
    mix = rng.normal(size=(size, size))
    return rng.normal(size=(subjects, size))[subject] + rng.normal(size=(len(subject), size)) @ mix * 0.5, subject


def cosines(z: np.ndarray) -> np.ndarray:
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    return unit @ unit.T


@pytest.mark.parametrize("shrinkage", [0.01, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("subjects", [6, 20])
def test_directions_are_those_of_scikit_learn(shrinkage, subjects):
    vectors, subject = crowd(1, subjects=subjects)
    rank = min(12, subjects - 1)
    columns = Scatter.of(vectors, subject).directions(shrinkage)[:, :rank]
    theirs = LinearDiscriminantAnalysis(solver="eigen", shrinkage=shrinkage).fit(vectors, subject).scalings_[:, :rank]
    signs = np.sign((columns * theirs).sum(axis=0))
    assert np.allclose(columns, theirs * signs, rtol=1e-6, atol=1e-8)


def test_a_head_scores_as_scikit_learns_projection_does():
    vectors, subject = crowd(2)
    scatter = Scatter.of(vectors, subject)
    head = Head(scatter.mean, scatter.directions(0.1)[:, :5], False)
    lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1, n_components=5).fit(vectors, subject)
    theirs = lda.transform(vectors - vectors.mean(axis=0))
    assert np.allclose(cosines(head(vectors)), cosines(theirs), atol=1e-6)


@given(st.integers(0, 1000), st.floats(0.1, 100))
@settings(max_examples=20, deadline=None)
def test_scores_stay_if_embeddings_are_turned_moved_scaled_or_reordered(seed, factor):
    vectors, subject = crowd(seed)
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(12, 12)))
    order = rng.permutation(len(vectors))

    def scores(x, names):
        scatter = Scatter.of(x, names)
        return cosines((x - scatter.mean) @ scatter.directions(0.2)[:, :8])

    before = scores(vectors, subject)
    after = scores((factor * vectors @ turn + 3)[order], 7 * subject[order])
    assert np.allclose(before[np.ix_(order, order)], after, atol=1e-6)


def test_within_a_subject_all_directions_vary_by_one():
    vectors, subject = crowd(3, subjects=400)
    scatter = Scatter.of(vectors, subject)
    columns = scatter.directions(1e-9)
    assert np.allclose(columns.T @ scatter.within @ columns, np.eye(12), atol=1e-6)


def test_fewer_images_than_dimensions_give_finite_numbers():
    vectors, subject = crowd(4, subjects=4, images=3, size=64)
    columns = Scatter.of(vectors, subject).directions(0.01)
    assert columns.shape == (64, 64)
    assert np.isfinite(columns).all()


def test_equal_embeddings_of_each_subject_are_refused():
    vectors, subject = crowd(5)
    same = vectors[np.searchsorted(subject, subject)]
    with pytest.raises(InputError, match="nothing shows how one person varies"):
        Scatter.of(same, subject)


def test_unit_length_leaves_zero_and_missing_vectors_alone():
    vectors = np.array([[3, 4], [0, 0], [np.nan, 1]], np.float32)
    assert np.array_equal(ready(vectors, True), [[0.6, 0.8], [0, 0], [np.nan, np.nan]], equal_nan=True)
    assert ready(vectors, False)[0].tolist() == [3, 4]


def test_a_failed_image_stays_failed():
    head = Head(np.zeros(2, np.float32), np.eye(2, dtype=np.float32), False)
    out = head(np.array([[np.nan, np.nan], [1, 2]], np.float32))
    assert out.dtype == np.float32
    assert np.isnan(out[0]).all()
    assert out[1].tolist() == [1, 2]
