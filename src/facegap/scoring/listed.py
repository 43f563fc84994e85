"""A list of comparisons: only these are counted, whether their scores are given or made from embeddings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.drawn import Drawn, unit_of
from facegap.data.score_list import BLOCK, Blocks, ScoreBlock
from facegap.data.source import Pairs
from facegap.data.subject_tally import SubjectTally
from facegap.data.tally import EXTREMES, MOMENT_UNIT, SWEEP, Extremes, ScoreTally, Weighed, cells_of
from facegap.scoring.compare import GENUINE_KEPT, possible
from facegap.scoring.cuts import choose_cuts, slots_of
from facegap.scoring.layout import members_of
from facegap.scoring.listed_subjects import SubjectCounter, pairs_of
from facegap.scoring.per_subject import Held

ALL_CUTS = 1 << 20
"""With up to so many different scores each one is a cut; with more the cuts are chosen as for all pairs of images."""

ROWS = 1 << 14
"""Pairs of embeddings that are held in double precision at once."""


def score_pairs(vectors: np.ndarray, pairs: Pairs, comparator: Comparator) -> np.ndarray:
    """Return (P,) float32 similarity of the listed pairs, computed in double precision; NaN where a vector is NaN."""
    similarity = np.empty(len(pairs.a), np.float32)
    for start in range(0, len(similarity), ROWS):
        part = slice(start, start + ROWS)
        similarity[part] = comparator.similarity(vectors[pairs.a[part]], vectors[pairs.b[part]])
    return similarity


def blocks_of_pairs(vectors: np.ndarray, ok: np.ndarray, pairs: Pairs, comparator: Comparator) -> Blocks:
    """Return the blocks of listed `pairs`, scored by embeddings (N, D); `ok` (N,) bool says which rows have one."""

    def blocks() -> Iterator[ScoreBlock]:
        for start in range(0, len(pairs.a), BLOCK):
            a, b, same, fold = (side[start : start + BLOCK] for side in (pairs.a, pairs.b, pairs.same, pairs.fold))
            similarity = score_pairs(vectors, Pairs(a, b, same, fold), comparator)
            yield ScoreBlock(a, b, same, np.where(ok[a] & ok[b], similarity, np.float32(np.nan)))

    return blocks


@dataclass(frozen=True)
class ListedComparisons:
    """The comparisons of a list.

    `subject`, `cohort`: (N,) codes of the manifest's rows; `cohorts`: their names. Where no image is known there is one
    cohort, and nothing can be counted by subject. `every`: the list should hold every pair of images, and a pair that
    it lacks counts as failed. `drawn`: where the list is a sample of the comparisons that there are. `weighed`: the
    blocks say how much each comparison counts, in place of `drawn`.
    """

    blocks: Blocks
    comparator: Comparator
    subject: np.ndarray
    cohort: np.ndarray
    cohorts: tuple[str, ...]
    every: bool = False
    drawn: Drawn | None = None
    weighed: bool = False

    def count(self, thresholds: Sequence[float] = ()) -> ScoreTally:
        """Count all comparisons; `thresholds`: native ones that must be counted exactly besides the usual sweep."""
        tally = ScoreTally.empty(self.comparator, self.cohorts, self._cuts(thresholds))
        slots = tally.genuine.shape[1]
        sums = _Sums.zero(tally) if self.weighed else None
        highest, lowest = tally.highest_impostors, tally.lowest_genuines
        for block in self.blocks():
            at, made = self._cells(block), ~np.isnan(block.similarity)
            for kind, (of_kind, counts) in enumerate(((block.same, tally.genuine), (~block.same, tally.impostor))):
                chosen = of_kind & made
                place = at[chosen] * slots + slots_of(tally.cuts, block.similarity[chosen])
                np.add.at(counts.reshape(-1), place, 1)
                np.add.at(tally.failed[:, kind], at[of_kind & ~made], 1)
                values = block.similarity[chosen].astype(np.float64)
                for c in np.unique(at[chosen]).tolist():
                    mine = values[at[chosen] == c]
                    for power, total in enumerate((mine.sum(), (mine**2).sum())):
                        tally.moments[c, kind, power] += round(total * MOMENT_UNIT)
            if sums is not None:
                sums.add(block, at, tally.cuts)
            known = made & (block.a >= 0)
            highest = highest.merge(_telling(block, known & ~block.same, highest=True), highest=True)
            lowest = lowest.merge(_telling(block, known & block.same, highest=False), highest=False)
        if self.every:
            made = np.stack([tally.genuine.sum(axis=1), tally.impostor.sum(axis=1)], axis=1)
            every = np.ones(len(self.subject), bool)
            tally.failed[:] = np.maximum(possible(self.subject, self.cohort, every, len(self.cohorts)) - made, 0)
        if sums is not None:
            tally = replace(tally, weighed=sums.found())
        return replace(tally, highest_impostors=highest, lowest_genuines=lowest, drawn=self.drawn)

    def count_by_subject(
        self, tally: ScoreTally, *, evaluated: np.ndarray, tails: dict[str, float], wide_tail: float
    ) -> SubjectTally:
        """Count the comparisons of `tally` for their subjects; see `compare_subjects`."""
        members = self._members()
        counter = SubjectCounter(tally, members, evaluated=evaluated, tails=tails, wide_tail=wide_tail)
        for block in self.blocks():
            counter.add(self._cells(block), self._subjects(block), block)
        if not self.every:
            return counter.found()
        held = Held.of(self.subject, self.cohort, np.ones(len(self.subject), bool), len(self.cohorts))
        codes = pairs_of(range(len(self.cohorts)))
        return counter.found([held.between(p, q)[some] for (p, q), some in zip(codes, members, strict=True)])

    def _members(self) -> list[np.ndarray]:
        """Return the subjects that take part in each pair of cohorts: of the listed comparisons, or of all images."""
        codes = pairs_of(range(len(self.cohorts)))
        if self.every:
            return [members_of(self.subject, self.cohort, p, q) for p, q in codes]
        seen = np.zeros((len(codes), int(self.subject.max(initial=-1)) + 1), bool)
        for block in self.blocks():
            seen[self._cells(block), self._subjects(block)] = True
        return [np.flatnonzero(some) for some in seen]

    def _cells(self, block: ScoreBlock) -> np.ndarray:
        """Return (P,) the index of each comparison's pair of cohorts; see `data.tally.cell`."""
        if not len(self.cohort):
            return np.zeros(len(block.a), np.int64)
        return cells_of(self.cohort[block.a], self.cohort[block.b])

    def _subjects(self, block: ScoreBlock) -> np.ndarray:
        """Return (2, P) the subjects of the comparisons."""
        return np.stack([self.subject[block.a], self.subject[block.b]]).astype(np.int64)

    def _cuts(self, thresholds: Sequence[float]) -> np.ndarray:
        """Return the cuts: every score if there are few different ones, and what lies just above the highest."""
        seen: np.ndarray | None = np.empty(0, np.float32)
        genuine: list[np.ndarray] = []
        kept, low, high = 0, np.inf, -np.inf
        for block in self.blocks():
            scores = block.similarity[~np.isnan(block.similarity)]
            if not len(scores):
                continue
            low, high = min(low, float(scores.min())), max(high, float(scores.max()))
            if seen is not None:
                seen = np.unique(np.concatenate([seen, np.unique(scores)]))
                seen = seen if len(seen) <= ALL_CUTS else None
            if kept < GENUINE_KEPT:
                genuine.append(block.similarity[block.same & ~np.isnan(block.similarity)])
                kept += len(genuine[-1])
        beyond = np.nextafter(np.float32(high), np.float32(np.inf))
        if seen is None:
            cells = len(self.cohorts) * (len(self.cohorts) + 1) // 2
            chosen = choose_cuts(
                np.concatenate(genuine), thresholds,
                low=low, high=float(beyond), comparator=self.comparator, cells=cells,
            )  # fmt: skip
            return chosen.cuts
        named = [self.comparator.cut(t) for t in (*SWEEP, *thresholds)]
        return np.unique(np.concatenate([seen, np.array([*named, *([beyond] if len(seen) else [])], np.float32)]))


