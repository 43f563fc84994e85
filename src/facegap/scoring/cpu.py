"""Blocks compared on the processors: numpy's matrix product, then compiled loops while the scores are in the cache."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from facegap.scoring.backend import TileCounts
from facegap.scoring.cuts import CutIndex
from facegap.scoring.kernel import Counted, collect_genuine, count_block
from facegap.scoring.layout import BLOCK, Blocks
from facegap.scoring.products import Kept, Products
from facegap.scoring.subject_kernel import Columns, Lookup, add_block, add_genuine, add_squares
from facegap.scoring.subject_sums import SubjectSums
from facegap.tally import EXTREMES, MOMENT_UNIT, Extremes


@dataclass(frozen=True)
class Cpu:
    """See `Backend`. `keeps`: whether all scores are kept that there is room for, not only those of `collector`."""

    blocks: Blocks
    kept: Kept
    keeps: bool

    def collector(self) -> Callable[[np.ndarray], np.ndarray]:
        """See `Backend.collector`."""
        products, found = Products.of(self.blocks, self.kept, keeps=True), np.empty(BLOCK * BLOCK, np.float32)

        def collect(pairs: np.ndarray) -> np.ndarray:
            scores = [found[: collect_genuine(products(a, b), found)].copy() for a, b in pairs.tolist()]
            return np.concatenate([found[:0], *scores])

        return collect

    def counter(self, index: CutIndex) -> Callable[[np.ndarray], TileCounts]:
        """See `Backend.counter`."""
        products, counted = Products.of(self.blocks, self.kept, keeps=self.keeps), Counted.nothing(index, BLOCK)
        plain = index.searched == 0
        slots = 2 * index.first[1:][plain]

        def count(pairs: np.ndarray) -> TileCounts:
            counted.plain[:], counted.searched[:] = 0, 0
            genuine, moments = [counted.genuine[:0]], np.zeros((2, 2), object)
            highest, lowest, bar = Extremes.none(), Extremes.none(), np.float32(-np.inf)
            for a, b in pairs.tolist():
                n_genuine, n_high = count_block(products(a, b), index, bar, counted)
                moments[1] += in_units(counted.moments)
                if n_genuine:
                    found = counted.genuine[:n_genuine]
                    genuine.append(found.copy())
                    wide = found.astype(np.float64)
                    moments[0] += in_units(np.array([wide.sum(), (wide**2).sum()]))
                    new = extremes(self.blocks, a, b, found, counted.genuine_at[:n_genuine], highest=False)
                    lowest = lowest.merge(new, highest=False)
                if n_high:
                    found = counted.high[:n_high]
                    new = extremes(self.blocks, a, b, found, counted.high_at[:n_high], highest=True)
                    highest = highest.merge(new, highest=True)
                    bar = highest.closeness[-1] if len(highest.closeness) == EXTREMES else bar
            impostor = counted.searched.copy()
            impostor[slots] += counted.plain[plain]
            return TileCounts(impostor, slots_of(np.concatenate(genuine), index), moments, highest, lowest)

        return count

    def adder(
        self, lookup: Lookup, groups: np.ndarray, n: int
    ) -> Callable[[tuple[np.ndarray, np.ndarray]], SubjectSums]:
        """See `Backend.adder`."""
        products = Products.of(self.blocks, self.kept, keeps=False)
        bins, populations = int(lookup.bins[-1]) + 1, len(lookup.tails)
        columns = Columns.nothing(BLOCK, bins, populations)

        def add(part: tuple[np.ndarray, np.ndarray]) -> SubjectSums:
            sums = SubjectSums.zero(n, bins, populations, np.int32)
            sizes = compared = looked_at = 0
            for (a, b), look in zip(part[0].tolist(), part[1].tolist(), strict=True):
                pair = products(a, b)
                group_a = groups[a * BLOCK : a * BLOCK + self.blocks.filled[a]]
                group_b = groups[b * BLOCK : b * BLOCK + self.blocks.filled[b]]
                add_block(pair, lookup, group_a, group_b, columns, sums.counts[1], sums.ranks, sums.moments)
                add_genuine(pair, lookup, group_a, group_b, sums.counts, sums.ranks, sums.own)
                made = len(group_a) * (len(group_a) - 1) // 2 if a == b else len(group_a) * len(group_b)
                compared += made
                if look:
                    looked_at += made
                    sizes += add_squares(pair, lookup, group_a, group_b, sums.squares, sums.products)
            return replace(sums, blocks=len(part[0]), sizes=sizes, compared=compared, looked_at=looked_at)

        return add


def slots_of(scores: np.ndarray, index: CutIndex) -> np.ndarray:
    """Return the (n,) int64 slot of (n,) scores."""
    below = np.searchsorted(index.cuts, scores, side="right")
    bucket = np.clip(np.floor(scores * index.scale).astype(np.int64) - index.offset, 0, index.buckets - 1)
    return 2 * below - ((index.padded[below - 1] == scores) & (index.searched[bucket] == 1))


def in_units(moments: np.ndarray) -> np.ndarray:
    """Return sums as Python ints of the fineness `MOMENT_UNIT`."""
    return np.array([int(m) for m in np.rint(moments * MOMENT_UNIT)], object)


def extremes(blocks: Blocks, a: int, b: int, closeness: np.ndarray, place: np.ndarray, *, highest: bool) -> Extremes:
    """Return the most telling of the comparisons found in a block, as rows of the manifest, lower row first."""
    if len(closeness) > 4 * EXTREMES:
        bar = np.partition(closeness, -EXTREMES if highest else EXTREMES - 1)[-EXTREMES if highest else EXTREMES - 1]
        near = closeness >= bar if highest else closeness <= bar
        closeness, place = closeness[near], place[near]
    i, j = np.divmod(place, blocks.filled[b])
    first, second = blocks.row[a * BLOCK + i], blocks.row[b * BLOCK + j]
    return Extremes(closeness.copy(), np.minimum(first, second), np.maximum(first, second)).keep(highest=highest)
