"""The compiled loops over one block of products: closeness, slot, count."""

import math
from typing import NamedTuple

import numba
import numpy as np

NEAR = np.float32(1e-2)
"""Below this share of the two squared norms a squared distance is mostly rounding: it is then computed anew."""


class BlockPair(NamedTuple):
    """Two blocks and their product, as the kernels read them.

    `dots`: (a, b) float32. `squares_*` (n,) float32, `vectors_*` (n, D) float32 and `subject_*` (n,) int32: the rows
    of each block. `diagonal`: both blocks are the same, so that only the upper triangle counts.
    """

    dots: np.ndarray
    squares_a: np.ndarray
    squares_b: np.ndarray
    vectors_a: np.ndarray
    vectors_b: np.ndarray
    subject_a: np.ndarray
    subject_b: np.ndarray
    diagonal: bool
    euclidean: bool


@numba.njit(cache=True, nogil=True)
def _distance(dot, squares, vector_a, vector_b):
    """Return the Euclidean distance of two vectors from their product and the sum of their squared norms."""
    distance2 = squares - np.float32(2) * dot
    if distance2 >= NEAR * squares:
        return np.sqrt(distance2)
    exact = 0.0
    for k in range(len(vector_a)):
        difference = np.float64(vector_a[k]) - np.float64(vector_b[k])
        exact += difference * difference
    return np.float32(math.sqrt(exact))


@numba.njit(cache=True, nogil=True)
def collect_genuine(pair, out):
    """Write the closeness of each genuine comparison of a block pair to `out` and return how many there are."""
    dots, squares_a, squares_b, a, b, subject_a, subject_b, diagonal, euclidean = pair
    n = 0
    for i in range(len(a)):
        for j in range(i + 1 if diagonal else 0, len(b)):
            if subject_a[i] == subject_b[j]:
                dot = dots[i, j]
                out[n] = -_distance(dot, squares_a[i] + squares_b[j], a[i], b[j]) if euclidean else dot
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
    dots, squares_a, squares_b, a, b, subject_a, subject_b, diagonal, euclidean = pair
    columns, last = len(b), len(first_cut) - 2
    for i in range(len(a)):
        for j in range(i + 1 if diagonal else 0, columns):
            closeness = dots[i, j]
            if euclidean:
                closeness = -_distance(closeness, squares_a[i] + squares_b[j], a[i], b[j])
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
