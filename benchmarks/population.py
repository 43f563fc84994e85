"""Embeddings of people who do not exist, any number of them, as a study takes them."""

import numpy as np
import polars as pl

from facegap import Comparator, Embeddings, Manifest, ModelSpec

IMAGES_EACH = 10
SPREAD = 1.2
"""How far the images of a subject lie apart, in units of how far subjects do."""

ROWS = 4096
COHORT = "population"


def draw(n: int, dimension: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, D) float32 embeddings and (n,) int32 subjects, with hardly any memory besides."""
    rng = np.random.default_rng(seed)
    subject = (np.arange(n) // IMAGES_EACH).astype(np.int32)
    centres = rng.standard_normal((-(-n // IMAGES_EACH), dimension), dtype=np.float32)
    vectors = np.empty((n, dimension), np.float32)
    rng.standard_normal(out=vectors, dtype=np.float32)
    vectors *= SPREAD
    for start in range(0, n, ROWS):
        vectors[start : start + ROWS] += centres[subject[start : start + ROWS]]
    return vectors, subject


def study(vectors: np.ndarray, subject: np.ndarray, comparator: Comparator) -> tuple[Embeddings, Manifest, ModelSpec]:
    """Return what `facegap.score` takes, for embeddings (N, D) of subjects (N,)."""
    n = len(vectors)
    names = {
        "path": [f"{row:08}" for row in range(n)],
        "subject": [f"{code:08}" for code in subject],
        "cohort": [COHORT] * n,
    }
    box = np.full((n, 4), np.nan, np.float32)
    embeddings = Embeddings(vectors, np.zeros(n, np.uint8), (None,) * n, box)
    spec = ModelSpec("drawn", "saved", "", "", 0, vectors.shape[1], comparator)
    return embeddings, Manifest(pl.DataFrame(names), (COHORT,), "population"), spec