@dataclass(frozen=True)
class _Sums:
    """Sums of the weights of comparisons, float64: by slot (2, P, slots), `failed` (P, 2), `moments` (P, 2, 2)."""

    counts: np.ndarray
    failed: np.ndarray
    moments: np.ndarray

    @classmethod
    def zero(cls, tally: ScoreTally) -> "_Sums":
        """Return sums of nothing."""
        cells, slots = tally.genuine.shape
        return cls(np.zeros((2, cells, slots)), np.zeros((cells, 2)), np.zeros((cells, 2, 2)))

    def add(self, block: ScoreBlock, at: np.ndarray, cuts: np.ndarray) -> None:
        """Add a block; `at` (P,): the pair of cohorts of each comparison."""
        assert block.weight is not None
        weight, made = block.weight, ~np.isnan(block.similarity)
        kind = (~block.same).astype(np.int64)
        np.add.at(self.failed, (at[~made], kind[~made]), weight[~made])
        weight, at, kind, similarity = weight[made], at[made], kind[made], block.similarity[made]
        np.add.at(self.counts, (kind, at, slots_of(cuts, similarity)), weight)
        for power in range(2):
            np.add.at(self.moments[:, :, power], (at, kind), weight * similarity.astype(np.float64) ** (power + 1))

    def found(self) -> Weighed:
        """Return them in whole units."""
        unit = unit_of(float(self.counts.sum() + self.failed.sum()))
        genuine, impostor, failed = (np.rint(sums * unit).astype(np.int64) for sums in (*self.counts, self.failed))
        scale = int(MOMENT_UNIT) * unit
        moments = np.array([round(Fraction(one) * scale) for one in self.moments.ravel().tolist()], object)
        return Weighed(genuine, impostor, failed, moments.reshape(self.moments.shape), unit)


def _telling(block: ScoreBlock, chosen: np.ndarray, *, highest: bool) -> Extremes:
    """Return the most telling of the chosen comparisons of a block."""
    similarity, a, b = block.similarity[chosen], block.a[chosen], block.b[chosen]
    if len(similarity) > EXTREMES:
        bar = np.partition(-similarity if highest else similarity, EXTREMES)[EXTREMES]
        near = (-similarity if highest else similarity) <= bar
        similarity, a, b = similarity[near], a[near], b[near]
    return Extremes(similarity, a, b).keep(highest=highest)
