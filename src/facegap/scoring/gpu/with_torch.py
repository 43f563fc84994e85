"""Blocks compared with torch: one wide product for a row of blocks, counted where it was computed."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch

from facegap.data.comparator import Comparator
from facegap.data.subject_tally import Listed
from facegap.data.tally import EXTREMES, MOMENT_UNIT, Extremes
from facegap.run.executor import Threads, available_workers
from facegap.scoring.backend import BySubject, Precision, Tile, TileCounts
from facegap.scoring.cpu.histogram_kernel import Bins, add_squares
from facegap.scoring.cpu.kernel import NEAR, BlockPair
from facegap.scoring.cpu.slots_kernel import find_buckets
from facegap.scoring.cpu.subject_kernel import Lookup
from facegap.scoring.cpu.with_numba import genuine_slots, in_manifest, in_units
from facegap.scoring.cuts import CutIndex
from facegap.scoring.gpu.panels import PanelHistogram, Places, ScorePanel, Span, in_bins, list_high
from facegap.scoring.layout import BLOCK, Blocks
from facegap.scoring.subject_sums import PairSums, SubjectSums

WIDEST = 32
"""Blocks that one product spans: 8 million scores."""

HALVES = {"float16": torch.float16, "bfloat16": torch.bfloat16}


class Torch:
    """See `Backend`. Products are computed in `precision`, all else in float32 and 64 bits.

    Every product is that of a block with `width` blocks, from a multiple of `width` on, so that a score does not depend
    on what else is wanted.
    """

    tile = 1 << 20

    def __init__(self, blocks: Blocks, device: str, precision: Precision) -> None:
        half = HALVES.get(precision, torch.float32)
        self.blocks, self.device, self.tf32 = blocks, torch.device(device), precision == "tf32"
        self.width = min(WIDEST, max(len(blocks), 1))
        empty = -len(blocks) % self.width * BLOCK
        self.vectors = torch.zeros(
            (len(blocks.vectors) + empty, blocks.vectors.shape[1]), dtype=half, device=self.device
        )
        self.vectors[: len(blocks.vectors)] = torch.from_numpy(blocks.vectors).to(self.device)
        self.squares = (
            torch.from_numpy(np.pad(blocks.squares, (0, empty))).to(self.device)
            if half == torch.float32
            else (self.vectors.double() ** 2).sum(1).float()
        )
        self.subject = torch.from_numpy(np.pad(blocks.subject, (0, empty), constant_values=-1)).to(self.device)

    def collector(self) -> Callable[[np.ndarray], np.ndarray]:
        """See `Backend.collector`."""

        def collect(pairs: np.ndarray) -> np.ndarray:
            found = [panel.scores[panel.same & panel.counts].cpu().numpy() for panel in self.panels(self.spans(pairs))]
            return np.concatenate([np.empty(0, np.float32), *found])

        return collect

    def counter(self, index: CutIndex, by_subject: BySubject | None = None) -> Callable[[Tile], TileCounts]:
        """See `Backend.counter`."""
        places = Places(index, self.device)
        slots = 2 * len(index.cuts) + 1

        def count(tile: Tile) -> TileCounts:
            histogram = None
            if by_subject is not None:
                histogram = PanelHistogram(by_subject, self.groups(by_subject.groups, by_subject.n))
            impostor = torch.zeros(slots, dtype=torch.int64, device=self.device)
            genuine, moments = [np.empty(0, np.int64)], np.zeros((2, 2), object)
            highest, lowest = Extremes.none(), Extremes.none()
            for panel in self.panels(self.spans(tile.pairs)):
                impostors = panel.counts & ~panel.same
                slot = torch.where(impostors, places.slots(panel.scores), slots)
                impostor += torch.bincount(slot.flatten(), minlength=slots + 1)[:slots]
                wide = torch.where(impostors, panel.scores, 0).double()
                moments[1] += in_units(np.array([[float(wide.sum()), float((wide**2).sum())]]))[0]
                highest = highest.merge(self.extremes(panel, impostors, highest=True), highest=True)
                genuines = panel.counts & panel.same
                found = panel.scores[genuines].cpu().numpy()
                if len(found):
                    genuine.append(genuine_slots(found, index))
                    wide = found.astype(np.float64)
                    moments[0] += in_units(np.array([[wide.sum(), (wide**2).sum()]]))[0]
                    lowest = lowest.merge(self.extremes(panel, genuines, highest=False), highest=False)
                if histogram is not None:
                    histogram.add(panel, impostors)
            by_slot, slots_found = impostor.cpu().numpy(), np.concatenate(genuine)
            pairs = by_subject and self.over_pairs(tile, index, by_subject.bins, by_subject.groups)
            counted = histogram and pairs and histogram.found(pairs)
            return TileCounts(by_slot, slots_found, moments, highest, lowest, counted)

        return count

    def adder(self, lookup: Lookup, groups: np.ndarray, n: int, *, genuine_only: bool) -> Callable[[Tile], SubjectSums]:
        """See `Backend.adder`."""
        to = self.device
        places, group = Places(lookup.index, to), self.groups(groups, n)
        bins = torch.from_numpy(lookup.bins.astype(np.int64)).to(to)
        worth, tails = torch.from_numpy(lookup.worth).to(to), lookup.tails.tolist()
        size, populations = lookup.beyond, len(tails)

        def add(tile: Tile) -> SubjectSums:
            counts = torch.zeros((2, n, size), dtype=torch.int64, device=to)
            ranks = torch.zeros((n, populations, 2, 2), dtype=torch.int64, device=to)
            own, moments = (torch.zeros((n, 2), dtype=torch.int64, device=to) for _ in range(2))
            listed = [Listed.none(lookup.bar)]
            for panel in self.panels(self.spans(tile.pairs)):
                slot = places.slots(panel.scores)
                place, wide = bins[slot], panel.scores.double()
                values = [wide, wide * wide]
                side_a, side_b = group[panel.rows_a], group[panel.rows_b]
                # A genuine comparison belongs to one subject, an impostor comparison to two.
                kinds = (panel.counts & panel.same, panel.counts & ~panel.same)
                if not genuine_only:
                    listed.append(list_high(panel, kinds[1], group, lookup.bar))
                for kind, chosen in enumerate(kinds[:1] if genuine_only else kinds):
                    if kind == 0 and not chosen.any():
                        continue
                    for axis, side in ((1, side_a), (0, side_b))[: 1 + kind]:
                        counts[kind].index_add_(0, side, in_bins(place, chosen, size, axis))
                        for q in range(populations):
                            value = torch.where(chosen, worth[q, kind][slot], 0)
                            over = torch.where(place >= tails[q], value, 0)
                            added = torch.stack([value.sum(axis), over.sum(axis)], dim=1)
                            ranks[:, q, kind].index_add_(0, side, added)
                        sums = torch.stack([torch.where(chosen, v, 0).sum(axis) for v in values], dim=1)
                        units = torch.round(sums * MOMENT_UNIT).long()
                        (own if kind == 0 else moments).index_add_(0, side, units)
            pairs = (
                PairSums.zero(size) if genuine_only else self.over_pairs(tile, lookup.index, lookup.evaluated, groups)
            )
            return SubjectSums(
                counts=counts.cpu().numpy(),
                ranks=ranks.cpu().numpy(),
                moments=(moments + 2 * own).cpu().numpy(),
                own=own.cpu().numpy(),
                pairs=pairs,
                listed=Listed.joined(listed),
            )

        return add

    def over_pairs(self, tile: Tile, index: CutIndex, bins: Bins, groups: np.ndarray) -> PairSums:
        """Return the sums over pairs of subjects; the few block pairs that are looked at go to the processor."""
        blocks = self.blocks

        def looked_at() -> Iterator[tuple[slice, slice, np.ndarray]]:
            for span in self.spans(tile.pairs[tile.looked_at]):
                row = self.scores(span)
                for at in np.flatnonzero(span.wanted).tolist():
                    scores = row[:, at * BLOCK : (at + 1) * BLOCK].contiguous().cpu().numpy()
                    yield blocks.rows(span.a), blocks.rows(span.first + at), scores

        def worker() -> Callable[[tuple[slice, slice, np.ndarray]], PairSums]:
            places = np.empty((BLOCK, BLOCK), np.uint16)

            def add(looked: tuple[slice, slice, np.ndarray]) -> PairSums:
                a, b, scores = looked
                block, found = (
                    BlockPair(scores, blocks.subject[a], blocks.subject[b], a == b),
                    PairSums.zero(len(bins.edges) + 1),
                )
                find_buckets(block, index, places)
                sizes = add_squares(block, places, bins, groups[a], groups[b], found.squares, found.products)
                return replace(found, sizes=sizes)

            return add

        sums = sum(Threads(available_workers()).map(worker, looked_at()), PairSums.zero(len(bins.edges) + 1))
        n, m = self.blocks.filled[tile.pairs[:, 0]], self.blocks.filled[tile.pairs[:, 1]]
        made = np.where(tile.pairs[:, 0] == tile.pairs[:, 1], n * (n - 1) // 2, n * m)
        return replace(sums, compared=int(made.sum()), looked_at=int(made[tile.looked_at].sum()))

    def groups(self, groups: np.ndarray, n: int) -> torch.Tensor:
        """Return the int64 group of every row; those outside the `n` groups of a cell get one, but nothing counts."""
        padded = np.pad(groups, (0, len(self.subject) - len(groups)))
        return torch.from_numpy(np.minimum(padded, n - 1).astype(np.int64)).to(self.device)

    def spans(self, pairs: np.ndarray) -> Iterator[Span]:
        """Yield what has to be multiplied for (n, 2) block pairs."""
        groups = -(-len(self.blocks) // self.width)
        keys, which = np.unique(pairs[:, 0] * groups + pairs[:, 1] // self.width, return_inverse=True)
        wanted = np.zeros((len(keys), self.width), bool)
        wanted[which, pairs[:, 1] % self.width] = True
        for key, some in zip(keys.tolist(), wanted, strict=True):
            yield Span(key // groups, key % groups * self.width, some)

    def panels(self, spans: Iterable[Span]) -> Iterator[ScorePanel]:
        """Yield the scores of spans."""
        for span in spans:
            a, asked = self.blocks.rows(span.a), np.flatnonzero(span.wanted)
            begin, end = BLOCK * int(asked[0]), BLOCK * int(asked[-1] + 1)
            rows_a = torch.arange(a.start, a.stop, device=self.device)
            rows_b = torch.arange(begin, end, device=self.device) + span.first * BLOCK
            wanted = torch.from_numpy(np.repeat(span.wanted, BLOCK)[begin:end]).to(self.device)
            same = self.subject[rows_a][:, None] == self.subject[rows_b][None, :]
            counts = (rows_a[:, None] < rows_b[None, :]) & (wanted & (self.subject[rows_b] >= 0))
            yield ScorePanel(self.scores(span)[: len(rows_a), begin:end], rows_a, rows_b, same, counts)

    def scores(self, span: Span) -> torch.Tensor:
        """Return the (BLOCK, width x BLOCK) float32 similarity of a span, wanted or not.

        Where two rows nearly agree it is as exact as on the processors.
        """
        rows_a = slice(span.a * BLOCK, (span.a + 1) * BLOCK)
        rows_b = slice(span.first * BLOCK, (span.first + self.width) * BLOCK)
        a, b = self.vectors[rows_a], self.vectors[rows_b]
        with products(self.tf32):
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

    def extremes(self, panel: ScorePanel, chosen: torch.Tensor, *, highest: bool) -> Extremes:
        """Return the most telling of the chosen comparisons, as rows of the manifest, lower row first."""
        similarity = torch.where(chosen, panel.scores, -torch.inf if highest else torch.inf).flatten()
        bar = torch.topk(similarity, min(EXTREMES, len(similarity)), largest=highest).values[-1]
        near = chosen & ((panel.scores >= bar) if highest else (panel.scores <= bar))
        i, j = (at.cpu().numpy() for at in torch.nonzero(near, as_tuple=True))
        rows = panel.rows_a.cpu().numpy()[i], panel.rows_b.cpu().numpy()[j]
        found = in_manifest(self.blocks, panel.scores[near].cpu().numpy(), *rows)
        return found.keep(highest=highest)


def cuda_devices() -> int:
    """Return how many CUDA devices torch sees."""
    return torch.cuda.device_count()


@contextmanager
def products(tf32: bool) -> Iterator[None]:
    """Let float32 products on CUDA use TensorFloat-32, or not, here alone."""
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = tf32
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before
