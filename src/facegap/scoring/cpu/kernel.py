"""The compiled loops over one block of products: similarity, bucket, slot, count."""

import math
from typing import NamedTuple

import numpy as np

from facegap.scoring.cpu.compiling import compiled
from facegap.scoring.cpu.slots_kernel import bucket_of, slot_of, slots_of
from facegap.scoring.cuts import CutIndex
from facegap.scoring.layout import BLOCK

NEAR = np.float32(1e-2)
"""Below this share of the two squared norms a squared distance is mostly rounding: it is then computed anew."""

UINT16 = (1 << 16) - 1
"""The largest number of 16 bits."""


class BlockPair(NamedTuple):
    """The scores of two blocks, as the kernels read them.

    `scores`: (BLOCK, BLOCK) float32 similarity, of which the first n x m are used. `subject_a` (n,), `subject_b` (m,)
    int32. `diagonal`: both blocks are the same, so that only the upper triangle counts.
    """

    scores: np.ndarray
    subject_a: np.ndarray
    subject_b: np.ndarray
    diagonal: bool


@compiled()
def to_distances(dots, squares_a, squares_b, a, b, diagonal):
    """Turn the products of a block into negative Euclidean distances, in place.

    |x - y|^2 = |x|^2 + |y|^2 - 2 x.y loses all digits where x and y nearly agree; such pairs are computed anew. The
    first loop has no branch, so that it runs on vectors of numbers. `diagonal`: only the upper triangle counts.
    """
    width = len(b)
    for i in range(len(a)):
        first = i + 1 if diagonal else 0
        row, others = dots[i, first:width], squares_b[first:width]
        near = 0
        for j in range(len(row)):
            squares = squares_a[i] + others[j]
            distance2 = squares - np.float32(2) * row[j]
            near += distance2 < NEAR * squares
            row[j] = -np.sqrt(max(distance2, np.float32(0)))
        if near == 0:
            continue
        for j in range(len(row)):
            if row[j] * row[j] < np.float32(2) * NEAR * (squares_a[i] + others[j]):
                exact = 0.0
                for k in range(a.shape[1]):
                    difference = np.float64(a[i, k]) - np.float64(b[first + j, k])
                    exact += difference * difference
                row[j] = -math.sqrt(exact)


