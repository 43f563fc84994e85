"""A Python function as a model, and the functions that are refused."""

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.data.spec import ModelSpec
from facegap.errors import ModelError
from facegap.models import Model
from facegap.testing import check_embedder

SPEC = ModelSpec("mine", "python", "v1", "whole", 8, 3, Comparator.COSINE)
CROPS = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)


def mean_colour(crops: np.ndarray) -> np.ndarray:
    return crops.mean(axis=(1, 2))


def test_a_function_is_a_model() -> None:
    model = Model(embed=mean_colour, spec=SPEC)
    assert model.open() is model
    assert (model.spec, model.note) == (SPEC, None)
    vectors = model.embed(CROPS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, mean_colour(CROPS), rtol=1e-6)
    check_embedder(model)


def test_no_crops_never_reach_the_function() -> None:
    def refuse(crops: np.ndarray) -> np.ndarray:
        raise AssertionError

    assert Model(embed=refuse, spec=SPEC).embed(CROPS[:0]).shape == (0, 3)


@pytest.mark.parametrize("factor", [np.nan, np.inf, 1e300])
def test_a_row_that_is_not_finite_is_left_for_the_caller_to_judge(factor: float) -> None:
    def fails_on_the_first(crops: np.ndarray) -> np.ndarray:
        return mean_colour(crops) * np.array([factor, 1, 1, 1])[:, None]

    vectors = Model(embed=fails_on_the_first, spec=SPEC).embed(CROPS)
    assert np.isfinite(vectors).all(axis=1).tolist() == [False, True, True, True]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda crops: mean_colour(crops)[:, :2], r"returned shape \(4, 2\), expected \(n, D\) = \(4, 3\)"),
        (lambda crops: mean_colour(crops)[:1], r"returned shape \(1, 3\)"),
        (lambda crops: None, r"returned shape \(\)"),
        (lambda crops: mean_colour(crops).astype(complex), "returned complex128, expected real numbers"),
        (lambda crops: mean_colour(crops).astype(str), "expected real numbers"),
    ],
)
def test_broken_functions(function, message: str) -> None:
    with pytest.raises(ModelError, match=f"model mine .*{message}"):
        Model(embed=function, spec=SPEC).embed(CROPS)
