"""Blocks compared on a CUDA device: products by torch, scores counted by kernels of our own."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numba import cuda

from facegap.data.comparator import Comparator
from facegap.data.subject_tally import Listed
from facegap.data.tally import EXTREMES, Extremes
from facegap.scoring.backend import BySubject, Precision, Tile, TileCounts
from facegap.scoring.cpu.kernel import add_plain
from facegap.scoring.cpu.with_numba import in_manifest, in_units, telling
from facegap.scoring.cuts import CutIndex
from facegap.scoring.gpu.cuda_kernel import (
    MIXED,
    SLACK,
    THREADS,
    TRIANGLE,
    WARP,
    WORDS,
    columns_at_once,
    count,
    count_by_subject,
    to_distances,
)
from facegap.scoring.gpu.with_torch import Places, Span, Torch, products
from facegap.scoring.layout import BLOCK, Blocks, genuine_block_pairs
from facegap.scoring.subject_histogram import SubjectHistogram

PANELS, STRETCH = 32, 256
"""Products that are counted at once, 268 million scores or 1 GB, and that many before the host looks what was found."""

MOST_MIXED = 64
"""Pairs of blocks among those with genuine comparisons, which are listed and have to fit."""

ROOM = 1 << 22
"""Impostor scores that can be listed at once; the few times that there are more, torch lists them."""

FULL = 2.0**14
"""The largest number that a half is made of; its products add up to what float32 holds."""

LINES = 4
"""Blocks of threads that work on one row of distances."""


class Cuda(Torch):
    """See `Backend`.

    A float32 product is made of three of float16: each number is the sum of two such, x = h + l, to 22 bits, and of
    (h + l)(h' + l') all but l l' is added up in float32. That is nearly as exact as a float32 product, whose sums round
    too (docs/gpu.md), and several times as fast on hardware made for halves.
    """

    def __init__(self, blocks: Blocks, device: str, precision: Precision) -> None:
        super().__init__(blocks, device, precision)
        if self.device.type == "cuda":
            cuda.select_device(self.device.index or 0)
        self.unit = 1.0
        dimension = self.vectors.shape[1]
        if precision == "float32" and self.vectors.is_cuda:
            largest = float(self.vectors.abs().max()) or 1.0
            scale = 2.0 ** int(np.floor(np.log2(FULL / largest)))
            high = (self.vectors * scale).half()
            low = (self.vectors * scale - high).half()
            halves = torch.cat([high, low, high, high], dim=1)
            self.left, self.right, self.unit = halves[:, : 3 * dimension], halves[:, dimension:], scale**-2
        else:
            self.left = self.right = self.vectors
        self.vectors = self.vectors.float() if blocks.comparator is Comparator.EUCLIDEAN else self.vectors[:0]
        self.mixed = np.unique(genuine_block_pairs(blocks) @ [len(blocks), 1])

    def is_mixed(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return (n,) bool: whether blocks a and b (n,) share a subject."""
        keys = a * len(self.blocks) + b
        at = np.minimum(np.searchsorted(self.mixed, keys), len(self.mixed) - 1)
        return self.mixed[at] == keys

    def new_panels(self, n: int) -> torch.Tensor:
        """Return room for the products of n spans, (n, BLOCK, width x BLOCK), and for a little more behind it."""
        size = n * BLOCK * self.width * BLOCK
        return torch.empty(size + SLACK, device=self.device)[:size].view(n, BLOCK, -1)

    def fill(self, panels: torch.Tensor, a: list[int], first: list[int]) -> float:
        """Write the similarity of blocks `a` and those from `first` on to `panels`, over a power of two; return
        that."""
        half = self.left.is_cuda and self.left.dtype != torch.float32
        as_float32 = {"out_dtype": torch.float32} if half else {}
        with products(self.tf32):
            for panel, block, begin in zip(panels, a, first, strict=False):
                columns = self.right[begin * BLOCK : (begin + self.width) * BLOCK]
                torch.mm(self.left[block * BLOCK : (block + 1) * BLOCK], columns.T, out=panel, **as_float32)
        if self.blocks.comparator is Comparator.COSINE:
            return self.unit
        firsts = BLOCK * torch.tensor([a, first], dtype=torch.int32).T.contiguous()
        lines = panels[: len(a)].view(len(a) * BLOCK, -1)
        to_distances[(LINES, len(lines)), THREADS](
            _array(lines), np.float32(self.unit), *map(_array, (firsts.to(self.device), self.squares, self.vectors))
        )
        return 1.0

    def counter(self, index: CutIndex, by_subject: BySubject | None = None) -> Callable[[Tile], TileCounts]:
        """See `Backend.counter`."""
        if by_subject is not None and not columns_at_once(len(by_subject.layout.edges) + 1):
            return super().counter(index, by_subject)
        return _Counter(self, index, by_subject).count

    def scores(self, span: Span) -> torch.Tensor:
        """See `Torch.scores`."""
        panels = self.new_panels(1)
        unit = self.fill(panels, [span.a], [span.first])
        return panels[0].mul_(unit)


