"""A second pass over the scores that adds every comparison to its subjects: what the intervals stand on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from facegap.executor import Executor, Threads, available_workers
from facegap.progress import Progress, silent
from facegap.scoring.compare import Products, score_range
from facegap.scoring.cuts import CutIndex, index_cuts
from facegap.scoring.layout import BLOCK, Blocks, block_pairs, lay_out
from facegap.scoring.subject_kernel import SEARCHED, Lookup, add_moments, add_passed, add_rest, add_squares, add_worth
from facegap.subject_tally import SubjectCounts, SubjectTally
from facegap.tally import MOMENT_UNIT, Counts, ScoreTally, cell

PARTS = 16
"""Into how many pieces the comparisons of two cohorts are cut; each holds counts for every subject."""

LEAST = 256
"""Block pairs that make a piece at least."""

COMPARED = 0.01
"""Time to compare a score with one knot, in units of the time to sort it into its bin."""

LOOKED_AT = 16
"""Block pairs that the sums over pairs of subjects are taken from, at least, if there are so many."""


def compare_subjects(
    vectors: np.ndarray,
    subject: np.ndarray,
    cohort: np.ndarray,
    ok: np.ndarray,
    tally: ScoreTally,
    *,
    knots: np.ndarray,
    tails: dict[str, float],
    wide_tail: float,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> SubjectTally:
    """Compare every image with every other again and count each comparison for its subjects.

    `vectors`, `subject`, `cohort`, `ok`: as `compare_all` took them to make `tally`. `knots`: (T,) closeness at
    which the accepted comparisons of each subject are wanted. `tails`: for each cohort the closeness from which its
    partial area is counted, `wide_tail` that for all together. The numbers do not depend on the executor.
    """
    executor = Threads(available_workers()) if executor is None else executor
    blocks = lay_out(vectors, subject, cohort, np.flatnonzero(ok), tally.comparator)
    low, high = score_range(blocks)
    met = (tally.genuine + tally.impostor)[:, 1::2].sum(axis=0) > 0
    index = index_cuts(tally.cuts, met, low=low, high=high)
    knots = np.unique(np.asarray(knots, np.float32))
    pairs, total, done = dict(block_pairs(blocks)), len(blocks) * (len(blocks) + 1) // 2, 0
    wide = tally.pooled()
    cells, wide_ranks = [], []
    images = [_Held.of(subject, cohort, rows, len(tally.cohorts)) for rows in (np.ones(len(ok), bool), ok)]
    with threadpool_limits(1, user_api="blas"):
        for q in range(len(tally.cohorts)):
            for p in range(q + 1):
                own = tally.between(tally.cohorts[p], tally.cohorts[q])
                tail = tails[tally.cohorts[p]] if p == q else np.inf
                asked = [(own, tail)] if len(tally.cohorts) == 1 else [(own, tail), (wide, wide_tail)]
                members = np.unique(subject[(cohort == p) | (cohort == q)])
                lookup = _lookup(index, knots, asked)
                work = _Work(blocks, lookup, members)
                found = pairs.get(cell(p, q), np.empty((0, 2), np.int64))
                parts = executor.map(lambda work=work: work, _parts(found))
                sums = _Sums.zero(len(members), len(knots) + 1, len(lookup.wide), len(asked))
                for part in parts:
                    sums += part
                    done += part.blocks
                    progress("intervals", done, total)
                possible, made = (held.between(p, q)[members] for held in images)
                cells.append(sums.counts_of(members, knots, tail, made[:, 1], possible - made))
                wide_ranks.append(sums.ranks[:, -1])
    return SubjectTally(tally.cohorts, tuple(cells), tuple(wide_ranks), wide_tail)


def _lookup(index: CutIndex, knots: np.ndarray, asked: list[tuple[Counts, float]]) -> Lookup:
    """Return what scores are worth in some populations, each with the closeness where its tail begins, a knot."""
    bins = np.r_[0, np.searchsorted(knots, np.repeat(index.cuts, 2), side="right")].astype(np.uint16)
    worth = np.stack([counts.twice_beaten() for counts, _ in asked])
    first = index.first_cut
    searched = first < 0
    tails = np.array([np.searchsorted(knots, np.float32(tail)) + 1 for _, tail in asked], np.int64)
    slots = np.where(searched, 0, 2 * np.where(searched, 0, first) + 2)
    return Lookup(
        cuts=index.cuts,
        first_cut=first,
        scale=index.scale,
        offset=index.offset,
        bins=bins,
        bucket_bins=np.where(searched, SEARCHED, bins[slots]).astype(np.uint16),
        worth=worth,
        bucket_worth=np.where(searched, 0, worth[:, 1, slots]),
        wide=knots[: min(_wide(index.cuts, knots, asked[-1][0]), tails.min() - 1)],
        tails=tails,
        unit=MOMENT_UNIT,
    )


def _wide(cuts: np.ndarray, knots: np.ndarray, counts: Counts) -> int:
    """Return how many of the lowest knots scores are compared with one by one, so that the work is least."""
    passing = counts.impostor[::-1].cumsum()[::-1][2 * np.searchsorted(cuts, knots) + 1] / max(counts.n_impostor, 1)
    return int(np.argmin(COMPARED * np.arange(len(knots) + 1) + np.r_[1.0, passing][: len(knots) + 1]))


def _parts(pairs: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the block pairs in pieces, each with those of them that the sums over pairs of subjects look at."""
    size = max(LEAST, -(-len(pairs) // PARTS))
    step = min(max(1, len(pairs) // LOOKED_AT), 16)
    looked_at = np.arange(len(pairs)) % step == 0
    for start in range(0, len(pairs), size):
        yield pairs[start : start + size], looked_at[start : start + size]


@dataclass(frozen=True)
class _Sums:
    """What some block pairs add to n subjects, see `subject_kernel`.

    `moments`, `passed`: over all comparisons, a genuine one twice; `own`: the moments of the genuine ones.
    `compared`, `looked_at`: comparisons in all, and those that the sums over pairs of subjects were taken from.
    """

    blocks: int
    counts: np.ndarray
    passed: np.ndarray
    ranks: np.ndarray
    moments: np.ndarray
    own: np.ndarray
    squares: np.ndarray
    products: np.ndarray
    sizes: int
    compared: int
    looked_at: int

    @classmethod
    def zero(cls, n: int, bins: int, wide: int, populations: int, dtype: type = np.int64) -> "_Sums":
        return cls(
            0,
            np.zeros((2, n, bins), dtype),
            np.zeros((n, wide), dtype),
            np.zeros((n, populations, 2, 2), np.int64),
            np.zeros((n, 2), np.int64),
            np.zeros((n, 2), np.int64),
            np.zeros(bins, np.int64),
            np.zeros(bins, np.int64),
            0,
            0,
            0,
        )

    def __add__(self, other: "_Sums") -> "_Sums":
        return _Sums(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def counts_of(
        self, members: np.ndarray, knots: np.ndarray, tail: float, made: np.ndarray, failed: np.ndarray
    ) -> SubjectCounts:
        """Return the sums as counts; of `made` (n,) impostor comparisons the wide bins get what is left."""
        scaled = self.compared / self.looked_at if self.looked_at else 1.0
        squares, products = (scaled * sums[::-1].cumsum()[::-1][1:] for sums in (self.squares, self.products))
        impostor = self.counts[1].copy()
        wide = self.passed.shape[1]
        genuine = self.counts[0][:, ::-1].cumsum(axis=1)[:, ::-1][:, 1 : wide + 1]
        left = np.c_[made, self.passed - 2 * genuine, impostor[:, wide + 1 :].sum(axis=1)]
        impostor[:, : wide + 1] = -np.diff(left, axis=1)
        return SubjectCounts(
            subject=members,
            knots=knots,
            tail=tail,
            genuine=self.counts[0],
            impostor=impostor,
            ranks=self.ranks[:, 0],
            moments=np.stack([self.own, self.moments - 2 * self.own], axis=1),
            failed=failed,
            squares=squares,
            products=products,
            sizes=scaled * self.sizes,
        )


@dataclass(frozen=True)
class _Work:
    """Adds block pairs of two cohorts to the subjects of both, `members`."""

    blocks: Blocks
    lookup: Lookup
    members: np.ndarray

    def __call__(self, part: tuple[np.ndarray, np.ndarray]) -> _Sums:
        products, groups = Products.of(self.blocks), np.searchsorted(self.members, self.blocks.subject)
        bins = int(self.lookup.bins[-1]) + 1
        sums = _Sums.zero(len(self.members), bins, len(self.lookup.wide), len(self.lookup.tails), np.int32)
        buckets = np.empty((BLOCK, BLOCK), np.uint32)
        sizes = compared = looked_at = 0
        for (a, b), look in zip(part[0].tolist(), part[1].tolist(), strict=True):
            pair = products(a, b)
            group_a = groups[a * BLOCK : a * BLOCK + self.blocks.filled[a]]
            group_b = groups[b * BLOCK : b * BLOCK + self.blocks.filled[b]]
            add_moments(pair, MOMENT_UNIT, group_a, group_b, sums.moments)
            add_passed(pair, self.lookup.wide, group_a, group_b, sums.passed)
            add_worth(pair, self.lookup, group_a, group_b, buckets, sums.ranks)
            add_rest(pair, self.lookup, group_a, group_b, buckets, sums.counts, sums.ranks, sums.own)
            made = len(group_a) * (len(group_a) - 1) // 2 if a == b else len(group_a) * len(group_b)
            compared += made
            if look:
                looked_at += made
                sizes += add_squares(pair, self.lookup, group_a, group_b, sums.squares, sums.products)
        return replace(sums, blocks=len(part[0]), sizes=sizes, compared=compared, looked_at=looked_at)


@dataclass(frozen=True)
class _Held:
    """How many images each of S subjects has in each of C cohorts: `images` (C, S) int64."""

    images: np.ndarray

    @classmethod
    def of(cls, subject: np.ndarray, cohort: np.ndarray, rows: np.ndarray, cohorts: int) -> "_Held":
        size = int(subject.max(initial=-1)) + 1
        return cls(np.stack([np.bincount(subject[rows & (cohort == c)], minlength=size) for c in range(cohorts)]))

    def between(self, p: int, q: int) -> np.ndarray:
        """Return (S, 2) genuine and impostor comparisons of each subject between cohorts p and q."""
        mine, other = self.images[p], self.images[q]
        if p == q:
            return np.stack([mine * (mine - 1) // 2, mine * (mine.sum() - mine)], axis=1)
        genuine = mine * other
        return np.stack([genuine, mine * other.sum() + other * mine.sum() - 2 * genuine], axis=1)
