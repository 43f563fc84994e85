"""The compiled loops over one block of products: closeness, bucket, slot, count."""

import math
from typing import NamedTuple

import numba
import numpy as np

from facegap.scoring.cuts import ABREAST, CutIndex

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
    """Write the closeness of each genuine comparison of a block pair to `out` and return how many there are.

    Rows lie in the order of their subjects.
    """
    scores, subject_a, subject_b, diagonal = pair
    n = start = 0
    for i in range(len(subject_a)):
        start, end = same_subject(subject_a[i], subject_b, start)
        for j in range(max(start, i + 1) if diagonal else start, end):
            out[n] = scores[i, j]
            n += 1
    return n


@numba.njit(cache=True, nogil=True)
def same_subject(subject, others, start):
    """Return where `subject` begins and ends among `others` (m,), rising; it does not begin before `start`."""
    while start < len(others) and others[start] < subject:
        start += 1
    end = start
    while end < len(others) and others[end] == subject:
        end += 1
    return start, end


@numba.njit(cache=True, nogil=True)
def bucket_of(closeness, index):
    """Return the bucket of a score."""
    return int(min(max(math.floor(closeness * index.scale) - index.offset, 0), len(index.searched) - 1))


@numba.njit(cache=True, nogil=True)
def slot_of(closeness, bucket, index):
    """Return the slot of a score in a searched bucket; see `tally.Counts`.

    All cuts above the bucket are higher than the score, so that it may be compared with a fixed number of cuts.
    """
    padded = index.padded
    low, high = np.int64(index.first[bucket]), np.int64(index.first[bucket + 1])
    while high - low > ABREAST:
        middle = (low + high) >> 1
        if padded[middle] <= closeness:
            low = middle + 1
        else:
            high = middle
    below = low
    for k in range(ABREAST):
        below += padded[low + k] <= closeness
    return 2 * below - 1 if below > 0 and padded[below - 1] == closeness else 2 * below


class Counted(NamedTuple):
    """What `count_block` adds up, and what it finds in one block.

    `plain` (buckets,) uint32: impostor scores by bucket, those of searched buckets too. `searched` (slots,) int64:
    impostor scores of searched buckets by slot. `moments` (2,) float64: sum and sum of squares of a block's impostor
    scores. `genuine`, `high` (n,) float32: a block's genuine scores, and its impostor scores at or above a bar;
    `genuine_at`, `high_at` (n,) int32: their places in the block. `places`, `chosen`: room for the buckets of one
    row, and for the columns that have to be searched.
    """

    plain: np.ndarray
    searched: np.ndarray
    moments: np.ndarray
    genuine: np.ndarray
    genuine_at: np.ndarray
    high: np.ndarray
    high_at: np.ndarray
    places: np.ndarray
    chosen: np.ndarray

    @classmethod
    def nothing(cls, index: CutIndex, block: int) -> "Counted":
        """Return empty counts, for blocks of `block` rows."""
        return cls(
            plain=np.zeros(index.buckets, np.uint32),
            searched=np.zeros(2 * len(index.cuts) + 1, np.int64),
            moments=np.zeros(2),
            genuine=np.empty(block * block, np.float32),
            genuine_at=np.empty(block * block, np.int32),
            high=np.empty(block * block, np.float32),
            high_at=np.empty(block * block, np.int32),
            places=np.empty(block, np.uint16),
            chosen=np.empty(block + 1, np.uint16),
        )


@numba.njit(cache=True, nogil=True)
def count_block(pair, index, bar, counted):
    """Count the impostor scores of a block pair; return how many genuine scores and how many high ones were found.

    Rows lie in the order of their subjects. High are impostor scores at or above `bar`.
    """
    scores, subject_a, subject_b, diagonal = pair
    columns, bar_bucket = len(subject_b), bucket_of(bar, index) if bar > -np.inf else 0
    counted.moments[:] = 0
    start = n_genuine = n_high = 0
    for i in range(len(subject_a)):
        first = i + 1 if diagonal else 0
        start, end = same_subject(subject_a[i], subject_b, start)
        for j in range(max(start, first), end):
            counted.genuine[n_genuine] = scores[i, j]
            counted.genuine_at[n_genuine] = i * columns + j
            n_genuine += 1
        for low, high in ((first, start), (max(first, end), columns)) if end > first else ((first, columns), (0, 0)):
            if low < high and _count_row(scores[i, low:high], index, counted) >= bar_bucket:
                for j in range(low, high):
                    if scores[i, j] >= bar:
                        counted.high[n_high] = scores[i, j]
                        counted.high_at[n_high] = i * columns + j
                        n_high += 1
    return n_genuine, n_high


@numba.njit(cache=True, nogil=True)
def _count_row(row, index, counted):
    """Count impostor scores, and return the highest bucket that holds one."""
    plain, searched, places, chosen = counted.plain, index.searched, counted.places, counted.chosen
    total, squares, highest = _to_buckets(row, index, places)
    counted.moments[0] += total
    counted.moments[1] += squares
    n = np.uintp(0)
    for j in range(len(row)):
        bucket = places[j]
        plain[bucket] += np.uint32(1)
        chosen[n] = j
        n += np.uintp(searched[bucket])
    for k in range(n):
        j = chosen[k]
        counted.searched[slot_of(row[j], places[j], index)] += 1
    return highest


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nnan", "nsz"})
def _to_buckets(row, index, places):
    """Write the bucket of each score to `places`; return the sum of the scores, of their squares, and the last bucket.

    The loop has no branch, so that it runs on vectors of numbers.
    """
    scale, offset, last = index.scale, np.int32(index.offset), np.int32(len(index.searched) - 1)
    total, squares, highest = 0.0, 0.0, np.int32(0)
    for j in range(len(row)):
        bucket = min(max(np.int32(math.floor(row[j] * scale)) - offset, 0), last)
        places[j] = bucket
        highest = max(highest, bucket)
        wide = np.float64(row[j])
        total += wide
        squares += wide * wide
    return total, squares, highest