@compiled()
def collect_genuine(pair, out):
    """Write the similarity of each genuine comparison of a block pair to `out` and return how many there are.

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


@compiled()
def same_subject(subject, others, start):
    """Return where `subject` begins and ends among `others` (m,), rising; it does not begin before `start`."""
    while start < len(others) and others[start] < subject:
        start += 1
    end = start
    while end < len(others) and others[end] == subject:
        end += 1
    return start, end


class Counted(NamedTuple):
    """What `count_block` adds up, and what it finds in one block.

    `plain` (buckets,) uint16: impostor scores by bucket, modulo 2^16, small enough to stay in the nearest cache, and
    `carried` (buckets,) uint32: how often that overflowed. `searched` (slots,) uint32: those of searched buckets once
    more, by slot. `moments` (2, 2) float64: sum and sum of squares of a block's genuine (0) and impostor (1) scores.
    `genuine`, `high` (n,) float32: a block's genuine scores, and its impostor scores at or above a bar; `genuine_at`,
    `high_at` (n,) int32: their places in the block. `places` (BLOCK, BLOCK) and `highest` (BLOCK,) uint16: the bucket
    of each score and the highest of each row; `chosen`, `slots` (n,) int32: which scores are searched, and their slots.
    """

    plain: np.ndarray
    carried: np.ndarray
    searched: np.ndarray
    moments: np.ndarray
    genuine: np.ndarray
    genuine_at: np.ndarray
    high: np.ndarray
    high_at: np.ndarray
    places: np.ndarray
    highest: np.ndarray
    chosen: np.ndarray
    slots: np.ndarray

    @classmethod
    def nothing(cls, index: CutIndex) -> "Counted":
        """Return empty counts."""
        size = BLOCK * BLOCK
        return cls(
            plain=np.zeros(index.buckets, np.uint16),
            carried=np.zeros(index.buckets, np.uint32),
            searched=np.zeros(2 * len(index.cuts) + 1, np.uint32),
            moments=np.zeros((2, 2)),
            genuine=np.empty(size, np.float32),
            genuine_at=np.empty(size, np.int32),
            high=np.empty(size, np.float32),
            high_at=np.empty(size, np.int32),
            places=np.empty((BLOCK, BLOCK), np.uint16),
            highest=np.empty(BLOCK, np.uint16),
            chosen=np.empty(size + 1, np.int32),
            slots=np.empty(size, np.int32),
        )

    def whole(self) -> np.ndarray:
        """Return (buckets,) uint32: impostor scores by bucket, with what overflowed."""
        return self.plain + (self.carried << np.uint32(16))


@compiled()
def count_block(pair, index, bar, counted):
    """Count the impostor scores of a block pair; return how many genuine and high scores were found.

    Rows lie in the order of their subjects. High are impostor scores at or above `bar`. Loop by loop over the whole
    block, so that each is simple.
    """
    places, highest, moments = counted.places, counted.highest, counted.moments
    moments[:] = 0
    moments[1, 0], moments[1, 1] = _to_buckets(pair, index.scale, index.offset, len(index.searched), places, highest)
    n_searched = _count_plain(pair, places, index.searched, counted.plain, counted.carried, counted.chosen)
    chosen, slots = counted.chosen[:n_searched], counted.slots[:n_searched]
    slots_of(pair.scores.reshape(-1), places.reshape(-1), chosen, index.padded, index.first, slots)
    for k in range(n_searched):
        counted.searched[np.uintp(slots[k])] += np.uint32(1)
    n_genuine = _take_genuine(pair, index, counted)
    n_high = _find_high(pair, bar, bucket_of(bar, index) if bar > -np.inf else 0, counted)
    return n_genuine, n_high


@compiled(fastmath={"reassoc", "contract", "nnan", "nsz"})
def _to_buckets(pair, scale, offset, buckets, places, highest):
    """Write the bucket of each score to `places` and the last one of each row to `highest`; return the moments.

    The inner loop has no branch, so that it runs on vectors of numbers. Rows are sliced, since an index that might be
    negative would prevent that. Whole numbers up to 2^24 are exact in float32; integers would be widened to 64 bits.
    """
    scores, rows, columns = pair.scores, len(pair.subject_a), len(pair.subject_b)
    offset, last = np.float32(offset), np.float32(buckets - 1)
    total, squares = 0.0, 0.0
    for i in range(rows):
        first = i + 1 if pair.diagonal else 0
        row, out = scores[i, first:columns], places[i, first:columns]
        top, across, across_squares = np.int32(0), 0.0, 0.0
        for j in range(len(row)):
            bucket = np.int32(min(max(np.floor(row[j] * scale) - offset, np.float32(0)), last))
            out[j] = bucket
            top = max(top, bucket)
            wide = np.float64(row[j])
            across += wide
            across_squares += wide * wide
        highest[i] = top
        total += across
        squares += across_squares
    return total, squares


@compiled()
def _count_plain(pair, places, searched, plain, carried, chosen):
    """Count scores by bucket, and write to `chosen` those that have to be searched; return how many.

    Whether one is searched is no branch: even if few are, each would be a wrong guess of the processor.
    """
    n = np.uintp(0)
    for i in range(len(pair.subject_a)):
        for j in range(i + 1 if pair.diagonal else 0, len(pair.subject_b)):
            bucket = places[i, j]
            count = plain[bucket] + np.uint32(1)
            plain[bucket] = count
            if count > UINT16:
                carried[bucket] += np.uint32(1)
            chosen[n] = i * BLOCK + j
            n += np.uintp(searched[bucket])
    return np.int64(n)


@compiled()
def _take_genuine(pair, index, counted):
    """List the genuine scores, take them back from the impostor scores, and return how many there are."""
    scores, subject_a, subject_b, diagonal = pair
    columns = len(subject_b)
    n = start = 0
    for i in range(len(subject_a)):
        start, end = same_subject(subject_a[i], subject_b, start)
        for j in range(max(start, i + 1) if diagonal else start, end):
            similarity, bucket = scores[i, j], counted.places[i, j]
            counted.genuine[n] = similarity
            counted.genuine_at[n] = i * columns + j
            n += 1
            if counted.plain[bucket] == 0:
                counted.carried[bucket] -= np.uint32(1)
            counted.plain[bucket] -= np.uint16(1)
            if index.searched[bucket]:
                counted.searched[slot_of(similarity, bucket, index.padded, index.first)] -= np.uint32(1)
            wide = np.float64(similarity)
            counted.moments[0, 0] += wide
            counted.moments[0, 1] += wide * wide
    counted.moments[1] -= counted.moments[0]
    return n


@compiled()
def _find_high(pair, bar, bar_bucket, counted):
    """List the impostor scores at or above `bar`, and return how many there are."""
    scores, subject_a, subject_b, diagonal = pair
    columns = len(subject_b)
    n = 0
    for i in range(len(subject_a)):
        if counted.highest[i] < bar_bucket:
            continue
        for j in range(i + 1 if diagonal else 0, columns):
            if scores[i, j] >= bar and subject_a[i] != subject_b[j]:
                counted.high[n] = scores[i, j]
                counted.high_at[n] = i * columns + j
                n += 1
    return n


@compiled()
def add_plain(plain, index, impostor):
    """Add the scores of the buckets that are not searched, `plain` (buckets,), to their slots in `impostor`."""
    for bucket in range(len(plain)):
        if not index.searched[bucket]:
            impostor[2 * index.first[bucket + 1]] += plain[bucket]
