"""Each subject's impostor scores in a histogram, and what follows from it at thresholds chosen afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegap.data.subject_tally import Listed
from facegap.data.tally import MOMENT_UNIT, Counts
from facegap.scoring.cuts import CutIndex
from facegap.scoring.subject_sums import LISTED, PairSums, SubjectSums, rank_in_pair

STEP = 0.2
"""From one edge to the next the log odds of the false match rate change by this at most, as far as a sample shows."""


@dataclass(frozen=True)
class Layout:
    """Where the scores of a population go: into bins between `edges` (m,) float32, and onto a list from `bar` on."""

    edges: np.ndarray
    bar: float

    @classmethod
    def fit(cls, impostor: np.ndarray, index: CutIndex, share: float, named: np.ndarray) -> "Layout":
        """Choose them on (slots,) impostor scores, a `share` of the population's.

        Edges are borders of buckets, so that the bin of a score follows from its bucket, and the similarity of the
        `named` thresholds, where counts are exact.
        """
        borders = index.edges[1:-1]
        above = impostor[::-1].cumsum()[::-1][2 * np.searchsorted(index.cuts, borders) + 1]
        level = np.floor(np.log((above + 0.5) / (impostor.sum() - above + 0.5)) / STEP)
        chosen = np.flatnonzero(np.diff(level)) + 1
        few = above[chosen] <= share * LISTED
        bar = float(borders[chosen][few][0]) if few.any() else np.inf
        return cls(np.unique(np.r_[borders[chosen], named.astype(np.float32)]), bar)


@dataclass(frozen=True)
class SubjectHistogram:
    """The impostor scores of n subjects; a comparison is counted for both of its subjects.

    `counts`: (n, m + 1) int64; bin 0 holds the scores below every edge, bin k those from edge k - 1 up to edge k.
    `pairs`: sums over pairs of subjects in the same bins. `listed`: the scores from the bar on, once more, of subjects
    0 to n - 1.
    """

    layout: Layout
    counts: np.ndarray
    pairs: PairSums
    listed: Listed

    @classmethod
    def zero(cls, layout: Layout, n: int) -> "SubjectHistogram":
        """Return the histogram of no scores, of n subjects."""
        bins = len(layout.edges) + 1
        return cls(layout, np.zeros((n, bins), np.int64), PairSums.zero(bins), Listed.none(layout.bar))

    def __add__(self, other: "SubjectHistogram") -> "SubjectHistogram":
        return SubjectHistogram(
            self.layout,
            self.counts + other.counts,
            self.pairs + other.pairs,
            Listed.joined([self.listed, other.listed]),
        )

    def sums(
        self, evaluated: np.ndarray, own: Counts, asked: Sequence[tuple[Counts, float]], genuine: SubjectSums
    ) -> SubjectSums:
        """Return what a pass over the scores adds to the subjects.

        `evaluated` (T,) float32, rising: cuts of `own`, the counts of the same comparisons. `asked`: populations that
        scores are ranked in, each with the similarity where its tail begins, an evaluated threshold. `genuine`: of the
        genuine scores.

        Accepted comparisons are exact in total at every evaluated threshold, and subject by subject at edges and from
        the bar on. Where an evaluated threshold divides another bin, the bin's scores are shared out among its subjects
        in proportion. To ranks and moments a score is worth the mean of its bin.
        """
        fine = _Fine.of(np.unique(np.r_[self.layout.edges, evaluated]), own)
        counts = self._divided(fine)
        ranks = genuine.ranks.copy()
        for q, (ranked, tail) in enumerate(asked):
            worth = fine.mean(ranked.twice_beaten()[1])
            over = np.r_[-np.inf, fine.edges] >= np.float32(tail)
            ranks[:, q, 1] = np.rint(np.stack([counts @ worth, counts @ (over * worth)], axis=1))
        powers = np.stack([fine.mean(fine.similarity**power) for power in (1, 2)], axis=1)
        starts = np.r_[0, np.searchsorted(fine.edges, evaluated) + 1]
        return SubjectSums(
            counts=np.stack([genuine.counts[0], np.add.reduceat(counts, starts, axis=1)]),
            ranks=ranks,
            moments=2 * genuine.own + np.rint(counts @ powers * MOMENT_UNIT).astype(np.int64),
            own=genuine.own,
            pairs=self._pairs_between(evaluated, fine),
            listed=self.listed,
        )

    def _divided(self, fine: "_Fine") -> np.ndarray:
        """Return the (n, M + 1) counts of the finer bins."""
        of_bin = np.r_[0, np.searchsorted(self.layout.edges, fine.edges, side="right")]
        counts = self.counts[:, of_bin]
        for k in range(len(fine.edges), 0, -1):
            if of_bin[k] == of_bin[k - 1]:
                left = counts[:, k].copy()
                counts[:, k] = _shared_out(left, 2 * int(fine.totals[k]))
                counts[:, k - 1] = left - counts[:, k]
        counts[:, 1:][:, fine.edges >= self.layout.bar] = 0
        bins = np.searchsorted(fine.edges, self.listed.similarity, side="right")
        for side in (self.listed.a, self.listed.b):
            np.add.at(counts, (side, bins), 1)
        return counts

    def _pairs_between(self, evaluated: np.ndarray, fine: "_Fine") -> PairSums:
        """Return the sums over pairs of subjects, of all comparisons, by the bins between `evaluated`.

        Between two edges they grow evenly with the comparisons accepted; from the bar on the squares are those of the
        list.
        """
        squares, products, sizes = self.pairs.over_all()
        known, wanted = (np.searchsorted(fine.edges, some) + 1 for some in (self.layout.edges, evaluated))
        accepted = fine.totals[::-1].cumsum()[::-1]
        order = np.r_[known[::-1], 0]
        at_evaluated = [
            np.interp(accepted[wanted], np.r_[0, accepted[order]], np.r_[0, sums[::-1], sizes])
            for sums in (squares, products)
        ]
        sides = np.sort(np.stack([self.listed.a, self.listed.b]), axis=0)
        bins = np.searchsorted(evaluated, self.listed.similarity, side="right")
        of_list = np.bincount(bins, 2 * rank_in_pair(sides, self.listed.similarity) - 1, len(evaluated) + 1)
        at_evaluated[0] = np.where(evaluated >= self.layout.bar, of_list[::-1].cumsum()[::-1][1:], at_evaluated[0])
        squares, products = (-np.diff(np.r_[sizes, sums, 0]) for sums in at_evaluated)
        return PairSums(squares, products, sizes, self.pairs.compared, self.pairs.compared)


@dataclass(frozen=True)
class _Fine:
    """The (M + 1) bins between M `edges`: `totals`, how many comparisons each holds.

    `of_slot`, `similarity`, `weights` (slots,): the bin, the similarity and the number of the scores of a slot, see
    `Counts`.
    """

    edges: np.ndarray
    totals: np.ndarray
    of_slot: np.ndarray
    similarity: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, edges: np.ndarray, counts: Counts) -> "_Fine":
        """Return the bins of the impostor scores of `counts`; `edges` are cuts."""
        of_slot = np.r_[0, np.searchsorted(edges, np.repeat(counts.cuts, 2), side="right")]
        totals = np.zeros(len(edges) + 1, np.int64)
        np.add.at(totals, of_slot, counts.impostor)
        twice = np.repeat(counts.cuts.astype(np.float64), 2)
        similarity = np.r_[twice[:1], (twice[:-1] + twice[1:]) / 2, twice[-1:]]
        return cls(edges, totals, of_slot, similarity, counts.impostor)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return (M + 1,) the mean over the scores of each bin of what they are worth by slot; 0 for an empty one."""
        sums = np.bincount(self.of_slot, values.astype(np.float64) * self.weights, len(self.totals))
        return np.divide(sums, self.totals, out=np.zeros(len(self.totals)), where=self.totals > 0)


def _shared_out(held: np.ndarray, total: int) -> np.ndarray:
    """Return (n,) whole numbers that sum up to `total`, in proportion to `held` (n,) and never more."""
    whole = int(held.sum())
    return np.diff(np.rint(held.cumsum() * (total / whole)), prepend=0).astype(np.int64) if whole else held