class _Stretch(NamedTuple):
    """What is counted before the host looks at it again: (n, 2) block `pairs`, and what has to be multiplied for them.

    `a`, `first`: of each span, see there. `work` (n, 7) for the kernel; that of span k begins at row `begins[k]`.
    """

    pairs: np.ndarray
    a: list[int]
    first: list[int]
    work: torch.Tensor
    begins: list[int]


class _Counter:
    """Counts tiles with the kernels. What they read and write lies on the device, see `cuda_kernel.count`."""

    def __init__(self, backend: Cuda, index: CutIndex, by_subject: BySubject | None) -> None:
        self.backend, self.index, self.by_subject = backend, index, by_subject
        self.places = Places(index, backend.device)
        bits = np.packbits(np.pad(index.searched, (0, -len(index.searched) % WARP)), bitorder="little").view(np.int32)
        self.subject = _array(backend.subject)
        self.tables = [_array(self._put(table)) for table in (index.first, bits, index.padded)]
        self.n, self.bins, self.by_group = 1, 1, []
        if by_subject is not None:
            edges, of_bucket, _ = by_subject.bins
            self.n, self.bins = by_subject.n, len(edges) + 1
            group = backend.groups(by_subject.groups, by_subject.n).int()
            self.by_group = [_array(some) for some in (group, self._put(edges), self._put(of_bucket.astype(np.int16)))]
        self.panels = backend.new_panels(PANELS)
        self.high, self.genuine = (
            (self._zeros((n,), torch.float32), self._zeros((n, 2), torch.int32))
            for n in (ROOM, MOST_MIXED * BLOCK * BLOCK)
        )
        self.start, self.bar = 0, None

    def count(self, tile: Tile) -> TileCounts:
        """Return what a tile adds."""
        blocks, asked = self.backend.blocks, self.by_subject
        plain, slots = (self._zeros((n,), torch.int64) for n in (self.index.buckets, 2 * len(self.index.cuts) + 1))
        sums = self._zeros((_grid(self.backend.device) * THREADS, 2), torch.float64)
        counts, found = self._zeros((self.n, self.bins), torch.int64), self._zeros((2,), torch.int32)
        grown = [_array(some) for some in (plain, slots, sums, *self.high, *self.genuine, found)]
        listed = [] if asked is None else [Listed.none(asked.layout.bar)]
        genuine, highest = [(np.empty(0, np.float32), np.empty((0, 2), np.int32))], Extremes.none()
        for stretch in self._stretches(tile.pairs):
            if self.bar is None:
                self.start, self.bar = self._look(stretch.pairs[: stretch.begins[1]])
            bar = self.bar if asked is None else min(self.bar, asked.layout.bar)
            found.zero_()
            for begin in range(0, len(stretch.a), PANELS):
                self._launch(stretch, begin, bar, grown, _array(counts))
            n_high, n_genuine = found.tolist()
            for similarity, rows in self._listed(stretch.pairs, n_high, bar):
                if asked is not None:
                    chosen = similarity >= asked.layout.bar
                    a, b = asked.groups[rows[chosen]].T
                    listed.append(Listed(similarity[chosen], a, b, asked.layout.bar))
                highest = highest.merge(_extremes(blocks, similarity, rows, highest=True), highest=True)
            if len(highest.similarity) == EXTREMES:
                self.bar = max(self.bar, float(highest.similarity[-1]))
            if n_genuine:
                genuine.append(_taken(self.genuine, n_genuine))
        similarity, rows = map(np.concatenate, zip(*genuine, strict=True))
        impostor = slots.cpu().numpy()
        add_plain(plain.cpu().numpy(), self.index, impostor)
        wide = similarity.astype(np.float64)
        histogram = None
        if asked is not None:
            pairs = self.backend.over_pairs(tile, self.index, asked.bins, asked.groups)
            histogram = SubjectHistogram(asked.layout, counts.cpu().numpy(), pairs, Listed.joined(listed))
        return TileCounts(
            impostor=impostor,
            genuine=self.places.slots(self._put(similarity)).cpu().numpy(),
            moments=in_units(np.stack([[wide.sum(), (wide**2).sum()], sums.sum(0).cpu().numpy()])),
            highest_impostors=highest,
            lowest_genuines=_extremes(blocks, similarity, rows, highest=False),
            histogram=histogram,
        )

    def _stretches(self, pairs: np.ndarray) -> Iterator[_Stretch]:
        """Yield the work for (n, 2) block pairs, `STRETCH` spans and `MOST_MIXED` mixed pairs at most in each."""
        if not len(pairs):
            return
        blocks, width = self.backend.blocks, self.backend.width
        key = pairs[:, 0] * len(blocks) + pairs[:, 1] // width
        pairs = pairs[np.argsort(key, kind="stable")]
        a, b = pairs.T
        begins = np.flatnonzero(np.r_[True, (np.diff(a) != 0) | (np.diff(b // width) != 0)])
        span = np.repeat(np.arange(len(begins)), np.diff(np.r_[begins, len(a)]))
        mixed = self.backend.is_mixed(a, b)
        so_far = np.cumsum(np.bincount(span, mixed, len(begins))) // (MOST_MIXED - width)
        breaks = np.flatnonzero(np.diff(so_far)) + 1
        borders = np.unique(np.r_[np.arange(0, len(begins), STRETCH), breaks, len(begins)])
        panel = (span - np.repeat(borders[:-1], np.diff(borders))[span]) % PANELS
        flags = TRIANGLE * (a == b) + MIXED * mixed
        columns = (panel, b % width * BLOCK, a * BLOCK, b * BLOCK, blocks.filled[a], blocks.filled[b], flags)
        work, ends = self._put(np.stack(columns, axis=1).astype(np.int32)), np.r_[begins, len(a)]
        for k, end in pairwise(borders.tolist()):
            here = slice(ends[k], ends[end])
            heads = begins[k:end]
            firsts = b[heads] // width * width
            yield _Stretch(
                pairs[here], a[heads].tolist(), firsts.tolist(), work[here], (ends[k : end + 1] - ends[k]).tolist()
            )

    def _launch(self, stretch: _Stretch, begin: int, bar: float, grown: list, counts) -> None:
        """Multiply and count `PANELS` of the spans of a stretch, from `begin` on."""
        end, index, panels = min(begin + PANELS, len(stretch.a)), self.index, self.panels
        unit = self.backend.fill(panels, stretch.a[begin:end], stretch.first[begin:end])
        work = _array(stretch.work[stretch.begins[begin] : stretch.begins[end]])
        scored = (_array(panels.view(-1)), np.float32(unit), panels.shape[2], work, self.subject)
        grid, buckets = (_grid(panels.device), THREADS), (index.scale, index.offset, index.buckets)
        count[grid](*scored, *self.tables, *buckets, self.start, np.float32(bar), *grown)
        if self.by_group:
            group, edges, of_bucket = self.by_group
            count_by_subject[grid](*scored, group, *buckets, edges, of_bucket, columns_at_once(self.bins), counts)

    def _look(self, pairs: np.ndarray) -> tuple[int, float]:
        """Return where the window begins that holds most scores of a span's pairs, and a bar that few others reach."""
        index = self.index
        for panel in self.backend.panels(self.backend.spans(pairs)):
            impostors = panel.counts & ~panel.same
            bucket = torch.floor(panel.scores[impostors] * float(index.scale)).long() - index.offset
            held = torch.bincount(bucket.clamp(0, index.buckets - 1), minlength=index.buckets).cpu().numpy()
            below = np.r_[0, held.cumsum()]
            window = min(WORDS, index.buckets)
            seen = self.backend.extremes(panel, impostors, highest=True).similarity
        return (
            int(np.argmax(below[window:] - below[: len(below) - window])),
            float(seen[-1]) if len(seen) == EXTREMES else -np.inf,
        )

    def _listed(self, pairs: np.ndarray, n: int, bar: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the impostor scores of block pairs from `bar` on, n of them, with their rows of the layout."""
        if n <= ROOM:
            yield _taken(self.high, n)
            return
        for panel in self.backend.panels(self.backend.spans(pairs)):
            i, j = torch.nonzero(panel.counts & ~panel.same & (panel.scores >= bar), as_tuple=True)
            rows = torch.stack([panel.rows_a[i], panel.rows_b[j]], dim=1)
            yield panel.scores[i, j].cpu().numpy(), rows.cpu().numpy()

    def _put(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.backend.device)

    def _zeros(self, shape: tuple[int, ...], kind: torch.dtype) -> torch.Tensor:
        return torch.zeros(shape, dtype=kind, device=self.backend.device)


def _array(tensor: torch.Tensor):
    """Return the tensor's memory as the kernels take it; in numba's simulator that is an array of numpy."""
    return cuda.as_cuda_array(tensor) if tensor.is_cuda else tensor.numpy()


def _grid(device: torch.device) -> int:
    """Return how many blocks of threads a device runs at once."""
    return 4 * torch.cuda.get_device_properties(device).multi_processor_count if device.type == "cuda" else 2


def _taken(listed: tuple[torch.Tensor, torch.Tensor], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first n scores of a list, and their rows (n, 2)."""
    scores, rows = listed
    return scores[:n].cpu().numpy().copy(), rows[:n].cpu().numpy().copy()


def _extremes(blocks: Blocks, similarity: np.ndarray, rows: np.ndarray, *, highest: bool) -> Extremes:
    """Return the most telling of (n,) scores of rows (n, 2) of the layout."""
    at = telling(similarity, highest=highest)
    return in_manifest(blocks, similarity[at], *rows[at].T).keep(highest=highest)
