"""The compiled loops over one block of products: closeness, slot, count."""

import math
from typing import NamedTuple

import numba
import numpy as np

NEAR = np.float32(1e-2)
"""Below this share of the two squared norms a squared distance is mostly rounding: it is then computed anew."""


class BlockPair(NamedTuple):
    """The scores of two blocks, as the kernels read them.

    `scores`: (BLOCK, BLOCK) float32 closeness, of which the first n x m are used. `subject_a` (n,), `subject_b` (m,)
    int32. `diagonal`: both blocks are the same, so that only the upper triangle counts.
    """

    scores: np.ndarray
    subject_a: np.ndarray
    subject_b: np.ndarray
    diagonal: bool


@numba.njit(cache=True, nogil=True)
def to_distances(dots, squares_a, squares_b, a, b):
    """Turn the products of a block into negative Euclidean distances, in place.

    |x - y|^2 = |x|^2 + |y|^2 - 2 x.y loses all digits where x and y nearly agree; such pairs are computed anew. The
    first loop has no branch, so that it runs on vectors of numbers.
    """
    for i in range(len(a)):
        near = 0
        for j in range(len(b)):
            squares = squares_a[i] + squares_b[j]
            distance2 = squares - np.float32(2) * dots[i, j]
            near += distance2 < NEAR * squares
            dots[i, j] = -np.sqrt(max(distance2, np.float32(0)))
        if near == 0:
            continue
        for j in range(len(b)):
            if dots[i, j] * dots[i, j] < np.float32(2) * NEAR * (squares_a[i] + squares_b[j]):
                exact = 0.0
                for k in range(a.shape[1]):
                    difference = np.float64(a[i, k]) - np.float64(b[j, k])
                    exact += difference * difference
                dots[i, j] = -math.sqrt(exact)


@numba.njit(cache=True, nogil=True)
def collect_genuine(pair, out):
    """Write the closeness of each genuine comparison of a block pair to `out` and return how many there are."""
    scores, subject_a, subject_b, diagonal = pair
    n = 0
    for i in range(len(subject_a)):
        for j in range(i + 1 if diagonal else 0, len(subject_b)):
            if subject_a[i] == subject_b[j]:
                out[n] = scores[i, j]
                n += 1
    return n


@numba.njit(cache=True, nogil=True)
def count_block(pair, cuts, first_cut, scale, offset, counts, moments, bars, found, found_at, n_found):
    """Count every comparison of a block pair into its slot.

    `first_cut` (buckets + 1,) int32: index of the first cut of each bucket of width 1 / `scale`, written as -1 - index
    where the bucket holds more than its own left edge and has to be searched. `counts` (2, slots) int64 and
    `moments` (2, 2) float64 grow; row 0 is genuine, row 1 impostor. Comparisons at or beyond `bars` (a genuine score
    that low, an impostor score that high) are written to `found` (2, n) float32 and `found_at` (2, n) int32 (place in
    the block), as many as `n_found` (2,) says.
    """
    scores, subject_a, subject_b, diagonal = pair
    columns, last = len(subject_b), len(first_cut) - 2
    for i in range(len(subject_a)):
        for j in range(i + 1 if diagonal else 0, columns):
            closeness = scores[i, j]
            bucket = min(max(math.floor(closeness * scale) - offset, 0), last)
            cut = first_cut[bucket]
            if cut >= 0:
                slot = 2 * cut + 2
            else:
                low, high = -1 - cut, first_cut[bucket + 1]
                if high < 0:
                    high = -1 - high
                while low < high:
                    middle = (low + high) >> 1
                    if cuts[middle] <= closeness:
                        low = middle + 1
                    else:
                        high = middle
                slot = 2 * low - 1 if low > 0 and cuts[low - 1] == closeness else 2 * low
            kind = 0 if subject_a[i] == subject_b[j] else 1
            counts[kind, slot] += 1
            wide = np.float64(closeness)
            moments[kind, 0] += wide
            moments[kind, 1] += wide * wide
            if (kind == 1 and closeness >= bars[1]) or (kind == 0 and closeness <= bars[0]):
                n = n_found[kind]
                found[kind, n] = closeness
                found_at[kind, n] = i * columns + j
                n_found[kind] = n + 1
