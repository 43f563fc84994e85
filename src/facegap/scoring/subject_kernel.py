"""The compiled loops that add one block of scores to its subjects.

A score is looked up by the bucket it falls in. `Lookup` says what any score of a bucket is worth and which bin it
belongs to; where that is not one answer, its scores find their place among the cuts.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from facegap.scoring.cuts import CutIndex
from facegap.scoring.kernel import bucket_of, same_subject, slot_of


class Lookup(NamedTuple):
    """What a score is worth to its subjects, by bucket and by slot.

    `bins` (slots,) uint16: knots at or below a score. `worth` (Q, slots, 2) int64: what a genuine (0) or an impostor
    (1) score is worth in Q populations. `searched` (buckets,) uint8: 1 where the scores of a bucket differ in either.
    `bucket_bins` (buckets,) uint16 and `bucket_worth` (Q, buckets) int64: bin and worth of impostor scores by bucket;
    0 where searched. `tails`, `tail_buckets` (Q,): the bin, and the bucket not searched, from which the tail is
    counted. `unit`: moments are counted in 1 / `unit`.
    """

    index: CutIndex
    bins: np.ndarray
    worth: np.ndarray
    searched: np.ndarray
    bucket_bins: np.ndarray
    bucket_worth: np.ndarray
    tails: np.ndarray
    tail_buckets: np.ndarray
    unit: float


class Columns(NamedTuple):
    """Sums over the rows of a block, one for each of its columns, and room for one row.

    `bins` (BLOCK, bins) uint16, `ranks` (Q, 2, BLOCK) int64, `moments` (2, BLOCK) float64. `places`, `chosen`: the
    buckets of a row, and the columns that have to be searched; `worth`: what the scores of a row are worth.
    """

    bins: np.ndarray
    ranks: np.ndarray
    moments: np.ndarray
    places: np.ndarray
    chosen: np.ndarray
    worth: np.ndarray

    @classmethod
    def nothing(cls, block: int, bins: int, populations: int) -> "Columns":
        """Return empty sums, for blocks of `block` rows."""
        return cls(
            bins=np.zeros((block, bins), np.uint16),
            ranks=np.zeros((populations, 2, block), np.int64),
            moments=np.zeros((2, block)),
            places=np.empty(block, np.uint16),
            chosen=np.empty(block + 1, np.uint16),
            worth=np.empty(block, np.int64),
        )


@numba.njit(cache=True, nogil=True)
def add_block(pair, lookup, group_a, group_b, columns, counts, ranks, moments):
    """Add every score of a block pair, genuine or not, to both its subjects as if it were an impostor score.

    `counts` (subjects, bins) int32, `ranks` (subjects, Q, 2, 2) int64 and `moments` (subjects, 2) int64 grow; moments
    are rounded row by row and column by column, so that the order of blocks cannot matter. Rows are sliced, since an
    index that might be negative keeps the compiler from using vectors of numbers.
    """
    width = len(group_b)
    columns.bins[:], columns.ranks[:], columns.moments[:] = 0, 0, 0
    for i in range(len(group_a)):
        a = group_a[i]
        first = i + 1 if pair.diagonal else 0
        row, places, bins = pair.scores[i, first:width], columns.places[first:width], columns.bins[first:width]
        down = columns.moments[:, first:width]
        total, squares = _add_moments(row, lookup.index, places, down[0], down[1])
        moments[a, 0] += np.int64(np.rint(total * lookup.unit))
        moments[a, 1] += np.int64(np.rint(squares * lookup.unit))
        n = _add_bins(places, lookup, counts[a], bins, columns.chosen)
        for q in range(len(lookup.tails)):
            below = columns.ranks[q, :, first:width]
            total_worth, tail_worth = _add_worth(places, lookup, q, columns.worth, below[0], below[1])
            ranks[a, q, 1, 0] += total_worth
            ranks[a, q, 1, 1] += tail_worth
        for k in range(n):
            j = columns.chosen[k]
            slot = slot_of(row[j], places[j], lookup.index)
            place = lookup.bins[slot]
            counts[a, 0] -= 1
            counts[a, place] += 1
            bins[j, 0] -= np.uint16(1)
            bins[j, place] += np.uint16(1)
            for q in range(len(lookup.tails)):
                value = lookup.worth[q, slot, 1]
                tail = value if place >= lookup.tails[q] else 0
                ranks[a, q, 1, 0] += value
                ranks[a, q, 1, 1] += tail
                columns.ranks[q, 0, first + j] += value
                columns.ranks[q, 1, first + j] += tail
    for j in range(width):
        b = group_b[j]
        for k in range(columns.bins.shape[1]):
            counts[b, k] += columns.bins[j, k]
        for power in range(2):
            moments[b, power] += np.int64(np.rint(columns.moments[power, j] * lookup.unit))
        for q in range(len(lookup.tails)):
            ranks[b, q, 1, 0] += columns.ranks[q, 0, j]
            ranks[b, q, 1, 1] += columns.ranks[q, 1, j]


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _add_moments(row, index, places, down, down_squares):
    """Write the bucket of each score of a row to `places`; return the sum of the scores and that of their squares."""
    scale, offset, last = index.scale, np.int32(index.offset), np.int32(len(index.searched) - 1)
    total, squares = 0.0, 0.0
    for j in range(len(row)):
        places[j] = min(max(np.int32(math.floor(row[j] * scale)) - offset, 0), last)
        wide = np.float64(row[j])
        square = wide * wide
        total += wide
        squares += square
        down[j] += wide
        down_squares[j] += square
    return total, squares


@numba.njit(cache=True, nogil=True)
def _add_bins(places, lookup, counts, down, chosen):
    """Count the scores of a row by bin, and write to `chosen` which have to be searched; return how many."""
    bucket_bins, searched = lookup.bucket_bins, lookup.searched
    n = np.uintp(0)
    for j in range(len(places)):
        bucket = places[j]
        place = bucket_bins[bucket]
        counts[place] += np.int32(1)
        down[j, place] += np.uint16(1)
        chosen[n] = j
        n += np.uintp(searched[bucket])
    return n


@numba.njit(cache=True, nogil=True)
def _add_worth(places, lookup, q, worth, down, down_tail):
    """Add what the scores of a row are worth by their buckets; return the sum, and that over the tail."""
    bucket_worth, tail = lookup.bucket_worth[q], lookup.tail_buckets[q]
    for j in range(len(places)):
        worth[j] = bucket_worth[places[j]]
    total, over = np.int64(0), np.int64(0)
    for j in range(len(places)):
        value = worth[j]
        total += value
        down[j] += value
        value = value if places[j] >= tail else 0
        over += value
        down_tail[j] += value
    return total, over


@numba.njit(cache=True, nogil=True)
def add_genuine(pair, lookup, group_a, group_b, counts, ranks, own):
    """Add the genuine scores of a block pair to their subjects, and take back what `add_block` added for them.

    Rows lie in the order of their subjects. `counts` (2, subjects, bins) int32, `ranks` (subjects, Q, 2, 2) int64 and
    `own` (subjects, 2) int64, the moments of the genuine scores, grow.
    """
    scores, _, _, diagonal = pair
    start = 0
    for i in range(len(group_a)):
        a = group_a[i]
        start, end = same_subject(a, group_b, start)
        for j in range(max(start, i + 1) if diagonal else start, end):
            bucket = bucket_of(scores[i, j], lookup.index)
            searched = lookup.index.searched[bucket]
            slot = slot_of(scores[i, j], bucket, lookup.index) if searched else 2 * lookup.index.first[bucket + 1]
            place = lookup.bins[slot]
            counts[0, a, place] += 1
            counts[1, a, place] -= 2
            score = np.float64(scores[i, j])
            own[a, 0] += np.int64(np.rint(score * lookup.unit))
            own[a, 1] += np.int64(np.rint(score * score * lookup.unit))
            for q in range(len(lookup.tails)):
                genuine, impostor = lookup.worth[q, slot]
                ranks[a, q, 0, 0] += genuine
                ranks[a, q, 1, 0] -= 2 * impostor
                if place >= lookup.tails[q]:
                    ranks[a, q, 0, 1] += genuine
                    ranks[a, q, 1, 1] -= 2 * impostor


@numba.njit(cache=True, nogil=True)
def add_squares(pair, lookup, group_a, group_b, squares, products):
    """Add a block pair to the sums over pairs of subjects, and return the sum of m^2.

    Rows of one subject lie together. `squares`, `products` (bins,) int64 grow: summed from the last bin down to bin
    k + 1 they are the sums of a^2 and a m at knot k, with a of the m comparisons of two subjects accepted.
    """
    scores, _, _, diagonal = pair
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
                        bucket = bucket_of(closeness, lookup.index)
                        place = lookup.bucket_bins[bucket]
                        if lookup.searched[bucket]:
                            place = lookup.bins[slot_of(closeness, bucket, lookup.index)]
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
