"""Blocks compared on the processors: numpy's matrix product, then compiled loops while the scores are in the cache."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from facegap.data.subject_tally import Listed
from facegap.data.tally import EXTREMES, MOMENT_UNIT, Extremes
from facegap.scoring.backend import BySubject, Tile, TileCounts
from facegap.scoring.cpu.histogram_kernel import Bins, add_histograms, add_squares
from facegap.scoring.cpu.kernel import BlockPair, Counted, add_plain, collect_genuine, count_block
from facegap.scoring.cpu.products import Kept, Products
from facegap.scoring.cpu.slots_kernel import find_slots
from facegap.scoring.cpu.subject_kernel import Columns, Lookup, add_block, add_genuine
from facegap.scoring.cuts import CutIndex
from facegap.scoring.layout import BLOCK, Blocks
from facegap.scoring.subject_histogram import SubjectHistogram
from facegap.scoring.subject_sums import PairSums, SubjectSums


@dataclass(frozen=True)
class Cpu:
    """See `Backend`. `keeps`: whether all scores are kept that there is room for, not only those of `collector`."""

    blocks: Blocks
    kept: Kept
    keeps: bool
    tile: None = None

    def collector(self) -> Callable[[np.ndarray], np.ndarray]:
        """See `Backend.collector`."""
        products, found = Products.of(self.blocks, self.kept, keeps=True), np.empty(BLOCK * BLOCK, np.float32)

        def collect(pairs: np.ndarray) -> np.ndarray:
            scores = [found[: collect_genuine(products(a, b), found)].copy() for a, b in pairs.tolist()]
            return np.concatenate([found[:0], *scores])

        return collect

    def counter(self, index: CutIndex, by_subject: BySubject | None = None) -> Callable[[Tile], TileCounts]:
        """See `Backend.counter`."""
        products, counted = Products.of(self.blocks, self.kept, keeps=self.keeps), Counted.nothing(index)
        seen = Extremes.none()

        def count(tile: Tile) -> TileCounts:
            nonlocal seen
            counted.plain[:], counted.carried[:], counted.searched[:] = 0, 0, 0
            genuine, moments = [counted.genuine[:0]], np.zeros((2, 2), object)
            highest, lowest = Extremes.none(), Extremes.none()
            histogram = None if by_subject is None else Histogram(self.blocks, by_subject)
            for (a, b), look in zip(tile.pairs.tolist(), tile.looked_at.tolist(), strict=True):
                bar = seen.similarity[-1] if len(seen.similarity) == EXTREMES else np.float32(-np.inf)
                from_bar = bar if histogram is None else min(bar, np.float32(histogram.bar))
                pair = products(a, b)
                n_genuine, n_high = count_block(pair, index, from_bar, counted)
                moments += in_units(counted.moments)
                if n_genuine:
                    found = counted.genuine[:n_genuine]
                    genuine.append(found.copy())
                    new = extremes(self.blocks, a, b, found, counted.genuine_at[:n_genuine], highest=False)
                    lowest = lowest.merge(new, highest=False)
                high, high_at = counted.high[:n_high], counted.high_at[:n_high]
                if histogram is not None:
                    histogram.add(pair, a, b, counted.places, high, high_at, look=look)
                    high, high_at = high[high >= bar], high_at[high >= bar]
                if len(high):
                    new = extremes(self.blocks, a, b, high, high_at, highest=True)
                    highest, seen = (some.merge(new, highest=True) for some in (highest, seen))
            impostor = counted.searched.copy()
            add_plain(counted.whole(), index, impostor)
            slots = genuine_slots(np.concatenate(genuine), index)
            return TileCounts(impostor, slots, moments, highest, lowest, histogram and histogram.found())

        return count

    def adder(self, lookup: Lookup, groups: np.ndarray, n: int, *, genuine_only: bool) -> Callable[[Tile], SubjectSums]:
        """See `Backend.adder`."""
        products = Products.of(self.blocks, self.kept, keeps=False)
        columns = Columns.nothing(lookup)

        def add(tile: Tile) -> SubjectSums:
            sums = SubjectSums.zero(n, lookup.beyond, len(lookup.tails), lookup.bar)
            counts = np.zeros((2, n, lookup.beyond + 1), np.int32)
            pairs, listed = sums.pairs, [sums.listed]
            for (a, b), look in zip(tile.pairs.tolist(), tile.looked_at.tolist(), strict=True):
                pair = products(a, b)
                group_a, group_b = self._groups(groups, a, b)
                add_genuine(pair, lookup, group_a, group_b, counts, sums.ranks, sums.own)
                if genuine_only:
                    continue
                add_block(pair, lookup, group_a, group_b, columns, counts[1], sums.ranks, sums.moments)
                pairs += over_pairs(pair, columns.places, lookup.evaluated, group_a, group_b, look=look)
                listed.append(list_high(pair, group_a, group_b, lookup.bar))
            return replace(sums, counts=counts[:, :, :-1], pairs=pairs, listed=Listed.joined(listed))

        return add

    def _groups(self, groups: np.ndarray, a: int, b: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the groups of the rows of two blocks."""
        return groups[self.blocks.rows(a)], groups[self.blocks.rows(b)]


