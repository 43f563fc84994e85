"""The compiled loops that add one block of scores to its subjects.

A score is looked up by the bucket it falls in. `Lookup` says what any score of a bucket is worth and which bin it
belongs to; a bucket in which that is not one answer is `SEARCHED`, and its scores find their place among the cuts.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

SEARCHED = np.uint16(65535)
"""Marks a bucket whose scores have to be looked up one by one."""


class Lookup(NamedTuple):
    """What a score is worth to its subjects, by bucket and by slot.

    `cuts` (K,) and `first_cut` (buckets + 1,) are those of `cuts.CutIndex`; bucket b covers closeness from
    (b + `offset`) / `scale`. `bins` (slots,) uint16, `bucket_bins` (buckets + 1,) uint16: knots at or below a score.
    `worth` (Q, 2, slots) int64: what a genuine (0) or an impostor (1) score is worth in Q populations, `bucket_worth`
    (Q, buckets + 1) int64 the same for impostors, 0 where searched. `tails` (Q,): from which bin the tail is counted.
    `wide` (W,) float32: the lowest knots, which many scores pass: at these, scores are compared one knot after the
    other, on vectors of numbers; only those above all of them are sorted into bins. `unit`: moments are counted in
    1 / `unit`.
    """

    cuts: np.ndarray
    first_cut: np.ndarray
    scale: float
    offset: int
    bins: np.ndarray
    bucket_bins: np.ndarray
    worth: np.ndarray
    bucket_worth: np.ndarray
    tails: np.ndarray
    wide: np.ndarray
    unit: float


@numba.njit(cache=True, nogil=True)
def _slot(closeness, lookup):
    """Return the slot of a score, see `tally.Counts`."""
    cuts, first_cut = lookup.cuts, lookup.first_cut
    bucket = min(max(math.floor(closeness * lookup.scale) - lookup.offset, 0), len(first_cut) - 2)
    low, high = first_cut[bucket], first_cut[bucket + 1]
    if low >= 0:
        return 2 * low + 2
    low = -1 - low
    if high < 0:
        high = -1 - high
    while low < high:
        middle = (low + high) >> 1
        if cuts[middle] <= closeness:
            low = middle + 1
        else:
            high = middle
    return 2 * low - 1 if low > 0 and cuts[low - 1] == closeness else 2 * low


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def add_moments(pair, unit, group_a, group_b, moments):
    """Add every score of a block pair and its square, genuine or not, to both its subjects.

    `moments` (subjects, 2) int64 grows, in 1 / `unit`: sums are rounded row by row and column by column, so that the
    order of blocks cannot matter. Rows are sliced, since an index that might be negative keeps the compiler from
    using vectors of numbers.
    """
    scores, _, _, diagonal = pair
    columns = len(group_b)
    down, down_squares = np.zeros(columns), np.zeros(columns)
    for i in range(len(group_a)):
        first = i + 1 if diagonal else 0
        row, below, below_squares = scores[i, first:columns], down[first:], down_squares[first:]
        across, across_squares = 0.0, 0.0
        for j in range(len(row)):
            wide = np.float64(row[j])
            across += wide
            across_squares += wide * wide
            below[j] += wide
            below_squares[j] += wide * wide
        moments[group_a[i], 0] += np.int64(np.rint(across * unit))
        moments[group_a[i], 1] += np.int64(np.rint(across_squares * unit))
    for j in range(columns):
        moments[group_b[j], 0] += np.int64(np.rint(down[j] * unit))
        moments[group_b[j], 1] += np.int64(np.rint(down_squares[j] * unit))


@numba.njit(cache=True, nogil=True)
def add_passed(pair, knots, group_a, group_b, passed):
    """Count for both subjects of every comparison of a block pair, genuine or not, which `knots` (W,) it passes.

    `passed` (subjects, W) int32 grows. Knot by knot, so that the inner loop runs on vectors of numbers.
    """
    scores, _, _, diagonal = pair
    columns = len(group_b)
    down = np.zeros(columns, np.int32)
    for k in range(len(knots)):
        knot = knots[k]
        down[:] = 0
        for i in range(len(group_a)):
            first = i + 1 if diagonal else 0
            row, below = scores[i, first:columns], down[first:]
            across = np.int32(0)
            for j in range(len(row)):
                passes = np.int32(1) if row[j] >= knot else np.int32(0)
                across += passes
                below[j] += passes
            passed[group_a[i], k] += across
        for j in range(columns):
            passed[group_b[j], k] += down[j]


@numba.njit(cache=True, nogil=True)
def add_worth(pair, lookup, group_a, group_b, buckets, ranks):
    """Add what every score of a block pair is worth by its bucket, genuine or not, to both its subjects.

    `buckets` (BLOCK, BLOCK) uint32 is filled with each score's bucket. `ranks` (subjects, Q, 2, 2) int64 grows.
    """
    scores, _, _, diagonal = pair
    columns = len(group_b)
    last, offset, scale = len(lookup.first_cut) - 2, lookup.offset, np.float32(lookup.scale)
    down = np.zeros((len(lookup.tails), columns), np.int64)
    for i in range(len(group_a)):
        first = i + 1 if diagonal else 0
        row, places = scores[i, first:columns], buckets[i, first:columns]
        for j in range(len(row)):
            places[j] = min(max(np.int32(math.floor(row[j] * scale)) - offset, 0), last)
        for q in range(len(lookup.tails)):
            worth, below = lookup.bucket_worth[q], down[q, first:]
            across = np.int64(0)
            for j in range(len(row)):
                value = worth[places[j]]
                across += value
                below[j] += value
            ranks[group_a[i], q, 1, 0] += across
    for q in range(len(lookup.tails)):
        for j in range(columns):
            ranks[group_b[j], q, 1, 0] += down[q, j]


@numba.njit(cache=True, nogil=True)
def add_rest(pair, lookup, group_a, group_b, buckets, counts, ranks, own):
    """Add to the subjects of a block pair what the loops above leave: searched scores, high scores, genuine scores.

    Rows lie in the order of their subjects.

    `counts` (2, subjects, bins) int32 grows by the genuine scores (0), and by the impostor scores (1) above all wide
    knots. `buckets`: as `add_worth` filled it. `ranks` (subjects, Q, 2, 2) int64 grows, and loses what genuine scores
    were worth as impostors. `own` (subjects, 2) int64 grows by the moments of the genuine scores.
    """
    scores, _, _, diagonal = pair
    columns, wide = len(group_b), len(lookup.wide)
    bucket_bins = lookup.bucket_bins
    start = 0
    for i in range(len(group_a)):
        a = group_a[i]
        first = i + 1 if diagonal else 0
        while start < columns and group_b[start] < a:
            start += 1
        for j in range(max(first, start), columns):
            if group_b[j] != a:
                break
            _add_genuine(scores[i, j], buckets[i, j], lookup, a, counts[0], ranks, own)
        row, places, groups = scores[i, first:columns], buckets[i, first:columns], group_b[first:]
        for j in range(len(row)):
            if bucket_bins[places[j]] <= wide:
                continue
            b, bucket = groups[j], places[j]
            if a == b:
                continue
            slot = _slot(row[j], lookup)
            place = lookup.bins[slot]
            for q in range(len(lookup.tails)):
                value = lookup.worth[q, 1, slot]
                rest = value - lookup.bucket_worth[q, bucket]
                ranks[a, q, 1, 0] += rest
                ranks[b, q, 1, 0] += rest
                if place >= lookup.tails[q]:
                    ranks[a, q, 1, 1] += value
                    ranks[b, q, 1, 1] += value
            if place > wide:
                counts[1, a, place] += 1
                counts[1, b, place] += 1


@numba.njit(cache=True, nogil=True)
def _add_genuine(closeness, bucket, lookup, subject, counts, ranks, own):
    """Add one genuine score to its subject; see `add_rest`."""
    slot = _slot(closeness, lookup)
    place = lookup.bins[slot]
    counts[subject, place] += 1
    score = np.float64(closeness)
    own[subject, 0] += np.int64(np.rint(score * lookup.unit))
    own[subject, 1] += np.int64(np.rint(score * score * lookup.unit))
    for q in range(len(lookup.tails)):
        value = lookup.worth[q, 0, slot]
        ranks[subject, q, 1, 0] -= 2 * lookup.bucket_worth[q, bucket]
        ranks[subject, q, 0, 0] += value
        if place >= lookup.tails[q]:
            ranks[subject, q, 0, 1] += value


@numba.njit(cache=True, nogil=True)
def add_squares(pair, lookup, group_a, group_b, squares, products):
    """Add a block pair to the sums over pairs of subjects, and return the sum of m^2.

    Rows of one subject lie together. `squares`, `products` (bins,) int64 grow: summed from the last bin down to bin
    k + 1 they are the sums of a^2 and a m at knot k, with a of the m comparisons of two subjects accepted.
    """
    scores, _, _, diagonal = pair
    last = len(lookup.first_cut) - 2
    in_bin = np.zeros(len(squares), np.int64)
    sizes = 0
    start_a = 0
    while start_a < len(group_a):
        end_a = start_a
        while end_a < len(group_a) and group_a[end_a] == group_a[start_a]:
            end_a += 1
        start_b = end_a if diagonal else 0
        while start_b < len(group_b):
            end_b = start_b
            while end_b < len(group_b) and group_b[end_b] == group_b[start_b]:
                end_b += 1
            if group_a[start_a] != group_b[start_b]:
                size = (end_a - start_a) * (end_b - start_b)
                sizes += size * size
                lowest, highest = len(squares) - 1, 0
                for i in range(start_a, end_a):
                    for j in range(start_b, end_b):
                        closeness = scores[i, j]
                        bucket = min(max(math.floor(closeness * lookup.scale) - lookup.offset, 0), last)
                        place = lookup.bucket_bins[bucket]
                        if place == SEARCHED:
                            place = lookup.bins[_slot(closeness, lookup)]
                        in_bin[place] += 1
                        lowest, highest = min(lowest, place), max(highest, place)
                accepted = 0
                for k in range(highest, lowest - 1, -1):
                    more = accepted + in_bin[k]
                    squares[k] += more * more - accepted * accepted
                    products[k] += (more - accepted) * size
                    accepted = more
                    in_bin[k] = 0
            start_b = end_b
        start_a = end_a
    return sizes
