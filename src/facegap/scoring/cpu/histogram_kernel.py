"""The compiled loops that sort the scores of one block into a histogram for each subject and for pairs of subjects."""

from typing import NamedTuple

import numpy as np

from facegap.scoring.cpu.compiling import compiled
from facegap.scoring.cpu.kernel import same_subject
from facegap.scoring.cuts import CutIndex


class Bins(NamedTuple):
    """Finds the bin of a score: how many of some edges lie at or below it.

    `edges` (m,) float32, rising. `of_bucket` (buckets,) uint16: the bin of all scores of a bucket (see `CutIndex`), or
    `mixed`, one more than the last, where an edge lies amid them.
    """

    edges: np.ndarray
    of_bucket: np.ndarray
    mixed: int

    @classmethod
    def between(cls, edges: np.ndarray, index: CutIndex) -> "Bins":
        """Return the m + 1 bins below, between and above `edges` (m,) float32, rising."""
        borders = np.r_[-np.inf, index.edges[1:-1], np.inf].astype(np.float32)
        lowest = np.searchsorted(edges, borders[:-1], side="right")
        highest = np.searchsorted(edges, borders[1:], side="left")
        mixed = len(edges) + 1
        return cls(edges, np.where(lowest == highest, lowest, mixed).astype(np.uint16), mixed)


@compiled()
def bin_of(similarity, bucket, of_bucket, edges):
    """Return the bin of a score that lies in a bucket; see `Bins`, whose arrays are passed since that is faster."""
    place = np.uintp(of_bucket[bucket])
    if place > np.uintp(len(edges)):
        place, high = np.uintp(0), np.uintp(len(edges))
        while place < high:
            middle = (place + high) >> np.uintp(1)
            if edges[middle] <= similarity:
                place = middle + np.uintp(1)
            else:
                high = middle
    return place


@compiled()
def add_histograms(pair, places, bins, group_a, group_b, down, counts):
    """Add each impostor score of a block pair to the histograms of its two subjects, `counts` (subjects, bins).

    Rows lie in the order of their subjects. `places` (BLOCK, BLOCK): the bucket of each score. `down` (BLOCK, bins)
    uint16 is overwritten.
    """
    scores, _, _, diagonal = pair
    edges, of_bucket, _ = bins
    width = len(group_b)
    down[:] = 0
    for i in range(len(group_a)):
        first = i + 1 if diagonal else 0
        mine, row, buckets, below = (
            counts[group_a[i]],
            scores[i, first:width],
            places[i, first:width],
            down[first:width],
        )
        for j in range(len(row)):
            place = bin_of(row[j], buckets[j], of_bucket, edges)
            mine[place] += 1
            below[j, place] += np.uint16(1)
    for j in range(len(group_b)):
        mine = counts[group_b[j]]
        for k in range(down.shape[1]):
            mine[k] += down[j, k]
    start = 0
    for i in range(len(group_a)):
        start, end = same_subject(group_a[i], group_b, start)
        for j in range(max(start, i + 1) if diagonal else start, end):
            counts[group_a[i], bin_of(scores[i, j], places[i, j], of_bucket, edges)] -= 2


@compiled()
def add_squares(pair, places, bins, group_a, group_b, squares, products):
    """Add a block pair to the sums over pairs of subjects, and return the sum of m^2.

    Rows of one subject lie together. `places` (BLOCK, BLOCK): the bucket of each score. `squares`, `products` (bins,)
    int64 grow: summed from the last bin down to bin k + 1 they are the sums of a^2 and a m at edge k, with a of the m
    comparisons of two subjects accepted.
    """
    scores, _, _, diagonal = pair
    edges, of_bucket, _ = bins
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
                        place = bin_of(scores[i, j], places[i, j], of_bucket, edges)
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
