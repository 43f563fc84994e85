"""Every pair of images, streamed in tiles through matrix products into a `ScoreTally`."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from threadpoolctl import get_cached_controller

from facegap.data.comparator import Comparator
from facegap.data.tally import ScoreTally, cell
from facegap.run.executor import Executor
from facegap.run.progress import Progress, silent
from facegap.run.room import Room
from facegap.run.summing import sums
from facegap.scoring.backend import Backend, BySubject
from facegap.scoring.cpu.histogram_kernel import Bins
from facegap.scoring.cpu.products import Kept
from facegap.scoring.cuts import CutIndex, choose_cuts
from facegap.scoring.device import backend_for, executor_for
from facegap.scoring.keeping import Keeper, kept_sums
from facegap.scoring.layout import Blocks, block_pairs, genuine_block_pairs, lay_out, members_of, score_range
from facegap.scoring.shards import CellCounts, Cells, InLists, ShardCounter, added_up, cut
from facegap.scoring.subject_histogram import Layout
from facegap.scoring.tiles import SMALLEST, pieces, tiles, tiles_by_subject

SAMPLE = 8
"""Block pairs of two cohorts that the layout of their histograms is chosen on."""

GENUINE_KEPT = 1 << 24
"""Genuine scores that are held in memory while the cuts are chosen; beyond that every n-th block is looked at."""


def compare_all(
    vectors: np.ndarray,
    subject: np.ndarray,
    cohort: np.ndarray,
    ok: np.ndarray,
    *,
    comparator: Comparator,
    cohorts: tuple[str, ...],
    thresholds: Sequence[float] = (),
    executor: Executor | None = None,
    progress: Progress = silent,
    tile: int | None = None,
    kept: Kept | None = None,
    device: str = "cpu",
    precision: str = "float32",
    keeper: Keeper | None = None,
) -> ScoreTally:
    """Compare every image with every other, within and across cohorts.

    `vectors` (N, D) float32; `subject`, `cohort` (N,) int32; `ok` (N,) bool says which rows take part: comparisons
    with the others are counted as failed. `thresholds`: native ones that must be counted exactly. `kept`: takes up
    what `compare_subjects` will need, all scores or histograms of the subjects. `device`, `precision`: where scores
    are computed, and how; see `device.backend_for`. `keeper`: keeps the counts of long comparings on the way, and knows
    those that a run before kept. The memory needed grows with N x D and with cohorts^2 x cuts,
    never with the number of comparisons. The counts do not depend on `tile` (block pairs per tile) nor on the
    executor, which drives the processors alone. Devices round scores differently; given the same scores they count
    the same.

    Raises:
        InputError: the device cannot be used.
    """
    executor = executor_for(device, executor)
    zeros = partial((keeper.room if keeper else Room()).zeros, executor=executor)
    blocks = lay_out(vectors, subject, cohort, np.flatnonzero(ok), comparator, zeros)
    by_subject = kept is not None and not kept.fits(blocks)
    keeps = kept is not None and not by_subject
    kept = Kept() if kept is None else kept
    backend = backend_for(device, precision, blocks, kept, keeps=keeps)
    cells, total, done = len(cohorts) * (len(cohorts) + 1) // 2, len(blocks) * (len(blocks) + 1) // 2, 0

    def advance(block_pairs: int) -> None:
        nonlocal done
        done += block_pairs
        progress("comparing", done, total)

    with get_cached_controller().limit(limits=1, user_api="blas"):
        genuine = _genuine(backend, blocks, executor)
        low, high = score_range(blocks)
        index = choose_cuts(genuine, thresholds, low=low, high=high, comparator=comparator, cells=cells)
        tally, slots = ScoreTally.empty(comparator, cohorts, index.cuts), 2 * len(index.cuts) + 1
        how = device, precision, comparator, cohorts, by_subject, tile, tuple(thresholds)
        kept_sum = kept_sums(keeper, total, *how, index.padded, subject, cohort, *vars(blocks).values())
        count = partial(added_up, executor=executor, advance=advance)
        if not by_subject:
            shards = cut(tiles(blocks, tile or backend.tile))
            zero = Cells({shard.at: CellCounts.zero(slots) for shard in shards})
            counter = ShardCounter(partial(backend.counter, index), slots)
            tally = count(counter, shards, zero, kept=kept_sum("counts")).added_to(tally)
        for at, pairs in block_pairs(blocks) if by_subject else ():
            named = np.array([comparator.cut(t) for t in thresholds], np.float32)
            layout = _layout(backend, index, pairs, named, executor)
            members = members_of(subject, cohort, *blocks.cohort[pairs[0]])
            groups = np.searchsorted(members, blocks.subject)
            asked = BySubject(layout, Bins.between(layout.edges, index), groups, len(members))
            shards = cut((at, tile) for tile in tiles_by_subject(pairs, backend.tile))
            counter = ShardCounter(partial(backend.counter, index, asked), slots)
            zero = Cells({at: CellCounts.zero(slots, asked)})
            counted = count(counter, shards, zero, kept=kept_sum(f"counts-{at}"))
            histogram = counted.of[at].histogram
            assert histogram is not None
            kept.histograms[at] = histogram
            tally = counted.added_to(tally)
    return replace(tally, failed=_failed(subject, cohort, ok, len(cohorts)))


def _genuine(backend: Backend, blocks: Blocks, executor: Executor) -> np.ndarray:
    """Return the similarity of the genuine comparisons: all of them, or those of evenly spaced blocks if too many."""
    held = np.bincount(blocks.subject[blocks.row >= 0])
    step = max(1, -(-int((held * (held - 1) // 2).sum()) // GENUINE_KEPT))
    pairs = genuine_block_pairs(blocks)[::step]
    parts = [pairs[i : i + SMALLEST] for i in range(0, len(pairs), SMALLEST)]
    found = sums(executor, InLists(backend.collector), parts)
    return np.concatenate([np.empty(0, np.float32), *(scores for _, some in found for scores in some)])


def _layout(backend: Backend, index: CutIndex, pairs: np.ndarray, named: np.ndarray, executor: Executor) -> Layout:
    """Return the layout of the histograms of a cell, chosen on some of its (n, 2) block pairs."""
    sample = pairs[:: -(-len(pairs) // SAMPLE)]
    counted = sums(executor, InLists(partial(backend.counter, index)), pieces(sample, SMALLEST))
    impostor = np.sum([part.impostor for _, some in counted for part in some], axis=0)
    return Layout.fit(impostor, index, len(sample) / len(pairs), named)


def _failed(subject: np.ndarray, cohort: np.ndarray, ok: np.ndarray, cohorts: int) -> np.ndarray:
    """Return (P, 2) int64: genuine and impostor comparisons that a failed image made impossible, by cell."""
    everything = possible(subject, cohort, np.ones(len(ok), bool), cohorts)
    return everything - possible(subject, cohort, ok, cohorts)


def possible(subject: np.ndarray, cohort: np.ndarray, rows: np.ndarray, cohorts: int) -> np.ndarray:
    """Return (P, 2) int64: genuine and impostor comparisons among `rows` (N,) bool, by cell."""
    size = int(subject.max(initial=-1)) + 1
    held = np.stack([np.bincount(subject[rows & (cohort == c)], minlength=size) for c in range(cohorts)])
    counts = np.zeros((cohorts * (cohorts + 1) // 2, 2), np.int64)
    for q in range(cohorts):
        for p in range(q + 1):
            same = (held[p] * (held[p] - 1) // 2).sum() if p == q else (held[p] * held[q]).sum()
            n, m = held[p].sum(), held[q].sum()
            both = n * (n - 1) // 2 if p == q else n * m
            counts[cell(p, q)] = same, both - same
    return counts
