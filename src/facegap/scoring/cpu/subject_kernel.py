"""The compiled loops that add one block of scores to its subjects.

A score is looked up by the bucket it falls in. `Lookup` says what any score of a bucket is worth and which bin it
belongs to; where that is not one answer, its scores find their place among the cuts.
"""

from typing import NamedTuple

import numpy as np

from facegap.scoring.cpu.compiling import compiled
from facegap.scoring.cpu.histogram_kernel import Bins
from facegap.scoring.cpu.kernel import same_subject
from facegap.scoring.cpu.slots_kernel import bucket_of, slot_of, slots_of
from facegap.scoring.cuts import CutIndex
from facegap.scoring.layout import BLOCK


class Lookup(NamedTuple):
    """What a score is worth to its subjects, by bucket and by slot.

    `bins` (slots,) uint16: evaluated thresholds at or below a score. `worth` (Q, 2, slots) int64: what a genuine (0) or
    an impostor (1) score is worth in Q populations. `bucket_bins` (buckets,) uint16 and `bucket_worth` (Q, buckets)
    int64: bin and worth of impostor scores by bucket; where the scores of a bucket differ in either, they have to be
    searched, the bin is `beyond`, one more than the last, and the worth 0. `tails`, `tail_buckets` (Q,): the bin, and
    the bucket not searched, from which the tail is counted. `unit`: moments are counted in 1 / `unit`.
    """

    index: CutIndex
    bins: np.ndarray
    worth: np.ndarray
    bucket_bins: np.ndarray
    bucket_worth: np.ndarray
    beyond: int
    tails: np.ndarray
    tail_buckets: np.ndarray
    unit: float
    evaluated: Bins
    bar: float


class Columns(NamedTuple):
    """Sums over the rows of a block, one for each of its columns, and room for what is known of its scores.

    `bins` (BLOCK, bins + 1) uint16, `ranks` (Q, 2, BLOCK) int64, `moments` (2, BLOCK) float64. `places` (BLOCK, BLOCK)
    uint16: the bucket of each score; `worth` (BLOCK,) int64: what the scores of a row are worth; `chosen`, `slots` (n,)
    int32: which scores are searched, and their slots.
    """

    bins: np.ndarray
    ranks: np.ndarray
    moments: np.ndarray
    places: np.ndarray
    worth: np.ndarray
    chosen: np.ndarray
    slots: np.ndarray

    @classmethod
    def nothing(cls, lookup: Lookup) -> "Columns":
        """Return empty sums."""
        return cls(
            bins=np.zeros((BLOCK, lookup.beyond + 1), np.uint16),
            ranks=np.zeros((len(lookup.tails), 2, BLOCK), np.int64),
            moments=np.zeros((2, BLOCK)),
            places=np.empty((BLOCK, BLOCK), np.uint16),
            worth=np.empty(BLOCK, np.int64),
            chosen=np.empty(BLOCK * BLOCK + 1, np.int32),
            slots=np.empty(BLOCK * BLOCK, np.int32),
        )


@compiled()
def add_block(pair, lookup, group_a, group_b, columns, counts, ranks, moments):
    """Add every score of a block pair, genuine or not, to both its subjects as if it were an impostor score.

    `counts` (subjects, bins + 1) int32, of which the last column means nothing, `ranks` (subjects, Q, 2, 2) int64 and
    `moments` (subjects, 2) int64 grow. Loop by loop over the whole block, so that each is simple.
    """
    index, places, chosen = lookup.index, columns.places, columns.chosen
    columns.bins[:], columns.ranks[:], columns.moments[:] = 0, 0, 0
    _add_moments(
        pair, index.scale, index.offset, len(index.searched), lookup.unit, group_a,
        places, columns.moments[0], columns.moments[1], moments,
    )  # fmt: skip
    n_searched = _add_bins(pair, places, lookup.bucket_bins, lookup.beyond, group_a, counts, columns.bins, chosen)
    for q in range(len(lookup.tails)):
        _add_worth(
            pair, places, lookup.bucket_worth[q], lookup.tail_buckets[q], group_a,
            columns.worth, columns.ranks[q, 0], columns.ranks[q, 1], ranks[:, q, 1],
        )  # fmt: skip
    chosen, slots = chosen[:n_searched], columns.slots[:n_searched]
    slots_of(pair.scores.reshape(-1), places.reshape(-1), chosen, index.padded, index.first, slots)
    _add_searched_bins(chosen, slots, lookup.bins, group_a, counts, columns.bins)
    for q in range(len(lookup.tails)):
        _add_searched_worth(
            chosen, slots, lookup.bins, lookup.tails[q], lookup.worth[q, 1], group_a,
            columns.ranks[q, 0], columns.ranks[q, 1], ranks[:, q, 1],
        )  # fmt: skip
    for j in range(len(group_b)):
        b = group_b[j]
        for k in range(lookup.beyond):
            counts[b, k] += columns.bins[j, k]
        for power in range(2):
            moments[b, power] += np.int64(np.rint(columns.moments[power, j] * lookup.unit))
        for q in range(len(lookup.tails)):
            ranks[b, q, 1, 0] += columns.ranks[q, 0, j]
            ranks[b, q, 1, 1] += columns.ranks[q, 1, j]


