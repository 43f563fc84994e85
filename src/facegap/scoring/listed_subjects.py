"""What the comparisons of a list add to their subjects, block by block."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from facegap.data.across import between_name
from facegap.data.score_list import ScoreBlock
from facegap.data.subject_tally import Listed, SubjectCounts, SubjectTally
from facegap.data.tally import MOMENT_UNIT, ScoreTally
from facegap.scoring.cuts import slots_of
from facegap.scoring.per_subject import listing_bar
from facegap.scoring.subject_sums import PairSums, rank_in_pair

T = TypeVar("T")

WHOLE = 1 << 22
"""Of so many impostor comparisons all are listed and all pairs of subjects looked at; of more the highest are listed,
and a sample of the pairs of subjects is looked at."""

LARGEST = 2.0**62
"""Moments below it fit whole numbers; those of larger scores stay floating-point numbers."""

ODD = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio: multiplying by it scatters numbers (Knuth, The Art of Computer Programming 3, 6.4)."""


class SubjectCounter:
    """Counts listed comparisons for their subjects; see `data.subject_tally.SubjectCounts`.

    `tally`: the same comparisons counted before. `members`: for each pair of cohorts, (n,) codes of the subjects that
    take part, rising. `evaluated`, `tails`, `wide_tail`: as `compare_subjects` takes them.
    """

    def __init__(
        self,
        tally: ScoreTally,
        members: Sequence[np.ndarray],
        *,
        evaluated: np.ndarray,
        tails: dict[str, float],
        wide_tail: float,
    ) -> None:
        self.tally, self.wide_tail = tally, wide_tail
        evaluated = np.unique(np.asarray(evaluated, np.float32))
        whole = np.int64 if tally.drawn is None and tally.weighed is None else np.float64
        impostors = int(tally.impostor.sum())
        several, wide = len(tally.cohorts) > 1, tally.pooled().twice_beaten()
        self.cells: list[_Cell] = []
        self.made: list[_Cell] = []
        for (first, second), found in zip(pairs_of(tally.cohorts), members, strict=True):
            own = tally.between(first, second)
            tail = tails.get(between_name(first, second), float("inf"))
            ranked = [(own.twice_beaten(), tail), *([(wide, wide_tail)] if several else [])]
            ranked = [(worth.astype(whole), tail) for worth, tail in ranked]
            share, bar = (1.0, float("-inf")) if impostors <= WHOLE else (WHOLE / impostors, listing_bar(own.made))
            cell = partial(_Cell, tally.cuts, found, evaluated, ranked, share, bar)
            self.cells.append(cell(weighed=tally.weighed is not None))
            if tally.weighed is not None:
                self.made.append(cell())

    def add(self, at: np.ndarray, subjects: np.ndarray, block: ScoreBlock) -> None:
        """Add a block: (P,) its pairs of cohorts, and (2, P) subjects."""
        for c in np.unique(at).tolist():
            mine = at == c
            sides, same, similarity = subjects[:, mine], block.same[mine], block.similarity[mine]
            if self.tally.weighed is None:
                self.cells[c].add(sides, same, similarity)
            else:
                assert block.weight is not None
                self.cells[c].add(sides, same, similarity, self.tally.weighed.unit * block.weight[mine])
                self.made[c].add(sides, same, similarity)

    def found(self, failed: Sequence[np.ndarray] | None = None) -> SubjectTally:
        """Return what was counted. `failed`: (n, 2) failed comparisons of the members, if not those of the list."""
        cells, made = ([_found(one, c, failed) for c, one in enumerate(some)] for some in (self.cells, self.made))
        ranks = [one.ranked[-1].ranks for one in self.cells]
        if made:
            cells = [replace(one, evidence=once) for one, once in zip(cells, made, strict=True)]
        if (drawn := self.tally.drawn) is not None:
            cells = [one.weighed(units) for one, units in zip(cells, drawn.units, strict=True)]
            ranks = [units[None, :, None] * of_cell for of_cell, units in zip(ranks, drawn.units, strict=True)]
        return SubjectTally(self.tally.cohorts, tuple(cells), tuple(ranks), self.wide_tail)


def pairs_of(cohorts: Sequence[T]) -> list[tuple[T, T]]:
    """Return the pairs of cohorts, by name or number, in the order of `data.tally.cell`."""
    return [(first, second) for q, second in enumerate(cohorts) for first in cohorts[: q + 1]]


def _found(one: "_Cell", c: int, failed: Sequence[np.ndarray] | None) -> SubjectCounts:
    return one.found(one.failed if failed is None else np.maximum(failed[c] - one.made, 0))


@dataclass(frozen=True)
class _Ranked:
    """What scores are worth in one population: `worth` (2, slots), `tail`; and `ranks` (n, 2, 2), what was added."""

    worth: np.ndarray
    tail: float
    ranks: np.ndarray

    def add(self, kind: int, side: np.ndarray, slots: np.ndarray, similarity: np.ndarray, weight: np.ndarray) -> None:
        value = weight * self.worth[kind][slots]
        np.add.at(self.ranks[:, kind, 0], side, value)
        high = similarity >= np.float32(self.tail)
        np.add.at(self.ranks[:, kind, 1], side[high], value[high])


