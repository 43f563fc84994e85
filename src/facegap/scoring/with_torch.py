"""Blocks compared with torch: one wide product for a row of blocks, counted where it was computed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch

from facegap.comparator import Comparator
from facegap.scoring.backend import BySubject, Precision, Tile, TileCounts
from facegap.scoring.cpu import genuine_slots, in_units
from facegap.scoring.cuts import CutIndex
from facegap.scoring.histogram_kernel import Bins, add_squares
from facegap.scoring.kernel import NEAR, BlockPair
from facegap.scoring.layout import BLOCK, Blocks
from facegap.scoring.slots_kernel import find_buckets
from facegap.scoring.subject_histogram import SubjectHistogram
from facegap.scoring.subject_kernel import Lookup
from facegap.scoring.subject_sums import PairSums, SubjectSums
from facegap.subject_tally import Listed
from facegap.tally import EXTREMES, MOMENT_UNIT, Extremes

WIDEST = 64
"""Blocks that one product spans: 17 million scores."""


class Panel(NamedTuple):
    """The scores of block `a` with the blocks from `b` on.

    `scores` (n, m) float32; `rows_a` (n,) and `rows_b` (m,): where they lie in the layout; `same`, `counts` (n, m)
    bool: pairs of one subject, and pairs to be counted, which leaves out one half of a block with itself.
    """

    a: int
    b: int
    scores: torch.Tensor
    rows_a: torch.Tensor
    rows_b: torch.Tensor
    same: torch.Tensor
    counts: torch.Tensor


class Torch:
    """See `Backend`. Products are computed in `precision`, all else in float32 and 64 bits."""

    def __init__(self, blocks: Blocks, device: str, precision: Precision) -> None:
        half = {"float16": torch.float16, "bfloat16": torch.bfloat16}.get(precision, torch.float32)
        self.blocks, self.device, self.tf32 = blocks, torch.device(device), precision == "tf32"
        self.vectors = torch.from_numpy(blocks.vectors).to(self.device).to(half)
        self.squares = (
            torch.from_numpy(blocks.squares).to(self.device)
            if half == torch.float32
            else (self.vectors.double() ** 2).sum(1).float()
        )
        self.subject = torch.from_numpy(blocks.subject).to(self.device)

    def collector(self) -> Callable[[np.ndarray], np.ndarray]:
        """See `Backend.collector`."""

        def collect(pairs: np.ndarray) -> np.ndarray:
            found = [panel.scores[panel.same & panel.counts].cpu().numpy() for panel in self._panels(pairs)]
            return np.concatenate([np.empty(0, np.float32), *found])

        return collect

    def counter(self, index: CutIndex, by_subject: BySubject | None = None) -> Callable[[Tile], TileCounts]:
        """See `Backend.counter`."""
        places = _Places(index, self.device)
        slots = 2 * len(index.cuts) + 1

        def count(tile: Tile) -> TileCounts:
            histogram = None if by_subject is None else _Histogram(by_subject, self.device)
            impostor = torch.zeros(slots, dtype=torch.int64, device=self.device)
            genuine, moments = [np.empty(0, np.int64)], np.zeros((2, 2), object)
            highest, lowest = Extremes.none(), Extremes.none()
            for panel in self._panels(tile.pairs):
                impostors = panel.counts & ~panel.same
                slot = torch.where(impostors, places.slots(panel.scores), slots)
                impostor += torch.bincount(slot.flatten(), minlength=slots + 1)[:slots]
                wide = torch.where(impostors, panel.scores, 0).double()
                moments[1] += in_units(np.array([[float(wide.sum()), float((wide**2).sum())]]))[0]
                highest = highest.merge(self._extremes(panel, impostors, highest=True), highest=True)
                genuines = panel.counts & panel.same
                found = panel.scores[genuines].cpu().numpy()
                if len(found):
                    genuine.append(genuine_slots(found, index))
                    wide = found.astype(np.float64)
                    moments[0] += in_units(np.array([[wide.sum(), (wide**2).sum()]]))[0]
                    lowest = lowest.merge(self._extremes(panel, genuines, highest=False), highest=False)
                if histogram is not None:
                    histogram.add(panel, impostors)
            by_slot, slots_found = impostor.cpu().numpy(), np.concatenate(genuine)
            pairs = by_subject and self._over_pairs(tile, index, by_subject.bins, by_subject.groups)
            counted = histogram and pairs and histogram.found(pairs)
            return TileCounts(by_slot, slots_found, moments, highest, lowest, counted)

        return count

    def adder(self, lookup: Lookup, groups: np.ndarray, n: int, *, genuine_only: bool) -> Callable[[Tile], SubjectSums]:
        """See `Backend.adder`."""
        to = self.device
        places, group = _Places(lookup.index, to), torch.from_numpy(groups.astype(np.int64)).to(to)
        bins = torch.from_numpy(lookup.bins.astype(np.int64)).to(to)
        worth, tails = torch.from_numpy(lookup.worth).to(to), lookup.tails.tolist()
        size, populations = lookup.beyond, len(tails)

        def add(tile: Tile) -> SubjectSums:
            counts = torch.zeros((2, n, size), dtype=torch.int64, device=to)
            ranks = torch.zeros((n, populations, 2, 2), dtype=torch.int64, device=to)
            own, moments = (torch.zeros((n, 2), dtype=torch.int64, device=to) for _ in range(2))
            listed = [Listed.none(lookup.bar)]
            for panel in self._panels(tile.pairs):
                slot = places.slots(panel.scores)
                place, wide = bins[slot], panel.scores.double()
                values = [wide, wide * wide]
                side_a, side_b = group[panel.rows_a], group[panel.rows_b]
                # A genuine comparison belongs to one subject, an impostor comparison to two.
                kinds = (panel.counts & panel.same, panel.counts & ~panel.same)
                if not genuine_only:
                    listed.append(_list_high(panel, kinds[1], group, lookup.bar))
                for kind, chosen in enumerate(kinds[:1] if genuine_only else kinds):
                    if kind == 0 and not chosen.any():
                        continue
                    for axis, side in ((1, side_a), (0, side_b))[: 1 + kind]:
                        counts[kind].index_add_(0, side, _bins(place, chosen, size, axis))
                        for q in range(populations):
                            value = torch.where(chosen, worth[q, kind][slot], 0)
                            over = torch.where(place >= tails[q], value, 0)
                            added = torch.stack([value.sum(axis), over.sum(axis)], dim=1)
                            ranks[:, q, kind].index_add_(0, side, added)
                        sums = torch.stack([torch.where(chosen, v, 0).sum(axis) for v in values], dim=1)
                        units = torch.round(sums * MOMENT_UNIT).long()
                        (own if kind == 0 else moments).index_add_(0, side, units)
            pairs = PairSums.zero(size) if genuine_only else self._over_pairs(tile, lookup.index, lookup.knots, groups)
            return SubjectSums(
                counts=counts.cpu().numpy(),
                ranks=ranks.cpu().numpy(),
                moments=(moments + 2 * own).cpu().numpy(),
                own=own.cpu().numpy(),
                pairs=pairs,
                listed=Listed.joined(listed),
            )

        return add

    def _over_pairs(self, tile: Tile, index: CutIndex, bins: Bins, groups: np.ndarray) -> PairSums:
        """Return the sums over pairs of subjects; the few block pairs that are looked at go to the processor."""
        sums, sizes = PairSums.zero(len(bins.edges) + 1), 0
        places = np.empty((BLOCK, BLOCK), np.uint16)
        for pair in tile.pairs[tile.looked_at]:
            (panel,) = self._panels(pair[None])
            a, b = self.blocks.rows(int(pair[0])), self.blocks.rows(int(pair[1]))
            scores = np.ascontiguousarray(panel.scores.cpu().numpy())
            block = BlockPair(scores, self.blocks.subject[a], self.blocks.subject[b], pair[0] == pair[1])
            find_buckets(block, index, places)
            sizes += add_squares(block, places, bins, groups[a], groups[b], sums.squares, sums.products)
        n, m = self.blocks.filled[tile.pairs[:, 0]], self.blocks.filled[tile.pairs[:, 1]]
        made = np.where(tile.pairs[:, 0] == tile.pairs[:, 1], n * (n - 1) // 2, n * m)
        return replace(sums, sizes=sizes, compared=int(made.sum()), looked_at=int(made[tile.looked_at].sum()))

    def _panels(self, pairs: np.ndarray) -> Iterator[Panel]:
        """Yield the scores of block pairs, those of neighbouring blocks together."""
        for a, first, last in _runs(pairs):
            rows_a = torch.arange(self.blocks.rows(a).start, self.blocks.rows(a).stop, device=self.device)
            rows_b = torch.arange(first * BLOCK, self.blocks.rows(last).stop, device=self.device)
            rows_b = rows_b[self.subject[rows_b] >= 0]
            with _products(self.tf32):
                scores = self._scores(rows_a, rows_b)
            same = self.subject[rows_a][:, None] == self.subject[rows_b][None, :]
            yield Panel(a, first, scores, rows_a, rows_b, same, rows_a[:, None] < rows_b[None, :])

    def _scores(self, rows_a: torch.Tensor, rows_b: torch.Tensor) -> torch.Tensor:
        """Return the (n, m) float32 closeness of rows; where two nearly agree, as exactly as on the processors."""
        a, b = self.vectors[rows_a], self.vectors[rows_b]
        if self.vectors.dtype == torch.float32:
            dots = a @ b.T
        elif self.device.type == "cuda":
            dots = torch.mm(a, b.T, out_dtype=torch.float32)
        else:
            dots = a.float() @ b.T.float()
        if self.blocks.comparator is Comparator.COSINE:
            return dots
        squares = self.squares[rows_a][:, None] + self.squares[rows_b][None, :]
        distance2 = squares - 2 * dots
        scores = -torch.sqrt(torch.clamp(distance2, min=0))
        i, j = torch.nonzero(distance2 < float(NEAR) * squares, as_tuple=True)
        for at in torch.split(torch.arange(len(i), device=self.device), 1 << 16):
            difference = a[i[at]].double() - b[j[at]].double()
            scores[i[at], j[at]] = -torch.sqrt((difference**2).sum(1)).float()
        return scores

    def _extremes(self, panel: Panel, chosen: torch.Tensor, *, highest: bool) -> Extremes:
        """Return the most telling of the chosen comparisons, as rows of the manifest, lower row first."""
        closeness = torch.where(chosen, panel.scores, -torch.inf if highest else torch.inf).flatten()
        bar = torch.topk(closeness, min(EXTREMES, len(closeness)), largest=highest).values[-1]
        near = chosen & ((panel.scores >= bar) if highest else (panel.scores <= bar))
        i, j = (at.cpu().numpy() for at in torch.nonzero(near, as_tuple=True))
        first = self.blocks.row[panel.rows_a.cpu().numpy()[i]]
        second = self.blocks.row[panel.rows_b.cpu().numpy()[j]]
        found = Extremes(panel.scores[near].cpu().numpy(), np.minimum(first, second), np.maximum(first, second))
        return found.keep(highest=highest)


def cuda_devices() -> int:
    """Return how many CUDA devices torch sees."""
    return torch.cuda.device_count()


class _Places:
    """Finds the slots of scores among the cuts."""

    def __init__(self, index: CutIndex, device: torch.device) -> None:
        bucket = np.clip(np.floor(index.cuts * index.scale).astype(np.int64) - index.offset, 0, index.buckets - 1)
        self.cuts = torch.from_numpy(index.cuts.copy()).to(device)
        self.met = torch.from_numpy(index.searched[bucket] == 1).to(device)

    def slots(self, scores: torch.Tensor) -> torch.Tensor:
        """Return the int64 slots of scores."""
        below = torch.searchsorted(self.cuts, scores.contiguous(), right=True)
        at = torch.clamp(below - 1, min=0)
        return 2 * below - ((self.cuts[at] == scores) & self.met[at]).long()


class _Histogram:
    """Takes up the impostor scores of panels of one cell, for a `SubjectHistogram`."""

    def __init__(self, asked: BySubject, device: torch.device) -> None:
        self.asked = asked
        self.edges = torch.from_numpy(asked.layout.edges).to(device)
        self.group = torch.from_numpy(asked.groups.astype(np.int64)).to(device)
        self.counts = torch.zeros((asked.n, len(self.edges) + 1), dtype=torch.int64, device=device)
        self.listed = [Listed.none(asked.layout.bar)]

    def add(self, panel: Panel, impostors: torch.Tensor) -> None:
        """Count the scores of the impostors among a panel for both their subjects, and list those from the bar on."""
        place = torch.searchsorted(self.edges, panel.scores.contiguous(), right=True)
        for axis, rows in ((1, panel.rows_a), (0, panel.rows_b)):
            self.counts.index_add_(0, self.group[rows], _bins(place, impostors, self.counts.shape[1], axis))
        self.listed.append(_list_high(panel, impostors, self.group, self.asked.layout.bar))

    def found(self, pairs: PairSums) -> SubjectHistogram:
        """Return what was counted, with the sums over pairs of subjects."""
        return SubjectHistogram(self.asked.layout, self.counts.cpu().numpy(), pairs, Listed.joined(self.listed))


def _list_high(panel: Panel, impostors: torch.Tensor, group: torch.Tensor, bar: float) -> Listed:
    """Return the scores of the impostors among a panel from `bar` on."""
    high = impostors & (panel.scores >= bar)
    i, j = torch.nonzero(high, as_tuple=True)
    found = (panel.scores[high], group[panel.rows_a[i]], group[panel.rows_b[j]])
    return Listed(*(column.cpu().numpy() for column in found), bar)


def _bins(place: torch.Tensor, chosen: torch.Tensor, bins: int, axis: int) -> torch.Tensor:
    """Return how many chosen scores lie in each bin, (n, bins) row by row, or column by column where `axis` is 0."""
    lines = place.shape[1 - axis]
    line = torch.arange(lines, device=place.device)
    line = line[:, None] if axis == 1 else line[None, :]
    flat = torch.where(chosen, line * bins + place, lines * bins).flatten()
    return torch.bincount(flat, minlength=lines * bins + 1)[:-1].reshape(lines, bins)


def _runs(pairs: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Yield block a, and the first and last block b, of block pairs that follow each other in a row."""
    if not len(pairs):
        return
    breaks = np.flatnonzero((np.diff(pairs[:, 0]) != 0) | (np.diff(pairs[:, 1]) != 1)) + 1
    for run in np.split(pairs, breaks):
        for start in range(0, len(run), WIDEST):
            part = run[start : start + WIDEST]
            yield int(part[0, 0]), int(part[0, 1]), int(part[-1, 1])


@contextmanager
def _products(tf32: bool) -> Iterator[None]:
    """Let float32 products on CUDA use TensorFloat-32, or not, here alone."""
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = tf32
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before
