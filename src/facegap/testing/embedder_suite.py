"""The conformance suite for embedders.

The order of the colours cannot be checked from outside: a model that mistakes red for blue keeps every promise below
and is merely worse.
"""

import numpy as np

from facegap.data.spec import CROPS, ModelSpec
from facegap.models import Embedder


def check_embedder(embedder: Embedder, *, crops: np.ndarray | None = None, tolerance: float = 1e-4) -> None:
    """Check that a model keeps the promises of `Embedder`.

    Args:
        embedder: the model.
        crops: at least two different ones, (n, size, size, 3) uint8 RGB; by default smooth random ones.
        tolerance: the greatest difference between results that ought to agree, as a share of the greatest number in
            an embedding.

    Raises:
        AssertionError: a promise is broken.
    """
    spec = embedder.spec
    assert isinstance(spec, ModelSpec), f"spec is a {type(spec).__name__}, expected a ModelSpec"
    assert spec.crop in CROPS, f"spec.crop is {spec.crop!r}, expected one of {CROPS}"
    crops = _random_crops(spec.size) if crops is None else np.array(crops)
    before = crops.copy()

    together = embedder.embed(crops)
    assert np.array_equal(crops, before), "the crops were changed in place"
    _check_embeddings(together, len(crops), spec.dimension)
    kept = together.copy()
    close = tolerance * max(1.0, float(np.abs(kept).max()))

    def differ(vectors: np.ndarray, expected: np.ndarray) -> bool:
        return vectors.shape != expected.shape or bool((np.abs(vectors - expected) > close).any())

    assert not differ(embedder.embed(crops), kept), "the same crops gave other embeddings the second time"
    assert not differ(embedder.embed(crops[::-1])[::-1], kept), "an embedding depends on its place in the batch"
    assert np.array_equal(together, kept), "a later call changed an earlier result: return a new array every time"
    alone = [embedder.embed(crops[i : i + 1]) for i in range(len(crops))]
    assert not differ(np.concatenate(alone), kept), "an embedding depends on the other crops of its batch"
    _check_embeddings(embedder.embed(crops[:0]), 0, spec.dimension)
    assert differ(kept[1:], kept[:-1]), "different crops all gave the same embedding"


def _random_crops(size: int) -> np.ndarray:
    """Return smooth crops, for a network may see nothing but a mean in noise."""
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(*[np.linspace(0, 2 * np.pi, size)] * 2)
    waves = rng.uniform(0.5, 3, (5, 3, 2))
    fields = [[np.sin(a * x + b * y + c) for c, (a, b) in enumerate(crop)] for crop in waves]
    return np.moveaxis(127.5 + 127 * np.array(fields), 1, -1).astype(np.uint8)


def _check_embeddings(vectors: np.ndarray, n: int, dimension: int) -> None:
    assert isinstance(vectors, np.ndarray), f"embed returned a {type(vectors).__name__}, expected a numpy array"
    assert vectors.shape == (n, dimension), f"{n} crops gave shape {vectors.shape}, expected {(n, dimension)}"
    assert vectors.dtype == np.float32, f"embeddings are {vectors.dtype}, expected float32"
    assert np.isfinite(vectors).all(), "embeddings hold NaN or infinity"