class Histogram:
    """Takes up the scores of block pairs of one cell, for a `SubjectHistogram`."""

    def __init__(self, blocks: Blocks, asked: BySubject) -> None:
        bins = len(asked.layout.edges) + 1
        self.blocks, self.asked, self.bar = blocks, asked, asked.layout.bar
        self.counts, self.pairs = np.zeros((asked.n, bins), np.int64), PairSums.zero(bins)
        self.listed = [Listed.none(self.bar)]
        self.down = np.empty((BLOCK, bins), np.uint16)

    def add(
        self, pair: BlockPair, a: int, b: int, places: np.ndarray, high: np.ndarray, high_at: np.ndarray, *, look: bool
    ) -> None:
        """Count the scores of blocks a and b; `high` and `high_at` (n,) are those from the bar on, and where they lie.

        `places`: the bucket of each score. `look`: whether pairs of subjects are looked at.
        """
        group_a, group_b = (self.asked.groups[self.blocks.rows(block)] for block in (a, b))
        add_histograms(pair, places, self.asked.bins, group_a, group_b, self.down, self.counts)
        self.pairs += over_pairs(pair, places, self.asked.bins, group_a, group_b, look=look)
        listed = high >= self.bar
        i, j = np.divmod(high_at[listed], len(group_b))
        self.listed.append(Listed(high[listed], group_a[i], group_b[j], self.bar))

    def found(self) -> SubjectHistogram:
        """Return what was counted."""
        return SubjectHistogram(self.asked.layout, self.counts, self.pairs, Listed.joined(self.listed))


def list_high(pair: BlockPair, group_a: np.ndarray, group_b: np.ndarray, bar: float) -> Listed:
    """Return the impostor scores of a block pair from `bar` on."""
    i, j = np.nonzero(pair.scores[: len(group_a), : len(group_b)] >= np.float32(bar))
    wanted = (group_a[i] != group_b[j]) & ((i < j) | (not pair.diagonal))
    i, j = i[wanted], j[wanted]
    return Listed(pair.scores[i, j], group_a[i], group_b[j], bar)


def over_pairs(
    pair: BlockPair, places: np.ndarray, bins: Bins, group_a: np.ndarray, group_b: np.ndarray, *, look: bool
) -> PairSums:
    """Return what a block pair adds to the sums over pairs of subjects, if it is looked at."""
    made = len(group_a) * (len(group_a) - 1) // 2 if pair.diagonal else len(group_a) * len(group_b)
    sums = PairSums.zero(len(bins.edges) + 1)
    if not look:
        return replace(sums, compared=made)
    sizes = add_squares(pair, places, bins, group_a, group_b, sums.squares, sums.products)
    return replace(sums, sizes=sizes, compared=made, looked_at=made)


def genuine_slots(scores: np.ndarray, index: CutIndex) -> np.ndarray:
    """Return the (n,) int64 slot of (n,) scores."""
    slots = np.empty(len(scores), np.int64)
    find_slots(scores, index, slots)
    return slots


def in_units(moments: np.ndarray) -> np.ndarray:
    """Return (2, 2) sums as Python ints of the fineness `MOMENT_UNIT`."""
    return np.array([[int(m) for m in row] for row in np.rint(moments * MOMENT_UNIT).tolist()], object)


def extremes(blocks: Blocks, a: int, b: int, similarity: np.ndarray, place: np.ndarray, *, highest: bool) -> Extremes:
    """Return the most telling of the comparisons found in a block, as rows of the manifest, lower row first."""
    at = telling(similarity, highest=highest)
    i, j = np.divmod(place[at], blocks.filled[b])
    return in_manifest(blocks, similarity[at], a * BLOCK + i, b * BLOCK + j).keep(highest=highest)


def telling(similarity: np.ndarray, *, highest: bool) -> np.ndarray:
    """Return where the most telling of (n,) scores are, those that equal the last of them included."""
    if len(similarity) <= 4 * EXTREMES:
        return np.arange(len(similarity))
    at = len(similarity) - EXTREMES if highest else EXTREMES - 1
    bar = np.partition(similarity, at)[at]
    return np.flatnonzero(similarity >= bar if highest else similarity <= bar)


def in_manifest(blocks: Blocks, similarity: np.ndarray, rows_a: np.ndarray, rows_b: np.ndarray) -> Extremes:
    """Return (n,) scores of rows of the layout with their rows of the manifest, lower row first."""
    first, second = blocks.row[rows_a], blocks.row[rows_b]
    return Extremes(similarity, np.minimum(first, second), np.maximum(first, second))
