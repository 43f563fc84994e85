"""Blocks compared on the processors: numpy's matrix product, then compiled loops while the scores are in the cache."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from facegap.scoring.backend import TileCounts
from facegap.scoring.cuts import CutIndex
from facegap.scoring.kernel import OFTEN, Counted, add_plain, collect_genuine, count_block
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
        products, counted = Products.of(self.blocks, self.kept, keeps=self.keeps), Counted.nothing(index)
        seen, often = Extremes.none(), False

        def count(pairs: np.ndarray) -> TileCounts:
            nonlocal seen, often
            counted.plain[:], counted.searched[:] = 0, 0
            genuine, moments = [counted.genuine[:0]], np.zeros((2, 2), object)
            highest, lowest = Extremes.none(), Extremes.none()
            for a, b in pairs.tolist():
                bar = seen.closeness[-1] if len(seen.closeness) == EXTREMES else np.float32(-np.inf)
                n_genuine, n_high, n_searched = count_block(products(a, b), index, bar, often, counted)
                often = n_searched > OFTEN * BLOCK * BLOCK
                moments += in_units(counted.moments)
                if n_genuine:
                    found = counted.genuine[:n_genuine]
                    genuine.append(found.copy())
                    new = extremes(self.blocks, a, b, found, counted.genuine_at[:n_genuine], highest=False)
                    lowest = lowest.merge(new, highest=False)
                if n_high:
                    found = counted.high[:n_high]
                    new = extremes(self.blocks, a, b, found, counted.high_at[:n_high], highest=True)
                    highest, seen = (some.merge(new, highest=True) for some in (highest, seen))
            impostor = counted.searched.astype(np.int64)
            add_plain(counted.plain, index, impostor)
            return TileCounts(impostor, genuine_slots(np.concatenate(genuine), index), moments, highest, lowest)

        return count

    def adder(
        self, lookup: Lookup, groups: np.ndarray, n: int
    ) -> Callable[[tuple[np.ndarray, np.ndarray]], SubjectSums]:
        """See `Backend.adder`."""
        products = Products.of(self.blocks, self.kept, keeps=False)
        columns = Columns.nothing(lookup)

        def add(part: tuple[np.ndarray, np.ndarray]) -> SubjectSums:
            sums = SubjectSums.zero(n, lookup.beyond, len(lookup.tails))
            counts = np.zeros((2, n, lookup.beyond + 1), np.int32)
            sizes = compared = looked_at = 0
            often = False
            for (a, b), look in zip(part[0].tolist(), part[1].tolist(), strict=True):
                pair = products(a, b)
                group_a, group_b = groups[self.blocks.rows(a)], groups[self.blocks.rows(b)]
                n_searched = add_block(
                    pair, lookup, group_a, group_b, often, columns, counts[1], sums.ranks, sums.moments
                )
                often = n_searched > OFTEN * BLOCK * BLOCK
                add_genuine(pair, lookup, group_a, group_b, counts, sums.ranks, sums.own)
                made = len(group_a) * (len(group_a) - 1) // 2 if a == b else len(group_a) * len(group_b)
                compared += made
                if look:
                    looked_at += made
                    sizes += add_squares(pair, lookup, group_a, group_b, sums.squares, sums.products)
            counts = counts[:, :, :-1]
            return replace(
                sums, counts=counts, blocks=len(part[0]), sizes=sizes, compared=compared, looked_at=looked_at
            )

        return add


def genuine_slots(scores: np.ndarray, index: CutIndex) -> np.ndarray:
    """Return the (n,) int64 slot of (n,) scores."""
    below = np.searchsorted(index.cuts, scores, side="right")
    bucket = np.clip(np.floor(scores * index.scale).astype(np.int64) - index.offset, 0, index.buckets - 1)
    return 2 * below - ((index.padded[below] == scores) & (index.searched[bucket] == 1))


def in_units(moments: np.ndarray) -> np.ndarray:
    """Return (2, 2) sums as Python ints of the fineness `MOMENT_UNIT`."""
    return np.array([[int(m) for m in row] for row in np.rint(moments * MOMENT_UNIT)], object)


def extremes(blocks: Blocks, a: int, b: int, closeness: np.ndarray, place: np.ndarray, *, highest: bool) -> Extremes:
    """Return the most telling of the comparisons found in a block, as rows of the manifest, lower row first."""
    if len(closeness) > 4 * EXTREMES:
        bar = np.partition(closeness, -EXTREMES if highest else EXTREMES - 1)[-EXTREMES if highest else EXTREMES - 1]
        near = closeness >= bar if highest else closeness <= bar
        closeness, place = closeness[near], place[near]
    i, j = np.divmod(place, blocks.filled[b])
    first, second = blocks.row[a * BLOCK + i], blocks.row[b * BLOCK + j]
    return Extremes(closeness.copy(), np.minimum(first, second), np.maximum(first, second)).keep(highest=highest)
