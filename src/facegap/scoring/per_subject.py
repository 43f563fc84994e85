"""What every comparison adds to its subjects: a second pass over the scores, or over the genuine ones alone."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from threadpoolctl import get_cached_controller

from facegap.data.across import between_name
from facegap.data.subject_tally import SubjectTally
from facegap.data.tally import MOMENT_UNIT, Counts, ScoreTally, cell
from facegap.run.executor import Executor
from facegap.run.progress import Progress, silent
from facegap.run.room import Room
from facegap.scoring.cpu.histogram_kernel import Bins
from facegap.scoring.cpu.products import Kept
from facegap.scoring.cpu.subject_kernel import Lookup
from facegap.scoring.cuts import CutIndex, index_cuts
from facegap.scoring.device import backend_for, executor_for
from facegap.scoring.keeping import Keeper, kept_sums
from facegap.scoring.layout import block_pairs, by_cell, genuine_block_pairs, lay_out, members_of, score_range
from facegap.scoring.shards import ShardAdder, added_up, cut
from facegap.scoring.subject_sums import LISTED, SubjectSums
from facegap.scoring.tiles import tiles_by_subject


def compare_subjects(
    vectors: np.ndarray,
    subject: np.ndarray,
    cohort: np.ndarray,
    ok: np.ndarray,
    tally: ScoreTally,
    *,
    evaluated: np.ndarray,
    tails: dict[str, float],
    wide_tail: float,
    executor: Executor | None = None,
    progress: Progress = silent,
    kept: Kept | None = None,
    device: str = "cpu",
    precision: str = "float32",
    keeper: Keeper | None = None,
) -> SubjectTally:
    """Compare every image with every other again and count each comparison for its subjects.

    `vectors`, `subject`, `cohort`, `ok`: as `compare_all` took them to make `tally`. `evaluated`: (T,) similarity at
    which the accepted comparisons of each subject are wanted. `tails`: for each cohort, and each pair that has one, by
    its name (`between_name`), the similarity from which its partial area is counted, `wide_tail` that for all together;
    they are evaluated thresholds. `kept`, `device`, `precision`, `keeper`: those that `compare_all` was given. The
    numbers do not depend on the executor. Where `kept` holds histograms, only the genuine comparisons are made again:
    see `SubjectHistogram` for what is then exact; else all is.
    """
    executor = executor_for(device, executor)
    kept = Kept(0) if kept is None else kept
    zeros = partial((keeper.room if keeper else Room()).zeros, executor=executor)
    blocks = lay_out(vectors, subject, cohort, np.flatnonzero(ok), tally.comparator, zeros)
    backend = backend_for(device, precision, blocks, kept, keeps=False)
    low, high = score_range(blocks)
    met = (tally.genuine + tally.impostor)[:, 1::2].sum(axis=0) > 0
    index = index_cuts(tally.cuts, met, low=low, high=high)
    evaluated = np.unique(np.asarray(evaluated, np.float32))
    work = dict(by_cell(blocks, genuine_block_pairs(blocks)) if kept.histograms else block_pairs(blocks))
    total, done = sum(len(pairs) for pairs in work.values()), 0
    wide = tally.pooled()
    how = device, precision, tally.comparator, tally.cohorts, bool(kept.histograms), tuple(tails.items()), wide_tail
    counted = evaluated, tally.cuts, tally.genuine, tally.impostor, subject, cohort
    kept_sum = kept_sums(keeper, total, *how, *counted, *vars(blocks).values())

    def advance(block_pairs: int) -> None:
        nonlocal done
        done += block_pairs
        progress("intervals", done, total)

    cells, wide_ranks = [], []
    images = [Held.of(subject, cohort, rows, len(tally.cohorts)) for rows in (np.ones(len(ok), bool), ok)]
    with get_cached_controller().limit(limits=1, user_api="blas"):
        for q in range(len(tally.cohorts)):
            for p in range(q + 1):
                own, at = tally.between(tally.cohorts[p], tally.cohorts[q]), cell(p, q)
                tail = tails.get(between_name(tally.cohorts[p], tally.cohorts[q]), np.inf)
                asked = [(own, tail)] if len(tally.cohorts) == 1 else [(own, tail), (wide, wide_tail)]
                members, histogram = members_of(subject, cohort, p, q), kept.histograms.get(at)
                groups = np.searchsorted(members, blocks.subject)
                lookup, genuine_only = _lookup(index, evaluated, asked), histogram is not None
                adder = partial(backend.adder, lookup, groups, len(members), genuine_only=genuine_only)
                sums = SubjectSums.zero(len(members), len(evaluated) + 1, len(asked), lookup.bar)
                parts = tiles_by_subject(work.get(at, np.empty((0, 2), np.int64)), backend.tile)
                sums = added_up(
                    ShardAdder(adder), cut((at, tile) for tile in parts), sums,
                    executor=executor, advance=advance, kept=kept_sum(f"subjects-{at}"),
                )  # fmt: skip
                if histogram is not None:
                    sums = histogram.sums(evaluated, own, asked, sums)
                possible, made = (held.between(p, q)[members] for held in images)
                cells.append(sums.counts_of(members, evaluated, tail, possible - made))
                wide_ranks.append(sums.ranks[:, -1])
    return SubjectTally(tally.cohorts, tuple(cells), tuple(wide_ranks), wide_tail)


def _lookup(index: CutIndex, evaluated: np.ndarray, asked: list[tuple[Counts, float]]) -> Lookup:
    """Return what scores are worth in some populations, each with the similarity where its tail begins, an evaluated
    threshold."""
    bins = np.r_[0, np.searchsorted(evaluated, np.repeat(index.cuts, 2), side="right")].astype(np.uint16)
    worth = np.stack([counts.twice_beaten() for counts, _ in asked])
    lowest, highest = 2 * index.first[:-1], 2 * index.first[1:]
    constant = (bins[lowest] == bins[highest]) & (worth[:, 1, lowest] == worth[:, 1, highest]).all(axis=0)
    searched = (index.searched == 1) & ~constant
    tails = np.array([np.searchsorted(evaluated, np.float32(tail)) + 1 for _, tail in asked], np.int64)
    return Lookup(
        index=index,
        bins=bins,
        worth=worth,
        bucket_bins=np.where(searched, len(evaluated) + 1, bins[highest]).astype(np.uint16),
        bucket_worth=np.where(searched, 0, worth[:, 1, highest]),
        beyond=len(evaluated) + 1,
        tails=tails,
        tail_buckets=np.searchsorted(bins[highest], tails),
        unit=MOMENT_UNIT,
        evaluated=Bins.between(evaluated, index),
        bar=listing_bar(asked[0][0]),
    )


def listing_bar(counts: Counts) -> float:
    """Return the lowest cut that at most `LISTED` impostor scores reach; below all scores if there are no more."""
    if counts.n_impostor <= LISTED:
        return float("-inf")
    reached = counts.impostor[::-1].cumsum()[::-1][1::2]
    few = np.flatnonzero(reached <= LISTED)
    return float(counts.cuts[few[0]]) if len(few) else float("inf")


@dataclass(frozen=True)
class Held:
    """How many images each of S subjects has in each of C cohorts: `images` (C, S) int64."""

    images: np.ndarray

    @classmethod
    def of(cls, subject: np.ndarray, cohort: np.ndarray, rows: np.ndarray, cohorts: int) -> "Held":
        """Count the images of `rows` (N,) bool; `subject`, `cohort` (N,) codes."""
        size = int(subject.max(initial=-1)) + 1
        return cls(np.stack([np.bincount(subject[rows & (cohort == c)], minlength=size) for c in range(cohorts)]))

    def between(self, p: int, q: int) -> np.ndarray:
        """Return (S, 2) genuine and impostor comparisons of each subject between cohorts p and q."""
        mine, other = self.images[p], self.images[q]
        if p == q:
            return np.stack([mine * (mine - 1) // 2, mine * (mine.sum() - mine)], axis=1)
        genuine = mine * other
        return np.stack([genuine, mine * other.sum() + other * mine.sum() - 2 * genuine], axis=1)
