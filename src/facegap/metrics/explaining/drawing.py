"""Which comparisons are made within a cohort to explain its numbers."""

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.source import Pairs
from facegap.metrics.explaining.cohort_scores import CohortScores, Kind
from facegap.scoring import score_pairs

MOST = 1_000_000
"""Comparisons of a kind that are made at most. Where there are more, every image meets equally many others."""

BLOCK = 100_000
"""Comparisons that are scored at a time: their embeddings are copied."""


def scores_within(
    vectors: np.ndarray,
    side: np.ndarray,
    subject: np.ndarray,
    comparator: Comparator,
    pairs: Pairs | None,
    rng: np.random.Generator,
) -> CohortScores:
    """Return the comparisons of the images in `side` (N,) bool: all, drawn ones, or those of `pairs`."""
    if pairs is not None:
        inside = side[pairs.a] & side[pairs.b]
        a, b, same = pairs.a[inside], pairs.b[inside], pairs.same[inside]
        genuine, impostor = (a[same], b[same]), (a[~same], b[~same])
        n_impostor = int((~same).sum())
    else:
        rows = np.flatnonzero(side)
        counts = np.unique(subject[rows], return_counts=True)[1]
        n_impostor = (len(rows) ** 2 - int((counts.astype(np.int64) ** 2).sum())) // 2
        genuine, impostor = _genuine(rows, subject, rng), _impostor(rows, subject, n_impostor, rng)
    return CohortScores(_kind(vectors, *genuine, comparator), _kind(vectors, *impostor, comparator), n_impostor)


def _genuine(rows: np.ndarray, subject: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    order = rows[np.argsort(subject[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(subject[order], prepend=-1))
    found = [np.empty((2, 0), np.int64)]
    for members in np.split(order, starts[1:]):
        a, b = np.triu_indices(len(members), 1)
        found.append(np.stack([members[a], members[b]]))
    a, b = np.concatenate(found, axis=1)
    if len(a) > MOST:
        chosen = np.sort(rng.choice(len(a), MOST, replace=False))
        a, b = a[chosen], b[chosen]
    return a, b


def _impostor(
    rows: np.ndarray, subject: np.ndarray, n_impostor: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    n = len(rows)
    if n_impostor <= MOST:
        a, b = np.triu_indices(n, 1)
    else:
        a = np.repeat(np.arange(n), -(-MOST // n))
        b = (a + rng.integers(1, n, len(a))) % n
    a, b = rows[a], rows[b]
    apart = subject[a] != subject[b]
    return a[apart], b[apart]


def _kind(vectors: np.ndarray, a: np.ndarray, b: np.ndarray, comparator: Comparator) -> Kind:
    made = [np.empty(0, np.float32)]
    for start in range(0, len(a), BLOCK):
        part = slice(start, start + BLOCK)
        nothing = np.zeros(len(a[part]), np.int64)
        made.append(score_pairs(vectors, Pairs(a[part], b[part], nothing.astype(bool), nothing), comparator))
    return Kind.of(a, b, np.concatenate(made))
