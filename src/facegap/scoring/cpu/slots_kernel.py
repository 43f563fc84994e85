"""The compiled loops that find the bucket of a score, and its slot among the cuts."""

import math

import numpy as np

from facegap.scoring.cpu.compiling import compiled
from facegap.scoring.cuts import ABREAST

FAR = 64
"""Of more cuts than that half are ruled out by one comparison; the rest is walked through."""


@compiled()
def bucket_of(similarity, index):
    """Return the bucket of a score."""
    return int(min(max(math.floor(similarity * index.scale) - index.offset, 0), len(index.searched) - 1))


@compiled()
def find_buckets(pair, index, places):
    """Write the bucket of each score of a block pair to `places` (BLOCK, BLOCK) uint16."""
    for i in range(len(pair.subject_a)):
        for j in range(i + 1 if pair.diagonal else 0, len(pair.subject_b)):
            places[i, j] = bucket_of(pair.scores[i, j], index)


@compiled()
def slot_of(similarity, bucket, padded, first):
    """Return the slot of a score in a searched bucket; see `tally.Counts`, and `CutIndex` for `padded` and `first`."""
    below = _reached(similarity, np.uintp(first[bucket]), padded)
    if below - np.uintp(first[bucket]) == np.uintp(ABREAST):
        below = _search(similarity, below, np.uintp(first[bucket + 1]), padded)
    return np.uintp(2) * below - np.uintp(padded[below] == similarity)


@compiled()
def slots_of(scores, places, chosen, padded, first, slots):
    """Write the slots of the `chosen` (n,) of the scores (m,), whose buckets are `places` (m,), to `slots` (n,).

    In two loops, so that the processor can fetch ahead.
    """
    for k in range(len(chosen)):
        slots[k] = first[places[np.uintp(chosen[k])]]
    for k in range(len(chosen)):
        at, low = np.uintp(chosen[k]), np.uintp(slots[k])
        below = _reached(scores[at], low, padded)
        if below - low == np.uintp(ABREAST):
            below = _search(scores[at], below, np.uintp(first[places[at] + 1]), padded)
        slots[k] = np.uintp(2) * below - np.uintp(padded[below] == scores[at])


@compiled()
def find_slots(scores, index, slots):
    """Write the slots of scores (n,), in searched buckets or not, to `slots` (n,)."""
    for k in range(len(scores)):
        bucket = bucket_of(scores[k], index)
        if index.searched[bucket]:
            slots[k] = slot_of(scores[k], bucket, index.padded, index.first)
        else:
            slots[k] = 2 * index.first[bucket + 1]


@compiled()
def _reached(similarity, low, padded):
    """Return how many cuts lie at or below a score, if `low` do and of the next ones not all of `ABREAST`.

    Without a branch, since a wrong guess costs more than all comparisons. Numbers are unsigned here, since an index
    that might be negative costs as much as the search.
    """
    below = low
    for k in range(ABREAST):
        below += np.uintp(padded[low + np.uintp(k + 1)] <= similarity)
    return below


@compiled()
def _search(similarity, low, high, padded):
    """Return how many cuts lie at or below a score, if `low` to `high` do."""
    while high - low > np.uintp(FAR):
        middle = (low + high) >> np.uintp(1)
        if padded[middle + np.uintp(1)] <= similarity:
            low = middle + np.uintp(1)
        else:
            high = middle
    below = _reached(similarity, low, padded)
    while below - low == np.uintp(ABREAST):
        low = below
        below = _reached(similarity, low, padded)
    return below