class _Cell:
    """The comparisons of one pair of cohorts, or, `weighed`, sums of their weights."""

    def __init__(
        self,
        cuts: np.ndarray,
        members: np.ndarray,
        evaluated: np.ndarray,
        ranked: Sequence[tuple[np.ndarray, float]],
        share: float,
        bar: float,
        *,
        weighed: bool = False,
    ) -> None:
        n, number = len(members), np.float64 if weighed else np.int64
        self.cuts, self.members, self.evaluated, self.share, self.bar = cuts, members, evaluated, share, bar
        self.counts = np.zeros((2, n, len(evaluated) + 1), number)
        self.ranked = [_Ranked(worth, tail, np.zeros((n, 2, 2), worth.dtype)) for worth, tail in ranked]
        self.moments = np.zeros((n, 2, 2))
        self.failed = np.zeros((n, 2), number)
        self.compared, self.weighed = 0, weighed
        self.listed: list[_Impostors] = []
        self.sampled: list[_Impostors] = []

    @property
    def made(self) -> np.ndarray:
        """(n, 2): genuine and impostor comparisons made of each subject."""
        return self.counts.sum(axis=2).T

    def add(
        self, subjects: np.ndarray, same: np.ndarray, similarity: np.ndarray, weight: np.ndarray | None = None
    ) -> None:
        weight = np.ones(len(same), np.int64) if weight is None else weight
        place, made = np.searchsorted(self.members, subjects), ~np.isnan(similarity)
        slots = slots_of(self.cuts, similarity)
        bins = np.searchsorted(self.evaluated, similarity, side="right")
        for kind, of_kind in enumerate((same, ~same)):
            chosen, missing = of_kind & made, of_kind & ~made
            units = [np.rint(similarity[chosen].astype(np.float64) ** power * MOMENT_UNIT) for power in (1, 2)]
            for side in place[:1] if kind == 0 else place:
                mine = side[chosen]
                np.add.at(self.counts[kind].reshape(-1), mine * self.counts.shape[2] + bins[chosen], weight[chosen])
                np.add.at(self.failed[:, kind], side[missing], weight[missing])
                for one in self.ranked:
                    one.add(kind, mine, slots[chosen], similarity[chosen], weight[chosen])
                for power in range(2):
                    weighed = units[power] * weight[chosen]
                    self.moments[:, kind, power] += np.bincount(mine, weighed, len(self.members))
        chosen = ~same & made
        self._keep(_Impostors(place[:, chosen], similarity[chosen], weight[chosen]))

    def _keep(self, block: "_Impostors") -> None:
        """Keep the impostor comparisons that are listed, and those of the pairs of subjects that are looked at."""
        self.compared += len(block.similarity)
        self.listed.append(block.chosen(block.similarity >= np.float32(self.bar)))
        if self.share < 1:
            self.sampled.append(block.chosen(_drawn(block.sides, self.share)))

    def found(self, failed: np.ndarray) -> SubjectCounts:
        listed = _Impostors.joined(self.listed)
        looked_at = _Impostors.joined(self.sampled) if self.share < 1 else listed
        pairs = over_pairs(looked_at.sides, looked_at.similarity, looked_at.weight, self.evaluated, self.compared)
        squares, products, sizes = pairs.over_all()
        whole = not self.weighed and np.abs(self.moments).max(initial=0) < LARGEST
        sides, weight = listed.sides, listed.weight if self.weighed else None
        return SubjectCounts(
            subject=self.members,
            evaluated=self.evaluated,
            tail=self.ranked[0].tail,
            genuine=self.counts[0],
            impostor=self.counts[1],
            ranks=self.ranked[0].ranks,
            moments=self.moments.astype(np.int64) if whole else self.moments,
            failed=failed,
            squares=squares,
            products=products,
            sizes=sizes,
            listed=Listed(listed.similarity, sides[0], sides[1], self.bar, weight).among(self.members),
        )


@dataclass(frozen=True)
class _Impostors:
    """Some impostor comparisons: `sides` (2, n) places of the subjects, `similarity` (n,), `weight` (n,)."""

    sides: np.ndarray
    similarity: np.ndarray
    weight: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence["_Impostors"]) -> "_Impostors":
        parts = parts or [cls(np.empty((2, 0), np.int64), np.empty(0, np.float32), np.empty(0, np.int64))]
        return cls(
            np.concatenate([part.sides for part in parts], axis=1),
            np.concatenate([part.similarity for part in parts]),
            np.concatenate([part.weight for part in parts]),
        )

    def chosen(self, which: np.ndarray) -> "_Impostors":
        return _Impostors(self.sides[:, which], self.similarity[which], self.weight[which])


def over_pairs(
    sides: np.ndarray, similarity: np.ndarray, weight: np.ndarray, evaluated: np.ndarray, compared: int
) -> PairSums:
    """Return the sums over pairs of subjects of impostor comparisons, which are all of some pairs.

    `sides` (2, n): the subjects. `weight` (n,): the same for all comparisons of a pair. `compared`: how many
    comparisons all pairs have together.
    """
    sides = np.sort(sides, axis=0)
    bins = np.searchsorted(evaluated, similarity, side="right")
    _, which, size = np.unique(sides, axis=1, return_inverse=True, return_counts=True)
    square, size = weight.astype(np.float64) ** 2, size[which].astype(np.float64)
    weights = (square * (2.0 * rank_in_pair(sides, similarity) - 1), square * size)
    squares, products = (np.bincount(bins, some, len(evaluated) + 1) for some in weights)
    return PairSums(squares, products, float(weights[1].sum()), compared, len(similarity))


def _drawn(sides: np.ndarray, share: float) -> np.ndarray:
    """Return (n,) bool: a `share` of the pairs of subjects, the same ones in every block."""
    low, high = np.sort(sides, axis=0).astype(np.uint64)
    mixed = ((low << np.uint64(32)) | high) * ODD
    return ((mixed ^ (mixed >> np.uint64(29))) * ODD >> np.uint64(32)) < np.uint64(share * 2**32)
