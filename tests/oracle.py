"""The naive double loop that everything is held against."""

import itertools
from dataclasses import fields

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.subject_tally import Listed, SubjectCounts


def similarity(a: np.ndarray, b: np.ndarray, comparator: Comparator) -> np.ndarray:
    """Return (n,) float32 the similarity of each row of `a` to the same row of `b`, computed in float64."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    if comparator is Comparator.COSINE:
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        return ((a * b).sum(axis=1) / lengths).astype(np.float32)
    return (-np.sqrt(((a - b) ** 2).sum(axis=1))).astype(np.float32)


def scores(vectors, subject, comparator, rows=None):
    """Return similarity, same-subject flags and row pairs of every comparison, listed one pair at a time."""
    rows = range(len(vectors)) if rows is None else rows
    pairs = np.array(list(itertools.combinations(rows, 2)), int).reshape(-1, 2)
    a, b = pairs.T
    return similarity(vectors[a], vectors[b], comparator), np.asarray(subject)[a] == np.asarray(subject)[b], pairs


def exact_vectors(rng, n, comparator):
    """Return vectors whose products are exact in float32, with many ties, so that counts can be compared one by one."""
    if comparator is Comparator.COSINE:
        return rng.choice([-1.0, 1.0], (n, 16)).astype(np.float32)
    return (rng.integers(-8, 9, (n, 6)) / 8).astype(np.float32)


def in_order(listed: Listed) -> np.ndarray:
    """Return (r, 3) the scores on a list, lowest first, with their subjects, the lower one first."""
    low, high = np.minimum(listed.a, listed.b), np.maximum(listed.a, listed.b)
    return np.stack([listed.similarity, low, high], axis=1)[np.lexsort((high, low, listed.similarity))]


def arrays(counts: SubjectCounts) -> dict[str, np.ndarray]:
    """Return all that is counted, by its name; what only weighted comparisons have is left out where it is absent."""
    found = {f.name: one for f in fields(counts) if (one := getattr(counts, f.name)) is not None}
    return {name: in_order(one) if isinstance(one, Listed) else np.asarray(one) for name, one in found.items()}