@compiled(fastmath={"reassoc", "contract"})
def _add_moments(pair, scale, offset, buckets, unit, group_a, places, down, down_squares, moments):
    """Write the bucket of each score to `places`; add the scores and their squares to their rows and columns.

    Sums are rounded row by row and column by column, so that the order of blocks cannot matter. Rows are sliced, since
    an index that might be negative keeps the compiler from using vectors of numbers.
    """
    scores, width = pair.scores, len(pair.subject_b)
    offset, last = np.float32(offset), np.float32(buckets - 1)
    for i in range(len(group_a)):
        first = i + 1 if pair.diagonal else 0
        row, out = scores[i, first:width], places[i, first:width]
        below, below_squares = down[first:width], down_squares[first:width]
        total, squares = 0.0, 0.0
        for j in range(len(row)):
            out[j] = np.int32(min(max(np.floor(row[j] * scale) - offset, np.float32(0)), last))
            wide = np.float64(row[j])
            square = wide * wide
            total += wide
            squares += square
            below[j] += wide
            below_squares[j] += square
        moments[group_a[i], 0] += np.int64(np.rint(total * unit))
        moments[group_a[i], 1] += np.int64(np.rint(squares * unit))


@compiled()
def _add_bins(pair, places, bucket_bins, beyond, group_a, counts, down, chosen):
    """Count scores by bin, and write to `chosen` those that have to be searched; return how many."""
    n = np.uintp(0)
    for i in range(len(group_a)):
        mine = counts[group_a[i]]
        for j in range(i + 1 if pair.diagonal else 0, len(pair.subject_b)):
            place = bucket_bins[places[i, j]]
            mine[place] += np.int32(1)
            down[j, place] += np.uint16(1)
            chosen[n] = i * BLOCK + j
            n += np.uintp(place == beyond)
    return np.int64(n)


@compiled()
def _add_worth(pair, places, bucket_worth, tail, group_a, worth, down, down_tail, ranks):
    """Add what the scores are worth by their buckets to their rows and columns, over all and over the tail."""
    width = len(pair.subject_b)
    for i in range(len(group_a)):
        first = i + 1 if pair.diagonal else 0
        row, below, below_tail = places[i, first:width], down[first:width], down_tail[first:width]
        for j in range(len(row)):
            worth[j] = bucket_worth[row[j]]
        total, over = np.int64(0), np.int64(0)
        for j in range(len(row)):
            value = worth[j]
            total += value
            below[j] += value
            value = value if row[j] >= tail else 0
            over += value
            below_tail[j] += value
        ranks[group_a[i], 0] += total
        ranks[group_a[i], 1] += over


@compiled()
def _add_searched_bins(chosen, slots, bins, group_a, counts, down):
    """Count the searched scores by bin."""
    for k in range(len(chosen)):
        at, place = np.uintp(chosen[k]), bins[np.uintp(slots[k])]
        counts[group_a[at // np.uintp(BLOCK)], place] += 1
        down[at % np.uintp(BLOCK), place] += np.uint16(1)


@compiled()
def _add_searched_worth(chosen, slots, bins, tail, worth, group_a, down, down_tail, ranks):
    """Add what the searched scores are worth to their rows and columns, over all and over the tail."""
    for k in range(len(chosen)):
        at, slot = np.uintp(chosen[k]), np.uintp(slots[k])
        a, j = group_a[at // np.uintp(BLOCK)], at % np.uintp(BLOCK)
        value = worth[slot]
        over = value if bins[slot] >= tail else 0
        ranks[a, 0] += value
        ranks[a, 1] += over
        down[j] += value
        down_tail[j] += over


@compiled()
def add_genuine(pair, lookup, group_a, group_b, counts, ranks, own):
    """Add the genuine scores of a block pair to their subjects, and take back what `add_block` added for them.

    Rows lie in the order of their subjects. `counts` (2, subjects, bins) int32, `ranks` (subjects, Q, 2, 2) int64 and
    `own` (subjects, 2) int64, the moments of the genuine scores, grow.
    """
    scores, _, _, diagonal = pair
    padded, index_first = lookup.index.padded, lookup.index.first
    start = 0
    for i in range(len(group_a)):
        a = group_a[i]
        start, end = same_subject(a, group_b, start)
        for j in range(max(start, i + 1) if diagonal else start, end):
            bucket = bucket_of(scores[i, j], lookup.index)
            searched = lookup.index.searched[bucket]
            slot = (
                slot_of(scores[i, j], bucket, padded, index_first)
                if searched
                else np.uintp(2 * index_first[bucket + 1])
            )
            place = lookup.bins[slot]
            counts[0, a, place] += 1
            counts[1, a, place] -= 2
            score = np.float64(scores[i, j])
            own[a, 0] += np.int64(np.rint(score * lookup.unit))
            own[a, 1] += np.int64(np.rint(score * score * lookup.unit))
            for q in range(len(lookup.tails)):
                genuine, impostor = lookup.worth[q, 0, slot], lookup.worth[q, 1, slot]
                ranks[a, q, 0, 0] += genuine
                ranks[a, q, 1, 0] -= 2 * impostor
                if place >= lookup.tails[q]:
                    ranks[a, q, 0, 1] += genuine
                    ranks[a, q, 1, 1] -= 2 * impostor
